using System.Globalization;
using FocalMlNet.Calibration;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Bench;

/// <summary>
/// How good the probabilities are: the straight line against the exact curve, on data whose probabilities are known, and on real data
/// beside logistic regression.
/// </summary>
internal static class CalibrationBenchmark
{
    private const int Repeats = 5;
    private const int Folds = 5;

    public static void Run()
    {
        var results = new Results("Calibration");
        Lines(results);
        Synthetic(results);
        Real(results);
        results.Save("calibration");
    }

    /// <summary>The largest errors over scores from -4 to 4 of three straight lines.</summary>
    private static void Lines(Results results)
    {
        results.Add("## The straight line and the exact curve");
        results.Add("");
        results.Add("Largest error over scores from -4 to 4, without weights, of three lines: the tangent at 0, least squares of the "
            + "log-odds, and least log-loss against the exact probabilities (what `Calibration.Focal` uses), both over scores spread "
            + "evenly there.");
        results.Add("");
        ScorePoints points = new([.. Enumerable.Range(-400, 801).Select(i => i / 100.0)], [.. Enumerable.Repeat(1.0, 801)]);
        results.AddTable(
            ["γ", "tangent: log-odds", "probability", "least squares: log-odds", "probability", "log-loss: log-odds", "probability"],
            new[] { .5, 1, 2, 3, 5 }.Select(gamma =>
            {
                var curve = new FocalPosterior(gamma);
                LinearMap[] maps =
                [
                    curve.Tangent,
                    LinearMap.LeastSquares(points, [.. points.Scores.Select(curve.LogOdds)]),
                    LinearMap.Fit(points, [.. points.Scores.Select(curve.Probability)], curve.Tangent),
                ];
                return (string[])[Text(gamma, "0.#"), .. maps.SelectMany(map => new[]
                {
                    Text(points.Scores.Max(z => Math.Abs(map.Of(z) - curve.LogOdds(z))), "0.000"),
                    Text(points.Scores.Max(z => Math.Abs(Sigmoid(map.Of(z)) - curve.Probability(z))), "0.0000"),
                })];
            }));
    }

    /// <summary>Rows of a logistic model: trained on some, judged on as many others.</summary>
    private static void Synthetic(Results results)
    {
        results.Add("## Data from a logistic model");
        results.Add("");
        results.Add("400,000 × 10 for training, as many new rows for the test; γ = 2, balanced class weights. On the training rows: mean "
            + "probability / share of positives. On the new rows: mean probability / mean of the true probabilities, "
            + "and log-loss / log-loss of the true probabilities. A share of n positives has a standard error of 1 / √n of itself, here "
            + ".5, 1.6 and 5 %: what the training rows have by chance, every model takes over. "
            + "The two straight lines differ in how they are fitted to the exact curve over the training scores; the intercept is "
            + "matched for both.");
        results.Add("");
        var mlContext = new MLContext(seed: 1);
        List<string[]> rows = [];
        foreach (var rate in new[] { .1, .01, .001 })
        {
            var (train, trainLogOdds) = Logistic(mlContext, rate, seed: 1);
            var (test, logOdds) = Logistic(mlContext, rate, seed: 2);
            bool[] labels = [.. test.GetColumn<bool>("Label")];
            var truth = LogLoss(labels, logOdds);
            var share = train.GetColumn<bool>("Label").Average(label => label ? 1.0 : 0);
            var trainers = mlContext.BinaryClassification.Trainers;
            FocalSgdBinaryTrainer.Options Options(CalibrationMethod method)
                => new() { ClassWeighting = ClassWeighting.Balanced, Calibration = method };
            (double[] Train, double[] Test) Scores(IEstimator<ITransformer> trainer)
            {
                var model = trainer.Fit(train);
                double[] Of(IDataView view) => [.. model.Transform(view).GetColumn<float>("Score").Select(z => (double)z)];
                return (Of(train), Of(test));
            }

            void Add(string name, (double[] Train, double[] Test) of, Func<double, double>? map = null)
            {
                map ??= z => z;
                double Mean(double[] scores) => scores.Average(z => Sigmoid(map(z)));
                rows.Add(
                [
                    Text(rate, "0.0 %"), name, Text(Mean(of.Train) / share, "0.000"),
                        Text(Mean(of.Test) / logOdds.Average(Sigmoid), "0.000"),
                    Text(LogLoss(labels, [.. of.Test.Select(map)]) / truth, "0.0000"),
                ]);
            }

            Add("the truth", (trainLogOdds, logOdds));
            Add("LbfgsLogisticRegression, L1 = L2 = 0", Scores(trainers.LbfgsLogisticRegression(l1Regularization: 0, l2Regularization: 0)));
            Add("FocalSgd, Focal", Scores(trainers.FocalSgd(Options(CalibrationMethod.Focal))));
            var raw = Scores(trainers.FocalSgd(Options(CalibrationMethod.None)));
            var curve = FocalPosterior.WithClassWeights(2, positiveWeight: 1 - share, negativeWeight: share);
            ScorePoints points = new(raw.Train, [.. raw.Train.Select(_ => 1.0)]);
            Add("FocalSgd, least squares of the log-odds", raw,
                LinearMap.LeastSquares(points, [.. points.Scores.Select(curve.LogOdds)]).WithMean(points, share).Of);
            Add("FocalSgd, the exact curve", raw, curve.LogOdds);
            Add("FocalSgd, Platt", Scores(trainers.FocalSgd(Options(CalibrationMethod.Platt))));
            Add("FocalSgd, None", raw);
        }

        results.AddTable(["positives", "model", "mean, training rows", "mean, new rows", "log-loss, new rows"], rows);
    }

    private static void Real(Results results)
    {
        results.Add("## Real data");
        results.Add("");
        results.Add($"{Repeats} × {Folds} stratified folds, features normalised on the training folds; figures in nats. ± is the "
            + $"standard deviation over the {Repeats * Folds} folds / √{Folds}: the repeats use the same rows. "
            + "The last column is the log-loss less that of the first line on the same folds.");
        results.Add("");
        var mlContext = new MLContext(seed: 1);
        Table(results, mlContext, "coil2000", View(mlContext, RealData.Coil2000()));
        Table(results, mlContext, "Shuttle, Fpv.Open", View(mlContext, RealData.Shuttle()));
    }

    /// <summary>What calibration adds to a fit.</summary>
    public static void Cost()
    {
        var results = new Results("What calibration adds to a fit: 800,000 × 30 dense, 1 % positives, cached view");
        var mlContext = new MLContext(seed: 1);
        var view = new SkewedData(800_000, 30, .01).Cached(mlContext);
        Contestant[] contestants = [.. Enum.GetValues<CalibrationMethod>().Select(method => new Contestant(
            method.ToString(), ()
                => mlContext.BinaryClassification.Trainers.FocalSgd(new FocalSgdBinaryTrainer.Options { Calibration = method })
                .Fit(view)))];
        Contest.Run(contestants, 15, TimeSpan.FromSeconds(2));
        var none = contestants.Single(c => string.Equals(c.Name, nameof(CalibrationMethod.None), StringComparison.Ordinal));
        results.AddTable(
            ["`Calibration`", "seconds for `Fit`, median of 15", "times as long as None"],
            contestants.Select(c => (
                string[])[c.Name, FitBenchmark.Seconds(c.MedianSeconds), FitBenchmark.Number(none.TimesFasterThan(c))]));
        results.Save("calibration-cost");
    }

    private static void Table(Results results, MLContext mlContext, string title, IDataView data)
    {
        var trainers = mlContext.BinaryClassification.Trainers;
        FocalSgdBinaryTrainer Focal(ClassWeighting weighting, CalibrationMethod method)
            => trainers.FocalSgd(new FocalSgdBinaryTrainer.Options { ClassWeighting = weighting, Calibration = method });
        (string Name, IEstimator<ITransformer> Trainer)[] contenders =
        [
            ("LbfgsLogisticRegression, L1 = L2 = 0", trainers.LbfgsLogisticRegression(l1Regularization: 0, l2Regularization: 0)),
            ("LbfgsLogisticRegression", trainers.LbfgsLogisticRegression()),
            ("FocalSgd, Focal", Focal(ClassWeighting.None, CalibrationMethod.Focal)),
            ("FocalSgd, Platt", Focal(ClassWeighting.None, CalibrationMethod.Platt)),
            ("FocalSgd, None", Focal(ClassWeighting.None, CalibrationMethod.None)),
            ("FocalSgd balanced, Focal", Focal(ClassWeighting.Balanced, CalibrationMethod.Focal)),
            ("FocalSgd balanced, Platt", Focal(ClassWeighting.Balanced, CalibrationMethod.Platt)),
            ("FocalSgd balanced, None", Focal(ClassWeighting.Balanced, CalibrationMethod.None)),
        ];
        BinaryMetric[] metrics =
            [BinaryMetric.LogLoss, BinaryMetric.BrierScore, BinaryMetric.ExpectedCalibrationError, BinaryMetric.AveragePrecision];
        double[]? first = null;
        results.AddTable(
            [title, "log-loss", "Brier score", "calibration error", "AUPRC", "log-loss - first line"],
            contenders.Select(contender =>
            {
                var pipeline = mlContext.Transforms.NormalizeMeanVariance("Features", fixZero: false).Append(contender.Trainer);
                var folds = Enumerable.Range(0, Repeats)
                    .SelectMany(seed => mlContext.BinaryClassification.CrossValidateImbalanced(data, pipeline, Folds, seed: seed).Folds)
                        .ToArray();
                double[] losses = [.. folds.Select(fold => fold.Metrics.LogLoss)];
                first ??= losses;
                return (string[])
                [
                    contender.Name,
                    .. metrics.Select(metric => WithError([.. folds.Select(fold => fold.Metrics[metric])])),
                    WithError([.. losses.Zip(first, (own, other) => own - other)]),
                ];
            }));
    }

    private static string WithError(double[] values)
    {
        var mean = values.Average();
        var deviation = Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Length - 1));
        return $"{Text(mean, "0.00000")} ± {Text(deviation / Math.Sqrt(Folds), "0.00000")}";
    }

    /// <summary>
    /// Standard normal features and the labels of a logistic model in which each counts half of the one before; its bias makes the given
    /// share positive.
    /// </summary>
    private static (IDataView View, double[] LogOdds) Logistic(MLContext mlContext, double rate, int seed)
    {
        const int Count = 400_000, Features = 10;
        var random = new Random(seed);
        double[] weights = [.. Enumerable.Range(0, Features).Select(j => 1.5 * Math.Pow(-.5, j))];
        var rows = new DenseExample[Count];
        var logOdds = new double[Count];
        for (var i = 0; i < Count; i++)
        {
            var x = new float[Features];
            for (var j = 0; j < Features; j++)
                x[j] = (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
            logOdds[i] = x.Zip(weights, (a, b) => a * b).Sum();
            rows[i] = new DenseExample { Features = x };
        }

        ScorePoints points = new(logOdds, [.. Enumerable.Repeat(1.0, Count)]);
        var bias = LinearMap.Identity.WithMean(points, rate).Intercept;
        for (var i = 0; i < Count; i++)
            rows[i].Label = random.NextDouble() < Sigmoid(logOdds[i] += bias);
        return (View(mlContext, rows), logOdds);
    }

    private static IDataView View(MLContext mlContext, DenseExample[] rows)
    {
        var definition = SchemaDefinition.Create(typeof(DenseExample));
        definition["Features"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, rows[0].Features.Length);
        return mlContext.Data.LoadFromEnumerable(rows, definition);
    }

    private static double LogLoss(bool[] labels, double[] logOdds)
        => labels.Zip(logOdds).Average(pair => Math.Log(1 + Math.Exp(pair.First ? -pair.Second : pair.Second)));

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}

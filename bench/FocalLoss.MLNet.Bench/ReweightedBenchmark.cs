
using System.Globalization;
using FocalMlNet.Evaluation;
using Microsoft.ML;
using Microsoft.ML.Calibrators;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using Microsoft.ML.Trainers.FastTree;
using Microsoft.ML.Transforms;

namespace FocalMlNet.Bench;

/// <summary>
/// What to do about skewed classes: weights, focal loss, re-weighting, resampling, thresholds, on trees and on a linear model, on real
/// data. Quality only: it may be run on a machine that does other things.
/// </summary>
internal static class ReweightedBenchmark
{
    private const int Repetitions = 5;

    public static void Run()
    {
        var results = new Results("Weights, focal loss, re-weighting, resampling and thresholds");
        results.Add($"{Repetitions} × 2 stratified folds: mean and, after ±, the standard error over the {2 * Repetitions} values (the "
            + "halves share rows, so it is rather too small). "
            + "Log-loss is in nats, of Probability held within 1e-7 of 0 and 1. F1 at ½ takes rows with Probability above ½; F1 tuned is "
            + "at the threshold that is best on the training fold. "
            + "\"Corrected\" is `CorrectPrior` with the shift of the resampling. Trees: `FastTree` at its defaults. Linear: features "
            + "standardised on the training fold, "
            + "`LbfgsLogisticRegression` with L1 = 0 and L2 = 1, `FocalSgd` at its defaults but with the same penalty.");
        results.Add("");
        foreach (var (name, rows) in new[] { ("shuttle, Fpv.Open: 58,000 rows, .29 % positives", RealData.Shuttle()),
            ("coil2000, CARAVAN: 9,822 rows, 6.0 % positives", RealData.Coil2000()) })
        {
            foreach (var (family, ways) in new[] { ("trees", Trees()), ("linear", Linear()) })
            {
                results.Add($"## {name}, {family}");
                results.Add("");
                results.AddTable(
                    ["what is done", "AUPRC", "log-loss", "F1 at ½", "F1 tuned", "fits"],
                    ways.Select(way => Row(way, rows)));
            }
        }

        results.Save("reweighted");
    }

    private static Way[] Trees() =>
    [
        new("nothing", (c, train) => c.Trees().Fit(train)),
        new("balanced weights", (c, train) => c.Balanced().Append(c.Trees("Balance")).Fit(train)),
        new("focal, γ = 1", (c, train) => c.Reweighted(c.Trees, 1).Fit(train)),
        new("focal, γ = 2", (c, train) => c.Reweighted(c.Trees, 2).Fit(train)),
        new("focal, γ = 2, balanced weights", (c, train) => c.Balanced().Append(c.Reweighted(c.Trees, 2, "Balance")).Fit(train)),
        new("undersampled to 1 : 4", (c, train) => c.Trees().Fit(c.Context.Data.Undersample(train, ratio: .25))),
        new("undersampled to 1 : 4, corrected", (c, train) => c.Corrected(c.Context.Data.Undersample(train, ratio: .25))),
        new("oversampled to 1 : 1", (c, train) => c.Trees().Fit(c.Context.Data.Oversample(train))),
        new("oversampled to 1 : 1, corrected", (c, train) => c.Corrected(c.Context.Data.Oversample(train))),
    ];

    private static Way[] Linear() =>
    [
        new("nothing", (c, train) => c.Standardised().Append(c.Lbfgs()).Fit(train)),
        new("balanced weights", (c, train) => c.Balanced().Append(c.Standardised()).Append(c.Lbfgs("Balance")).Fit(train)),
        new("focal, γ = 2: `FocalSgd`", (c, train) => c.Standardised().Append(c.Sgd(ClassWeighting.None, train)).Fit(train)),
        new("focal, γ = 2, balanced: `FocalSgd`", (c, train) => c.Standardised().Append(c.Sgd(ClassWeighting.Balanced, train)).Fit(train)),
        new("focal, γ = 2: L-BFGS re-weighted", (c, train) => c.Standardised().Append(c.Reweighted(c.Lbfgs, 2)).Fit(train)),
        new("focal, γ = 2, balanced: L-BFGS re-weighted",
        (c, train) => c.Balanced().Append(c.Standardised()).Append(c.Reweighted(c.Lbfgs, 2, "Balance")).Fit(train)),
        new("undersampled to 1 : 4", (c, train) => c.Standardised().Append(c.Lbfgs()).Fit(c.Context.Data.Undersample(train, ratio: .25))),
        new("undersampled to 1 : 4, corrected", (c, train) => c.CorrectedLinear(c.Context.Data.Undersample(train, ratio: .25))),
        new("oversampled to 1 : 1", (c, train) => c.Standardised().Append(c.Lbfgs()).Fit(c.Context.Data.Oversample(train))),
        new("oversampled to 1 : 1, corrected", (c, train) => c.CorrectedLinear(c.Context.Data.Oversample(train))),
    ];

    private static string[] Row(Way way, DenseExample[] rows)
    {
        List<double[]> measured = [];
        for (var repetition = 0; repetition < Repetitions; repetition++)
        {
            var halves = Halves(rows, repetition);
            for (var fold = 0; fold < 2; fold++)
            {
                var candidate = new Candidate(new MLContext(seed: repetition));
                var train = View(candidate.Context, halves[fold]);
                var model = way.Fit(candidate, train);
                measured.Add([.. Measures(
                    candidate.Context, model.Transform(train), model.Transform(View(candidate.Context, halves[1 - fold]))),
                    candidate.Fits]);
            }
        }

        Console.Error.WriteLine($"{DateTime.UtcNow:HH:mm:ss} {way.Name}");
        return [way.Name, .. Enumerable.Range(0, 4).Select(k => Cell([.. measured.Select(m => m[k])])),
            measured.Average(m => m[4]).ToString("0.#", CultureInfo.InvariantCulture)];
    }

    private static string Cell(double[] values)
    {
        var mean = values.Average();
        var error = Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Length - 1) / values.Length);
        return string.Create(CultureInfo.InvariantCulture, $"{mean:0.0000} ± {error:0.0000}");
    }

    /// <summary>AUPRC, log-loss, F1 at a probability of one half and at the threshold that is best on the training rows.</summary>
    private static double[] Measures(MLContext mlContext, IDataView train, IDataView test)
    {
        var (labels, probabilities) = Scores(mlContext, test);
        double loss = 0;
        for (var i = 0; i < labels.Length; i++)
        {
            double p = Math.Clamp(labels[i] > 0 ? probabilities[i] : 1 - (double)probabilities[i], 1e-7, 1 - 1e-7);
            loss -= Math.Log(p) / labels.Length;
        }

        var threshold = BestThreshold(Scores(mlContext, train));
        float[] weights = [.. labels.Select(_ => 1f)];
        return [RankSums.AveragePrecisionOf(probabilities, [.. labels.Select(label => label > 0)], weights), loss,
            F1(labels, probabilities, .5),
            F1(labels, probabilities, threshold)];
    }

    private static (float[] Labels, float[] Probabilities) Scores(MLContext mlContext, IDataView scored)
    {
        List<float> labels = [], probabilities = [];
        foreach (var row in mlContext.Data.CreateEnumerable<Prediction>(scored, reuseRowObject: true))
        {
            labels.Add(row.Label ? 1 : 0);
            probabilities.Add(row.Probability);
        }

        return ([.. labels], [.. probabilities]);
    }

    private static double F1(float[] labels, float[] probabilities, double threshold)
    {
        double hits = 0, predicted = 0;
        for (var i = 0; i < labels.Length; i++)
        {
            if (probabilities[i] <= threshold)
                continue;
            predicted++;
            hits += labels[i];
        }

        return 2 * hits / (predicted + labels.Sum(y => (double)y));
    }

    /// <summary>Half-way between the two probabilities between which F1 is best.</summary>
    private static double BestThreshold((float[] Labels, float[] Probabilities) rows)
    {
        var (labels, probabilities) = ((float[])rows.Labels.Clone(), (float[])rows.Probabilities.Clone());
        Array.Sort(probabilities, labels);
        var positives = labels.Sum(y => (double)y);
        double hits = 0, best = -1, threshold = .5;
        for (var i = labels.Length - 1; i >= 0; i--)
        {
            hits += labels[i];
            if (i > 0 && probabilities[i - 1] == probabilities[i])
                continue;
            var f1 = 2 * hits / (labels.Length - i + positives);
            if (f1 > best)
                (best, threshold) = (f1, i == 0 ? -1 : (probabilities[i] + (double)probabilities[i - 1]) / 2);
        }

        return threshold;
    }

    /// <summary>Two halves, each with half the rows of a class.</summary>
    private static DenseExample[][] Halves(DenseExample[] rows, int seed)
    {
        var shuffled = (DenseExample[])rows.Clone();
        new Random(seed).Shuffle(shuffled);
        var ofClass = shuffled.GroupBy(row => row.Label).Select(group => group.ToArray()).ToArray();
        DenseExample[][] halves = [[.. ofClass.SelectMany(c => c[..(c.Length / 2)])], [.. ofClass.SelectMany(c => c[(c.Length / 2)..])]];
        foreach (var half in halves)
            new Random(seed).Shuffle(half);
        return halves;
    }

    private static IDataView View(MLContext mlContext, DenseExample[] rows)
        => mlContext.Data.Cache(new SkewedData(rows.Length, rows[0].Features.Length, .01).View(mlContext, rows));

    /// <summary>Something that is done about skewed classes.</summary>
    private sealed record Way(string Name, Func<Candidate, IDataView, ITransformer> Fit);

    private sealed class Prediction
    {
        public bool Label { get; set; }

        public float Probability { get; set; }
    }

    /// <summary>The parts that the pipelines are made of, and how often a stock trainer was fitted.</summary>
    private sealed class Candidate(MLContext mlContext) : IProgress<FocalReweightingRound>
    {
        public MLContext Context => mlContext;

        public double Fits { get; private set; } = 1;

        public void Report(FocalReweightingRound value) => Fits = value.Round;

        public ClassBalancingEstimator Balanced() => mlContext.Transforms.BalanceClasses("Balance");

        public NormalizingEstimator Standardised() => mlContext.Transforms.NormalizeMeanVariance("Features", fixZero: false);

        public FastTreeBinaryTrainer Trees(string? weight = null)
            => mlContext.BinaryClassification.Trainers.FastTree(exampleWeightColumnName: weight);

        public LbfgsLogisticRegressionBinaryTrainer Lbfgs(string? weight = null)
            => mlContext.BinaryClassification.Trainers.LbfgsLogisticRegression(
                exampleWeightColumnName: weight, l1Regularization: 0, l2Regularization: 1);

        public FocalSgdBinaryTrainer Sgd(ClassWeighting weighting, IDataView train)
            => mlContext.BinaryClassification.Trainers.FocalSgd(
                new FocalSgdBinaryTrainer.Options
                {
                    ClassWeighting = weighting,
                    L2Regularization = 1.0 / train.GetColumn<bool>("Label").Count()
                });

        public FocalReweightedTrainer<BinaryPredictionTransformer<TModel>, TModel> Reweighted<TModel>(
            Func<string?, ITrainerEstimator<BinaryPredictionTransformer<TModel>, TModel>> trainer, double gamma, string? weight = null)
            where TModel : class
            => mlContext.BinaryClassification.Trainers.FocalReweighted(
                w => trainer(w), new FocalReweightedOptions { Gamma = gamma, ExampleWeightColumnName = weight, Progress = this });

        public TransformerChain<ITransformer> Corrected(ResampledDataView train)
            => mlContext.BinaryClassification.CorrectPrior(Trees().Fit(train), train.LogOddsShift);

        public TransformerChain<BinaryPredictionTransformer<CalibratedModelParametersBase<LinearBinaryModelParameters,
            PlattCalibrator>>> CorrectedLinear(ResampledDataView train)
            => mlContext.BinaryClassification.CorrectPrior(Standardised().Append(Lbfgs()).Fit(train), train.LogOddsShift);
    }
}

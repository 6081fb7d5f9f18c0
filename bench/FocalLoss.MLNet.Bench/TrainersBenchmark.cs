using System.Diagnostics;
using System.Globalization;
using FocalMlNet.Data;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using Model = Microsoft.ML.Data.BinaryPredictionTransformer<
    Microsoft.ML.Calibrators.CalibratedModelParametersBase<
        Microsoft.ML.Trainers.LinearBinaryModelParameters, Microsoft.ML.Calibrators.PlattCalibrator>>;

namespace FocalMlNet.Bench;

/// <summary>The trainers of lines at their defaults on Shuttle, plain and weighted, with thresholds tuned for all alike.</summary>
internal static class TrainersBenchmark
{
    private const int Seed = 1;
    private const int Rank = 200;

    private static readonly string[] Columns =
        ["Trainer", "Weights", "AUPRC", "AUROC", "F1", "MCC", "Log-loss", "Brier", "Seconds"];

    /// <summary>Which places of the columns of numbers to print, and whether higher is better.</summary>
    private static readonly (string Format, bool IsHigherBetter)[] Formats =
    [
        ("F3", true), ("F3", true), ("F3", true), ("F3", true), ("F4", false), ("F5", false), ("F2", false),
    ];

    public static void Run()
    {
        var mlContext = new MLContext(Seed);
        var rows = RealData.Shuttle();
        var schema = SchemaDefinition.Create(typeof(DenseExample));
        schema["Features"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, rows[0].Features.Length);
        var data = mlContext.Data.LoadFromEnumerable(rows, schema);
        var split = mlContext.Data.StratifiedTrainTestSplit(data, testFraction: .2, seed: Seed);
        var plain = mlContext.Transforms.NormalizeMeanVariance("Features", fixZero: false);
        var kernel = plain.Append(mlContext.Transforms.ApproximatedKernelMap(
            "Features", rank: Rank, generator: new GaussianKernel(.5f), seed: Seed));

        var results = new Results("Trainers of lines on Shuttle");
        results.Add($"{DataFile.ShuttlePositive} against the rest, a stratified fifth held out. Each trainer at its defaults but for what "
            + "its name says. F1 and MCC at a threshold tuned on the training part. Seconds: `Fit` on cached features, after a warm-up.");
        foreach (var (name, features) in new (string, IEstimator<ITransformer>)[]
        {
            ("Plain columns", plain), ($"{Rank} random Fourier features (`ApproximatedKernelMap`, Gaussian)", kernel),
        })
        {
            results.Add("");
            results.Add($"## {name}");
            results.Add("");
            Table(results, mlContext, features, split);
        }

        results.Save("trainers");
    }

    private static void Table(
        Results results, MLContext mlContext, IEstimator<ITransformer> features, StratifiedSplit split)
    {
        var prepared = features.Append(mlContext.Transforms.BalanceClasses("Weight", "Label", ClassWeighting.Balanced)).Fit(split.TrainSet);
        var (train, test) = (InMemory(mlContext, prepared.Transform(split.TrainSet)), prepared.Transform(split.TestSet));
        var measured = Trainers(mlContext)
            .Select(of => (of.Name, of.Weights, Values: Measure(mlContext.BinaryClassification, of.Estimator, train, test))).ToArray();
        results.AddTable(Columns, measured.Select(of => (string[])
        [
            of.Name, of.Weights, .. of.Values.Select((value, c) =>
            {
                var text = value.ToString(Formats[c].Format, CultureInfo.InvariantCulture);
                double[] all = [.. measured.Select(other => other.Values[c])];
                var best = (Formats[c].IsHigherBetter ? all.Max() : all.Min()).ToString(Formats[c].Format, CultureInfo.InvariantCulture);
                return string.Equals(text, best, StringComparison.Ordinal) ? $"**{text}**" : text;
            }),
        ]));
    }

    private static double[] Measure(BinaryClassificationCatalog catalog, IEstimator<Model> trainer, IDataView train, IDataView test)
    {
        _ = trainer.Fit(train); // a warm-up: the compiler's time is not the trainer's
        var watch = Stopwatch.StartNew();
        var model = trainer.Fit(train);
        var seconds = watch.Elapsed.TotalSeconds;
        ImbalancedBinaryMetrics At(ThresholdPolicy policy) => catalog.EvaluateImbalanced(
            catalog.WithThreshold(model, catalog.ChooseThreshold(model.Transform(train), policy).Probability).Transform(test));
        var (forF1, forCorrelation) = (At(ThresholdPolicy.MaximizeF()), At(ThresholdPolicy.MaximizeMatthewsCorrelation));
        return
        [
            forF1.AveragePrecision, forF1.AreaUnderRocCurve, forF1.F1Score, forCorrelation.MatthewsCorrelation, forF1.LogLoss,
            forF1.BrierScore, seconds,
        ];
    }

    private static (string Name, string Weights, IEstimator<Model> Estimator)[] Trainers(MLContext mlContext)
    {
        const string None = "none", Balanced = "balanced", Lbfgs = "`LbfgsLogisticRegression`", Without = Lbfgs + ", L1 = L2 = 0";
        var trainers = mlContext.BinaryClassification.Trainers;
        return
        [
            ("`SgdCalibrated`", None, trainers.SgdCalibrated()),
            (Lbfgs, None, trainers.LbfgsLogisticRegression()),
            (Lbfgs, Balanced, trainers.LbfgsLogisticRegression(exampleWeightColumnName: "Weight")),
            (Without, None, trainers.LbfgsLogisticRegression(l1Regularization: 0, l2Regularization: 0)),
            (Without, Balanced,
            trainers.LbfgsLogisticRegression(exampleWeightColumnName: "Weight", l1Regularization: 0, l2Regularization: 0)),
            ("`FocalSgd`", None, trainers.FocalSgd(new FocalSgdBinaryTrainer.Options { Seed = Seed })),
            ("`FocalSgd`", Balanced,
            trainers.FocalSgd(new FocalSgdBinaryTrainer.Options { Seed = Seed, ClassWeighting = ClassWeighting.Balanced })),
        ];
    }

    private static IDataView InMemory(MLContext mlContext, IDataView view)
    {
        var cached = mlContext.Data.Cache(view, "Label", "Features", "Weight");

        // A cache is filled as it is read: read it to the end.
        _ = cached.GetColumn<bool>("Label").Count();
        _ = cached.GetColumn<VBuffer<float>>("Features").Count();
        _ = cached.GetColumn<float>("Weight").Count();
        return cached;
    }
}

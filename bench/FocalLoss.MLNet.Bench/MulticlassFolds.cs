
using FocalMlNet.Evaluation;
using Microsoft.ML;

namespace FocalMlNet.Bench;

/// <summary>What the trainers of several classes are worth on Shuttle: mean and standard error over five stratified folds.</summary>
internal static class MulticlassFolds
{
    private const int FoldCount = 5;

    private static readonly int ClassCount = FocalMlNet.Data.DataFile.ShuttleClasses.Length;

    private static readonly (string Name, Func<MulticlassScored[], double> Of)[] Measures =
    [
        ("micro accuracy", rows => rows.Average(row => row.Label == row.PredictedLabel ? 1.0 : 0)),
        ("macro recall", rows => Mean(k => Recall(rows, k))),
        ("macro F1", rows => Mean(k => F1(rows, k))),
        ("macro AUPRC", rows => Mean(k => AveragePrecisionOf(rows, k))),
        ("log-loss, nats", rows => rows.Average(row => -Math.Log(Math.Max(row.Score[row.Label - 1], 1.1920929e-7)))),
    ];

    public static void Run()
    {
        var mlContext = new MLContext(seed: 1);
        var results = new Results("Several classes: Shuttle, seven classes, five stratified folds");
        results.Add("Mean ± standard error over the folds; each fold has two of the 10 rows of Bpv.Close and two or three of the 13 of "
            + "Bpv.Open. Features standardised by the training rows; every trainer at its defaults but for what its name says. Macro: "
            + "the mean over the classes. Macro recall is ML.NET's `MacroAccuracy`, also called balanced accuracy.");
        results.Add("");
        var folds = Folds(MulticlassData.Shuttle());
        Dictionary<string, List<MulticlassScored[]>> scored = new(StringComparer.Ordinal);
        for (var fold = 0; fold < FoldCount; fold++)
        {
            MulticlassExample[] train = [.. folds.Where((_, f) => f != fold).SelectMany(rows => rows)];
            MulticlassData.Balance(train);
            var (trainView, testView) = MulticlassData.Standardised(mlContext, train, folds[fold], ClassCount);
            foreach (var (name, estimator) in Trainers(mlContext))
            {
                var view = estimator.Fit(trainView).Transform(testView);
                if (!scored.TryGetValue(name, out var of))
                    scored.Add(name, of = []);
                of.Add([.. mlContext.Data.CreateEnumerable<MulticlassScored>(view, reuseRowObject: false)]);
            }
        }

        results.AddTable(
            ["Trainer", .. Measures.Select(m => m.Name)],
            scored.Select(of => (string[])[of.Key, .. Measures.Select(measure => WithError(of.Value.Select(measure.Of)))]));
        PerClass(results, "Recall", scored, Recall);
        PerClass(results, "AUPRC", scored, AveragePrecisionOf);
        results.Save("multiclass-folds");
    }

    private static (string Name, IEstimator<ITransformer> Estimator)[] Trainers(MLContext mlContext)
    {
        var (trainers, binary) = (mlContext.MulticlassClassification.Trainers, mlContext.BinaryClassification.Trainers);
        FocalSgdMulticlassTrainer Focal(ClassWeighting weighting, double gamma, MulticlassFormulation formulation)
            => trainers.FocalSgd(new FocalSgdMulticlassTrainer.Options
            {
                ClassWeighting = weighting,
                Gamma = gamma,
                Formulation = formulation,
                // Calibration takes the weights out again, and with them what they do for the recall of rare classes.
                Calibration = weighting == ClassWeighting.None ? CalibrationMethod.Focal : CalibrationMethod.None,
            });
        const string Weight = "Weight";
        return
        [
            ("`OneVersusAll(SgdCalibrated)`", trainers.OneVersusAll(binary.SgdCalibrated())),
            ("`OneVersusAll(SgdCalibrated)`, balanced", trainers.OneVersusAll(binary.SgdCalibrated(exampleWeightColumnName: Weight))),
            ("`LbfgsMaximumEntropy`", trainers.LbfgsMaximumEntropy()),
            ("`LbfgsMaximumEntropy`, balanced", trainers.LbfgsMaximumEntropy(exampleWeightColumnName: Weight)),
            ("`LbfgsMaximumEntropy`, L1 = L2 = 0", trainers.LbfgsMaximumEntropy(l1Regularization: 0, l2Regularization: 0)),
            ("`LbfgsMaximumEntropy`, L1 = L2 = 0, balanced",
            trainers.LbfgsMaximumEntropy(exampleWeightColumnName: Weight, l1Regularization: 0, l2Regularization: 0)),
            ("`SdcaMaximumEntropy`", trainers.SdcaMaximumEntropy()),
            ("`SdcaMaximumEntropy`, balanced", trainers.SdcaMaximumEntropy(exampleWeightColumnName: Weight)),
            ("`FocalSgd`, Softmax", Focal(ClassWeighting.None, 2, MulticlassFormulation.Softmax)),
            ("`FocalSgd`, Softmax, balanced", Focal(ClassWeighting.Balanced, 2, MulticlassFormulation.Softmax)),
            ("`FocalSgd`, Softmax, balanced, γ = 0", Focal(ClassWeighting.Balanced, 0, MulticlassFormulation.Softmax)),
            ("`FocalSgd`, OneVersusAll", Focal(ClassWeighting.None, 2, MulticlassFormulation.OneVersusAll)),
            ("`FocalSgd`, OneVersusAll, balanced", Focal(ClassWeighting.Balanced, 2, MulticlassFormulation.OneVersusAll)),
        ];
    }

    /// <summary>Each class's rows, shuffled, dealt out in turns.</summary>
    private static List<MulticlassExample>[] Folds(MulticlassExample[] rows)
    {
        new Random(1).Shuffle(rows);
        List<MulticlassExample>[] folds = [.. Enumerable.Range(0, FoldCount).Select(_ => new List<MulticlassExample>())];
        foreach (var ofClass in rows.GroupBy(row => row.Label))
        {
            var next = 0;
            foreach (var row in ofClass)
                folds[next++ % FoldCount].Add(row);
        }

        return folds;
    }

    private static void PerClass(
        Results results, string what, Dictionary<string, List<MulticlassScored[]>> scored, Func<MulticlassScored[], int, double> measure)
    {
        results.Add($"{what} of each class:");
        results.Add("");
        results.AddTable(
            ["Trainer", .. FocalMlNet.Data.DataFile.ShuttleClasses],
            scored.Select(of => (
                string[])[of.Key, .. Enumerable.Range(0, ClassCount)
                .Select(k => WithError(of.Value.Select(rows => measure(rows, k)), digits: 2))]));
    }

    private static string WithError(IEnumerable<double> values, int digits = 3)
    {
        double[] all = [.. values];
        var mean = all.Average();
        var error = Math.Sqrt(all.Sum(x => (x - mean) * (x - mean)) / (all.Length - 1) / all.Length);
        return $"{FitBenchmark.Number(mean, digits)} ± {FitBenchmark.Number(error, digits)}";
    }

    private static double Mean(Func<int, double> ofClass) => Enumerable.Range(0, ClassCount).Average(ofClass);

    private static double Recall(MulticlassScored[] rows, int k)
        => rows.Where(row => row.Label == k + 1).Average(row => row.PredictedLabel == k + 1 ? 1.0 : 0);

    private static double F1(MulticlassScored[] rows, int k)
    {
        double hits = rows.Count(row => row.Label == k + 1 && row.PredictedLabel == k + 1);
        double either = rows.Count(row => row.Label == k + 1) + rows.Count(row => row.PredictedLabel == k + 1);
        return 2 * hits / either;
    }

    private static double AveragePrecisionOf(MulticlassScored[] rows, int k)
        => RankSums.AveragePrecisionOf(
            [.. rows.Select(row => row.Score[k])], [.. rows.Select(row => row.Label == k + 1)], [.. rows.Select(_ => 1f)]);
}

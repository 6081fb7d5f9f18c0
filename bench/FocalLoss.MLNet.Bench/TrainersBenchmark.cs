using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

using LinearModel = Microsoft.ML.Data.BinaryPredictionTransformer<
    Microsoft.ML.Calibrators.CalibratedModelParametersBase<
        Microsoft.ML.Trainers.LinearBinaryModelParameters, Microsoft.ML.Calibrators.PlattCalibrator>>;

namespace FocalMlNet.Bench;

/// <summary>
/// Trainers at their defaults, but for class weights, on Shuttle (class Fpv.Open against the rest), a stratified fifth held out: on the
/// plain columns and on kernel features.
/// </summary>
internal static class TrainersBenchmark
{
    public static void Run()
    {
        var results = new Results("Trainers at their defaults: Shuttle, class Fpv.Open, .29 % positives");
        results.Add("A stratified fifth is held out. F1 and MCC are at the threshold that is best for each on the training part, for all "
            + "alike. Seconds are those of Fit alone, on cached features, after a warm-up.");
        results.Add("");
        var mlContext = new MLContext(seed: 1);
        var rows = RealData.Shuttle();
        var split = mlContext.Data.StratifiedTrainTestSplit(
            new SkewedData(rows.Length, 9, .003).View(mlContext, rows), testFraction: .2, seed: 1);
        IEstimator<ITransformer> plain = mlContext.Transforms.NormalizeMeanVariance("Features", fixZero: false);
        Table("On the plain columns", plain);
        Table("On 200 random Fourier features", plain.Append(
            mlContext.Transforms.ApproximatedKernelMap("Features", rank: 200, generator: new GaussianKernel(.5f), seed: 1)));
        results.Save("trainers");

        void Table(string title, IEstimator<ITransformer> features)
        {
            var prepared = features.Append(mlContext.Transforms.BalanceClasses("Balance", "Label", ClassWeighting.Balanced))
                .Fit(split.TrainSet);
            var (train, test) = (Cached(prepared.Transform(split.TrainSet)), Cached(prepared.Transform(split.TestSet)));
            results.Add($"## {title}");
            results.Add("");
            results.AddTable(
                ["Trainer", "Weights", "AUPRC", "AUROC", "F1", "MCC", "Log-loss", "Brier", "Seconds"],
                Trainers(mlContext).Select(trainer => Row(mlContext, trainer, train, test)));
        }

        IDataView Cached(IDataView view)
        {
            var cached = mlContext.Data.Cache(view, "Label", "Features", "Balance");
            // A cache is filled as it is read: read it to the end.
            _ = cached.GetColumn<bool>("Label").Count();
            _ = cached.GetColumn<VBuffer<float>>("Features").Count();
            _ = cached.GetColumn<float>("Balance").Count();
            return cached;
        }
    }

    private static IEnumerable<(string Name, string Weights, IEstimator<LinearModel> Trainer)> Trainers(MLContext mlContext)
    {
        var trainers = mlContext.BinaryClassification.Trainers;
        const string Lbfgs = "LbfgsLogisticRegression", NoPenalty = Lbfgs + ", L1=L2=0";
        return
        [
            ("SgdCalibrated", "none", trainers.SgdCalibrated()),
            (Lbfgs, "none", trainers.LbfgsLogisticRegression()),
            (Lbfgs, "balanced", trainers.LbfgsLogisticRegression(exampleWeightColumnName: "Balance")),
            (NoPenalty, "none", trainers.LbfgsLogisticRegression(l1Regularization: 0, l2Regularization: 0)),
            (NoPenalty, "balanced",
                trainers.LbfgsLogisticRegression(exampleWeightColumnName: "Balance", l1Regularization: 0, l2Regularization: 0)),
            ("FocalSgd", "none", trainers.FocalSgd(new FocalSgdBinaryTrainer.Options { Seed = 1 })),
            ("FocalSgd", "balanced",
                trainers.FocalSgd(new FocalSgdBinaryTrainer.Options { Seed = 1, ClassWeighting = ClassWeighting.Balanced })),
        ];
    }

    private static IReadOnlyList<string> Row(
        MLContext mlContext, (string Name, string Weights, IEstimator<LinearModel> Trainer) trainer, IDataView train, IDataView test)
    {
        var catalog = mlContext.BinaryClassification;
        trainer.Trainer.Fit(train);
        var watch = Stopwatch.StartNew();
        var model = trainer.Trainer.Fit(train);
        var seconds = watch.Elapsed.TotalSeconds;
        var scored = model.Transform(train);
        ImbalancedBinaryMetrics At(ThresholdPolicy policy) => catalog.EvaluateImbalanced(
            catalog.WithThreshold(model, catalog.ChooseThreshold(scored, policy).Probability).Transform(test));
        var (atF1, atCorrelation) = (At(ThresholdPolicy.MaximizeF()), At(ThresholdPolicy.MaximizeMatthewsCorrelation));
        return
        [
            trainer.Name, trainer.Weights, Text(atF1.AveragePrecision, 3), Text(atF1.AreaUnderRocCurve, 3), Text(atF1.F1Score, 3),
            Text(atCorrelation.MatthewsCorrelation, 3), Text(atF1.LogLoss, 4), Text(atF1.BrierScore, 5), Text(seconds, 2),
        ];
    }

    private static string Text(double value, int digits) => value.ToString($"F{digits}", CultureInfo.InvariantCulture);
}


using Microsoft.ML;
using Microsoft.ML.Trainers;

namespace FocalMlNet.Bench;

/// <summary>
/// The default, quasi-Newton steps after a stochastic start, beside plain averaged mini-batch SGD with several budgets and rates.
/// </summary>
internal static class AlternativesBenchmark
{
    public static void Run()
    {
        var mlContext = new MLContext(seed: 1);
        var results = new Results("The engine's method and plain averaged mini-batch SGD");
        results.Add("Seconds for `Fit` (median of 3 rounds, cached view) and how far the objective (γ = 2, the default penalty) ends "
            + "above the least, relatively; the least is that of a run to a tolerance of 1e-9.");
        results.Add("");
        Table(results, mlContext, "285,000 × 30, 0.17 % positives", new SkewedData(285_000, 30, .0017).Cached(mlContext));
        // A context of its own: the kernel map is drawn at random, and how often the other has been used depends on how fast the fits above
        // are.
        Table(results, mlContext, "Shuttle, 46,400 × 200 kernel features", KernelBenchmark.Views(new MLContext(seed: 1)).Train);
        results.Save("alternatives");
    }

    private static void Table(Results results, MLContext mlContext, string title, IDataView view)
    {
        var loss = new FocalLoss();
        var options = new FocalSgdBinaryTrainer.Options { Calibration = CalibrationMethod.None, L2Regularization = LinearFit.GivenL2 };
        (string Name, FocalSgdBinaryTrainer.Options Options)[] methods =
        [
            ("default", options),
            ("averaged SGD, 5 passes, rate 2",
            new() { Calibration = CalibrationMethod.None, L2Regularization = LinearFit.GivenL2, LearningRate = 2, NumberOfIterations = 5 }),
            ("averaged SGD, 20 passes, rate 2",
            new() { Calibration = CalibrationMethod.None, L2Regularization = LinearFit.GivenL2, LearningRate = 2,
            NumberOfIterations = 20 }),
            ("averaged SGD, 20 passes, rate .5",
            new() { Calibration = CalibrationMethod.None, L2Regularization = LinearFit.GivenL2, LearningRate = .5,
            NumberOfIterations = 20 }),
            ("averaged SGD, 20 passes, rate 8",
            new() { Calibration = CalibrationMethod.None, L2Regularization = LinearFit.GivenL2, LearningRate = 8,
            NumberOfIterations = 20 }),
        ];
        Dictionary<string, LinearModelParameters> models = new(StringComparer.Ordinal);
        Contestant[] contestants = [.. methods.Select(method => new Contestant(
            method.Name, () => models[method.Name] = mlContext.BinaryClassification.Trainers.FocalSgd(method.Options).Fit(view)
                .Model.SubModel))];
        Contest.Run(contestants, 3, TimeSpan.FromSeconds(1));
        var exact = mlContext.BinaryClassification.Trainers
            .FocalSgd(new FocalSgdBinaryTrainer.Options
            {
                Calibration = CalibrationMethod.None,
                L2Regularization = LinearFit.GivenL2,
                NumberOfIterations = 2000,
                ConvergenceTolerance = 1e-9
            }).Fit(view).Model.SubModel;
        var least = LinearFit.Objective(exact, view, loss, LinearFit.GivenL2);
        results.AddTable(
            [title, "seconds", "above the least"],
            contestants.Select(c => (string[])
                [c.Name, FitBenchmark.Seconds(c.MedianSeconds),
                    FitBenchmark.Scientific(LinearFit.Objective(models[c.Name], view, loss, LinearFit.GivenL2) / least - 1)]));
    }
}

using Microsoft.ML;
using Microsoft.ML.Trainers;

namespace FocalMlNet.Bench;

/// <summary>Shapes of data, each beside the stock L-BFGS at its defaults, with the gap to the exact minimum.</summary>
internal static class ShapesBenchmark
{
    private const int Rounds = 9;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2.5);
    private static readonly double[] Correlations = [0, .5];

    public static void Run()
    {
        var results = new Results("Shapes of data: whole fits beside L-BFGS, cached views");
        results.Add($"Seconds, medians of {Rounds} rounds in turns; the ratio to L-BFGS is the median of those within a round. "
            + "The gap is that of the fit with the penalty 1e-7 to the minimum (tolerance 1e-10), relative to it. Correlation: of each "
            + "feature with the one before.");
        results.Add("");
        List<string[]> rows = [];
        List<double> far = [];
        List<(string Name, double Ratio, double Most)> bars = [];
        Add("kernel features, 46,400 × 200", mlContext => KernelBenchmark.Views(mlContext).Train, 1);
        foreach (var correlation in Correlations)
        {
            Add($"100,000 × 300, correlation {correlation}", new CorrelatedData(100_000, 300, .03, correlation).Cached, .67);
            Add($"40,000 × 1,000, correlation {correlation}", new CorrelatedData(40_000, 1000, .03, correlation).Cached, .67);
        }

        foreach (var correlation in Correlations)
        {
            for (var seed = 1; seed <= 3; seed++)
            {
                var data = new CorrelatedData(800_000, 30, .03, correlation, seed);
                far.Add(Add($"800,000 × 30, correlation {correlation}, seed {seed}", data.Cached, null));
            }
        }

        results.AddTable(["Data", "given penalty", "default", "L-BFGS", "given / L-BFGS", "default / L-BFGS", "passes", "gap"], rows);
        foreach (var (name, ratio, most) in bars)
            results.AddBar($"{name}: given penalty, of the time of L-BFGS", ratio, most);
        results.AddBar("800,000 × 30: median of all, of the time of L-BFGS", far.Order().ElementAt(far.Count / 2), .25);
        results.Save("shapes");

        double Add(string name, Func<MLContext, IDataView> make, double? most)
        {
            var mlContext = new MLContext(seed: 1);
            var view = make(mlContext);
            var fitted = new Dictionary<string, LinearModelParameters>(StringComparer.Ordinal);
            FocalSgdOutcome? outcome = null;
            var trainers = mlContext.BinaryClassification.Trainers;
            Contestant[] all =
            [
                new("given", () => fitted["given"] = trainers.FocalSgd(new FocalSgdBinaryTrainer.Options
                {
                    L2Regularization = LinearFit.GivenL2,
                    Completed = own => outcome = own,
                    Calibration = CalibrationMethod.None,
                }).Fit(view).Model.SubModel),
                LinearFit.Contestant(LinearFit.StockLbfgs, mlContext, view, fitted),
                LinearFit.Contestant(LinearFit.Ours, mlContext, view, fitted),
            ];
            Contest.Run(all, Rounds, WarmUp);
            var exact = trainers.FocalSgd(new FocalSgdBinaryTrainer.Options
            {
                L2Regularization = LinearFit.GivenL2,
                Calibration = CalibrationMethod.None,
                NumberOfIterations = 2000,
                ConvergenceTolerance = 1e-10,
            }).Fit(view).Model.SubModel;
            var (loss, l2) = (new FocalLoss(), LinearFit.GivenL2);
            var least = LinearFit.Objective(exact, view, loss, l2);
            var gap = (LinearFit.Objective(fitted["given"], view, loss, l2) - least) / least;
            var ratio = 1 / all[0].TimesFasterThan(all[1]);
            rows.Add([name, FitBenchmark.Seconds(all[0].MedianSeconds), FitBenchmark.Seconds(all[2].MedianSeconds),
                FitBenchmark.Seconds(all[1].MedianSeconds), FitBenchmark.Number(ratio),
                FitBenchmark.Number(1 / all[2].TimesFasterThan(all[1])), $"{outcome!.Passes}", FitBenchmark.Scientific(gap)]);
            Console.WriteLine(string.Join(" | ", rows[^1]));
            if (most is { } bar)
                bars.Add((name, ratio, bar));
            return ratio;
        }
    }
}

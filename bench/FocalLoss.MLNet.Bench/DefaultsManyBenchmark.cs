using FocalMlNet.Evaluation;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace FocalMlNet.Bench;

/// <summary>
/// Defaults on many rows, of which a sample chooses the penalty: each class of Shuttle against the others, kernel features.
/// </summary>
internal static class DefaultsManyBenchmark
{
    private const int Splits = 3;
    private const int TrainCount = 52_000;
    private static readonly int[] Ranks = [150, 300];
    private static readonly string[] Classes = ["Fpv.Open", "High", "Bypass", "Fpv.Close", "Rad.Flow"];
    private static readonly string[] Trainers = [LinearFit.StockLbfgs, LinearFit.Ours, LinearFit.Given];

    public static void Run()
    {
        var results = new Results("Defaults on many rows: Shuttle, one class against the others, random Fourier features");
        results.Add($"{Splits} splits at random, the same for all trainers: {TrainCount:n0} rows to train on, 6,000 to judge by, of a "
            + "Gaussian kernel (`ApproximatedKernelMap`, γ = .5; the plain features standardised). Mean log-loss in thousandths of a nat, "
            + "each probability held within 1e-6 of 0 and 1, ± the standard error of the paired difference to L-BFGS; mean average "
            + "precision. In the last column the chosen λ of each split.");
        results.Add("");
        List<string[]> table = [];
        var all = RealData.Read("shuttle.csv").ToArray();
        List<double> ratios = [];
        foreach (var name in Classes)
        {
            foreach (var rank in Ranks)
            {
                var (losses, precisions) = (new double[Trainers.Length][], new double[Trainers.Length][]);
                List<string> chosen = [];
                for (var t = 0; t < Trainers.Length; t++)
                    (losses[t], precisions[t]) = (new double[Splits], new double[Splits]);
                for (var split = 0; split < Splits; split++)
                {
                    var mlContext = new MLContext(seed: 1);
                    var rows = all.Select(
                        row => new DenseExample { Label = row.Class.Equals(name, StringComparison.Ordinal), Features = row.Numbers });
                    var (train, test) = Views(mlContext, [.. rows], rank, split);
                    for (var t = 0; t < Trainers.Length; t++)
                        (losses[t][split], precisions[t][split]) = Judge(mlContext, Trainers[t], train, test, chosen);
                }

                var count = all.Count(row => row.Class.Equals(name, StringComparison.Ordinal));
                ratios.Add(losses[1].Average() / losses[0].Average());
                table.Add([name, $"{count:n0} ({100.0 * count / all.Length:f2} %)", $"{rank}",
                    .. losses.Select((own, t) => FitBenchmark.Number(1e3 * own.Average())
                        + (t == 0 ? "" : $" ± {FitBenchmark.Number(1e3 * StandardError(own, losses[0]))}")),
                    .. precisions.Select(own => FitBenchmark.Number(own.Average(), 4)), string.Join(", ", chosen)]);
                Console.WriteLine(string.Join(" | ", table[^1]));
            }
        }

        results.AddTable(
            ["class", "rows", "features", .. Trainers.Select(own => $"log-loss, {own}"), .. Trainers.Select(own => $"AP, {own}"), "λ"],
            table);
        results.Add("Geometric mean of the ratio of log-losses, `FocalSgd` at its defaults to L-BFGS: "
            + FitBenchmark.Number(Math.Exp(ratios.Average(Math.Log)), 3) + ".");
        results.Save("defaults-many");
    }

    private static double StandardError(double[] one, double[] other)
        => DefaultsCell.StandardError([.. one.Zip(other, (a, b) => a - b)]);

    private static (IDataView Train, IDataView Test) Views(MLContext mlContext, DenseExample[] rows, int rank, int split)
    {
        new Random(split).Shuffle(rows);
        var shape = new SkewedData(TrainCount, 9, .003);
        var (train, test) = (shape.View(mlContext, rows[..TrainCount]), shape.View(mlContext, rows[TrainCount..]));
        var fitted = mlContext.Transforms.NormalizeMeanVariance("Features", fixZero: false)
            .Append(mlContext.Transforms.ApproximatedKernelMap(
                "Features", rank: rank, generator: new GaussianKernel(.5f), seed: split)).Fit(train);
        return (SkewedData.Fill(mlContext, fitted.Transform(train)), SkewedData.Fill(mlContext, fitted.Transform(test)));
    }

    private static (double LogLoss, double Precision) Judge(
        MLContext mlContext, string trainer, IDataView train, IDataView test, List<string> chosen)
    {
        var trainers = mlContext.BinaryClassification.Trainers;
        var model = trainer is LinearFit.StockLbfgs ? trainers.LbfgsLogisticRegression().Fit(train)
            : trainers.FocalSgd(new FocalSgdBinaryTrainer.Options
            {
                L2Regularization = trainer is LinearFit.Given ? LinearFit.GivenL2 : null,
                Completed = own =>
                {
                    if (own.IsL2RegularizationChosen)
                        chosen.Add(FitBenchmark.Scientific(own.L2Regularization));
                },
            }).Fit(train);
        Scored[] scored = [.. mlContext.Data.CreateEnumerable<Scored>(model.Transform(test), false, ignoreMissingColumns: true)];
        bool[] labels = [.. scored.Select(row => row.Label)];
        return (scored.Average(row => -Math.Log(Math.Clamp(row.Label ? row.Probability : 1 - row.Probability, 1e-6, 1 - 1e-6))),
            RankSums.AveragePrecisionOf([.. scored.Select(row => row.Score)], labels, [.. scored.Select(_ => 1f)]));
    }

    private sealed class Scored
    {
        public bool Label { get; set; }

        public float Score { get; set; }

        public float Probability { get; set; }
    }
}

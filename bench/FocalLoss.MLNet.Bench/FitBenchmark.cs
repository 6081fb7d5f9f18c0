
using System.Globalization;
using FocalMlNet.Matrix;
using Microsoft.ML;
using Microsoft.ML.Trainers;

namespace FocalMlNet.Bench;

/// <summary>Whole fits with default options: this trainer beside the stock ones, on the same view.</summary>
internal static class FitBenchmark
{
    private const int Rounds = 5;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);

    /// <summary>
    /// The first row of the table of bars. As everywhere, the two fits of this trainer come after one of the stock SGD trainers each: right
    /// after its twin it would find memory that is warm.
    /// </summary>
    public static void Dense()
    {
        var data = new SkewedData(800_000, 30, .01);
        var mlContext = new MLContext(seed: 1);
        var view = data.Cached(mlContext);
        var results = new Results("Whole fits: 800,000 × 30 dense, 1 % positives, cached view");
        // First of all: later fits find the memory of earlier ones.
        var (matrix, peak) = Memory(mlContext, view);
        var (contestants, _) =
            Compete(results, mlContext, view, Test(mlContext, data),
            [LinearFit.Ours, LinearFit.StockFocal, LinearFit.Given, LinearFit.StockLbfgs, LinearFit.StockSgd]);
        results.AddBar($"at most 1/20 of {LinearFit.StockFocal}", 1 / contestants[0].TimesFasterThan(contestants[1]), 1 / 20.0);
        results.AddBar($"at most 1/4 of {LinearFit.StockLbfgs}", 1 / contestants[0].TimesFasterThan(contestants[3]), 1 / 4.0);
        results.Add("");
        results.Add($"Memory: the matrix takes {Megabytes(matrix)} MB; the most the managed heap grew while a fit ran (measured after "
            + $"each pass, garbage collected) is {Megabytes(peak)} MB.");
        results.Add("");
        results.AddBar("peak memory at most 1.3 times the matrix", (double)peak / matrix, 1.3);
        results.Save("fit-dense");
    }

    /// <summary>The same rows as a list of objects, which every reading goes through again.</summary>
    public static void Uncached()
    {
        var data = new SkewedData(800_000, 30, .01);
        var mlContext = new MLContext(seed: 1);
        var view = data.View(mlContext, data.Materialise());
        var results = new Results("Whole fits: 800,000 × 30 dense, 1 % positives, LoadFromEnumerable without a cache");
        var (contestants, _) = Compete(results, mlContext, view, Test(mlContext, data), [LinearFit.Ours, LinearFit.StockFocal], rounds: 3);
        results.AddBar($"at most 1/30 of {LinearFit.StockFocal}", 1 / contestants[0].TimesFasterThan(contestants[1]), 1 / 30.0);
        results.Save("fit-uncached");
    }

    /// <summary>As many rows and as few positives as the well-known set of card payments has.</summary>
    public static void Rare()
    {
        var data = new SkewedData(285_000, 30, .0017);
        var mlContext = new MLContext(seed: 1);
        var view = data.Cached(mlContext);
        var results = new Results("Whole fits: 285,000 × 30 dense, 0.17 % positives, cached view");
        var (contestants, models) =
            Compete(results, mlContext, view, Test(mlContext, data),
            [LinearFit.Ours, LinearFit.StockFocal, LinearFit.Given, LinearFit.StockLbfgs, LinearFit.StockSgd]);
        var best = mlContext.BinaryClassification.Trainers
            .FocalSgd(new FocalSgdBinaryTrainer.Options
            {
                Calibration = CalibrationMethod.None,
                NumberOfIterations = 1000,
                ConvergenceTolerance = 1e-10,
                L2Regularization = LinearFit.GivenL2
            }).Fit(view).Model.SubModel;
        var loss = new FocalLoss();
        var least = LinearFit.Objective(best, view, loss, LinearFit.GivenL2);
        results.Add("The objective is the mean focal loss (γ = 2) with the penalty 1e-7; the least is that of a run to a tolerance of "
            + "1e-10.");
        results.Add("");
        // The scores of a calibrated model are no longer those that minimise the loss.
        models[LinearFit.Ours] = mlContext.BinaryClassification.Trainers.FocalSgd(
            new FocalSgdBinaryTrainer.Options { Calibration = CalibrationMethod.None, L2Regularization = LinearFit.GivenL2 }).Fit(view)
                .Model.SubModel;
        var objectives = models.ToDictionary(
            m => m.Key, m => LinearFit.Objective(m.Value, view, loss, LinearFit.GivenL2), StringComparer.Ordinal);
        results.AddTable(
            ["Trainer that minimises it", "objective", "above the least, relatively"],
            new[] { LinearFit.Ours, LinearFit.StockFocal }.Select(
                name => (string[])[name, Scientific(objectives[name]), Scientific(objectives[name] / least - 1)]));
        results.AddBar("relative gap at most 1e-3", objectives[LinearFit.Ours] / least - 1, 1e-3);
        results.AddBar($"at most 1/10 of {LinearFit.StockFocal}", 1 / contestants[0].TimesFasterThan(contestants[1]), 1 / 10.0);
        results.Save("fit-rare");
    }

    /// <summary>Many columns, few values in each row.</summary>
    public static void Sparse()
    {
        const int PerRow = 80;
        var data = new SkewedData(100_000, 50_000, .01, (double)PerRow / 50_000);
        var mlContext = new MLContext(seed: 1);
        var view = data.Cached(mlContext);
        var results = new Results("Whole fits: 100,000 × 50,000 sparse, 80 non-zeros a row, 1 % positives, cached view");
        var (contestants, _) = Compete(
            results, mlContext, view, Test(mlContext, data with { RowCount = 50_000 }),
            [LinearFit.Ours, LinearFit.StockFocal, LinearFit.Given, LinearFit.StockLbfgs, LinearFit.StockSgd], rounds: 3);
        results.AddBar($"at most 1/5 of {LinearFit.StockFocal}", 1 / contestants[0].TimesFasterThan(contestants[1]), 1 / 5.0);

        results.Add("");
        results.Add("Memory: what the matrix takes, and the most the managed heap grew while a fit ran (measured after each pass, "
            + "garbage collected).");
        results.Add("");
        List<string[]> rows = [];
        double most = 0;
        foreach (var (rowCount, perRow) in new[] { (50_000, PerRow), (100_000, PerRow), (100_000, 2 * PerRow) })
        {
            var variant = (data with { RowCount = rowCount, Density = (double)perRow / data.FeatureCount }).Cached(mlContext);
            var (matrix, peak) = Memory(mlContext, variant);
            long entries = (long)rowCount * perRow;
            most = Math.Max(most, (double)matrix / entries);
            rows.Add([$"{rowCount:n0}", $"{entries:n0}", Megabytes(matrix), Number((double)matrix / entries), Megabytes(peak)]);
            GC.KeepAlive(variant);
        }

        results.AddTable(["rows", "non-zeros", "matrix, MB", "bytes per non-zero", "heap growth, MB"], rows);
        results.AddBar("memory in proportion to the non-zeros: bytes of the matrix for each at most 10", most, 10);
        results.Save("fit-sparse");
    }

    /// <summary>Fits in turns, as a table of seconds, ratios and what the models are worth.</summary>
    public static (IReadOnlyList<Contestant> Contestants, Dictionary<string, LinearModelParameters> Models) Compete(
        Results results, MLContext mlContext, IDataView train, IDataView test, IReadOnlyList<string> names, int rounds = Rounds)
    {
        Dictionary<string, LinearModelParameters> models = new(StringComparer.Ordinal);
        Contestant[] contestants = [.. names.Select(name => LinearFit.Contestant(name, mlContext, train, models))];
        Contest.Run(contestants, rounds, WarmUp);
        results.Add($"Seconds for `Fit`, every trainer at its defaults: median of {rounds} rounds in which all take turns, after a "
            + "warm-up; ratios are medians of those within a round.");
        results.Add("");
        results.AddTable(
            ["Trainer", "seconds", "least", "most", "times as long as `FocalSgd`", "AUPRC on other rows"],
            contestants.Select(c => (string[])
                [c.Name, Seconds(c.MedianSeconds), Seconds(c.Seconds.Min()), Seconds(c.Seconds.Max()),
                    Number(contestants[0].TimesFasterThan(c)), Number(LinearFit.AveragePrecisionOf(models[c.Name], test), 4)]));
        return (contestants, models);
    }

    /// <summary>Bytes of the matrix, and the most the managed heap grew while a fit ran.</summary>
    private static (long Matrix, long Peak) Memory(MLContext mlContext, IDataView view)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        long peak = 0;
        var progress = new Immediate(() => peak = Math.Max(peak, GC.GetTotalMemory(forceFullCollection: true) - before));
        mlContext.BinaryClassification.Trainers.FocalSgd(new FocalSgdBinaryTrainer.Options { Progress = progress }).Fit(view);
        return (TrainingData.Read(new RowReader(view, "Label", "Features", null), long.MaxValue).Bytes, peak);
    }

    public static string Seconds(double value) => Number(value, 3);

    public static string Number(double value, int digits = 2)
        => value.ToString("f" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    public static string Scientific(double value) => value.ToString("0.000e+0", CultureInfo.InvariantCulture);

    public static string Megabytes(long bytes) => Number(bytes / 1e6, 1);

    private static IDataView Test(MLContext mlContext, SkewedData data) => (data with { Seed = data.Seed + 1000 }).Cached(mlContext);
}

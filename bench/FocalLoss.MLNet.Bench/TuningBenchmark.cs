using FocalMlNet.Matrix;
using Microsoft.ML;
using Microsoft.ML.Trainers;

namespace FocalMlNet.Bench;

/// <summary>What TuneImbalanced costs: in default fits of SgdNonCalibrated with focal loss, and in memory.</summary>
internal static class TuningBenchmark
{
    /// <summary>Few columns.</summary>
    public static void Small()
    {
        var mlContext = new MLContext(seed: 1);
        var view = SkewedData.Fill(mlContext, new SkewedData(0, 9, 0).View(mlContext, RealData.Shuttle()));
        Run("tuning", "Shuttle, 58,000 × 9", mlContext, view, warmsUp: true, rounds: 3, new(), "");
    }

    /// <summary>Many rows: a minute, so once and without warming up, which takes a part of it that does not matter.</summary>
    public static void Large()
    {
        var mlContext = new MLContext(seed: 1);
        Run(
            "tuning-large", "800,000 × 30, 1 % positives", mlContext, new SkewedData(800_000, 30, .01).Cached(mlContext), false, rounds: 1,
            new() { Gammas = [0, 2], ClassWeightings = [ClassWeighting.None] },
            " with γ of 0 and 2 and no weights (the others would need the same memory after these)");
    }

    /// <param name="file">Name of the page.</param>
    /// <param name="name">Name of the data.</param>
    /// <param name="mlContext">The context.</param>
    /// <param name="view">The data.</param>
    /// <param name="warmsUp">Whether there is a round that does not count.</param>
    /// <param name="rounds">The rounds that count.</param>
    /// <param name="watched">The tuning whose memory is measured.</param>
    /// <param name="inWords">The same in words.</param>
    private static void Run(
        string file, string name, MLContext mlContext, IDataView view, bool warmsUp, int rounds, BinaryTuningOptions watched,
        string inWords)
    {
        var results = new Results($"What a tuning costs: {name}");
        results.Add("`TuneImbalanced` with its defaults beside a fit of `SgdNonCalibrated` with focal loss, on the same cached view: "
            + $"medians of {rounds}{(warmsUp ? " after one that does not count" : "")}.");
        results.Add("");
        // First of all, and beside the same: what one leaves behind counts for the next, too.
        var before = HeapWatch.Live();
        var tuning = (double)HeapWatch.Peak(before, () => mlContext.BinaryClassification.TuneImbalanced(view, watched));
        var fit = (double)HeapWatch.Peak(before, () => mlContext.BinaryClassification.Trainers.FocalSgd().Fit(view));
        var matrix = TrainingData.Read(new RowReader(view, "Label", "Features", null), long.MaxValue).Bytes;
        (fit, tuning) = (fit / matrix, tuning / matrix);
        BinaryTuningResult? last = null;
        var models = new Dictionary<string, LinearModelParameters>(StringComparer.Ordinal);
        Contestant[] contestants =
        [
            LinearFit.Contestant(LinearFit.StockFocal, mlContext, view, models),
            new("`TuneImbalanced`", () => last = mlContext.BinaryClassification.TuneImbalanced(view)),
        ];
        Contest.Run(contestants, rounds, warmsUp ? TimeSpan.Zero : null);
        results.Add($"{last!.Candidates.Count} lines × 5 folds; {last.Candidates.Count(c => c.DroppedAfter is not null)} lines drop out "
            + $"before the end. Taken: {last.Chosen.Name}.");
        results.Add("");
        results.AddTable(["", "seconds"], contestants.Select(c => (string[])[c.Name, FitBenchmark.Seconds(c.MedianSeconds)]));
        results.AddBar("at most 20 fits", contestants[0].TimesFasterThan(contestants[1]), 20);
        results.Add("");
        results.Add($"Memory: the matrix takes {FitBenchmark.Megabytes(matrix)} MB. The most that lives on the managed heap, besides the "
            + "view, in as many matrices (garbage is collected all the time in runs of their own, from the first reading to the model):");
        results.Add("");
        results.AddTable(
            ["", "matrices"], [["`FocalSgd`, default fit", $"{fit:f2}"], [$"`TuneImbalanced`{inWords}", $"{tuning:f2}"]]);
        // What a small matrix has beside it, such as the work of each thread, is not in proportion to it.
        if (matrix > 50_000_000)
            results.AddBar("peak memory at most 1.5 times the matrix", tuning, 1.5);
        results.Save(file);
    }
}

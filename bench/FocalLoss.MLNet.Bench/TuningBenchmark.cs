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
        Run("tuning", "Shuttle, 58,000 × 9", mlContext, view, warmsUp: true, rounds: 3);
    }

    /// <summary>Many rows: a minute, so once and without warming up, which takes a part of it that does not matter.</summary>
    public static void Large()
    {
        var mlContext = new MLContext(seed: 1);
        Run("tuning-large", "800,000 × 30, 1 % positives", mlContext, new SkewedData(800_000, 30, .01).Cached(mlContext), false, rounds: 1);
    }

    private static void Run(string file, string name, MLContext mlContext, IDataView view, bool warmsUp, int rounds)
    {
        var results = new Results($"What a tuning costs: {name}");
        results.Add("`TuneImbalanced` with its defaults beside a fit of `SgdNonCalibrated` with focal loss, on the same cached view: "
            + $"medians of {rounds}{(warmsUp ? " after one that does not count" : "")}.");
        results.Add("");
        var before = GC.GetTotalMemory(forceFullCollection: true);
        long peak = 0;
        BinaryTuningResult? last = null;
        var models = new Dictionary<string, LinearModelParameters>(StringComparer.Ordinal);
        Contestant[] contestants =
        [
            LinearFit.Contestant(LinearFit.StockFocal, mlContext, view, models),
            new("`TuneImbalanced`", () => last = mlContext.BinaryClassification.TuneImbalanced(view, new()
            {
                Progress = new Every(200, () => peak = Math.Max(peak, GC.GetTotalMemory(forceFullCollection: true) - before)),
            })),
        ];
        Contest.Run(contestants, rounds, warmsUp ? TimeSpan.Zero : null);
        results.Add($"{last!.Candidates.Count} lines × 5 folds; {last.Candidates.Count(c => c.DroppedAfter is not null)} lines drop out "
            + $"before the end. Taken: {last.Chosen.Name}.");
        results.Add("");
        results.AddTable(["", "seconds"], contestants.Select(c => (string[])[c.Name, FitBenchmark.Seconds(c.MedianSeconds)]));
        results.AddBar("at most 20 fits", contestants[0].TimesFasterThan(contestants[1]), 20);
        var matrix = TrainingData.Read(new RowReader(view, "Label", "Features", null), long.MaxValue).Bytes;
        results.Add("");
        results.Add($"Memory: the matrix takes {FitBenchmark.Megabytes(matrix)} MB; the most that the managed heap grew in these runs "
            + $"(garbage collected at every 200th fit of a candidate) is {FitBenchmark.Megabytes(peak)} MB.");
        results.Add("");
        // What a small matrix has beside it, such as tables of candidates, is not in proportion to it.
        if (matrix > 50_000_000)
            results.AddBar("peak memory at most 1.5 times the matrix", (double)peak / matrix, 1.5);
        results.Save(file);
    }

    /// <summary>Does something at every so-many-th report.</summary>
    private sealed class Every(int count, Action action) : IProgress<TuningProgress>
    {
        private int _reports;

        public void Report(TuningProgress value)
        {
            if (_reports++ % count == 0)
                action();
        }
    }
}

using FocalMlNet.Matrix;
using Microsoft.ML;

namespace FocalMlNet.Bench;

/// <summary>What TuneImbalanced costs: in default fits of SgdNonCalibrated with focal loss, and in memory.</summary>
internal static class TuningBenchmark
{
    private const int Rounds = 3;

    public static void Run()
    {
        var results = new Results("What a tuning costs");
        results.Add("`TuneImbalanced` with its defaults beside a fit of `SgdNonCalibrated` with focal loss, on the same cached view: "
            + $"medians of up to {Rounds} rounds after one that does not count.");
        results.Add("");
        var mlContext = new MLContext(seed: 1);
        Measure(
            results, mlContext, "Shuttle, 58,000 × 9", SkewedData.Fill(mlContext, new SkewedData(0, 9, 0).View(mlContext, RealData.Shuttle())),
            Rounds);
        Measure(results, mlContext, "800,000 × 30, 1 % positives", new SkewedData(800_000, 30, .01).Cached(mlContext), rounds: 1);
        results.Save("tuning");
    }

    private static void Measure(Results results, MLContext mlContext, string name, IDataView view, int rounds)
    {
        BinaryTuningResult? last = null;
        Contestant[] contestants =
        [
            LinearFit.Contestant(LinearFit.StockFocal, mlContext, view, new Dictionary<string, Microsoft.ML.Trainers.LinearModelParameters>(StringComparer.Ordinal)),
            new("`TuneImbalanced`", () => last = mlContext.BinaryClassification.TuneImbalanced(view)),
        ];
        Contest.Run(contestants, rounds, TimeSpan.Zero);
        var (matrix, peak) = Memory(mlContext, view);
        results.Add($"## {name}");
        results.Add("");
        results.Add($"{last!.Candidates.Count} lines × 5 folds; {last.Candidates.Count(c => c.DroppedAfter is not null)} lines drop out "
            + $"before the end. Taken: {last.Chosen.Name}.");
        results.Add("");
        results.AddTable(
            ["", "seconds"], contestants.Select(c => (string[])[c.Name, FitBenchmark.Seconds(c.MedianSeconds)]));
        results.AddBar("at most 20 fits", contestants[0].TimesFasterThan(contestants[1]), 20);
        results.Add("");
        results.Add($"Memory: the matrix takes {FitBenchmark.Megabytes(matrix)} MB; the most that the managed heap grew (garbage collected "
            + $"at every 100th fit of a candidate) is {FitBenchmark.Megabytes(peak)} MB.");
        results.Add("");
        results.AddBar("peak memory at most 1.5 times the matrix", (double)peak / matrix, 1.5);
        results.Add("");
    }

    /// <summary>Bytes of the matrix, and the most the managed heap grew while a tuning ran.</summary>
    private static (long Matrix, long Peak) Memory(MLContext mlContext, IDataView view)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        long peak = 0;
        mlContext.BinaryClassification.TuneImbalanced(view, new() { Progress = new Every(100, () =>
            peak = Math.Max(peak, GC.GetTotalMemory(forceFullCollection: true) - before)) });
        return (TrainingData.Read(new RowReader(view, "Label", "Features", null), long.MaxValue).Bytes, peak);
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

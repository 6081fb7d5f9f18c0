using System.Numerics;
using FocalMlNet.Matrix;
using FocalMlNet.Optimization;
using FocalMlNet.Training;
using Microsoft.ML;

namespace FocalMlNet.Bench;

/// <summary>One pass over the matrix in memory, value and gradient, beside the time to sum as many floats.</summary>
internal static class EpochBenchmark
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);

    public static void Run()
    {
        var data = new SkewedData(800_000, 30, .01);
        var view = data.Cached(new MLContext());
        var matrix = TrainingData.Read(new RowReader(view, "Label", "Features", null), long.MaxValue);
        var blocks = matrix.Blocks;
        float[][] copies = [.. blocks.Select(block => new float[block.EntryCount])];
        var model = LinearModel.Constant(data.FeatureCount, -1);
        Array.Fill(model.Coefficients[0], .1f);
        var gradient = new double[data.FeatureCount + 1];

        var results = new Results("One epoch: 800,000 × 30 dense in memory");
        results.Add("Milliseconds for the summed loss and its gradient over all rows, and for the sum of as many floats in arrays of the "
            + "same lengths, both spread over the same threads: the median of 101 rounds.");
        results.Add("");
        List<string[]> rows = [];
        double worst = 0;
        foreach (var threads in new[] { 1, Environment.ProcessorCount }.Distinct())
        {
            var parallel = new ParallelOptions { MaxDegreeOfParallelism = threads };
            var pass = new RowMatrix(matrix, parallel);
            foreach (var gamma in new[] { 0, 2, 3.7 })
            {
                var objective = new FocalObjective(new FocalLoss(gamma), 1, 1);
                Contestant epoch = new("epoch", () => pass.Evaluate(new LossAt(objective, model), gradient));
                Contestant sum = new("sum", () => Sum(copies, parallel));
                Contest.Run([epoch, sum], 101, WarmUp);
                var ratio = 1 / epoch.TimesFasterThan(sum);
                // The bar is for the loss at its default on all threads.
                if (gamma == 2 && threads == Environment.ProcessorCount)
                    worst = ratio;
                rows.Add(
                [
                    $"{threads}", FitBenchmark.Number(gamma, 1), FitBenchmark.Number(epoch.MedianSeconds * 1e3),
                        FitBenchmark.Number(sum.MedianSeconds * 1e3), FitBenchmark.Number(ratio),
                    FitBenchmark.Number(matrix.Bytes / epoch.MedianSeconds / 1e9, 1),
                    FitBenchmark.Number(matrix.RowCount / epoch.MedianSeconds / 1e6, 0),
                ]);
            }
        }

        results.AddTable(["threads", "γ", "epoch, ms", "sum, ms", "ratio", "GB/s of the epoch", "million rows/s"], rows);
        results.AddBar("an epoch takes at most 3 times as long as the sum (γ = 2, all threads)", worst, 3);
        results.Save("epoch");
    }

    private static float Sum(float[][] arrays, ParallelOptions parallel)
    {
        const int Chunks = 64;
        var sums = new float[Chunks];
        Parallel.For(0, Chunks, parallel, chunk =>
        {
            // Four sums at a time, or each addition would wait for the one before.
            Vector<float> s0 = default, s1 = default, s2 = default, s3 = default;
            for (var a = arrays.Length * chunk / Chunks; a < arrays.Length * (chunk + 1) / Chunks; a++)
            {
                var array = arrays[a];
                for (var i = 0; i <= array.Length - 4 * Vector<float>.Count; i += 4 * Vector<float>.Count)
                {
                    s0 += new Vector<float>(array, i);
                    s1 += new Vector<float>(array, i + Vector<float>.Count);
                    s2 += new Vector<float>(array, i + 2 * Vector<float>.Count);
                    s3 += new Vector<float>(array, i + 3 * Vector<float>.Count);
                }
            }

            sums[chunk] = Vector.Sum(s0 + s1 + s2 + s3);
        });
        return sums.Sum();
    }
}

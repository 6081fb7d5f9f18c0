using System.Numerics.Tensors;
using FocalMlNet.Data;

namespace FocalMlNet.Optimization;

/// <summary>
/// A few rows that stand for many in sums of second order: rows of rare classes and rows far from the mean, on which the curvature hangs, come with certainty or nearly so,
/// the others seldom and with so much more weight.
/// </summary>
internal static class LeverageSample
{
    private const int BatchRows = 256;
    private const int Rounds = 20;

    /// <summary>Draws rows, in blocks.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="count">How many are expected, below the number of rows.</param>
    /// <param name="classCount">Number of classes.</param>
    /// <param name="scaling">The coordinates: what is far is seen in standardised features.</param>
    /// <param name="random">Source of randomness.</param>
    /// <param name="parallel">Threads and cancellation; the sample does not depend on it.</param>
    public static RowBlock[] Draw(IReadOnlyList<RowBlock> rows, int count, int classCount, Scaling scaling, Random random, ParallelOptions parallel)
    {
        var totals = new ClassTotals(classCount);
        foreach (var block in rows)
            totals.Add(block);
        double[] perClass = [.. totals.Counts.Select(n => Math.Max(1, (double)totals.RowCount / classCount / Math.Max(1, n)))];
        var importance = new float[rows.Count][];
        Parallel.For(0, rows.Count, parallel, b => importance[b] = Importance(rows[b], perClass, scaling));

        var perImportance = Share(importance, count);
        var reached = random.NextDouble();
        List<RowBlock> drawn = [];
        List<(int Block, int Row)> places = [];
        for (var b = 0; b < rows.Count; b++)
        {
            List<int> own = [];
            List<float> weights = [];
            for (var i = 0; i < rows[b].RowCount; i++)
            {
                // Systematic sampling.
                var chance = Math.Min(1, perImportance * importance[b][i]);
                var before = Math.Floor(reached);
                reached += chance;
                if (Math.Floor(reached) == before && chance < 1)
                    continue;
                places.Add((drawn.Count, own.Count));
                own.Add(i);
                weights.Add((float)(rows[b].Weights[i] / chance));
            }

            if (own.Count > 0)
                drawn.Add(rows[b].Select([.. own], [.. weights]));
        }

        return [.. places.Chunk(BatchRows).Select(batch => RowBlock.Gather(drawn, batch))];
    }

    /// <summary>The mean square of a row's standardised features, and as many times more as its class is rarer than the classes are on average.</summary>
    private static float[] Importance(RowBlock block, double[] perClass, Scaling scaling)
    {
        var n = block.RowCount;
        var columns = new float[n * scaling.Stride];
        scaling.Standardise(block, columns);
        var importance = new float[n];
        for (var j = 0; j < scaling.ColumnCount; j++)
            TensorPrimitives.MultiplyAdd(columns.AsSpan(j * n, n), columns.AsSpan(j * n, n), importance, importance);
        for (var i = 0; i < n; i++)
            importance[i] = importance[i] / scaling.ColumnCount + (float)perClass[(int)block.Labels[i]];
        return importance;
    }

    /// <summary>The share s with Σ min(1, s · importance) = count.</summary>
    private static double Share(float[][] importance, double count)
    {
        double share = 0;
        for (var round = 0; round < Rounds; round++)
        {
            double rest = 0, left = count;
            foreach (var block in importance)
            {
                foreach (var own in block)
                {
                    if (share * own >= 1)
                        left--;
                    else
                        rest += own;
                }
            }

            // More and more rows come with certainty, until no more do.
            var next = rest > 0 ? Math.Max(share, left / rest) : share;
            if (next == share)
                break;
            share = next;
        }

        return share;
    }
}

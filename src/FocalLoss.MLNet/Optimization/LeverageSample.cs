
using System.Numerics.Tensors;
using FocalMlNet.Matrix;

namespace FocalMlNet.Optimization;

/// <summary>
/// A few rows that stand for many in sums of second order: rows of rare classes and rows far from the mean, on which the curvature hangs,
/// come with certainty or nearly so,
/// the others seldom and with so much more weight.
/// </summary>
internal static class LeverageSample
{
    private const int BatchRows = 256;
    private const int BlocksAtOnce = 64;
    private const int Rounds = 20;

    /// <summary>Draws rows in one pass over them, which need not be in memory.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="count">How many may be drawn, about: fewer if much depends on few rows.</param>
    /// <param name="totals">Of the rows.</param>
    /// <param name="scaling">The coordinates: what is far is seen in standardised features.</param>
    /// <param name="random">Source of randomness.</param>
    /// <param name="parallel">Threads and cancellation; the sample does not depend on it.</param>
    public static RowBlock[] DrawOnce(
        IEnumerable<RowBlock> rows, int count, ClassTotals totals, Scaling scaling, Random random, ParallelOptions parallel)
    {
        var (perClass, perWeight) = (PerClass(totals), totals.RowCount / totals.Weight);
        // The mean square of standardised features is 1.
        var share = count / (totals.RowCount + perClass.Select((own, k) => own * totals.Counts[k]).Sum());
        var drawn = new Drawn(share, random);
        foreach (var some in rows.Chunk(BlocksAtOnce))
            drawn.Add(some, Importance(some, perClass, perWeight, scaling, parallel));
        return drawn.ToBlocks();
    }

    /// <summary>Draws rows.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="count">How many are drawn but for one or two, below the number of rows.</param>
    /// <param name="classCount">Number of classes.</param>
    /// <param name="scaling">The coordinates.</param>
    /// <param name="random">Source of randomness.</param>
    /// <param name="parallel">Threads and cancellation.</param>
    public static RowBlock[] Draw(
        IReadOnlyList<RowBlock> rows, int count, int classCount, Scaling scaling, Random random, ParallelOptions parallel)
    {
        var totals = new ClassTotals(classCount);
        foreach (var block in rows)
            totals.Add(block);
        var importance = Importance(rows, PerClass(totals), totals.RowCount / totals.Weight, scaling, parallel);
        var drawn = new Drawn(Share(importance, count), random);
        drawn.Add(rows, importance);
        return drawn.ToBlocks();
    }

    /// <summary>
    /// Draws rows anew, in one pass over them, near a point: half of them by what they have of the curvature there, which in the end few
    /// rows have, and these may not be among those
    /// that were drawn before.
    /// </summary>
    /// <param name="rows">The rows.</param>
    /// <param name="known">Rows that were drawn from them before.</param>
    /// <param name="count">How many may be drawn, about.</param>
    /// <param name="totals">Of the rows.</param>
    /// <param name="scaling">The coordinates.</param>
    /// <param name="objective">What is minimised.</param>
    /// <param name="model">The point.</param>
    /// <param name="random">Source of randomness.</param>
    /// <param name="parallel">Threads and cancellation; the sample does not depend on it.</param>
    public static RowBlock[] DrawNear(
        IEnumerable<RowBlock> rows, IReadOnlyList<RowBlock> known, int count, ClassTotals totals, Scaling scaling, IObjective objective,
        LinearModel model,
        Random random, ParallelOptions parallel)
    {
        var (perClass, perWeight) = (PerClass(totals), totals.RowCount / totals.Weight);
        var share = count / 2.0 / (totals.RowCount + perClass.Select((own, k) => own * totals.Counts[k]).Sum());
        double estimate = 0;
        foreach (var part in Curvatures(known))
            estimate += part.Sum(own => (double)own);
        var perCurvature = estimate > 0 ? count / 2.0 / estimate : 0;
        var drawn = new Drawn(1, random);
        foreach (var some in rows.Chunk(BlocksAtOnce))
        {
            var (importance, curvatures) = (Importance(some, perClass, perWeight, scaling, parallel), Curvatures(some));
            for (var b = 0; b < some.Length; b++)
            {
                for (var i = 0; i < importance[b].Length; i++)
                    importance[b][i] = (float)(share * importance[b][i] + perCurvature * curvatures[b][i]);
            }

            drawn.Add(some, importance);
        }

        return drawn.ToBlocks();

        float[][] Curvatures(IReadOnlyList<RowBlock> blocks)
        {
            var traces = new float[blocks.Count][];
            Parallel.For(0, blocks.Count, parallel, b => traces[b] = DataPass.CurvatureTraces(blocks[b], objective, model));
            return traces;
        }
    }

    /// <summary>How many times rarer a class is than the classes are on average, or 1.</summary>
    private static double[] PerClass(ClassTotals totals)
        => [.. totals.Counts.Select(n => Math.Max(1, (double)totals.RowCount / totals.ClassCount / Math.Max(1, n)))];

    private static float[][] Importance(
        IReadOnlyList<RowBlock> blocks, double[] perClass, double perWeight, Scaling scaling, ParallelOptions parallel)
    {
        var importance = new float[blocks.Count][];
        var (centre, units) = (new float[scaling.ColumnCount], new float[scaling.ColumnCount]);
        TensorPrimitives.ConvertTruncating(scaling.Mean, centre);
        TensorPrimitives.ConvertTruncating(scaling.Scale, units);
        Parallel.For(0, blocks.Count, parallel, b => importance[b] = Importance(blocks[b], perClass, perWeight, centre, units));
        return importance;
    }

    /// <summary>
    /// The mean square of a row's standardised features, plus how many times rarer its class is than the classes are on average.
    /// </summary>
    private static float[] Importance(RowBlock block, double[] perClass, double perWeight, float[] centre, float[] units)
    {
        var n = block.RowCount;
        var (squares, importance) = (new float[n], new float[n]);
        block.SquaredDistances(centre, units, squares);
        for (var i = 0; i < n; i++)
        {
            // By half by weight, as in the sample; what has none is not drawn.
            var byWeight = block.Weights[i] == 0 ? 0 : (1 + perWeight * block.Weights[i]) / 2;
            importance[i] = (float)(byWeight * ((squares[i] + 1) / (centre.Length + 1) + perClass[(int)block.Labels[i]]));
        }

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

    /// <summary>
    /// Rows that have been drawn: systematically, each with the chance share · importance, by which its weight is divided.
    /// </summary>
    private sealed class Drawn(double share, Random random)
    {
        private readonly List<RowBlock> _parts = [];
        private readonly List<(int Block, int Row)> _places = [];
        private double _reached = random.NextDouble();

        public void Add(IReadOnlyList<RowBlock> blocks, float[][] importance)
        {
            for (var b = 0; b < blocks.Count; b++)
            {
                List<int> rows = [];
                List<float> weights = [];
                for (var i = 0; i < importance[b].Length; i++)
                {
                    var chance = Math.Min(1, share * importance[b][i]);
                    var before = Math.Floor(_reached);
                    _reached += chance;
                    if (Math.Floor(_reached) == before && chance < 1)
                        continue;
                    _places.Add((_parts.Count, rows.Count));
                    rows.Add(i);
                    weights.Add((float)(blocks[b].Weights[i] / chance));
                }

                if (rows.Count > 0)
                    _parts.Add(blocks[b].Select([.. rows], [.. weights]));
            }
        }

        public RowBlock[] ToBlocks() => [.. _places.Chunk(BatchRows).Select(batch => RowBlock.Gather(_parts, batch))];
    }
}

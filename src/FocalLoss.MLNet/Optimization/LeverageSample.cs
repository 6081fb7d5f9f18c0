using System.Numerics.Tensors;
using FocalMlNet.Matrix;

namespace FocalMlNet.Optimization;

/// <summary>
/// A few rows that stand for many in sums of second order: rows with rare labels and rows far from the mean, on which the curvature hangs,
/// come with certainty or nearly so, the others seldom and with so much more weight.
/// </summary>
/// <param name="labels">What is known of the rows.</param>
/// <param name="scaling">The coordinates: what is far is seen in standardised features.</param>
/// <param name="random">Source of randomness.</param>
/// <param name="parallel">Threads and cancellation; the sample does not depend on it.</param>
internal sealed class LeverageSample(ILabelSummary labels, Scaling scaling, Random random, ParallelOptions parallel)
{
    private const int BatchRows = 256;
    private const int Rounds = 20;

    /// <summary>Draws rows in one pass over them, which need not be in memory.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="count">How many may be drawn, about: fewer if much depends on few rows.</param>
    public RowBlock[] DrawOnce(IEnumerable<RowBlock> rows, int count) => Draw(RowBlock.Several(rows), Importance, ShareOnce(count));

    /// <summary>Draws rows.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="count">How many are drawn but for one or two, below the number of rows.</param>
    public RowBlock[] Draw(IReadOnlyList<RowBlock> rows, int count)
    {
        var importance = Importance(rows);
        return Draw([rows], _ => importance, Share(importance, count));
    }

    /// <summary>
    /// Draws rows anew, in one pass over them, near a point: half of them by what they have of the curvature there, which in the end few
    /// rows have, and these may not be among those that were drawn before.
    /// </summary>
    /// <param name="rows">The rows.</param>
    /// <param name="known">Rows that were drawn from them before.</param>
    /// <param name="count">How many may be drawn, about.</param>
    /// <param name="objective">What is minimised.</param>
    /// <param name="model">The point.</param>
    public RowBlock[] DrawNear(
        IEnumerable<RowBlock> rows, IReadOnlyList<RowBlock> known, int count, IObjective objective, LinearModel model)
    {
        var share = ShareOnce(count / 2.0);
        double estimate = 0;
        foreach (var part in Curvatures(known))
            estimate += part.Sum(own => (double)own);
        var perCurvature = estimate > 0 ? count / 2.0 / estimate : 0;
        return Draw(RowBlock.Several(rows), Near, 1);

        float[][] Near(IReadOnlyList<RowBlock> some)
        {
            var (importance, curvatures) = (Importance(some), Curvatures(some));
            for (var b = 0; b < importance.Length; b++)
            {
                for (var i = 0; i < importance[b].Length; i++)
                    importance[b][i] = (float)(share * importance[b][i] + perCurvature * curvatures[b][i]);
            }

            return importance;
        }

        float[][] Curvatures(IReadOnlyList<RowBlock> blocks)
        {
            var traces = new float[blocks.Count][];
            ParallelLoop.For(blocks.Count, parallel, b => traces[b] = DataPass.CurvatureTraces(blocks[b], objective, model));
            return traces;
        }
    }

    /// <summary>Draws rows, part by part, each with the chance share · importance, but at most 1.</summary>
    private RowBlock[] Draw(
        IEnumerable<IReadOnlyList<RowBlock>> parts, Func<IReadOnlyList<RowBlock>, float[][]> importanceOf, double share)
    {
        var sample = new RowSample(random.NextDouble(), parallel);
        foreach (var some in parts)
        {
            var importance = importanceOf(some);
            sample.Add(some, (b, i) => Math.Min(1, share * importance[b][i]));
        }

        return sample.ToBlocks(BatchRows);
    }

    /// <summary>The share with which about so many rows are drawn: the mean square of standardised features is 1.</summary>
    private double ShareOnce(double count) => count / (labels.RowCount + labels.TotalRarity);

    /// <summary>For each row the mean square of its standardised features, plus how rare its label is.</summary>
    private float[][] Importance(IReadOnlyList<RowBlock> blocks)
    {
        var (importance, rarities, perWeight) = (new float[blocks.Count][], labels.Rarities, labels.RowCount / labels.Weight);
        var (centre, units) = (new float[scaling.ColumnCount], new float[scaling.ColumnCount]);
        TensorPrimitives.ConvertTruncating(scaling.Mean, centre);
        TensorPrimitives.ConvertTruncating(scaling.Scale, units);
        ParallelLoop.For(blocks.Count, parallel, b =>
        {
            var block = blocks[b];
            var own = importance[b] = new float[block.RowCount];
            block.SquaredDistances(centre, units, own);
            for (var i = 0; i < own.Length; i++)
            {
                // By half by weight, as in the sample; what has none is not drawn.
                var byWeight = (1 + perWeight * block.Weights[i]) / 2;
                own[i] = block.Weights[i] == 0
                    ? 0 : (float)(byWeight * ((own[i] + 1) / (centre.Length + 1) + rarities[(int)block.Labels[i]]));
            }
        });
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

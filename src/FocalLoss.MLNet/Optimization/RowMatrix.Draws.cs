using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using FocalMlNet.Matrix;

namespace FocalMlNet.Optimization;

/// <summary>Rows that are drawn from all, or handed over in their order.</summary>
internal sealed partial class RowMatrix
{
    /// <summary>Rows in a block of those drawn by leverage.</summary>
    private const int BatchRows = 256;

    private const int Rounds = 20;

    /// <summary>The curvatures that were asked for last: a draw by them follows.</summary>
    private (LossAt At, float[][] Traces)? _known;

    public RowMatrix Draw(Leverage leverage, double perLeverage, double start, LossAt? at = null, double perCurvature = 0)
    {
        var sample = new RowSample(start, Parallel);
        foreach (var some in RowBlock.Several(Blocks))
        {
            var leverages = InParallel(some, leverage.Of);
            if (at is null)
            {
                sample.Add(
                    some, [MethodImpl(MethodImplOptions.AggressiveOptimization)] (b, i) => Math.Min(1, perLeverage * leverages[b][i]));
                continue;
            }

            var traces = InParallel(some, block => CurvatureTraces(block, at));
            sample.Add(
                some, [MethodImpl(MethodImplOptions.AggressiveOptimization)] (b, i)
                    => Math.Min(1, (float)(perLeverage * leverages[b][i] + perCurvature * traces[b][i])));
        }

        return Part(sample.ToBlocks(BatchRows));
    }

    /// <summary>Draws so many rows but for one or two, below the number of rows, which are in memory.</summary>
    public RowMatrix Draw(Leverage leverage, int count, double start)
    {
        var leverages = InParallel(Blocks, leverage.Of);
        var (sample, perLeverage) = (new RowSample(start, Parallel), Share(leverages, count));
        sample.Add(Blocks, [MethodImpl(MethodImplOptions.AggressiveOptimization)] (b, i) => Math.Min(1, perLeverage * leverages[b][i]));
        return Part(sample.ToBlocks(BatchRows));
    }

    public double CurvatureTrace(LossAt at) => CurvatureTraces(at).Sum(own => (double)TensorPrimitives.Sum<float>(own));

    /// <summary>Block after block, for each row the sum over its scores of its loss's second derivatives, those below 0 as 0.</summary>
    public float[][] CurvatureTraces(LossAt at)
    {
        if (_known?.At != at)
            _known = (at, InParallel(Blocks, block => CurvatureTraces(block, at)));
        return _known.Value.Traces;
    }

    public RowMatrix DrawByCurvature(LossAt at, double perCurvature)
    {
        var traces = CurvatureTraces(at);
        _known = null;
        var drawn = new RowBlock?[traces.Length];
        ParallelLoop.For(traces.Length, Parallel, b =>
        {
            Span<double> chances = stackalloc double[traces[b].Length];
            Span<int> rows = stackalloc int[chances.Length];
            for (var i = 0; i < chances.Length; i++)
                chances[i] = traces[b][i] > 0 ? Math.Min(1, perCurvature * traces[b][i]) : 0;
            var found = SystematicDraw.Draw(chances, SystematicDraw.StartOf(b), rows);
            if (found == 0)
                return;
            var (block, weights) = (Blocks[b], new float[found]);
            for (var i = 0; i < found; i++)
                weights[i] = block.Weights[rows[i]] * (float)(1 / chances[i]);
            drawn[b] = block.Select(rows[..found], weights);
        });
        return Part([.. drawn.OfType<RowBlock>()]);
    }

    public IEnumerable<RowMatrix> Windows(int mostRows)
    {
        if (RowCount <= mostRows && !_data.IsSpilled)
        {
            yield return this;
            yield break;
        }

        var window = new List<RowBlock>();
        long rows = 0;
        foreach (var block in Blocks)
        {
            if (window.Count > 0 && rows + block.RowCount > mostRows)
            {
                yield return Part(window);
                (window, rows) = ([], 0);
            }

            window.Add(block);
            rows += block.RowCount;
        }

        yield return Part(window);
    }

    /// <summary>Some rows with weight, evenly spread; of rows that are in memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public List<float[]> Spread(int mostRows)
    {
        var count = Blocks.Sum(block => (long)block.RowCount - block.Weights.Count(0f));
        var chosen = new List<float[]>();
        long seen = 0;
        foreach (var block in Blocks)
        {
            for (var i = 0; i < block.RowCount; i++)
            {
                if (block.Weights[i] == 0 || seen++ * mostRows / count < chosen.Count && count > mostRows)
                    continue;
                var row = new float[block.ColumnCount];
                block.CopyRow(i, row);
                chosen.Add(row);
            }
        }

        return chosen;
    }

    private RowMatrix Part(IReadOnlyList<RowBlock> blocks) => new(_data.Part(blocks), Parallel);

    private float[][] InParallel(IReadOnlyList<RowBlock> blocks, Func<RowBlock, float[]> of)
    {
        var found = new float[blocks.Count][];
        ParallelLoop.For(found.Length, Parallel, b => found[b] = of(blocks[b]));
        return found;
    }

    private static float[] CurvatureTraces(RowBlock block, LossAt at)
    {
        var curvatures = Curvatures(block, at);
        var traces = curvatures[..block.RowCount];
        for (var k = 1; k < at.Model.OutputCount; k++)
            TensorPrimitives.Add<float>(traces, curvatures.AsSpan(k * traces.Length, traces.Length), traces);
        return traces;
    }

    /// <summary>The share s with Σ min(1, s · leverage) = count.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double Share(float[][] leverages, double count)
    {
        double share = 0;
        for (var round = 0; round < Rounds; round++)
        {
            double rest = 0, left = count;
            foreach (var block in leverages)
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

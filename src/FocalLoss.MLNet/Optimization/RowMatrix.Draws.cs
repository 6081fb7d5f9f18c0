using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using FocalMlNet.Matrix;

namespace FocalMlNet.Optimization;

/// <summary>Rows that are drawn from all, or handed over in their order.</summary>
internal sealed partial class RowMatrix
{
    /// <summary>Rows in a block of those drawn, at most.</summary>
    private const int BatchRows = 256;

    /// <summary>Parts of the blocks that are drawn from side by side: so many at most, each of so many blocks at least.</summary>
    private const int MostParts = 64;
    private const int FewestBlocks = 32;

    private const int Rounds = 20;

    /// <summary>The curvatures that were asked for last: a draw by them follows.</summary>
    private (LossAt At, float[][] Traces)? _known;

    public RowMatrix Draw(Leverage leverage, double perLeverage, double start, LossAt? at = null, double perCurvature = 0)
        => Drawn(start, [MethodImpl(MethodImplOptions.AggressiveOptimization)] (_, block, chances) =>
        {
            Span<float> leverages = stackalloc float[chances.Length];
            leverage.Of(block, leverages);
            var traces = at is null ? null : CurvatureTraces(block, at);
            for (var i = 0; i < chances.Length; i++)
                chances[i] = Math.Min(1, perLeverage * leverages[i] + (traces is null ? 0 : perCurvature * traces[i]));
        });

    /// <summary>Draws about so many rows, fewer than there are; of rows that are in memory.</summary>
    public RowMatrix Draw(Leverage leverage, int count, double start)
    {
        var leverages = InParallel(Blocks, leverage.Of);
        var perLeverage = Share(leverages, count);
        return Drawn(start, [MethodImpl(MethodImplOptions.AggressiveOptimization)] (b, _, chances) =>
        {
            for (var i = 0; i < chances.Length; i++)
                chances[i] = Math.Min(1, perLeverage * leverages[b][i]);
        });
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
        return Drawn(start: 0, [MethodImpl(MethodImplOptions.AggressiveOptimization)] (b, _, chances) =>
        {
            for (var i = 0; i < chances.Length; i++)
                chances[i] = traces[b][i] > 0 ? Math.Min(1, perCurvature * traces[b][i]) : 0;
        });
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
    public float[][] Spread(int mostRows)
    {
        var count = Blocks.Sum(block => (long)block.RowCount - block.Weights.Count(0f));
        var places = new List<(RowBlock Block, int Row)>();
        long seen = 0;
        foreach (var block in Blocks)
        {
            for (var i = 0; i < block.RowCount; i++)
            {
                if (block.Weights[i] != 0 && (seen++ * mostRows / count >= places.Count || count <= mostRows))
                    places.Add((block, i));
            }
        }

        var chosen = new float[places.Count][];
        ParallelLoop.For(chosen.Length, Parallel, at =>
        {
            var (block, row) = places[at];
            block.CopyRow(row, chosen[at] = new float[block.ColumnCount]);
        });
        return chosen;
    }

    /// <summary>
    /// Rows with chances, their weights divided by these. Each block is drawn from by itself, so that threads need not wait for each other;
    /// what comes from some that follow each other is put together while these are near.
    /// </summary>
    private RowMatrix Drawn(double start, Action<int, RowBlock, Span<double>> chancesOf)
    {
        var drawn = new DrawnRows[Math.Clamp(Blocks.Count / FewestBlocks, 1, MostParts)];
        ParallelLoop.For(drawn.Length, Parallel, part =>
        {
            drawn[part] = new DrawnRows();
            var (first, end) = OrderedSum.Items(part, drawn.Length, Blocks.Count);
            for (var b = first; b < end; b++)
                Draw(b, drawn[part]);
            drawn[part].Make();
        });
        return Part([.. drawn.SelectMany(own => own.Made)]);

        void Draw(int b, DrawnRows to)
        {
            var block = Blocks[b];
            Span<double> chances = stackalloc double[block.RowCount];
            Span<int> rows = stackalloc int[chances.Length];
            chancesOf(b, block, chances);
            rows = rows[..SystematicDraw.Draw(chances, SystematicDraw.StartOf(b) + start, rows)];
            to.Add(block, rows, chances);
        }
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

    /// <summary>Rows that are drawn from blocks one after the other, put together in blocks.</summary>
    private sealed class DrawnRows
    {
        private readonly List<RowBlock> _from = [];
        private readonly List<(int Block, int Row)> _places = [];
        private readonly List<float> _weights = [];

        /// <summary>The blocks so far.</summary>
        public List<RowBlock> Made { get; } = [];

        /// <summary>Adds rows of a block, their weights divided by their chances.</summary>
        public void Add(RowBlock block, ReadOnlySpan<int> rows, ReadOnlySpan<double> chances)
        {
            for (var i = 0; i < rows.Length; i++)
            {
                _places.Add((_from.Count, rows[i]));
                _weights.Add((float)(block.Weights[rows[i]] / chances[i]));
            }

            _from.Add(block);
            if (_places.Count >= 2 * BatchRows)
                Make();
        }

        /// <summary>Makes blocks of what there is, all of about as many rows.</summary>
        public void Make()
        {
            var places = CollectionsMarshal.AsSpan(_places);
            var weights = _weights.ToArray();
            var count = (places.Length + BatchRows - 1) / BatchRows;
            for (var part = 0; part < count; part++)
            {
                var (first, end) = OrderedSum.Items(part, count, places.Length);
                Made.Add(RowBlock.Gather(_from, places[first..end], weights[first..end]));
            }

            _places.Clear();
            _weights.Clear();
            _from.Clear();
        }
    }
}

using System.Numerics.Tensors;

namespace FocalMlNet.Calibration;

/// <summary>Scores of some rows, their weights and their classes.</summary>
/// <param name="Scores">Scores[k n + i] is that of class k in row i of n.</param>
/// <param name="Weights">The weight of each row.</param>
/// <param name="Labels">The class of each row, from 0.</param>
internal sealed record ScoreBlock(double[] Scores, double[] Weights, int[] Labels)
{
    /// <summary>The most rows a block has: the scores of a few classes stay in the first-level cache.</summary>
    public const int MaxRowCount = 256;

    public int RowCount => Weights.Length;

    /// <summary>The scores of a class.</summary>
    public ReadOnlySpan<double> Class(int k) => Scores.AsSpan(k * RowCount, RowCount);
}

/// <summary>Rows of scores, one for each class, in blocks.</summary>
internal sealed class ScoreRows(int classCount, IReadOnlyList<ScoreBlock> blocks)
{
    private const int MostChunks = 16;

    public int ClassCount => classCount;

    public IReadOnlyList<ScoreBlock> Blocks => blocks;

    /// <summary>The weight of all rows.</summary>
    public double Weight => blocks.Sum(block => block.Weights.Sum());

    /// <summary>
    /// Sums over all blocks, in parallel. Which blocks are summed together, and in which order those sums are added, depends on the number
    /// of blocks alone: the result has the same bits whatever the number of threads.
    /// </summary>
    /// <param name="length">The number of sums.</param>
    /// <param name="parallel">Threads and cancellation.</param>
    /// <param name="add">Adds those of the block with this number.</param>
    public double[] Sum(int length, ParallelOptions parallel, Action<int, double[]> add)
    {
        var chunks = Math.Min(MostChunks, blocks.Count);
        return OrderedSum.Of(chunks, length, parallel, (chunk, sums) =>
        {
            var (first, end) = OrderedSum.Items(chunk, chunks, blocks.Count);
            for (var b = first; b < end; b++)
                add(b, sums);
        });
    }
}

/// <summary>Collects rows of scores.</summary>
/// <param name="classCount">Scores of a row.</param>
internal sealed class ScoreRowsBuilder(int classCount)
{
    private readonly List<ScoreBlock> _blocks = [];
    private ScoreBlock _next = Empty(classCount);
    private int _count;

    /// <summary>Adds rows.</summary>
    /// <param name="scores">scores[k n + i] is that of class k in row i of n.</param>
    /// <param name="weights">The weight of each row.</param>
    /// <param name="labels">The class of each row.</param>
    public void Add(ReadOnlySpan<float> scores, ReadOnlySpan<float> weights, ReadOnlySpan<float> labels)
    {
        var n = weights.Length;
        for (int first = 0, count; first < n; first += count)
        {
            count = Math.Min(n - first, ScoreBlock.MaxRowCount - _count);
            for (var k = 0; k < classCount; k++)
                TensorPrimitives.ConvertTruncating<float, double>(
                    scores.Slice(k * n + first, count), _next.Scores.AsSpan(k * ScoreBlock.MaxRowCount + _count));
            TensorPrimitives.ConvertTruncating<float, double>(weights.Slice(first, count), _next.Weights.AsSpan(_count));
            TensorPrimitives.ConvertTruncating<float, int>(labels.Slice(first, count), _next.Labels.AsSpan(_count));
            _count += count;
            if (_count < ScoreBlock.MaxRowCount)
                continue;
            _blocks.Add(_next);
            (_next, _count) = (Empty(classCount), 0);
        }
    }

    /// <summary>The rows, each with its weight times the factor of its class.</summary>
    public ScoreRows Build(ReadOnlySpan<double> factors)
    {
        if (_count > 0)
        {
            var scores = new double[classCount * _count];
            for (var k = 0; k < classCount; k++)
                _next.Class(k)[.._count].CopyTo(scores.AsSpan(k * _count));
            _blocks.Add(new(scores, _next.Weights[.._count], _next.Labels[.._count]));
        }

        foreach (var block in _blocks)
        {
            for (var i = 0; i < block.RowCount; i++)
                block.Weights[i] *= factors[block.Labels[i]];
        }

        return new ScoreRows(classCount, _blocks);
    }

    private static ScoreBlock Empty(int classCount) => new(
        new double[classCount * ScoreBlock.MaxRowCount], new double[ScoreBlock.MaxRowCount], new int[ScoreBlock.MaxRowCount]);
}

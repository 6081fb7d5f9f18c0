using System.Numerics.Tensors;
using Microsoft.ML.Data;

namespace FocalMlNet.Matrix;

/// <summary>
/// Some consecutive rows of the training data: features, labels and example weights. A block is small enough to stay in the cache while
/// its scores and its gradient are computed, so that a pass over the data reads memory once.
/// </summary>
internal abstract class RowBlock(int columnCount, float[] labels, float[] weights)
{
    /// <summary>The most rows a block has.</summary>
    public const int MaxRowCount = 512;

    public int RowCount => labels.Length;

    public int ColumnCount => columnCount;

    /// <summary>Memory the block takes.</summary>
    public virtual long Bytes => 8L * labels.Length;

    /// <summary>Stored feature values.</summary>
    public abstract int EntryCount { get; }

    /// <summary>The number of each row's class, from 0; of two classes 1 is the positive.</summary>
    public ReadOnlySpan<float> Labels => labels;

    /// <summary>Example weights.</summary>
    public ReadOnlySpan<float> Weights => weights;

    /// <summary>The weight of all rows.</summary>
    public double Weight => TensorPrimitives.Sum<float>(weights);

    /// <summary>scores[i] = offset + Σ_j coefficients[j] x[i, j] for all rows.</summary>
    public abstract void Scores(ReadOnlySpan<float> coefficients, float offset, Span<float> scores);

    /// <summary>gradient[j] += Σ_i slopes[i] x[i, j].</summary>
    public abstract void AddGradient(ReadOnlySpan<float> slopes, Span<double> gradient);

    /// <summary>Per column Σ_i shares[i] (x[i, j] - shifts[j]) and Σ_i shares[i] (x[i, j] - shifts[j])².</summary>
    public abstract void AddMoments(ReadOnlySpan<float> shares, ReadOnlySpan<float> shifts, Span<double> sums, Span<double> squares);

    /// <summary>squares[i] = Σ_j ((x[i, j] - centre[j]) scale[j])².</summary>
    public abstract void SquaredDistances(ReadOnlySpan<float> centre, ReadOnlySpan<float> scale, Span<float> squares);

    /// <summary>Per column Σ_i shares[i] over the rows whose value is not 0.</summary>
    public abstract void AddOccurrences(ReadOnlySpan<float> shares, Span<double> sums);

    /// <summary>Writes row i to <paramref name="row"/>.</summary>
    public abstract void CopyRow(int i, Span<float> row);

    /// <summary>Writes column after column to <paramref name="columns"/>, each from a multiple of <paramref name="length"/> on.</summary>
    public virtual void CopyColumns(Span<float> columns, int length)
    {
        var row = new float[columnCount];
        for (var i = 0; i < RowCount; i++)
        {
            CopyRow(i, row);
            for (var j = 0; j < row.Length; j++)
                columns[j * length + i] = row[j];
        }
    }

    /// <summary>Writes row i to <paramref name="row"/>: sparse if the block is, but dense if the row has no zeros.</summary>
    public abstract void GetRow(int i, ref VBuffer<float> row);

    /// <summary>A block of some rows, with other weights.</summary>
    public abstract RowBlock Select(ReadOnlySpan<int> rows, float[] newWeights);

    /// <summary>A block of rows from several blocks.</summary>
    /// <param name="blocks">The blocks.</param>
    /// <param name="places">Which block and which of its rows, for each row of the new one.</param>
    public static RowBlock Gather(IReadOnlyList<RowBlock> blocks, ReadOnlySpan<(int Block, int Row)> places)
    {
        var columnCount = blocks[0].ColumnCount;
        var (areDense, areSparse) = (true, true);
        foreach (var (b, _) in places)
        {
            areDense &= blocks[b] is DenseBlock;
            areSparse &= blocks[b] is SparseBlock;
        }

        if (areDense)
            return DenseBlock.GatherDense(blocks, places);
        if (areSparse)
            return SparseBlock.GatherSparse(blocks, places);
        var builder = new RowBlockBuilder(columnCount, places.Length);
        var row = default(VBuffer<float>);
        foreach (var (b, i) in places)
        {
            blocks[b].GetRow(i, ref row);
            builder.Append(ref row, blocks[b].Labels[i], blocks[b].Weights[i]);
        }

        return builder.Take();
    }

    /// <summary>Blocks in groups that give all threads work, but are not much memory: each may be made when it is asked for.</summary>
    public static IEnumerable<RowBlock[]> Several(IEnumerable<RowBlock> blocks) => blocks.Chunk(64);

    /// <summary>The labels of some rows.</summary>
    protected float[] SelectLabels(ReadOnlySpan<int> rows)
    {
        var selected = new float[rows.Length];
        for (var i = 0; i < rows.Length; i++)
            selected[i] = labels[rows[i]];
        return selected;
    }

    /// <summary>How many rows a block should have: at most 256 KiB of features, or of scores and slopes.</summary>
    /// <param name="columnCount">The number of features.</param>
    /// <param name="outputCount">The number of scores a row will have.</param>
    public static int RowCountFor(int columnCount, int outputCount)
        => Math.Clamp((1 << 16) / Math.Max(1, Math.Max(columnCount, 2 * outputCount)) / 16 * 16, 64, MaxRowCount);
}

using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.ML.Data;

namespace FocalMlNet.Matrix;

/// <summary>
/// Some consecutive rows of the training data: features, labels and example weights. A block is small enough to stay in the cache while its
/// scores and its gradient are computed, so that a pass over the data reads memory once.
/// </summary>
internal abstract class RowBlock(int columnCount, ArraySegment<float> labels, ArraySegment<float> weights)
{
    /// <summary>The most rows a block has.</summary>
    public const int MaxRowCount = 512;

    /// <summary>Features of a block at most, unless one row has more: an array has room for them, and so has the file, in bytes.</summary>
    private const int MostFeatures = 1 << 28;

    private const int HeaderLength = 16;

    public int RowCount => labels.Count;

    public int ColumnCount => columnCount;

    /// <summary>Memory the block takes.</summary>
    public virtual long Bytes => 8L * labels.Count + 4L * Groups.Length;

    /// <summary>Stored feature values.</summary>
    public abstract int EntryCount { get; }

    /// <summary>The number of each row's class, from 0; of two classes 1 is the positive.</summary>
    public ReadOnlySpan<float> Labels => labels;

    /// <summary>The number of each row's group, from 0; empty if the rows are not grouped.</summary>
    public int[] Groups { get; init; } = [];

    /// <summary>Example weights.</summary>
    public ReadOnlySpan<float> Weights => weights;

    /// <summary>The weight of all rows.</summary>
    public double Weight => TensorPrimitives.Sum<float>(weights);

    /// <summary>scores[i] = offset + Σ_j coefficients[j] x[i, j] for all rows.</summary>
    public abstract void Scores(ReadOnlySpan<float> coefficients, float offset, Span<float> scores);

    /// <summary>scores[k n + i] = offsets[k] + Σ_j coefficients[k][j] x[i, j] for all n rows and outputs k.</summary>
    public void Scores(float[][] coefficients, float[] offsets, Span<float> scores)
    {
        for (var k = 0; k < offsets.Length; k++)
            Scores(coefficients[k], offsets[k], scores.Slice(k * RowCount, RowCount));
    }

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

    /// <summary>Writes some rows to <paramref name="columns"/>, column after column.</summary>
    public abstract void CopyColumns(ReadOnlySpan<int> rows, Span<float> columns);

    /// <summary>Writes row i to <paramref name="row"/>: sparse if the block is, but dense if the row has no zeros.</summary>
    public abstract void GetRow(int i, ref VBuffer<float> row);

    /// <summary>A block of some rows, with their weights or with others.</summary>
    public abstract RowBlock Select(ReadOnlySpan<int> rows, float[]? newWeights = null);

    /// <summary>A block of rows from several blocks, without their groups.</summary>
    /// <param name="blocks">The blocks.</param>
    /// <param name="places">Which block and which of its rows, for each row of the new one.</param>
    /// <param name="newWeights">Their weights, or null for those that they have.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static RowBlock Gather(
        IReadOnlyList<RowBlock> blocks, ReadOnlySpan<(int Block, int Row)> places, float[]? newWeights = null)
    {
        var (areDense, areSparse, gatheredLabels, gatheredWeights) = (true, true, new float[places.Length], new float[places.Length]);
        for (var i = 0; i < places.Length; i++)
        {
            var (block, row) = (blocks[places[i].Block], places[i].Row);
            (areDense, areSparse) = (areDense && block is DenseBlock, areSparse && block is SparseBlock);
            (gatheredLabels[i], gatheredWeights[i]) = (block.Labels[row], newWeights?[i] ?? block.Weights[row]);
        }

        if (areDense)
            return DenseBlock.GatherDense(blocks, places, gatheredLabels, gatheredWeights);
        if (areSparse)
            return SparseBlock.GatherSparse(blocks, places, gatheredLabels, gatheredWeights, []);
        var builder = new RowBlockBuilder(blocks[0].ColumnCount, places.Length);
        var features = default(VBuffer<float>);
        for (var i = 0; i < places.Length; i++)
        {
            blocks[places[i].Block].GetRow(places[i].Row, ref features);
            builder.Append(ref features, gatheredLabels[i], gatheredWeights[i]);
        }

        return builder.Take();
    }

    /// <summary>Blocks in groups that give all threads work, but are not much memory: each may be made when it is asked for.</summary>
    public static IEnumerable<RowBlock[]> Several(IEnumerable<RowBlock> blocks) => blocks.Chunk(64);

    /// <summary>Bytes that <see cref="Write"/> writes.</summary>
    public int StoredLength => HeaderLength + (int)Bytes;

    /// <summary>Writes the block, for <see cref="Read"/>.</summary>
    public void Write(Span<byte> bytes)
    {
        Put<int>(bytes, [this is SparseBlock ? 1 : 0, RowCount, columnCount, Groups.Length]);
        WriteEntries(Put<int>(Put<float>(Put<float>(bytes[HeaderLength..], labels), weights), Groups));
    }

    /// <summary>Reads what <see cref="Write"/> has written.</summary>
    public static RowBlock Read(ReadOnlySpan<byte> bytes)
    {
        var header = MemoryMarshal.Cast<byte, int>(bytes[..HeaderLength]);
        var rest = bytes[HeaderLength..];
        var (labels, weights) = (Next<float>(ref rest, header[1]), Next<float>(ref rest, header[1]));
        var groups = Next<int>(ref rest, header[3]);
        return header[0] == 0 ? DenseBlock.ReadEntries(rest, header[2], labels, weights, groups)
            : SparseBlock.ReadEntries(rest, header[2], labels, weights, groups);
    }

    /// <summary>Writes the features.</summary>
    protected abstract void WriteEntries(Span<byte> bytes);

    /// <summary>Writes values, and returns the place after them.</summary>
    protected static Span<byte> Put<T>(Span<byte> bytes, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        var source = MemoryMarshal.AsBytes(values);
        source.CopyTo(bytes);
        return bytes[source.Length..];
    }

    /// <summary>Reads so many values, and goes to the place after them.</summary>
    protected static T[] Next<T>(ref ReadOnlySpan<byte> bytes, int count)
        where T : unmanaged
    {
        var values = GC.AllocateUninitializedArray<T>(count);
        var target = MemoryMarshal.AsBytes(values.AsSpan());
        bytes[..target.Length].CopyTo(target);
        bytes = bytes[target.Length..];
        return values;
    }

    /// <summary>The labels, weights or groups of some rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected static T[] Select<T>(ReadOnlySpan<T> ofAll, ReadOnlySpan<int> rows)
    {
        var selected = new T[ofAll.IsEmpty ? 0 : rows.Length];
        for (var i = 0; i < selected.Length; i++)
            selected[i] = ofAll[rows[i]];
        return selected;
    }

    /// <summary>
    /// How many rows a block should have: at most 256 KiB of features, or of scores and slopes, but not too few of rows that are wide.
    /// </summary>
    /// <param name="columnCount">The number of features.</param>
    /// <param name="outputCount">The number of scores a row will have.</param>
    public static int RowCountFor(int columnCount, int outputCount)
    {
        var fewest = Math.Clamp(MostFeatures / Math.Max(1, columnCount), 1, 64);
        return Math.Clamp((1 << 16) / Math.Max(1, Math.Max(columnCount, 2 * outputCount)) / 16 * 16, fewest, MaxRowCount);
    }
}

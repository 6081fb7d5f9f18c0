
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Microsoft.ML.Data;

namespace FocalMlNet.Matrix;

/// <summary>
/// Takes rows one by one and makes blocks of them. Each block is dense, unless fewer than a quarter of its values are not zero: a sparse
/// entry costs twice the memory of a dense one and several times its arithmetic.
/// </summary>
/// <param name="columnCount">Number of features.</param>
/// <param name="capacity">Rows of a block at most.</param>
internal sealed class RowBlockBuilder(int columnCount, int capacity)
{
    private const double DensestSparse = .25;

    /// <summary>Rows whose values for one column are written together.</summary>
    private const int RowsAtOnce = 8;

    private readonly VBuffer<float>[] _rows = new VBuffer<float>[capacity];
    private readonly float[] _labels = new float[capacity];
    private readonly float[] _weights = new float[capacity];
    private int[]? _groups;
    private int _rowCount;

    /// <summary>Whether <see cref="Take"/> has to be called before the next row.</summary>
    public bool IsFull => _rowCount == capacity;

    public bool IsEmpty => _rowCount == 0;

    private ReadOnlySpan<VBuffer<float>> Rows => _rows.AsSpan(0, _rowCount);

    /// <summary>Appends a row. Nothing is copied: its buffer stays here, and the caller has one that is no longer needed.</summary>
    /// <param name="row">The features.</param>
    /// <param name="label">The class.</param>
    /// <param name="weight">The example weight.</param>
    /// <param name="group">The number of the row's group; -1 for all rows if they are not grouped.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Append(ref VBuffer<float> row, float label, float weight, int group = -1)
    {
        if (row.Length != columnCount)
            throw new InvalidOperationException($"A row has {row.Length} features, but the column's type says {columnCount}.");
        if (!row.IsDense)
            CheckIndices(row.GetIndices());
        (_rows[_rowCount], row) = (row, _rows[_rowCount]);
        _labels[_rowCount] = label;
        _weights[_rowCount] = weight;
        if (group >= 0)
            (_groups ??= new int[capacity])[_rowCount] = group;
        _rowCount++;
    }

    /// <summary>The rows so far as a block; the builder is empty after.</summary>
    /// <param name="memory">
    /// Where the features are, if the block stays; others would wait there for a full collection, and have memory of their own.
    /// </param>
    public RowBlock Take(BlockMemory? memory = null)
    {
        var (labels, weights) = (_labels[.._rowCount], _weights[.._rowCount]);
        var groups = _groups?[.._rowCount] ?? [];
        RowBlock block = IsDense() ? new DenseBlock(ToColumns(memory), columnCount, labels, weights) { Groups = groups }
            : ToSparse(labels, weights, groups, memory is not null);
        _rowCount = 0;
        return block;
    }

    /// <summary>
    /// A view of someone's own may hold anything, while the blocks' loops rely on indices in range, and on each column's coming once: a
    /// dense block would keep the last of its values, and a sparse one the sum.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void CheckIndices(ReadOnlySpan<int> indices)
    {
        if (indices.IsEmpty)
            return;
        var next = indices[1..];
        var k = 0;
        while (k + Vector<int>.Count <= next.Length && Vector.LessThanAll(new Vector<int>(indices[k..]), new Vector<int>(next[k..])))
            k += Vector<int>.Count;
        for (; k < next.Length; k++)
        {
            if (indices[k] >= next[k])
                throw new InvalidOperationException($"A sparse row has index {next[k]} after index {indices[k]}, but indices should rise.");
        }

        if (indices[0] < 0 || indices[^1] >= columnCount)
            throw new InvalidOperationException($"A sparse row has an index outside [0; {columnCount}).");
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool IsDense()
    {
        var enough = DensestSparse * _rowCount * columnCount;
        var nonZero = 0;
        for (var i = 0; i < _rowCount && nonZero < enough; i++)
            nonZero += CountNonZero(_rows[i].GetValues());
        return nonZero >= enough;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private ArraySegment<float> ToColumns(BlockMemory? memory)
    {
        var areDense = true;
        foreach (ref readonly var row in Rows)
            areDense &= row.IsDense;
        var segment = memory?.Take(_rowCount * columnCount) ?? GC.AllocateUninitializedArray<float>(_rowCount * columnCount);
        var columns = segment.AsSpan();
        if (!areDense)
            columns.Clear();
        var i = 0;
        for (; areDense && i + RowsAtOnce <= _rowCount; i += RowsAtOnce)
            Transpose(Rows.Slice(i, RowsAtOnce), ref columns[i]);
        for (; i < _rowCount; i++)
        {
            var values = _rows[i].GetValues();
            var indices = _rows[i].GetIndices();
            for (var k = 0; k < values.Length; k++)
                columns[(_rows[i].IsDense ? k : indices[k]) * _rowCount + i] = values[k];
        }

        return segment;
    }

    /// <summary>Writes dense rows side by side into columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Transpose(ReadOnlySpan<VBuffer<float>> rows, ref float to)
    {
        ref var x0 = ref MemoryMarshal.GetReference(rows[0].GetValues());
        ref var x1 = ref MemoryMarshal.GetReference(rows[1].GetValues());
        ref var x2 = ref MemoryMarshal.GetReference(rows[2].GetValues());
        ref var x3 = ref MemoryMarshal.GetReference(rows[3].GetValues());
        ref var x4 = ref MemoryMarshal.GetReference(rows[4].GetValues());
        ref var x5 = ref MemoryMarshal.GetReference(rows[5].GetValues());
        ref var x6 = ref MemoryMarshal.GetReference(rows[6].GetValues());
        ref var x7 = ref MemoryMarshal.GetReference(rows[7].GetValues());
        var j = 0;
        for (; Avx.IsSupported && j + RowsAtOnce <= columnCount; j += RowsAtOnce, to = ref Unsafe.Add(ref to, RowsAtOnce * _rowCount))
        {
            Transpose(
                Vector256.LoadUnsafe(ref x0, (nuint)j), Vector256.LoadUnsafe(ref x1, (nuint)j), Vector256.LoadUnsafe(ref x2, (nuint)j),
                Vector256.LoadUnsafe(ref x3, (nuint)j), Vector256.LoadUnsafe(ref x4, (nuint)j), Vector256.LoadUnsafe(ref x5, (nuint)j),
                Vector256.LoadUnsafe(ref x6, (nuint)j), Vector256.LoadUnsafe(ref x7, (nuint)j), ref to, (nuint)_rowCount);
        }

        for (; j < columnCount; j++, to = ref Unsafe.Add(ref to, _rowCount))
        {
            to = Unsafe.Add(ref x0, j);
            Unsafe.Add(ref to, 1) = Unsafe.Add(ref x1, j);
            Unsafe.Add(ref to, 2) = Unsafe.Add(ref x2, j);
            Unsafe.Add(ref to, 3) = Unsafe.Add(ref x3, j);
            Unsafe.Add(ref to, 4) = Unsafe.Add(ref x4, j);
            Unsafe.Add(ref to, 5) = Unsafe.Add(ref x5, j);
            Unsafe.Add(ref to, 6) = Unsafe.Add(ref x6, j);
            Unsafe.Add(ref to, 7) = Unsafe.Add(ref x7, j);
        }
    }

    /// <summary>The same of eight columns: pairs of rows are woven together, then pairs of these, then both halves of a vector.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose(
        Vector256<float> x0, Vector256<float> x1, Vector256<float> x2, Vector256<float> x3,
        Vector256<float> x4, Vector256<float> x5, Vector256<float> x6, Vector256<float> x7, ref float to, nuint step)
    {
        var (a, b) = (Avx.UnpackLow(x0, x1), Avx.UnpackHigh(x0, x1));
        var (c, d) = (Avx.UnpackLow(x2, x3), Avx.UnpackHigh(x2, x3));
        var (e, f) = (Avx.UnpackLow(x4, x5), Avx.UnpackHigh(x4, x5));
        var (g, h) = (Avx.UnpackLow(x6, x7), Avx.UnpackHigh(x6, x7));
        const byte FirstTwo = 0x44, LastTwo = 0xEE, Lower = 0x20, Upper = 0x31;
        var (a4, e4) = (Avx.Shuffle(a, c, FirstTwo), Avx.Shuffle(e, g, FirstTwo));
        Avx.Permute2x128(a4, e4, Lower).StoreUnsafe(ref to);
        Avx.Permute2x128(a4, e4, Upper).StoreUnsafe(ref to, 4 * step);
        (a4, e4) = (Avx.Shuffle(a, c, LastTwo), Avx.Shuffle(e, g, LastTwo));
        Avx.Permute2x128(a4, e4, Lower).StoreUnsafe(ref to, step);
        Avx.Permute2x128(a4, e4, Upper).StoreUnsafe(ref to, 5 * step);
        (a4, e4) = (Avx.Shuffle(b, d, FirstTwo), Avx.Shuffle(f, h, FirstTwo));
        Avx.Permute2x128(a4, e4, Lower).StoreUnsafe(ref to, 2 * step);
        Avx.Permute2x128(a4, e4, Upper).StoreUnsafe(ref to, 6 * step);
        (a4, e4) = (Avx.Shuffle(b, d, LastTwo), Avx.Shuffle(f, h, LastTwo));
        Avx.Permute2x128(a4, e4, Lower).StoreUnsafe(ref to, 3 * step);
        Avx.Permute2x128(a4, e4, Upper).StoreUnsafe(ref to, 7 * step);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private SparseBlock ToSparse(float[] labels, float[] weights, int[] groups, bool isPinned)
    {
        var starts = new int[_rowCount + 1];
        for (var i = 0; i < _rowCount; i++)
            starts[i + 1] = starts[i] + CountNonZero(_rows[i].GetValues());
        var columns = GC.AllocateUninitializedArray<int>(starts[^1], isPinned);
        var values = GC.AllocateUninitializedArray<float>(starts[^1], isPinned);
        for (var i = 0; i < _rowCount; i++)
        {
            var stored = _rows[i].GetValues();
            var indices = _rows[i].GetIndices();
            if (!_rows[i].IsDense && stored.Length == starts[i + 1] - starts[i])
            {
                stored.CopyTo(values.AsSpan(starts[i]));
                indices.CopyTo(columns.AsSpan(starts[i]));
                continue;
            }

            var next = starts[i];
            for (var k = 0; k < stored.Length; k++)
            {
                if (stored[k] == 0)
                    continue;
                columns[next] = _rows[i].IsDense ? k : indices[k];
                values[next++] = stored[k];
            }
        }

        return new SparseBlock(starts, columns, values, columnCount, labels, weights) { Groups = groups };
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int CountNonZero(ReadOnlySpan<float> values)
    {
        var zeros = Vector<int>.Zero;
        var i = 0;
        for (; i + Vector<float>.Count <= values.Length; i += Vector<float>.Count)
            zeros -= Vector.Equals<float>(new Vector<float>(values[i..]), Vector<float>.Zero).As<float, int>();
        var count = i - Vector.Sum(zeros);
        for (; i < values.Length; i++)
            count += values[i] != 0 ? 1 : 0;
        return count;
    }
}

using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Microsoft.ML.Data;

namespace FocalMlNet.Matrix;

/// <summary>
/// Takes rows one by one and makes blocks of them. Each block is dense, unless fewer than a quarter of its values are not zero: a sparse
/// entry costs twice the memory of a dense one and several times its arithmetic. A row is given its place first, in the order of the rows,
/// and written there then, by any thread.
/// </summary>
/// <param name="columnCount">Number of features.</param>
/// <param name="capacity">Rows of a block at most.</param>
/// <param name="memory">
/// Where the numbers are, if the block stays; others would wait there for a full collection, and have memory of their own.
/// </param>
/// <param name="areGrouped">Whether rows have groups.</param>
internal sealed class RowBlockBuilder(int columnCount, int capacity, Func<BlockMemory?>? memory = null, bool areGrouped = false)
{
    private const double DensestSparse = .25;

    /// <summary>Rows whose values for one column are written together.</summary>
    private const int RowsAtOnce = 8;

    /// <summary>Blocks of no more numbers are written column by column at once, rows that may never come included.</summary>
    private const int MostNumbersAtOnce = 1 << 16;

    private readonly float[] _labels = new float[capacity];
    private readonly float[] _weights = new float[capacity];
    private readonly int[] _groups = new int[areGrouped ? capacity : 0];
    private int _rowCount;
    private long _nonZeros;
    private int _unwritten;
    private Action? _whenWritten;

    /// <summary>
    /// Column after column, each with room for all rows, if the first row was dense: a guess at what the block will be.
    /// </summary>
    private ArraySegment<float> _columns;

    private bool _isByColumns;

    /// <summary>If it was not: the rows.</summary>
    private VBuffer<float>[] _rows = [];

    /// <summary>Whether <see cref="Take"/> has to be called before the next row.</summary>
    public bool IsFull => Room == 0;

    public bool IsEmpty => _rowCount == 0;

    /// <summary>How many rows more there are places for.</summary>
    public int Room => capacity - _rowCount;

    /// <summary>Appends a row.</summary>
    public void Append(ref VBuffer<float> row, float label, float weight)
    {
        Check(row, columnCount);
        var nonZeros = row.GetValues().Length - row.GetValues().Count(0f);
        Write(Reserve(1, IsDense(row, nonZeros)), new(ref row), [(int)label], [weight], [], nonZeros);
    }

    /// <summary>Gives the next rows their places, which begin with the one that is returned.</summary>
    /// <param name="count">How many, at most <see cref="Room"/>.</param>
    /// <param name="isFirstDense">Whether the first of them is dense.</param>
    public int Reserve(int count, bool isFirstDense)
    {
        if (_rowCount == 0)
            Begin(isFirstDense);
        _rowCount += count;
        return _rowCount - count;
    }

    /// <summary>Writes rows to places they have been given, one after the other; on any thread.</summary>
    /// <param name="place">The first of the places.</param>
    /// <param name="rows">
    /// The features. Their buffers may stay here, and the caller has others instead, of which nothing is needed.
    /// </param>
    /// <param name="labels">The classes.</param>
    /// <param name="weights">The example weights.</param>
    /// <param name="groups">The numbers of the rows' groups; empty for all rows if they are not grouped.</param>
    /// <param name="nonZeros">How many features of all these rows are not 0.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Write(
        int place, Span<VBuffer<float>> rows, ReadOnlySpan<int> labels, ReadOnlySpan<float> weights, ReadOnlySpan<int> groups,
        long nonZeros)
    {
        if (_isByColumns)
            WriteColumns(rows, _columns.AsSpan(place), capacity);
        for (var i = 0; i < rows.Length && !_isByColumns; i++)
            (_rows[place + i], rows[i]) = (rows[i], _rows[place + i]);
        for (var i = 0; i < labels.Length; i++)
            _labels[place + i] = labels[i];
        weights.CopyTo(_weights.AsSpan(place));
        groups.CopyTo(_groups.AsSpan(groups.IsEmpty ? 0 : place));
        Interlocked.Add(ref _nonZeros, nonZeros);
        if (Interlocked.Add(ref _unwritten, -rows.Length) == 0)
            _whenWritten!();
    }

    /// <summary>No other row is given a place before the rows are taken.</summary>
    /// <param name="whenWritten">Is called as soon as all have been written, if they have not been yet.</param>
    /// <returns>Whether they have been.</returns>
    public bool Seal(Action whenWritten)
    {
        _whenWritten = whenWritten;
        return Interlocked.Add(ref _unwritten, _rowCount) == 0;
    }

    /// <summary>The rows so far as a block, once they have been written; the builder is empty after.</summary>
    public RowBlock Take()
    {
        var both = Memory(2 * _rowCount);
        var (labels, weights) = (both[.._rowCount], both[_rowCount..]);
        _labels.AsSpan(0, _rowCount).CopyTo(labels);
        _weights.AsSpan(0, _rowCount).CopyTo(weights);
        int[] groups = areGrouped ? _groups[.._rowCount] : [];
        RowBlock block = _nonZeros >= DensestSparse * _rowCount * columnCount
            ? new DenseBlock(ToColumns(), columnCount, labels, weights) { Groups = groups } : ToSparse(labels, weights, groups);
        (_rowCount, _unwritten, _nonZeros, _whenWritten) = (0, 0, 0, null);
        return block;
    }

    /// <summary>Whether a row is better stored with all its values, so many of which are not 0.</summary>
    public static bool IsDense(in VBuffer<float> row, int nonZeros) => row.IsDense && nonZeros >= DensestSparse * row.Length;

    private void Begin(bool isDense)
    {
        _isByColumns = isDense && (long)capacity * columnCount <= MostNumbersAtOnce;
        if (_isByColumns && _columns.Array is null)
            _columns = Memory(capacity * columnCount);
        else if (!_isByColumns && _rows.Length == 0)
            _rows = new VBuffer<float>[capacity];
    }

    private ArraySegment<float> Memory(int length)
        => memory?.Invoke()?.Take(length) ?? GC.AllocateUninitializedArray<float>(length);

    /// <summary>
    /// A view of someone's own may hold anything, while the blocks' loops rely on indices in range, and on each column's coming once: a
    /// dense block would keep the last of its values, and a sparse one the sum.
    /// </summary>
    /// <exception cref="InvalidOperationException">The row has another length, or indices that do not rise or are out of range.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Check(in VBuffer<float> row, int columnCount)
    {
        if (row.Length != columnCount)
            throw new InvalidOperationException($"A row has {row.Length} features, but the column's type says {columnCount}.");
        var indices = row.GetIndices();
        if (row.IsDense || indices.IsEmpty)
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

    private ArraySegment<float> ToColumns()
    {
        // Memory that a sparse block did not need serves the next dense one, wherever its rows are.
        var columns = _columns.Array is not null ? _columns : Memory(_rowCount * columnCount);
        if (!_isByColumns)
            WriteColumns(_rows.AsSpan(0, _rowCount), columns, _rowCount);
        for (var j = 1; j < columnCount && _isByColumns && _rowCount < capacity; j++)
            columns.AsSpan(j * capacity, _rowCount).CopyTo(columns.AsSpan(j * _rowCount));
        _columns = default;
        return columns[..(_rowCount * columnCount)];
    }

    /// <summary>Writes rows side by side, each column being so many numbers after the last.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void WriteColumns(ReadOnlySpan<VBuffer<float>> rows, Span<float> columns, int step)
    {
        var areDense = true;
        foreach (ref readonly var row in rows)
            areDense &= row.IsDense;
        var i = 0;
        for (; areDense && i + RowsAtOnce <= rows.Length; i += RowsAtOnce)
            Transpose(rows.Slice(i, RowsAtOnce), ref columns[i], step);
        for (; i < rows.Length; i++)
        {
            var values = rows[i].GetValues();
            var indices = rows[i].GetIndices();
            for (var j = 0; j < columnCount && !rows[i].IsDense; j++)
                columns[j * step + i] = 0;
            for (var k = 0; k < values.Length; k++)
                columns[(rows[i].IsDense ? k : indices[k]) * step + i] = values[k];
        }
    }

    /// <summary>Writes dense rows side by side into columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Transpose(ReadOnlySpan<VBuffer<float>> rows, ref float to, int step)
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
        for (; Avx.IsSupported && j + RowsAtOnce <= columnCount; j += RowsAtOnce, to = ref Unsafe.Add(ref to, RowsAtOnce * step))
        {
            Transpose(
                Vector256.LoadUnsafe(ref x0, (nuint)j), Vector256.LoadUnsafe(ref x1, (nuint)j), Vector256.LoadUnsafe(ref x2, (nuint)j),
                Vector256.LoadUnsafe(ref x3, (nuint)j), Vector256.LoadUnsafe(ref x4, (nuint)j), Vector256.LoadUnsafe(ref x5, (nuint)j),
                Vector256.LoadUnsafe(ref x6, (nuint)j), Vector256.LoadUnsafe(ref x7, (nuint)j), ref to, (nuint)step);
        }

        for (; j < columnCount; j++, to = ref Unsafe.Add(ref to, step))
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
    private SparseBlock ToSparse(ArraySegment<float> labels, ArraySegment<float> weights, int[] groups)
    {
        var isPinned = memory?.Invoke() is not null;
        var columns = GC.AllocateUninitializedArray<int>((int)_nonZeros, isPinned);
        var values = GC.AllocateUninitializedArray<float>((int)_nonZeros, isPinned);
        var (starts, next) = (new int[_rowCount + 1], 0);
        for (var i = 0; i < _rowCount; i++)
        {
            if (_isByColumns)
            {
                for (var j = 0; j < columnCount; j++)
                    Store(j, _columns[j * capacity + i]);
            }
            else
            {
                var stored = _rows[i].GetValues();
                var indices = _rows[i].GetIndices();
                for (var k = 0; k < stored.Length; k++)
                    Store(_rows[i].IsDense ? k : indices[k], stored[k]);
            }

            starts[i + 1] = next;
        }

        return new SparseBlock(starts, columns, values, columnCount, labels, weights) { Groups = groups };

        void Store(int column, float value)
        {
            if (value != 0)
                (columns[next], values[next++]) = (column, value);
        }
    }
}

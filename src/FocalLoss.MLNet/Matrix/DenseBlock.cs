
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.ML.Data;

namespace FocalMlNet.Matrix;

/// <summary>
/// Every value stored, column after column: the loops run over rows, so a vector register is full whatever the number of features, and no
/// sum has to be taken across a register for each row.
/// </summary>
/// <remarks>
/// Loops as these, here and elsewhere, are optimised when they are first called: left to the runtime they would run unoptimised through
/// most of the first fits of a process. What they call in each turn has to be inlined.
/// </remarks>
internal sealed class DenseBlock(
    ArraySegment<float> values, int columnCount, ArraySegment<float> labels, ArraySegment<float> weights)
    : RowBlock(columnCount, labels, weights)
{
    public DenseBlock(float[] values, int columnCount, float[] labels, float[] weights)
        : this(new ArraySegment<float>(values), columnCount, labels, weights)
    {
    }

    public override long Bytes => base.Bytes + 4L * values.Count;

    public override int EntryCount => values.Count;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Scores(ReadOnlySpan<float> coefficients, float offset, Span<float> scores)
    {
        var n = RowCount;
        scores = scores[..n];
        scores.Fill(offset);
        ref var score = ref MemoryMarshal.GetReference(scores);
        var j = 0;
        for (; j + 4 <= ColumnCount; j += 4)
        {
            ref var x0 = ref Column(j);
            ref var x1 = ref Column(j + 1);
            ref var x2 = ref Column(j + 2);
            ref var x3 = ref Column(j + 3);
            float c0 = coefficients[j], c1 = coefficients[j + 1], c2 = coefficients[j + 2], c3 = coefficients[j + 3];
            var (v0, v1, v2, v3) = (Vector.Create(c0), Vector.Create(c1), Vector.Create(c2), Vector.Create(c3));
            var i = 0;
            for (; i + Vector<float>.Count <= n; i += Vector<float>.Count)
            {
                var sum = Vector.LoadUnsafe(ref score, (nuint)i);
                sum = Vector.FusedMultiplyAdd(v0, Vector.LoadUnsafe(ref x0, (nuint)i), sum);
                sum = Vector.FusedMultiplyAdd(v1, Vector.LoadUnsafe(ref x1, (nuint)i), sum);
                sum = Vector.FusedMultiplyAdd(v2, Vector.LoadUnsafe(ref x2, (nuint)i), sum);
                sum = Vector.FusedMultiplyAdd(v3, Vector.LoadUnsafe(ref x3, (nuint)i), sum);
                sum.StoreUnsafe(ref score, (nuint)i);
            }

            for (; i < n; i++)
                scores[i] += c0 * Unsafe.Add(ref x0, i) + c1 * Unsafe.Add(ref x1, i) + c2 * Unsafe.Add(ref x2, i) + c3 * Unsafe.Add(
                    ref x3, i);
        }

        for (; j < ColumnCount; j++)
        {
            ref var x0 = ref Column(j);
            var c0 = coefficients[j];
            var v0 = Vector.Create(c0);
            var i = 0;
            for (; i + Vector<float>.Count <= n; i += Vector<float>.Count)
                Vector.FusedMultiplyAdd(v0, Vector.LoadUnsafe(ref x0, (nuint)i), Vector.LoadUnsafe(ref score, (nuint)i))
                    .StoreUnsafe(ref score, (nuint)i);
            for (; i < n; i++)
                scores[i] += c0 * Unsafe.Add(ref x0, i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void AddGradient(ReadOnlySpan<float> slopes, Span<double> gradient)
    {
        var n = RowCount;
        slopes = slopes[..n];
        ref var slope = ref MemoryMarshal.GetReference(slopes);
        var j = 0;
        for (; j + 4 <= ColumnCount; j += 4)
        {
            ref var x0 = ref Column(j);
            ref var x1 = ref Column(j + 1);
            ref var x2 = ref Column(j + 2);
            ref var x3 = ref Column(j + 3);
            Vector<float> v0 = default, v1 = default, v2 = default, v3 = default;
            var i = 0;
            for (; i + Vector<float>.Count <= n; i += Vector<float>.Count)
            {
                var s = Vector.LoadUnsafe(ref slope, (nuint)i);
                v0 = Vector.FusedMultiplyAdd(s, Vector.LoadUnsafe(ref x0, (nuint)i), v0);
                v1 = Vector.FusedMultiplyAdd(s, Vector.LoadUnsafe(ref x1, (nuint)i), v1);
                v2 = Vector.FusedMultiplyAdd(s, Vector.LoadUnsafe(ref x2, (nuint)i), v2);
                v3 = Vector.FusedMultiplyAdd(s, Vector.LoadUnsafe(ref x3, (nuint)i), v3);
            }

            float g0 = Vector.Sum(v0), g1 = Vector.Sum(v1), g2 = Vector.Sum(v2), g3 = Vector.Sum(v3);
            for (; i < n; i++)
            {
                g0 += slopes[i] * Unsafe.Add(ref x0, i);
                g1 += slopes[i] * Unsafe.Add(ref x1, i);
                g2 += slopes[i] * Unsafe.Add(ref x2, i);
                g3 += slopes[i] * Unsafe.Add(ref x3, i);
            }

            gradient[j] += g0;
            gradient[j + 1] += g1;
            gradient[j + 2] += g2;
            gradient[j + 3] += g3;
        }

        for (; j < ColumnCount; j++)
        {
            ref var x0 = ref Column(j);
            Vector<float> v0 = default;
            var i = 0;
            for (; i + Vector<float>.Count <= n; i += Vector<float>.Count)
                v0 = Vector.FusedMultiplyAdd(Vector.LoadUnsafe(ref slope, (nuint)i), Vector.LoadUnsafe(ref x0, (nuint)i), v0);
            var g0 = Vector.Sum(v0);
            for (; i < n; i++)
                g0 += slopes[i] * Unsafe.Add(ref x0, i);
            gradient[j] += g0;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void AddMoments(ReadOnlySpan<float> shares, ReadOnlySpan<float> shifts, Span<double> sums, Span<double> squares)
    {
        var n = RowCount;
        shares = shares[..n];
        var first = shares.IndexOfAnyExcept(0);
        if (first < 0)
            return;
        double weight = 0;
        foreach (var own in shares)
            weight += own;
        ref var share = ref MemoryMarshal.GetReference(shares);
        for (var j = 0; j < ColumnCount; j++)
        {
            ref var x = ref Column(j);
            // Differences from a value of the block's own: in single precision, squares of those from a far shift would drown what a column
            // varies by.
            var near = Unsafe.Add(ref x, first);
            var shift = Vector.Create(near);
            Vector<float> sum = default, square = default;
            var i = 0;
            for (; i + Vector<float>.Count <= n; i += Vector<float>.Count)
            {
                var difference = Vector.LoadUnsafe(ref x, (nuint)i) - shift;
                var weighted = Vector.LoadUnsafe(ref share, (nuint)i) * difference;
                sum += weighted;
                square = Vector.FusedMultiplyAdd(weighted, difference, square);
            }

            double sumRest = Vector.Sum(sum), squareRest = Vector.Sum(square);
            for (; i < n; i++)
            {
                double difference = Unsafe.Add(ref x, i) - near;
                sumRest += shares[i] * difference;
                squareRest += shares[i] * difference * difference;
            }

            // Squares leave the range of a float long before the values do.
            if (squareRest is not (> 1e-25 and < 1e35))
                (sumRest, squareRest) = MomentsInDouble(j, shares, near);
            var distance = (double)near - shifts[j];
            sums[j] += sumRest + weight * distance;
            squares[j] += squareRest + distance * (2 * sumRest + weight * distance);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void SquaredDistances(ReadOnlySpan<float> centre, ReadOnlySpan<float> scale, Span<float> squares)
    {
        var n = RowCount;
        squares = squares[..n];
        squares.Clear();
        ref var square = ref MemoryMarshal.GetReference(squares);
        for (var j = 0; j < ColumnCount; j++)
        {
            ref var x = ref Column(j);
            var (own, unit) = (Vector.Create(centre[j]), Vector.Create(scale[j]));
            var i = 0;
            for (; i + Vector<float>.Count <= n; i += Vector<float>.Count)
            {
                var z = (Vector.LoadUnsafe(ref x, (nuint)i) - own) * unit;
                Vector.FusedMultiplyAdd(z, z, Vector.LoadUnsafe(ref square, (nuint)i)).StoreUnsafe(ref square, (nuint)i);
            }

            for (; i < n; i++)
            {
                var z = (Unsafe.Add(ref x, i) - centre[j]) * scale[j];
                squares[i] += z * z;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void AddOccurrences(ReadOnlySpan<float> shares, Span<double> sums)
    {
        var n = RowCount;
        shares = shares[..n];
        ref var share = ref MemoryMarshal.GetReference(shares);
        for (var j = 0; j < ColumnCount; j++)
        {
            ref var x = ref Column(j);
            Vector<float> sum = default;
            var i = 0;
            for (; i + Vector<float>.Count <= n; i += Vector<float>.Count)
            {
                var isZero = Vector.Equals(Vector.LoadUnsafe(ref x, (nuint)i), Vector<float>.Zero).As<int, float>();
                sum += Vector.AndNot(Vector.LoadUnsafe(ref share, (nuint)i), isZero);
            }

            double rest = Vector.Sum(sum);
            for (; i < n; i++)
                rest += Unsafe.Add(ref x, i) != 0 ? shares[i] : 0;
            sums[j] += rest;
        }
    }

    public override void CopyRow(int i, Span<float> row) => CopyRow(i, row[..ColumnCount], 0, 1);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void CopyColumns(ReadOnlySpan<int> rows, Span<float> columns)
    {
        // Checked here, and not for each value.
        foreach (var row in rows)
        {
            if ((uint)row >= (uint)RowCount)
                throw new ArgumentOutOfRangeException(nameof(rows), row, $"The block has {RowCount} rows.");
        }

        for (var j = 0; j < ColumnCount; j++)
        {
            ref var from = ref Column(j);
            var to = columns.Slice(j * rows.Length, rows.Length);
            for (var i = 0; i < to.Length; i++)
                to[i] = Unsafe.Add(ref from, rows[i]);
        }
    }

    public override void GetRow(int i, ref VBuffer<float> row)
    {
        var editor = VBufferEditor.Create(ref row, ColumnCount);
        CopyRow(i, editor.Values);
        row = editor.Commit();
    }

    public override DenseBlock Select(ReadOnlySpan<int> rows, float[]? newWeights = null)
    {
        var selected = GC.AllocateUninitializedArray<float>(rows.Length * ColumnCount);
        CopyColumns(rows, selected);
        return new DenseBlock(selected, ColumnCount, Select(Labels, rows), newWeights ?? Select(Weights, rows))
        { Groups = Select<int>(Groups, rows) };
    }

    /// <summary>The block whose features <see cref="WriteEntries"/> has written.</summary>
    public static DenseBlock ReadEntries(
        ReadOnlySpan<byte> bytes, int columnCount, float[] labels, float[] weights, int[] groups)
        => new(Next<float>(ref bytes, labels.Length * columnCount), columnCount, labels, weights) { Groups = groups };

    protected override void WriteEntries(Span<byte> bytes) => Put<float>(bytes, values.AsSpan());

    /// <summary>As <see cref="RowBlock.Gather"/>, from dense blocks only.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static DenseBlock GatherDense(
        IReadOnlyList<RowBlock> blocks, ReadOnlySpan<(int Block, int Row)> places, float[] labels, float[] weights)
    {
        var (n, columnCount) = (places.Length, blocks[0].ColumnCount);
        var gathered = GC.AllocateUninitializedArray<float>(n * columnCount);
        for (int i = 0, count; i < n; i += count)
        {
            // Rows that follow each other where they come from are copied together.
            var (from, row) = ((DenseBlock)blocks[places[i].Block], places[i].Row);
            for (count = 1; i + count < n && places[i + count] == (places[i].Block, row + count);)
                count++;
            if (count == 1)
                from.CopyRow(row, gathered, i, n);
            for (var j = 0; j < columnCount && count > 1; j++)
                from.Column(j, row, count).CopyTo(gathered.AsSpan(j * n + i));
        }

        return new DenseBlock(gathered, columnCount, labels, weights);
    }

    /// <summary>Writes row i to every <paramref name="step"/>th place from <paramref name="first"/> on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void CopyRow(int i, Span<float> to, int first, int step)
    {
        var from = i;
        for (; first < to.Length; first += step, from += RowCount)
            to[first] = values[from];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private (double Sum, double Square) MomentsInDouble(int j, ReadOnlySpan<float> shares, double shift)
    {
        double sum = 0, square = 0;
        for (var i = 0; i < RowCount; i++)
        {
            var difference = values[j * RowCount + i] - shift;
            sum += shares[i] * difference;
            square += shares[i] * difference * difference;
        }

        return (sum, square);
    }

    private ReadOnlySpan<float> Column(int j, int row, int count) => values.AsSpan(j * RowCount + row, count);

    private ref float Column(int j) => ref values.Array![values.Offset + j * RowCount];
}

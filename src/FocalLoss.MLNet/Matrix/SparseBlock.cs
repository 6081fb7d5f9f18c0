
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Microsoft.ML.Data;

namespace FocalMlNet.Matrix;

/// <summary>Compressed sparse rows: row i holds the entries from starts[i] up to, not including, starts[i + 1].</summary>
internal sealed class SparseBlock(
    int[] starts, int[] columns, float[] values, int columnCount, ArraySegment<float> labels, ArraySegment<float> weights)
    : RowBlock(columnCount, labels, weights)
{
    private readonly int[] _starts = starts;
    private readonly int[] _columns = columns;
    private readonly float[] _values = values;

    public override long Bytes => base.Bytes + 8L * _values.Length + 4L * _starts.Length;

    public override int EntryCount => _values.Length;

    public override void Scores(ReadOnlySpan<float> coefficients, float offset, Span<float> scores)
    {
        ref var c = ref MemoryMarshal.GetReference(CheckedColumns(coefficients));
        ref var column = ref MemoryMarshal.GetArrayDataReference(_columns);
        ref var value = ref MemoryMarshal.GetArrayDataReference(_values);
        for (var i = 0; i < RowCount; i++)
        {
            // Four sums: each addition to one would wait for the one before.
            float s0 = offset, s1 = 0, s2 = 0, s3 = 0;
            var (k, end) = (_starts[i], _starts[i + 1]);
            for (; k + 4 <= end; k += 4)
            {
                s0 += Unsafe.Add(ref value, k) * Unsafe.Add(ref c, Unsafe.Add(ref column, k));
                s1 += Unsafe.Add(ref value, k + 1) * Unsafe.Add(ref c, Unsafe.Add(ref column, k + 1));
                s2 += Unsafe.Add(ref value, k + 2) * Unsafe.Add(ref c, Unsafe.Add(ref column, k + 2));
                s3 += Unsafe.Add(ref value, k + 3) * Unsafe.Add(ref c, Unsafe.Add(ref column, k + 3));
            }

            for (; k < end; k++)
                s0 += Unsafe.Add(ref value, k) * Unsafe.Add(ref c, Unsafe.Add(ref column, k));
            scores[i] = s0 + s1 + (s2 + s3);
        }
    }

    public override void AddGradient(ReadOnlySpan<float> slopes, Span<double> gradient)
    {
        ref var g = ref MemoryMarshal.GetReference(CheckedColumns<double>(gradient));
        ref var column = ref MemoryMarshal.GetArrayDataReference(_columns);
        ref var value = ref MemoryMarshal.GetArrayDataReference(_values);
        for (var i = 0; i < RowCount; i++)
        {
            double slope = slopes[i];
            var (k, end) = (_starts[i], _starts[i + 1]);
            // Widened two at a time: to widen one alone leaves the rest of its register as it was, so each would wait for the one before.
            for (; k + 4 <= end; k += 4)
            {
                var (low, high) = Vector128.Widen(Vector128.LoadUnsafe(ref value, (nuint)k));
                (low, high) = (low * slope, high * slope);
                Unsafe.Add(ref g, Unsafe.Add(ref column, k)) += low.ToScalar();
                Unsafe.Add(ref g, Unsafe.Add(ref column, k + 1)) += low.GetElement(1);
                Unsafe.Add(ref g, Unsafe.Add(ref column, k + 2)) += high.ToScalar();
                Unsafe.Add(ref g, Unsafe.Add(ref column, k + 3)) += high.GetElement(1);
            }

            for (; k < end; k++)
                Unsafe.Add(ref g, Unsafe.Add(ref column, k)) += slope * Unsafe.Add(ref value, k);
        }
    }

    /// <remarks>The shifts must be 0: another would reach every value that is not stored.</remarks>
    public override void AddMoments(ReadOnlySpan<float> shares, ReadOnlySpan<float> shifts, Span<double> sums, Span<double> squares)
    {
        ref var sum = ref MemoryMarshal.GetReference(CheckedColumns<double>(sums));
        ref var square = ref MemoryMarshal.GetReference(CheckedColumns<double>(squares));
        ref var column = ref MemoryMarshal.GetArrayDataReference(_columns);
        ref var value = ref MemoryMarshal.GetArrayDataReference(_values);
        for (var i = 0; i < RowCount; i++)
        {
            double share = shares[i];
            var (k, end) = (_starts[i], _starts[i + 1]);
            // Two at a time, as in AddGradient.
            for (; k + 4 <= end; k += 4)
            {
                var (low, high) = Vector128.Widen(Vector128.LoadUnsafe(ref value, (nuint)k));
                AddTwo(ref sum, ref square, ref Unsafe.Add(ref column, k), low, share);
                AddTwo(ref sum, ref square, ref Unsafe.Add(ref column, k + 2), high, share);
            }

            for (; k < end; k++)
            {
                double x = Unsafe.Add(ref value, k);
                Unsafe.Add(ref sum, Unsafe.Add(ref column, k)) += share * x;
                Unsafe.Add(ref square, Unsafe.Add(ref column, k)) += share * x * x;
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static void AddTwo(ref double sum, ref double square, ref int columns, Vector128<double> x, double share)
        {
            var (j0, j1) = (columns, Unsafe.Add(ref columns, 1));
            var weighted = x * share;
            Unsafe.Add(ref sum, j0) += weighted.ToScalar();
            Unsafe.Add(ref sum, j1) += weighted.GetElement(1);
            weighted *= x;
            Unsafe.Add(ref square, j0) += weighted.ToScalar();
            Unsafe.Add(ref square, j1) += weighted.GetElement(1);
        }
    }

    public override void SquaredDistances(ReadOnlySpan<float> centre, ReadOnlySpan<float> scale, Span<float> squares)
    {
        double ofZeros = 0;
        for (var j = 0; j < ColumnCount; j++)
            ofZeros += (double)centre[j] * scale[j] * centre[j] * scale[j];
        for (var i = 0; i < RowCount; i++)
        {
            var sum = ofZeros;
            for (var k = _starts[i]; k < _starts[i + 1]; k++)
            {
                var j = _columns[k];
                double unit = scale[j], x = _values[k];
                sum += x * unit * (x - 2.0 * centre[j]) * unit;
            }

            squares[i] = (float)Math.Max(0, sum);
        }
    }

    public override void AddOccurrences(ReadOnlySpan<float> shares, Span<double> sums)
    {
        for (var i = 0; i < RowCount; i++)
        {
            double share = shares[i];
            // Zeros are not stored.
            foreach (var j in _columns.AsSpan(_starts[i], EntriesOf(i)))
                sums[j] += share;
        }
    }

    public override void CopyRow(int i, Span<float> row)
    {
        row.Clear();
        for (var k = _starts[i]; k < _starts[i + 1]; k++)
            row[_columns[k]] = _values[k];
    }

    public override void CopyColumns(ReadOnlySpan<int> rows, Span<float> columns)
    {
        columns[..(rows.Length * ColumnCount)].Clear();
        for (var i = 0; i < rows.Length; i++)
        {
            for (var k = _starts[rows[i]]; k < _starts[rows[i] + 1]; k++)
                columns[_columns[k] * rows.Length + i] = _values[k];
        }
    }

    /// <summary>The block whose features <see cref="WriteEntries"/> has written.</summary>
    public static SparseBlock ReadEntries(
        ReadOnlySpan<byte> bytes, int columnCount, float[] labels, float[] weights, int[] groups)
    {
        var starts = Next<int>(ref bytes, labels.Length + 1);
        return new(starts, Next<int>(ref bytes, starts[^1]), Next<float>(ref bytes, starts[^1]), columnCount, labels, weights)
        {
            Groups = groups,
        };
    }

    protected override void WriteEntries(Span<byte> bytes)
        => Put<float>(Put<int>(Put<int>(bytes, _starts), _columns.AsSpan(0, _values.Length)), _values);

    /// <summary>As <see cref="RowBlock.Gather"/>, from sparse blocks only.</summary>
    public static SparseBlock GatherSparse(
        IReadOnlyList<RowBlock> blocks, ReadOnlySpan<(int Block, int Row)> places, float[] labels, float[] weights, int[] groups)
    {
        var gatheredStarts = new int[places.Length + 1];
        for (var i = 0; i < places.Length; i++)
            gatheredStarts[i + 1] = gatheredStarts[i] + ((SparseBlock)blocks[places[i].Block]).EntriesOf(places[i].Row);
        var gathered = new SparseBlock(
            gatheredStarts, new int[gatheredStarts[^1]], new float[gatheredStarts[^1]], blocks[0].ColumnCount, labels, weights)
        { Groups = groups };
        for (var i = 0; i < places.Length; i++)
            ((SparseBlock)blocks[places[i].Block]).CopyEntries(places[i].Row, gathered, i);
        return gathered;
    }

    public override SparseBlock Select(ReadOnlySpan<int> rows, float[]? newWeights = null)
    {
        var places = new (int, int)[rows.Length];
        for (var i = 0; i < rows.Length; i++)
            places[i] = (0, rows[i]);
        return GatherSparse([this], places, Select(Labels, rows), newWeights ?? Select(Weights, rows), Select<int>(Groups, rows));
    }

    /// <summary>
    /// The builder has checked that every column is below the number of columns: with as many numbers no access is out of bounds.
    /// </summary>
    private ReadOnlySpan<T> CheckedColumns<T>(ReadOnlySpan<T> perColumn) => perColumn[..ColumnCount];

    public override void GetRow(int i, ref VBuffer<float> row)
    {
        var count = EntriesOf(i);
        var editor = VBufferEditor.Create(ref row, ColumnCount, count);
        _values.AsSpan(_starts[i], count).CopyTo(editor.Values);
        // A buffer with all values is a dense one, and has no room for indices.
        if (count < ColumnCount)
            _columns.AsSpan(_starts[i], count).CopyTo(editor.Indices);
        row = editor.Commit();
    }

    private int EntriesOf(int i) => _starts[i + 1] - _starts[i];

    private void CopyEntries(int i, SparseBlock to, int row)
    {
        Array.Copy(_columns, _starts[i], to._columns, to._starts[row], EntriesOf(i));
        Array.Copy(_values, _starts[i], to._values, to._starts[row], EntriesOf(i));
    }
}

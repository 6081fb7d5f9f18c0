using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.ML.Data;

namespace FocalMlNet.Data;

/// <summary>Compressed sparse rows: row i holds the entries from starts[i] up to, not including, starts[i + 1].</summary>
internal sealed class SparseBlock(int[] starts, int[] columns, float[] values, int columnCount, float[] labels, float[] weights)
    : RowBlock(columnCount, labels, weights)
{
    public override long Bytes => base.Bytes + 8L * values.Length + 4L * starts.Length;

    public override int EntryCount => values.Length;

    public override void Scores(ReadOnlySpan<float> coefficients, float offset, Span<float> scores)
    {
        ref var c = ref MemoryMarshal.GetReference(CheckedColumns(coefficients));
        ref var column = ref MemoryMarshal.GetArrayDataReference(columns);
        ref var value = ref MemoryMarshal.GetArrayDataReference(values);
        for (var i = 0; i < RowCount; i++)
        {
            // Four sums: each addition to one would wait for the one before.
            float s0 = offset, s1 = 0, s2 = 0, s3 = 0;
            var (k, end) = (starts[i], starts[i + 1]);
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
        ref var column = ref MemoryMarshal.GetArrayDataReference(columns);
        ref var value = ref MemoryMarshal.GetArrayDataReference(values);
        for (var i = 0; i < RowCount; i++)
        {
            double slope = slopes[i];
            for (var k = starts[i]; k < starts[i + 1]; k++)
                Unsafe.Add(ref g, Unsafe.Add(ref column, k)) += slope * Unsafe.Add(ref value, k);
        }
    }

    /// <remarks>The shifts must be 0: another would reach every value that is not stored.</remarks>
    public override void AddMoments(ReadOnlySpan<float> shares, ReadOnlySpan<float> shifts, Span<double> sums, Span<double> squares)
    {
        for (var i = 0; i < RowCount; i++)
        {
            double share = shares[i];
            for (var k = starts[i]; k < starts[i + 1]; k++)
            {
                double x = values[k];
                sums[columns[k]] += share * x;
                squares[columns[k]] += share * x * x;
            }
        }
    }

    public override void CopyRow(int i, Span<float> row)
    {
        row.Clear();
        for (var k = starts[i]; k < starts[i + 1]; k++)
            row[columns[k]] = values[k];
    }

    public override SparseBlock Select(ReadOnlySpan<int> rows, float[] newWeights)
    {
        var newStarts = new int[rows.Length + 1];
        for (var i = 0; i < rows.Length; i++)
            newStarts[i + 1] = newStarts[i] + starts[rows[i] + 1] - starts[rows[i]];
        var (newColumns, newValues) = (new int[newStarts[^1]], new float[newStarts[^1]]);
        for (var i = 0; i < rows.Length; i++)
        {
            var (first, count) = (starts[rows[i]], newStarts[i + 1] - newStarts[i]);
            Array.Copy(columns, first, newColumns, newStarts[i], count);
            Array.Copy(values, first, newValues, newStarts[i], count);
        }

        return new SparseBlock(newStarts, newColumns, newValues, ColumnCount, SelectLabels(rows), newWeights);
    }

    /// <summary>The builder has checked that every column is below the number of columns: with as many numbers no access is out of bounds.</summary>
    private ReadOnlySpan<T> CheckedColumns<T>(ReadOnlySpan<T> perColumn) => perColumn[..ColumnCount];

    public override void GetRow(int i, ref VBuffer<float> row)
    {
        var count = starts[i + 1] - starts[i];
        var editor = VBufferEditor.Create(ref row, ColumnCount, count);
        values.AsSpan(starts[i], count).CopyTo(editor.Values);
        columns.AsSpan(starts[i], count).CopyTo(editor.Indices);
        row = editor.Commit();
    }
}

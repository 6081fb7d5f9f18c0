using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using Microsoft.ML.Data;

namespace FocalMlNet.Data;

/// <summary>
/// Takes rows one by one and makes blocks of them. Each block is dense, unless fewer than a quarter of its values are not zero: a sparse
/// entry costs twice the memory of a dense one and several times its arithmetic.
/// </summary>
internal sealed class RowBlockBuilder
{
    private const double DensestSparse = .25;

    /// <summary>Rows whose values for one column are written together: a line of the cache.</summary>
    private const int RowsAtOnce = 16;

    private readonly int _columnCount;
    private readonly int _capacity;
    private readonly float[] _labels;
    private readonly float[] _weights;
    private readonly int[] _starts;
    private int[] _columns = [];
    private float[] _values = [];
    private int _rowCount;
    private bool _allDense = true;

    public RowBlockBuilder(int columnCount, int capacity)
    {
        _columnCount = columnCount;
        _capacity = capacity;
        _labels = new float[_capacity];
        _weights = new float[_capacity];
        _starts = new int[_capacity + 1];
    }

    /// <summary>Whether <see cref="Take"/> has to be called before the next row.</summary>
    public bool IsFull => _rowCount == _capacity;

    public bool IsEmpty => _rowCount == 0;

    /// <summary>Appends a row.</summary>
    public void Append(in VBuffer<float> row, float label, float weight)
    {
        if (row.Length != _columnCount)
            throw new InvalidOperationException($"A row has {row.Length} features, but the column's type says {_columnCount}.");
        var values = row.GetValues();
        var start = _starts[_rowCount];
        if (_values.Length < start + values.Length)
            Array.Resize(ref _values, Math.Max(start + values.Length, _values.Length * 2));
        values.CopyTo(_values.AsSpan(start));
        if (!row.IsDense)
        {
            // From the first sparse row on, places are kept for all rows.
            EnsureColumns(start + values.Length);
            var indices = row.GetIndices();
            // A view of someone's own may hold anything, and the blocks' loops rely on it.
            if (!indices.IsEmpty && (TensorPrimitives.Min(indices) < 0 || TensorPrimitives.Max(indices) >= _columnCount))
                throw new InvalidOperationException($"A sparse row has an index outside [0; {_columnCount}).");
            indices.CopyTo(_columns.AsSpan(start));
            _allDense = false;
        }
        else if (!_allDense)
        {
            EnsureColumns(start + values.Length);
            for (var j = 0; j < values.Length; j++)
                _columns[start + j] = j;
        }

        _labels[_rowCount] = label;
        _weights[_rowCount] = weight;
        _starts[++_rowCount] = start + values.Length;
    }

    /// <summary>The rows so far as a block; the builder is empty after.</summary>
    public RowBlock Take()
    {
        var (labels, weights) = (_labels[.._rowCount], _weights[.._rowCount]);
        var nonZero = CountNonZero(_values.AsSpan(0, _starts[_rowCount]));
        RowBlock block = nonZero >= DensestSparse * _rowCount * _columnCount
            ? new DenseBlock(ToColumns(), _columnCount, labels, weights)
            : ToSparse(labels, weights);
        _rowCount = 0;
        _allDense = true;
        return block;
    }

    private float[] ToColumns()
    {
        if (_allDense)
            return Transposed();
        var columns = new float[_rowCount * _columnCount];
        for (var i = 0; i < _rowCount; i++)
        {
            for (var k = _starts[i]; k < _starts[i + 1]; k++)
                columns[_columns[k] * _rowCount + i] = _values[k];
        }

        return columns;
    }

    private float[] Transposed()
    {
        // Not to be moved by the garbage collector: most of what is read stays until the end.
        var columns = GC.AllocateUninitializedArray<float>(_rowCount * _columnCount, pinned: true);
        for (var i = 0; i < _rowCount; i += RowsAtOnce)
        {
            var count = Math.Min(RowsAtOnce, _rowCount - i);
            ref var from = ref _values[i * _columnCount];
            ref var to = ref columns[i];
            for (var j = 0; j < _columnCount; j++)
            {
                for (var r = 0; r < count; r++)
                    Unsafe.Add(ref to, j * _rowCount + r) = Unsafe.Add(ref from, r * _columnCount + j);
            }
        }

        return columns;
    }

    private SparseBlock ToSparse(float[] labels, float[] weights)
    {
        var starts = new int[_rowCount + 1];
        var count = CountNonZero(_values.AsSpan(0, _starts[_rowCount]));
        var (columns, values) = (new int[count], new float[count]);
        var next = 0;
        for (var i = 0; i < _rowCount; i++)
        {
            for (var k = _starts[i]; k < _starts[i + 1]; k++)
            {
                if (_values[k] == 0)
                    continue;
                columns[next] = _allDense ? k - _starts[i] : _columns[k];
                values[next++] = _values[k];
            }

            starts[i + 1] = next;
        }

        return new SparseBlock(starts, columns, values, _columnCount, labels, weights);
    }

    private void EnsureColumns(int to)
    {
        if (_columns.Length < to)
            Array.Resize(ref _columns, _values.Length);
        if (!_allDense)
            return;
        // All rows so far were dense: their places follow from their starts.
        for (var i = 0; i < _rowCount; i++)
        {
            for (var k = _starts[i]; k < _starts[i + 1]; k++)
                _columns[k] = k - _starts[i];
        }
    }

    private static int CountNonZero(ReadOnlySpan<float> values)
    {
        var count = 0;
        foreach (var value in values)
            count += value != 0 ? 1 : 0;
        return count;
    }
}

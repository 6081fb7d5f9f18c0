using Microsoft.ML.Data;

namespace FocalMlNet.Data;

/// <summary>
/// Takes rows one by one and decides after a sample of them how to hold them: dense, unless fewer than a quarter of the values are
/// not zero (a sparse entry costs twice the memory of a dense one and several times its arithmetic).
/// </summary>
internal sealed class FeatureMatrixBuilder(int columnCount)
{
    private const int SampleRows = 1024;
    private const double DensestSparse = .25;

    private readonly GrowingArray<int> _starts = new();
    private readonly GrowingArray<int> _columns = new();
    private GrowingArray<float> _values = new();
    private bool _dense;

    public int RowCount { get; private set; }

    /// <summary>Appends a row, unless one of its values is NaN or infinite.</summary>
    /// <returns>Whether the row was taken.</returns>
    public bool TryAppend(in VBuffer<float> row)
    {
        if (row.Length != columnCount)
            throw new InvalidOperationException($"A row has {row.Length} features, but the column's type says {columnCount}.");
        foreach (var value in row.GetValues())
        {
            if (!float.IsFinite(value))
                return false;
        }

        if (RowCount == SampleRows && _values.Count > DensestSparse * SampleRows * columnCount)
            MakeDense();
        if (_dense)
            AppendDense(row);
        else
            AppendSparse(row);
        RowCount++;
        return true;
    }

    public FeatureMatrix Build()
    {
        if (!_dense && _values.Count > DensestSparse * RowCount * columnCount)
            MakeDense();
        if (_dense)
            return new DenseMatrix(_values.ToArray(), RowCount, columnCount);
        _starts.Append(_values.Count);
        return new SparseMatrix(_starts.ToArray(), _columns.ToArray(), _values.ToArray(), columnCount);
    }

    private void AppendDense(in VBuffer<float> row)
    {
        var values = row.GetValues();
        var target = _values.Grow(columnCount);
        if (row.IsDense)
        {
            values.CopyTo(target);
            return;
        }

        target.Clear();
        var indices = row.GetIndices();
        for (var k = 0; k < values.Length; k++)
            target[indices[k]] = values[k];
    }

    private void AppendSparse(in VBuffer<float> row)
    {
        _starts.Append(_values.Count);
        var values = row.GetValues();
        var indices = row.GetIndices();
        for (var k = 0; k < values.Length; k++)
        {
            if (values[k] == 0)
                continue;
            _columns.Append(row.IsDense ? k : indices[k]);
            _values.Append(values[k]);
        }
    }

    private void MakeDense()
    {
        _starts.Append(_values.Count);
        var (starts, columns, values) = (_starts.ToArray(), _columns.ToArray(), _values.ToArray());
        _values = new GrowingArray<float>();
        for (var i = 0; i < RowCount; i++)
        {
            var target = _values.Grow(columnCount);
            target.Clear();
            for (var k = starts[i]; k < starts[i + 1]; k++)
                target[columns[k]] = values[k];
        }

        _dense = true;
    }
}

using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Interop;

/// <summary>One row of a <see cref="TinyView"/>.</summary>
internal readonly record struct TinyRow(bool Label, VBuffer<float> Features, float Weight);

/// <summary>A view of a few rows in memory with a label, a feature and a weight column of given names.</summary>
internal sealed class TinyView : IDataView
{
    private readonly TinyRow[] _rows;

    /// <param name="labelColumnName">Name of the Boolean label column.</param>
    /// <param name="features">The column whose name, type and annotations (slot names) the feature column takes over.</param>
    /// <param name="weightColumnName">Name of the weight column.</param>
    /// <param name="rows">The rows.</param>
    public TinyView(string labelColumnName, DataViewSchema.Column features, string weightColumnName, params TinyRow[] rows)
    {
        var builder = new DataViewSchema.Builder();
        builder.AddColumn(labelColumnName, BooleanDataViewType.Instance, null);
        builder.AddColumn(features.Name, features.Type, features.Annotations);
        builder.AddColumn(weightColumnName, NumberDataViewType.Single, null);
        Schema = builder.ToSchema();
        _rows = rows;
    }

    public DataViewSchema Schema { get; }

    public bool CanShuffle => false;

    public long? GetRowCount() => _rows.Length;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
        => new Cursor(this, columnsNeeded.Select(c => c.Index).ToHashSet());

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
        => [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor(TinyView view, HashSet<int> active) : DataViewRowCursor
    {
        private long _position = -1;

        public override long Position => _position;

        public override long Batch => 0;

        public override DataViewSchema Schema => view.Schema;

        public override bool IsColumnActive(DataViewSchema.Column column) => active.Contains(column.Index);

        public override bool MoveNext()
        {
            if (_position + 1 < view._rows.Length)
            {
                _position++;
                return true;
            }

            return false;
        }

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = new DataViewRowId((ulong)_position, 0);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            Delegate getter = column.Index switch
            {
                0 => (ValueGetter<bool>)((ref bool label) => label = view._rows[_position].Label),
                1 => (ValueGetter<VBuffer<float>>)((ref VBuffer<float> features) => view._rows[_position].Features.CopyTo(ref features)),
                _ => (ValueGetter<float>)((ref float weight) => weight = view._rows[_position].Weight),
            };
            return getter as ValueGetter<TValue>
                ?? throw new InvalidOperationException($"Column '{column.Name}' is of type {column.Type}, not {typeof(TValue)}.");
        }
    }
}

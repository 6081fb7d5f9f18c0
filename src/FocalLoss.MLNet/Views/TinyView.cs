
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Views;

/// <summary>A column of a <see cref="TinyView"/>.</summary>
internal abstract class TinyColumn(string name, DataViewType type, DataViewSchema.Annotations? annotations)
{
    public abstract int RowCount { get; }

    public void AddTo(DataViewSchema.Builder builder) => builder.AddColumn(name, type, annotations);

    /// <summary>A getter of the value in the row that <paramref name="position"/> tells.</summary>
    public abstract Delegate Getter(Func<long> position);
}

/// <summary>A column with its values.</summary>
/// <param name="name">Its name.</param>
/// <param name="type">Its type, whose values are of type <typeparamref name="T"/>.</param>
/// <param name="annotations">Its annotations, such as slot names or key values.</param>
/// <param name="values">The value of each row.</param>
internal sealed class TinyColumn<T>(string name, DataViewType type, DataViewSchema.Annotations? annotations, params T[] values)
    : TinyColumn(name, type, annotations)
{
    public override int RowCount => values.Length;

    public override Delegate Getter(Func<long> position) => (ValueGetter<T>)((ref T value) => value = values[position()]);
}

/// <summary>A view of a few rows in memory.</summary>
internal sealed class TinyView : IDataView
{
    private readonly TinyColumn[] _columns;
    private int _readings;

    public TinyView(params TinyColumn[] columns)
    {
        var builder = new DataViewSchema.Builder();
        foreach (var column in columns)
            column.AddTo(builder);
        Schema = builder.ToSchema();
        _columns = columns;
    }

    public DataViewSchema Schema { get; }

    /// <summary>How often the first row comes when the view is read first; it does not come again. Null: once each time.</summary>
    public long? FirstRowCount { get; init; }

    public bool CanShuffle => false;

    public long? GetRowCount() => FirstRowCount is null ? _columns[0].RowCount : null;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
        => new Cursor(
            this, FirstRowCount is not { } count ? 1 : Interlocked.Increment(ref _readings) == 1 ? count : 0,
            columnsNeeded.Select(c => c.Index).ToHashSet());

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
        => [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor(TinyView view, long firstRows, HashSet<int> active) : DataViewRowCursor
    {
        private long _position = -1;

        public override long Position => _position;

        public override long Batch => 0;

        public override DataViewSchema Schema => view.Schema;

        public override bool IsColumnActive(DataViewSchema.Column column) => active.Contains(column.Index);

        public override bool MoveNext()
        {
            if (_position + 2 < view._columns[0].RowCount + firstRows)
            {
                _position++;
                return true;
            }

            return false;
        }

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = new DataViewRowId((ulong)_position, 0);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
            => view._columns[column.Index].Getter(() => Math.Max(0, _position - firstRows + 1)) as ValueGetter<TValue>
                ?? throw new InvalidOperationException($"Column '{column.Name}' is of type {column.Type}, not {typeof(TValue)}.");
    }
}

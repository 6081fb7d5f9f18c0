
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Views;

/// <summary>A column of a <see cref="TinyView"/>.</summary>
internal abstract class TinyColumn(string name, DataViewType type, DataViewSchema.Annotations? annotations)
{
    public abstract int RowCount { get; }

    public void AddTo(DataViewSchema.Builder builder) => builder.AddColumn(name, type, annotations);

    /// <summary>A getter of the value in the row that <paramref name="row"/> tells; a negative one is before the first.</summary>
    public abstract Delegate Getter(Func<long> row);
}

/// <summary>A column with its values.</summary>
/// <param name="name">Its name.</param>
/// <param name="type">Its type, whose values are of type <typeparamref name="T"/>.</param>
/// <param name="annotations">Its annotations, such as slot names or key values.</param>
/// <param name="values">The value of each row.</param>
internal sealed class TinyColumn<T>(string name, DataViewType type, DataViewSchema.Annotations? annotations, params T[] values)
    : TinyColumn(name, type, annotations)
{
    /// <summary>The value of rows before the first.</summary>
    public T Before { get; init; } = default!;

    public override int RowCount => values.Length;

    public override Delegate Getter(Func<long> row)
        => (ValueGetter<T>)((ref T value) => value = row() is var i && i >= 0 ? values[i] : Before);
}

/// <summary>A view of a few rows in memory.</summary>
internal sealed class TinyView : IDataView
{
    private readonly TinyColumn[] _columns;

    public TinyView(params TinyColumn[] columns)
    {
        var builder = new DataViewSchema.Builder();
        foreach (var column in columns)
            column.AddTo(builder);
        Schema = builder.ToSchema();
        _columns = columns;
    }

    public DataViewSchema Schema { get; }

    public bool CanShuffle => false;

    /// <summary>Tells each reading how many rows come before the first, all alike; null for none.</summary>
    public Func<long>? RowsBefore { get; init; }

    public long? GetRowCount() => RowsBefore is null ? _columns[0].RowCount : null;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
        => new Cursor(this, RowsBefore?.Invoke() ?? 0, columnsNeeded.Select(c => c.Index).ToHashSet());

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
        => [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor(TinyView view, long before, HashSet<int> active) : DataViewRowCursor
    {
        private long _position = -1;

        public override long Position => _position;

        public override long Batch => 0;

        public override DataViewSchema Schema => view.Schema;

        public override bool IsColumnActive(DataViewSchema.Column column) => active.Contains(column.Index);

        public override bool MoveNext()
        {
            var isAtRow = _position + 1 < before + view._columns[0].RowCount;
            _position += isAtRow ? 1 : 0;
            return isAtRow;
        }

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = new DataViewRowId((ulong)_position, 0);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
            => view._columns[column.Index].Getter(() => _position - before) as ValueGetter<TValue>
                ?? throw new InvalidOperationException($"Column '{column.Name}' is of type {column.Type}, not {typeof(TValue)}.");
    }
}

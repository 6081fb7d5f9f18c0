using FocalMlNet.Columns;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Views;

/// <summary>The rows of several views, one view after the other, as if they were of one. The first one's schema is that of all.</summary>
internal sealed class AppendedRowsView : IDataView
{
    /// <summary>Batches of a view are numbered below this; it leaves room for as many views.</summary>
    private const int BatchBits = 40;

    private readonly IReadOnlyList<IDataView> _sources;

    /// <param name="sources">The views, one at least.</param>
    /// <param name="columnNames">The columns that will be read.</param>
    /// <exception cref="ArgumentException">There is no view, or a column is not of the same kind in all of them.</exception>
    public AppendedRowsView(IReadOnlyList<IDataView> sources, IEnumerable<string> columnNames)
    {
        ArgumentNullException.ThrowIfNull(sources);
        Guard.Compatible(sources.Count > 0, "inputs has no view, but there should be one at least.", "inputs");
        for (var i = 0; i < sources.Count; i++)
            Guard.Compatible(sources[i] is not null, $"inputs[{i}] is null.", "inputs");
        foreach (var name in columnNames)
        {
            // One that the first view lacks is named by whoever checks what is needed.
            if (sources[0].Schema.GetColumnOrNull(name) is not { } first)
                continue;
            for (var i = 1; i < sources.Count; i++)
            {
                var other = sources[i].Schema.GetColumnOrNull(name);
                Guard.Compatible(
                    other is { } column && column.Type.Equals(first.Type) && HaveSameKeys(first, column),
                    $"Column '{name}' of inputs[{i}] is {(other is null ? "missing" : $"{other.Value.Type}")}, but it should be "
                    + $"{first.Type} with the same key values as in inputs[0].", "inputs");
            }
        }

        _sources = sources;
    }

    public bool CanShuffle => false;

    public DataViewSchema Schema => _sources[0].Schema;

    public long? GetRowCount()
        => _sources.Aggregate((long?)0, (sum, source) => sum + source.GetRowCount());

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
        => Cursors(columnsNeeded, 1, (source, columns) => [source.GetRowCursor(columns)])[0];

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
        => Cursors(columnsNeeded, n, (source, columns) => source.GetRowCursorSet(columns, n));

    private Cursor[] Cursors(
        IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Func<IDataView, DataViewSchema.Column[], DataViewRowCursor[]> open)
    {
        string[] names = [.. columnsNeeded.Select(column => column.Name)];
        Lazy<DataViewRowCursor[]>[] sets = [.. _sources.Select(source => new Lazy<DataViewRowCursor[]>(
            () => open(source, [.. names.Select(name => source.Schema[name])])))];
        return [.. Enumerable.Range(0, n).Select(k => new Cursor(Schema, sets, k, names))];
    }

    private static bool HaveSameKeys(DataViewSchema.Column one, DataViewSchema.Column other)
    {
        if (one.Type is not KeyDataViewType { Count: <= int.MaxValue } key)
            return true;
        string[]? Values(DataViewSchema.Column column) => ValueTexts.Of(column, ValueTexts.KeyValues, (int)key.Count);
        return (Values(one) ?? []).SequenceEqual(Values(other) ?? [], StringComparer.Ordinal);
    }

    /// <summary>The k-th cursors of all views, one after the other; a set of fewer has none in the k-th place.</summary>
    private sealed class Cursor(DataViewSchema schema, Lazy<DataViewRowCursor[]>[] sets, int k, string[] names) : DataViewRowCursor
    {
        private int _at = -1;
        private DataViewRowCursor? _source;
        private long _position = -1;

        public override long Position => _position;

        public override long Batch => ((long)_at << BatchBits) + (_source?.Batch ?? 0);

        public override DataViewSchema Schema => schema;

        public override bool IsColumnActive(DataViewSchema.Column column) => names.Contains(column.Name, StringComparer.Ordinal);

        public override bool MoveNext()
        {
            while (_source?.MoveNext() != true)
            {
                _source?.Dispose();
                _source = null;
                if (_at + 1 >= sets.Length)
                    return false;
                var set = sets[++_at].Value;
                _source = k < set.Length ? set[k] : null;
            }

            _position++;
            return true;
        }

        public override ValueGetter<DataViewRowId> GetIdGetter()
            => (ref DataViewRowId id) => id = new DataViewRowId((ulong)_position, (ulong)k);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            var (at, getter) = (-1, (ValueGetter<TValue>?)null);
            return (ref TValue value) =>
            {
                if (at != _at || getter is null)
                    (at, getter) = (_at, _source!.GetGetter<TValue>(_source.Schema[column.Name]));
                getter(ref value);
            };
        }

        protected override void Dispose(bool disposing)
        {
            _source?.Dispose();
            // Views that were opened for others are closed by these, and what was not begun by whoever comes first.
            for (var i = _at + 1; disposing && i < sets.Length; i++)
            {
                if (sets[i].IsValueCreated && k < sets[i].Value.Length)
                    sets[i].Value[k].Dispose();
            }

            base.Dispose(disposing);
        }
    }
}

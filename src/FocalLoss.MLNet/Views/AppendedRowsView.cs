using FocalMlNet.Columns;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Views;

/// <summary>
/// The rows of several views, one view after the other, as if they were of one. The first one's schema is that of all: a column stands for
/// those of its name in the others, a hidden one for those that are hidden as deep.
/// </summary>
internal sealed class AppendedRowsView : IDataView
{
    /// <summary>Batches of a view are numbered below this; it leaves room for as many views.</summary>
    private const int BatchBits = 40;


    /// <param name="inputs">The views, one at least.</param>
    /// <param name="columnNames">The columns that will be read.</param>
    /// <exception cref="ArgumentException">There is no view, or a column is not of the same kind in all of them.</exception>
    public AppendedRowsView(IReadOnlyList<IDataView> inputs, IEnumerable<string> columnNames)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        Guard.Compatible(inputs.Count > 0, "inputs has no view, but there should be one at least.", nameof(inputs));
        for (var i = 0; i < inputs.Count; i++)
            Guard.Compatible(inputs[i] is not null, $"inputs[{i}] is null.", nameof(inputs));
        foreach (var name in columnNames)
        {
            // One that the first view lacks is named by whoever checks what is needed.
            if (inputs[0].Schema.GetColumnOrNull(name) is not { } first)
                continue;
            for (var i = 1; i < inputs.Count; i++)
            {
                var other = inputs[i].Schema.GetColumnOrNull(name);
                Guard.Compatible(
                    other is { } column && AreAlike(first, column),
                    $"Column '{name}' of inputs[{i}] is {(other is null ? "missing" : $"{other.Value.Type}")}, but it should be "
                    + $"{first.Type} with the same key values as in inputs[0].", nameof(inputs));
            }
        }

        Sources = inputs;
    }

    /// <summary>The views.</summary>
    public IReadOnlyList<IDataView> Sources { get; }

    public bool CanShuffle => false;

    /// <summary>Whether all views have this column of the first, of the same type and with the same keys.</summary>
    public bool IsInAll(DataViewSchema.Column column)
        => Sources.All(source => In(source.Schema, column) is { } own && AreAlike(column, own));

    public DataViewSchema Schema => Sources[0].Schema;

    public long? GetRowCount()
        => Sources.Aggregate((long?)0, (sum, source) => sum + source.GetRowCount());

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
        => Cursors(columnsNeeded, 1, (source, columns) => [source.GetRowCursor(columns)])[0];

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
        => Cursors(columnsNeeded, n, (source, columns) => SourceCursor.AtMost(source, columns, n));

    private Cursor[] Cursors(
        IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Func<IDataView, DataViewSchema.Column[], DataViewRowCursor[]> open)
    {
        DataViewSchema.Column[] columns = [.. columnsNeeded];
        var sets = new CursorSets(
            Sources.Count, n, i => open(Sources[i], [.. columns.Select(column => In(Sources[i].Schema, column)!.Value)]));
        return [.. Enumerable.Range(0, n).Select(k => new Cursor(this, sets, k, columns))];
    }

    /// <summary>The column of one of the views, or null: among those of its name it is, from the last, in the same place.</summary>
    private DataViewSchema.Column? In(DataViewSchema schema, DataViewSchema.Column column)
    {
        if (schema == Schema)
            return column;
        bool IsOfName(DataViewSchema.Column other) => string.Equals(other.Name, column.Name, StringComparison.Ordinal);
        var after = Schema.Count(other => other.Index > column.Index && IsOfName(other));
        DataViewSchema.Column[] own = [.. schema.Where(IsOfName)];
        return after < own.Length ? own[^(after + 1)] : null;
    }

    private static bool AreAlike(DataViewSchema.Column one, DataViewSchema.Column other)
        => other.Type.Equals(one.Type)
            && (ValueTexts.OfKeys(one) ?? []).SequenceEqual(ValueTexts.OfKeys(other) ?? [], StringComparer.Ordinal);

    /// <summary>The cursors of each view, which are opened together, by whoever comes first.</summary>
    private sealed class CursorSets(int count, int n, Func<int, DataViewRowCursor[]> open)
    {
        private readonly DataViewRowCursor[]?[] _sets = new DataViewRowCursor[count][];
        private readonly bool[] _isClosed = new bool[n];

        public int Count => count;

        /// <summary>The k-th cursor of a view; null if its set is of fewer.</summary>
        public DataViewRowCursor? Get(int view, int k)
        {
            lock (_sets)
            {
                var set = _sets[view] ??= open(view);
                for (var other = 0; other < set.Length; other++)
                {
                    if (_isClosed[other])
                        set[other].Dispose();
                }

                return k < set.Length && !_isClosed[k] ? set[k] : null;
            }
        }

        /// <summary>Closes the k-th cursors, also of views that are opened later.</summary>
        public void Close(int k)
        {
            lock (_sets)
            {
                _isClosed[k] = true;
                foreach (var set in _sets)
                {
                    if (k < set?.Length)
                        set[k].Dispose();
                }
            }
        }
    }

    /// <summary>The k-th cursors of all views, one after the other; a set of fewer has none in the k-th place.</summary>
    private sealed class Cursor(AppendedRowsView view, CursorSets sets, int k, DataViewSchema.Column[] columns) : DataViewRowCursor
    {
        private int _at = -1;
        private DataViewRowCursor? _source;
        private long _position = -1;

        public override long Position => _position;

        public override long Batch => ((long)_at << BatchBits) + (_source?.Batch ?? 0);

        public override DataViewSchema Schema => view.Schema;

        public override bool IsColumnActive(DataViewSchema.Column column)
            => columns.Any(active => active.Index == column.Index);

        public override bool MoveNext()
        {
            while (_source?.MoveNext() != true)
            {
                _source?.Dispose();
                _source = null;
                if (_at + 1 >= sets.Count)
                    return false;
                _source = sets.Get(++_at, k);
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
                    (at, getter) = (_at, _source!.GetGetter<TValue>(view.In(_source.Schema, column)!.Value));
                getter(ref value);
            };
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                sets.Close(k);
            base.Dispose(disposing);
        }
    }
}

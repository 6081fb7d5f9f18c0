namespace Microsoft.ML.Data;

/// <summary>
/// The columns of an input in memory. A column is read when it is first asked for, in one pass with the others of the
/// same cursor; after that the input is not touched.
/// </summary>
internal sealed class CacheDataView(IDataView input) : IDataView
{
    private const int BatchSize = 64;
    private readonly Lock _lock = new();
    private readonly ColumnStore[] _stores = new ColumnStore[input.Schema.Count];
    private long _count = -1;

    public DataViewSchema Schema => input.Schema;
    public bool CanShuffle => true;
    public long? GetRowCount() => _count >= 0 ? _count : input.GetRowCount();
    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null) =>
        GetRowCursorSet(columnsNeeded, 1, rand)[0];

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null)
    {
        var active = Columns.Flags(Schema, columnsNeeded);
        Read(active);
        var order = Enumerable.Range(0, (int)_count).ToArray();
        rand?.Shuffle(order);
        n = (int)Math.Clamp(n, 1, Math.Max(1, (_count + BatchSize - 1) / BatchSize));
        return Enumerable.Range(0, n).Select(DataViewRowCursor (i) => new Cursor(Schema, _stores, active, order, i, n)).ToArray();
    }

    public void Read(bool[] active)
    {
        lock (_lock)
        {
            var missing = Schema.Where(c => active[c.Index] && _stores[c.Index] is null).ToArray();
            if (missing.Length == 0 && _count >= 0)
                return;
            using var cursor = input.GetRowCursor(missing);
            var stores = Array.ConvertAll(missing, c =>
                Generic.Call<ColumnStore>(ColumnStore.Create<int>, [c.Type.ItemType().RawType], cursor, cursor.Schema[c.Index]));
            var count = 0L;
            for (; cursor.MoveNext(); count++)
                Array.ForEach(stores, s => s.Add());
            if (_count >= 0 && count != _count)
                throw new InvalidOperationException($"The input of a cache had {_count} rows and now has {count}");
            _count = count;
            for (var i = 0; i < missing.Length; i++)
                _stores[missing[i].Index] = stores[i];
        }
    }

    private abstract class ColumnStore
    {
        public static ColumnStore Create<T>(DataViewRow row, DataViewSchema.Column column) => column.Type is VectorDataViewType
            ? new ColumnStore<VBuffer<T>>(row.GetGetter<VBuffer<T>>(column), Own, (in VBuffer<T> value, ref VBuffer<T> target) => value.CopyTo(ref target))
            : new ColumnStore<T>(row.GetGetter<T>(column), Own, (in T value, ref T target) => target = value);
        public abstract void Add();
        public abstract Delegate Getter(Func<int> row);

        /// <summary>Text may be lent by the source for this row only.</summary>
        private static T Own<T>(T value) => value is ReadOnlyMemory<char> text ? (T)(object)text.ToString().AsMemory() : value;

        private static VBuffer<T> Own<T>(VBuffer<T> vector)
        {
            var values = vector.GetValues().ToArray();
            if (values is ReadOnlyMemory<char>[])
                values = Array.ConvertAll(values, Own);
            return new VBuffer<T>(vector.Length, values.Length, values, vector.GetIndices().ToArray());
        }
    }

    private delegate void Copier<T>(in T value, ref T target);

    private sealed class ColumnStore<T>(ValueGetter<T> source, Func<T, T> own, Copier<T> copy) : ColumnStore
    {
        private readonly List<T> _values = [];
        private T _current;

        public override void Add()
        {
            source(ref _current);
            _values.Add(own(_current));
        }

        public override Delegate Getter(Func<int> row) => (ValueGetter<T>)((ref T value) => copy(_values[row()], ref value));
    }

    /// <summary>Every n-th batch of rows, so that the cursors of a set can be merged again by the number of the batch.</summary>
    private sealed class Cursor(DataViewSchema schema, ColumnStore[] stores, bool[] active, int[] order, int first, int n)
        : CursorBase(schema, active, null)
    {
        private int _next = first * BatchSize;
        private int _at = -1;

        public override long Batch => _at / BatchSize;
        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = new DataViewRowId((ulong)SourceRow(), 0);

        private protected override bool Advance()
        {
            if (_next >= order.Length)
                return false;
            _at = _next++;
            if (_next % BatchSize == 0)
                _next += (n - 1) * BatchSize;
            return true;
        }

        private protected override Delegate CreateGetter(int column) => stores[column].Getter(SourceRow);

        private int SourceRow()
        {
            RequireRow();
            return order[_at];
        }
    }
}

using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Tests;

/// <summary>A row: its class from 1, 0 being none of them, and the number of its group.</summary>
internal sealed record ViewRow(uint Class, VBuffer<float> Features, float Weight = 1, int Group = 0);

/// <summary>Rows in batches, which a set of cursors shares out as it is told.</summary>
/// <param name="rows">The rows.</param>
/// <param name="columnCount">The number of features.</param>
/// <param name="batchOf">The number of each row's batch, which does not fall from one row to the next.</param>
/// <param name="cursorOf">Which of so many cursors has a row.</param>
internal sealed class CursorSetView(
    IReadOnlyList<ViewRow> rows, int columnCount, Func<int, long> batchOf, Func<int, int, int> cursorOf) : IDataView
{
    public const int ClassCount = 3;

    private int _opened;
    private int _closed;

    /// <summary>Is told of each row that a cursor of a set is moved to, and of the cursor's number.</summary>
    public Action<int, int>? Visit { get; init; }

    /// <summary>Is told of each row whose features are asked for.</summary>
    public Action<int>? Get { get; init; }

    /// <summary>Is called when a cursor has been closed.</summary>
    public Action? Close { get; init; }

    public int CursorsOpened => _opened;

    public int CursorsClosed => _closed;

    public DataViewSchema Schema { get; } = SchemaOf(columnCount);

    public bool CanShuffle => false;

    public long? GetRowCount() => rows.Count;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
        => new Cursor(this, 0, [.. Enumerable.Range(0, rows.Count)]);

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        List<int>[] shares = [.. Enumerable.Range(0, n).Select(_ => new List<int>())];
        for (var i = 0; i < rows.Count; i++)
            shares[cursorOf(i, n)].Add(i);
        return [.. shares.Select((share, k) => new Cursor(this, k, share))];
    }

    private (IReadOnlyList<ViewRow> Rows, Func<int, long> BatchOf) Content => (rows, batchOf);

    private static DataViewSchema SchemaOf(int columnCount)
    {
        var builder = new DataViewSchema.Builder();
        builder.AddColumn("Label", new KeyDataViewType(typeof(uint), ClassCount), null);
        builder.AddColumn("Features", new VectorDataViewType(NumberDataViewType.Single, columnCount), null);
        builder.AddColumn("Weight", NumberDataViewType.Single, null);
        builder.AddColumn("Group", NumberDataViewType.Int32, null);
        return builder.ToSchema();
    }

    private sealed class Cursor : DataViewRowCursor
    {
        private readonly CursorSetView _view;
        private readonly IReadOnlyList<ViewRow> _rows;
        private readonly Func<int, long> _batchOf;
        private readonly int _number;
        private readonly IReadOnlyList<int> _own;
        private int _at = -1;

        public Cursor(CursorSetView view, int number, IReadOnlyList<int> own)
        {
            (_view, _number, _own) = (view, number, own);
            (_rows, _batchOf) = view.Content;
            Interlocked.Increment(ref view._opened);
        }

        public override DataViewSchema Schema => _view.Schema;

        public override long Position => _own[_at];

        public override long Batch => _batchOf(_own[_at]);

        private ViewRow Current => _rows[_own[_at]];

        public override bool MoveNext()
        {
            if (++_at >= _own.Count)
                return false;
            _view.Visit?.Invoke(_number, _own[_at]);
            return true;
        }

        public override bool IsColumnActive(DataViewSchema.Column column) => true;

        public override ValueGetter<DataViewRowId> GetIdGetter()
            => (ref DataViewRowId id) => id = new DataViewRowId((ulong)Position, 0);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            Delegate getter = column.Name switch
            {
                "Label" => (ValueGetter<uint>)((ref uint label) => label = Current.Class),
                "Features" => (ValueGetter<VBuffer<float>>)GetFeatures,
                "Weight" => (ValueGetter<float>)((ref float weight) => weight = Current.Weight),
                _ => (ValueGetter<int>)((ref int group) => group = Current.Group),
            };
            return (ValueGetter<TValue>)getter;
        }

        protected override void Dispose(bool disposing)
        {
            Interlocked.Increment(ref _view._closed);
            base.Dispose(disposing);
            _view.Close?.Invoke();
        }

        private void GetFeatures(ref VBuffer<float> features)
        {
            _view.Get?.Invoke(_own[_at]);
            Current.Features.CopyTo(ref features);
        }
    }
}

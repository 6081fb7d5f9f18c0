using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Data;

/// <summary>Which part each row of a view is in.</summary>
/// <param name="PartOfRow">The number of each row's part, in the order of the rows.</param>
/// <param name="IdsAreRowNumbers">Whether a row's id is its number: then a row is known in whatever order it comes.</param>
internal sealed record RowParts(ushort[] PartOfRow, bool IdsAreRowNumbers);

/// <summary>
/// The rows of a view that are in one part, or those that are not, in the view's order. Schema, annotations and ids are the view's own; nothing is read until a cursor
/// is opened. If ids are row numbers, cursors can also come as parallel sets and in random order, as far as the view's can.
/// </summary>
internal sealed class SelectedRowsView(IDataView source, RowParts parts, int part, bool inPart) : IDataView
{
    private readonly long _count = parts.PartOfRow.LongCount(p => p == part == inPart);

    public DataViewSchema Schema => source.Schema;

    public bool CanShuffle => parts.IdsAreRowNumbers && source.CanShuffle;

    public long? GetRowCount() => _count;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
        => new Cursor(this, source.GetRowCursor(columnsNeeded, CanShuffle ? rand : null));

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
        => parts.IdsAreRowNumbers
            ? [.. source.GetRowCursorSet(columnsNeeded, n, CanShuffle ? rand : null).Select(cursor => new Cursor(this, cursor))]
            : [GetRowCursor(columnsNeeded)];

    private sealed class Cursor(SelectedRowsView view, DataViewRowCursor source) : DataViewRowCursor
    {
        private readonly ushort[] _partOfRow = view.Parts.PartOfRow;
        private readonly ValueGetter<DataViewRowId>? _getId = view.Parts.IdsAreRowNumbers ? source.GetIdGetter() : null;
        private long _position = -1;
        private long _seen;
        private bool _isAtEnd;

        public override long Position => _isAtEnd ? -1 : _position;

        public override long Batch => source.Batch;

        public override DataViewSchema Schema => view.Schema;

        public override bool IsColumnActive(DataViewSchema.Column column) => source.IsColumnActive(column);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => source.GetGetter<TValue>(column);

        public override ValueGetter<DataViewRowId> GetIdGetter() => source.GetIdGetter();

        public override bool MoveNext()
        {
            DataViewRowId id = default;
            while (!_isAtEnd && source.MoveNext())
            {
                _getId?.Invoke(ref id);
                var row = _getId is null ? (ulong)_seen++ : id.Low;
                if (row >= (ulong)_partOfRow.Length || id.High != 0)
                    throw Changed();
                if (view.Has(_partOfRow[row]))
                {
                    _position++;
                    return true;
                }
            }

            if (!_isAtEnd && _getId is null && _seen != _partOfRow.Length)
                throw Changed();
            _isAtEnd = true;
            return false;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                source.Dispose();
            base.Dispose(disposing);
        }

        private static InvalidOperationException Changed()
            => new("The data has other rows than when it was split. Data that is split must give the same rows in the same order each time.");
    }

    private RowParts Parts => parts;

    private bool Has(ushort partOfRow) => partOfRow == part == inPart;
}


using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Views;

/// <summary>Which part each row of a view is in.</summary>
/// <param name="PartOfRow">The number of each row's part, in the order of the rows.</param>
/// <param name="Marks">By what it is seen that the rows are still the same, or null if there is nothing.</param>
/// <param name="IdsAreRowNumbers">Whether a row's id is its number: then a row is known in whatever order it comes.</param>
internal sealed record RowParts(ushort[] PartOfRow, RowMarks? Marks, bool IdsAreRowNumbers);

/// <summary>A byte of each row, which tells when data comes in another order than before.</summary>
/// <param name="Column">The column whose values are looked at.</param>
/// <param name="Reader">Reads the byte of the cursor's row: equal for equal values.</param>
/// <param name="OfRow">The byte of each row.</param>
internal sealed record RowMarks(DataViewSchema.Column Column, Func<DataViewRow, DataViewSchema.Column, Func<byte>> Reader, byte[] OfRow);

/// <summary>
/// The rows of a view that are in a range of parts, or those that are not, in the view's order. Schema, annotations and ids are the
/// view's own; nothing is read until a cursor is opened. If ids are row numbers, cursors can also come as parallel sets and in random
/// order, as far as the view's can. Each reading also reads the marks of all rows: they tell whether the rows are those that were split.
/// </summary>
/// <param name="source">The view.</param>
/// <param name="parts">The part of each row.</param>
/// <param name="first">The first part of the range.</param>
/// <param name="end">The part after the last.</param>
/// <param name="inRange">Whether the rows of the range are wanted, or all others.</param>
internal sealed class SelectedRowsView(IDataView source, RowParts parts, int first, int end, bool inRange = true) : IDataView
{
    public DataViewSchema Schema => source.Schema;

    public bool CanShuffle => parts.IdsAreRowNumbers && source.CanShuffle;

    /// <summary>The part of each row of the source.</summary>
    public RowParts Parts => parts;

    public long? GetRowCount()
    {
        var count = 0;
        foreach (var part in parts.PartOfRow)
            count += Has(part) ? 1 : 0;
        return count;
    }

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        var active = SourceCursor.Active(Schema, columnsNeeded);
        return Over([source.GetRowCursor(Read(active), CanShuffle ? rand : null)], active)[0];
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        if (!parts.IdsAreRowNumbers)
            return [GetRowCursor(columnsNeeded)];
        var active = SourceCursor.Active(Schema, columnsNeeded);
        return Over(source.GetRowCursorSet(Read(active), n, CanShuffle ? rand : null), active);
    }

    private DataViewRowCursor[] Over(DataViewRowCursor[] cursors, bool[] active)
        => SourceCursor.Over(cursors, cursor => new Cursor(this, cursor, active, hasAllRows: cursors.Length == 1));

    private IEnumerable<DataViewSchema.Column> Read(bool[] active)
        => [.. Schema.Where(c => active[c.Index] || c.Index == parts.Marks?.Column.Index)];

    /// <summary>Whether it has the rows of a part.</summary>
    public bool Has(ushort part) => (part >= first && part < end) == inRange;

    private sealed class Cursor(SelectedRowsView view, DataViewRowCursor source, bool[] active, bool hasAllRows)
        : SourceCursor(view.Schema, source, active)
    {
        private readonly ushort[] _partOfRow = view.Parts.PartOfRow;
        private readonly byte[]? _markOfRow = view.Parts.Marks?.OfRow;
        private readonly Func<byte>? _getMark = view.Parts.Marks is { } marks ? marks.Reader(source, marks.Column) : null;
        private readonly ValueGetter<DataViewRowId>? _getId = view.Parts.IdsAreRowNumbers ? source.GetIdGetter() : null;
        private long _position = -1;
        private long _seen;
        private bool _isAtEnd;

        public override long Position => _isAtEnd ? -1 : _position;

        public override bool MoveNext()
        {
            DataViewRowId id = default;
            while (!_isAtEnd && Source.MoveNext())
            {
                _getId?.Invoke(ref id);
                var row = _getId is null ? (ulong)_seen : id.Low;
                _seen++;
                if (row >= (ulong)_partOfRow.Length || id.High != 0 || (_getMark is not null && _markOfRow![row] != _getMark()))
                    throw Changed();
                if (view.Has(_partOfRow[row]))
                {
                    _position++;
                    return true;
                }
            }

            if (!_isAtEnd && hasAllRows && _seen != _partOfRow.Length)
                throw Changed();
            _isAtEnd = true;
            return false;
        }

        private static InvalidOperationException Changed()
            => new("The data has other rows than when it was split. Data that is split must give the same rows in the same order each "
                + "time.");
    }
}

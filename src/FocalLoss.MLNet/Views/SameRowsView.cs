
using FocalMlNet.Columns;
using Microsoft.ML;

namespace FocalMlNet.Views;

/// <summary>
/// A view that says so when a later reading gives other rows than the first: fewer, more, or others in their places, as their labels tell.
/// What came of one reading would otherwise be paired with rows of another.
/// </summary>
/// <param name="source">The view.</param>
/// <param name="label">Its label column: Boolean, a key or text.</param>
/// <param name="cancellation">Is looked at before each row.</param>
internal sealed class SameRowsView(IDataView source, DataViewSchema.Column label, CancellationToken cancellation = default) : IDataView
{
    private List<byte>? _labels;

    public DataViewSchema Schema => source.Schema;

    public bool CanShuffle => false;

    /// <summary>The first error of a reading, of the source or since it gave other rows: whoever reads may wrap it into another.</summary>
    public Exception? Error { get; private set; }

    /// <summary>Not known before all rows have come: a number that turns out wrong would mislead a cache.</summary>
    public long? GetRowCount() => null;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        var active = SourceCursor.Active(Schema, columnsNeeded);
        var cursor = source.GetRowCursor([.. Schema.Where(c => active[c.Index] || c.Index == label.Index)]);
        return SourceCursor.Over([cursor], own => new Cursor(this, own, active))[0];
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
        => [GetRowCursor(columnsNeeded)];

    private DataViewSchema.Column Label => label;

    private CancellationToken Cancellation => cancellation;

    private sealed class Cursor(SameRowsView view, DataViewRowCursor source, bool[] active) : SourceCursor(view.Schema, source, active)
    {
        private readonly Func<byte> _getLabel = LabelReader.Bytes(source, view.Label);
        private readonly List<byte>? _expected = view._labels;
        private readonly List<byte> _seen = [];
        private int _at;

        public override bool MoveNext()
        {
            try
            {
                view.Cancellation.ThrowIfCancellationRequested();
                var isAtRow = Source.MoveNext();
                Check(isAtRow);
                return isAtRow;
            }
            catch (Exception error)
            {
                view.Error ??= error;
                throw;
            }
        }

        private void Check(bool isAtRow)
        {
            if (_expected is null && isAtRow)
                _seen.Add(_getLabel());
            else if (_expected is null)
                view._labels ??= _seen;
            else if (isAtRow ? _at == _expected.Count || _getLabel() != _expected[_at++] : _at < _expected.Count)
                throw Changed();
        }

        private InvalidOperationException Changed()
        {
            var columns = string.Join(", ", Schema.Where(IsColumnActive).Select(c => $"'{c.Name}'"));
            return new(
                $"The data gave other rows when it was read again, for {columns}. "
                + "Data that has to be read again must give the same rows in the same order each time.");
        }
    }
}

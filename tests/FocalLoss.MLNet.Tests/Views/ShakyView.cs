
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Tests.Views;

/// <summary>Where the reading of a <see cref="ShakyView"/> fails.</summary>
internal enum Fault
{
    None,
    Open,
    Row,
    Getter,
}

/// <summary>A view whose readings may fail, and whose rows may have ids that are no row numbers; it counts its open cursors.</summary>
internal sealed class ShakyView(IDataView view, bool hasIds = true) : IDataView
{
    public Fault Fault { get; set; }

    public int OpenCursors { get; private set; }

    public DataViewSchema Schema => view.Schema;

    public bool CanShuffle => false;

    private bool HasIds => hasIds;

    public long? GetRowCount() => null;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        FailIf(Fault.Open);
        OpenCursors++;
        return new Cursor(this, view.GetRowCursor(columnsNeeded));
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
        => [GetRowCursor(columnsNeeded)];

    private void FailIf(Fault fault)
    {
        if (Fault == fault)
            throw new IOException("The line is cut.");
    }

    private sealed class Cursor(ShakyView owner, DataViewRowCursor source) : DataViewRowCursor
    {
        public override DataViewSchema Schema => source.Schema;

        public override long Position => source.Position;

        public override long Batch => source.Batch;

        public override bool MoveNext()
        {
            if (source.Position == 7)
                owner.FailIf(Fault.Row);
            return source.MoveNext();
        }

        public override bool IsColumnActive(DataViewSchema.Column column) => source.IsColumnActive(column);

        public override ValueGetter<DataViewRowId> GetIdGetter()
            => owner.HasIds ? source.GetIdGetter() : (ref DataViewRowId id) => id = new DataViewRowId(7, 7);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            owner.FailIf(Fault.Getter);
            return source.GetGetter<TValue>(column);
        }

        protected override void Dispose(bool disposing)
        {
            owner.OpenCursors--;
            source.Dispose();
            base.Dispose(disposing);
        }
    }
}

using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Tool.Files;

/// <summary>Columns in memory as ML.NET sees them, each under the name it has in the file.</summary>
internal sealed class TableView : IDataView
{
    private readonly IReadOnlyList<TableColumn> _columns;
    private readonly int _rows;

    public TableView(IReadOnlyList<TableColumn> columns, int rows)
    {
        (_columns, _rows) = (columns, rows);
        var builder = new DataViewSchema.Builder();
        foreach (var column in columns)
            builder.AddColumn(column.Name, column.Type, column.Annotations);
        Schema = builder.ToSchema();
    }

    public DataViewSchema Schema { get; }

    public bool CanShuffle => false;

    public long? GetRowCount() => _rows;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
        => new Cursor(this, columnsNeeded);

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
        => [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor : DataViewRowCursor
    {
        private readonly TableView _view;
        private readonly bool[] _active;
        private int _row = -1;

        public Cursor(TableView view, IEnumerable<DataViewSchema.Column> needed)
        {
            (_view, _active) = (view, new bool[view.Schema.Count]);
            foreach (var column in needed)
                _active[column.Index] = true;
        }

        public override long Position => _row;

        public override long Batch => 0;

        public override DataViewSchema Schema => _view.Schema;

        public override bool MoveNext()
        {
            if (_row >= _view._rows - 1)
            {
                _row = _view._rows;
                return false;
            }

            _row++;
            return true;
        }

        public override bool IsColumnActive(DataViewSchema.Column column) => _active[column.Index];

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
            => _active[column.Index] && _view._columns[column.Index].Getter(() => _row) is ValueGetter<TValue> getter
                ? getter
                : throw new InvalidOperationException($"Column '{column.Name}' is not active, or not of type {typeof(TValue).Name}.");

        public override ValueGetter<DataViewRowId> GetIdGetter()
            => (ref DataViewRowId value) => value = new DataViewRowId((ulong)_row, 0);
    }
}

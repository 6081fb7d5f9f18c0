namespace Microsoft.ML.Data;

/// <summary>The objects of an enumerable as rows; each cursor enumerates them anew.</summary>
internal sealed class EnumerableDataView<TRow>(IEnumerable<TRow> rows, SchemaDefinition definition) : IDataView
    where TRow : class
{
    public DataViewSchema Schema { get; } = definition.ToSchema();
    public bool CanShuffle => false;
    public long? GetRowCount() => (rows as ICollection<TRow>)?.Count;
    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null) =>
        new Cursor(rows.GetEnumerator(), definition, Schema, Columns.Flags(Schema, columnsNeeded));
    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor(IEnumerator<TRow> rows, SchemaDefinition definition, DataViewSchema schema, bool[] active)
        : CursorBase(schema, active, rows)
    {
        private protected override bool Advance() => rows.MoveNext();

        private protected override Delegate CreateGetter(int column) => MemberValues.Getter(definition[column], () =>
        {
            RequireRow();
            return rows.Current;
        });
    }
}

/// <summary>One row whose object can be exchanged; its position counts the exchanges.</summary>
internal sealed class ObjectRow<TRow>(SchemaDefinition definition) : DataViewRow
{
    private TRow _current;
    private long _position = -1;

    public override DataViewSchema Schema { get; } = definition.ToSchema();
    public override long Position => _position;
    public override long Batch => 0;

    public void Set(TRow row)
    {
        _current = row;
        _position++;
    }

    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = new DataViewRowId((ulong)_position, 0);
    public override bool IsColumnActive(DataViewSchema.Column column) => true;
    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) =>
        Getters.Cast<TValue>(MemberValues.Getter(definition[column.Index], () => _current));
}

/// <summary>Fills objects from the current row of a cursor or another row.</summary>
internal sealed class ObjectFiller<TRow>
    where TRow : class, new()
{
    private readonly (SchemaDefinition.Column Definition, DataViewSchema.Column Column)[] _columns;

    public ObjectFiller(DataViewSchema schema, SchemaDefinition definition, bool ignoreMissingColumns)
    {
        definition ??= SchemaDefinition.Create(typeof(TRow), SchemaDefinition.Direction.Write);
        var missing = definition.Find(c => schema.GetColumnOrNull(c.ColumnName) is null);
        if (missing is not null && !ignoreMissingColumns)
            throw new ArgumentOutOfRangeException(nameof(schema), $"There is no column '{missing.ColumnName}' for member {missing.MemberName}");
        _columns = definition.Where(c => schema.GetColumnOrNull(c.ColumnName) is not null).Select(c => (c, schema[c.ColumnName])).ToArray();
    }

    public IEnumerable<DataViewSchema.Column> Columns => _columns.Select(c => c.Column);

    public Action<TRow> Bind(DataViewRow source)
    {
        var setters = Array.ConvertAll(_columns, c => MemberValues.Setter<TRow>(c.Definition, source, c.Column));
        return row => Array.ForEach(setters, set => set(row));
    }

    public IEnumerable<TRow> Enumerate(IDataView data, bool reuseRowObject)
    {
        using var cursor = data.GetRowCursor(Columns);
        var fill = Bind(cursor);
        var row = new TRow();
        while (cursor.MoveNext())
        {
            row = reuseRowObject ? row : new TRow();
            fill(row);
            yield return row;
        }
    }
}

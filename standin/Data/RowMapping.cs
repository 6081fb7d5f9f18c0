namespace Microsoft.ML.Data;

/// <summary>
/// The base of all that adds columns row by row. It is bound to one input schema; its getters are made for one row
/// object (a cursor, mostly) at a time, so that cursors do not share state.
/// </summary>
internal abstract class RowMapper(DataViewSchema inputSchema)
{
    public DataViewSchema InputSchema => inputSchema;

    /// <summary>The columns that are added, always in the same order.</summary>
    public abstract DataViewSchema.DetachedColumn[] AddedColumns();

    /// <summary>The indices of the input columns that an added column is computed from.</summary>
    public abstract IEnumerable<int> DependenciesOf(int added);

    /// <summary>
    /// A ValueGetter of the right type for each added column with active(i); the others may be null. The getters of
    /// one call may share a per-row cache keyed by <see cref="DataViewRow.Position"/>.
    /// </summary>
    public abstract Delegate[] CreateGetters(DataViewRow input, Func<int, bool> active);
}

/// <summary>
/// A row mapper with its output schema: all input columns in their order, each followed by the added column that hides
/// it, if any; the other added columns last.
/// </summary>
internal sealed class RowMapping : IRowToRowMapper
{
    private readonly RowMapper _mapper;

    /// <summary>For each output column the index of its input column, or ~ of that of the added one.</summary>
    private readonly List<int> _sources = [];

    public RowMapping(RowMapper mapper)
    {
        _mapper = mapper;
        var added = mapper.AddedColumns();
        foreach (var column in InputSchema)
        {
            _sources.Add(column.Index);
            _sources.AddRange(Enumerable.Range(0, added.Length).Where(i => !column.IsHidden && added[i].Name == column.Name).Select(i => ~i));
        }
        _sources.AddRange(Enumerable.Range(0, added.Length).Select(i => ~i).Where(i => !_sources.Contains(i)).ToArray());
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(_sources.Select(i => i >= 0 ? new DataViewSchema.DetachedColumn(InputSchema[i]) : added[~i]));
        OutputSchema = builder.ToSchema();
    }

    public DataViewSchema InputSchema => _mapper.InputSchema;
    public DataViewSchema OutputSchema { get; }

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns)
    {
        var needed = new bool[InputSchema.Count];
        foreach (var source in dependingColumns.Select(c => _sources[c.Index]))
        {
            foreach (var input in source >= 0 ? [source] : _mapper.DependenciesOf(~source))
                needed[input] = true;
        }
        return InputSchema.Where(c => needed[c.Index]).ToArray();
    }

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns) =>
        new MappedCursor(input, this, activeColumns.ToArray());

    /// <summary>The columns of the input as they are, the added ones computed on demand. Over a row that is no cursor, a row only.</summary>
    internal sealed class MappedCursor : DataViewRowCursor
    {
        private readonly DataViewRow _input;
        private readonly RowMapping _mapping;
        private readonly bool[] _active;
        private readonly Delegate[] _added = [];

        public MappedCursor(DataViewRow input, RowMapping mapping, DataViewSchema.Column[] columns)
        {
            (_input, _mapping, _active) = (input, mapping, Columns.Flags(mapping.OutputSchema, columns));
            var wanted = new HashSet<int>(columns.Select(c => ~mapping._sources[c.Index]).Where(i => i >= 0));
            if (wanted.Count > 0)
                _added = mapping._mapper.CreateGetters(input, wanted.Contains);
        }

        public override DataViewSchema Schema => _mapping.OutputSchema;
        public override long Position => _input.Position;
        public override long Batch => _input.Batch;
        public override bool MoveNext() => ((DataViewRowCursor)_input).MoveNext();
        public override ValueGetter<DataViewRowId> GetIdGetter() => _input.GetIdGetter();
        public override bool IsColumnActive(DataViewSchema.Column column) => _active[Schema[column.Index].Index];

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            Columns.Require(Schema, column, _active);
            var source = _mapping._sources[column.Index];
            return source >= 0 ? _input.GetGetter<TValue>(_input.Schema[source]) : Getters.Cast<TValue>(_added[~source]);
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                _input.Dispose();
            base.Dispose(disposing);
        }
    }
}

/// <summary>An input with the columns of a row mapper added: nothing is computed before a getter is called.</summary>
internal sealed class MappedDataView(IDataView input, RowMapper mapper) : IDataView
{
    private readonly RowMapping _mapping = new(mapper);

    public DataViewSchema Schema => _mapping.OutputSchema;
    public bool CanShuffle => input.CanShuffle;
    public long? GetRowCount() => input.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
    {
        var columns = columnsNeeded.ToArray();
        return new RowMapping.MappedCursor(input.GetRowCursor(_mapping.GetDependencies(columns), rand), _mapping, columns);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null)
    {
        var columns = columnsNeeded.ToArray();
        var cursors = input.GetRowCursorSet(_mapping.GetDependencies(columns), n, rand);
        return Array.ConvertAll(cursors, DataViewRowCursor (c) => new RowMapping.MappedCursor(c, _mapping, columns));
    }
}

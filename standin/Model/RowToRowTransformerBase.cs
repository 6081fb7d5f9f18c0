namespace Microsoft.ML.Data;

/// <summary>The base of all transformers that add columns row by row.</summary>
public abstract class RowToRowTransformerBase : ITransformer
{
    private protected RowToRowTransformerBase() { }
    bool ITransformer.IsRowToRowMapper => true;
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => new RowMapping(MakeRowMapper(inputSchema)).OutputSchema;

    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new MappedDataView(input, MakeRowMapper(input.Schema));
    }

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema) => new RowMapping(MakeRowMapper(inputSchema));
    void ICanSaveModel.Save(ModelSaveContext ctx) => ctx.Write(this, SaveBody);

    /// <summary>Checks the input schema, too.</summary>
    private protected abstract RowMapper MakeRowMapper(DataViewSchema inputSchema);
    private protected abstract void SaveBody(BinaryWriter writer);
}

/// <summary>A transformer whose output columns have one input column each.</summary>
public abstract class OneToOneTransformerBase : RowToRowTransformerBase
{
    private protected OneToOneTransformerBase((string Output, string Input)[] columns) => ColumnPairs = columns;
    private protected (string Output, string Input)[] ColumnPairs { get; }
    private protected sealed override RowMapper MakeRowMapper(DataViewSchema inputSchema) => new Mapper(this, inputSchema);

    /// <summary>Checks the type of the input column and gives that of the output column, and its annotations.</summary>
    private protected abstract DataViewType OutputType(int pair, DataViewSchema.Column input, DataViewSchema.Annotations.Builder annotations);
    private protected abstract Delegate CreateGetter(int pair, DataViewRow row, DataViewSchema.Column input);

    private sealed class Mapper(OneToOneTransformerBase parent, DataViewSchema schema) : RowMapper(schema)
    {
        private readonly DataViewSchema.Column[] _inputs = Array.ConvertAll(parent.ColumnPairs, p => schema.Input(p.Input));

        public override DataViewSchema.DetachedColumn[] AddedColumns() => _inputs.Select((input, i) =>
        {
            var annotations = new DataViewSchema.Annotations.Builder();
            var type = parent.OutputType(i, input, annotations);
            return new DataViewSchema.DetachedColumn(parent.ColumnPairs[i].Output, type, annotations.ToAnnotations());
        }).ToArray();

        public override IEnumerable<int> DependenciesOf(int added) => [_inputs[added].Index];
        public override Delegate[] CreateGetters(DataViewRow input, Func<int, bool> active) =>
            _inputs.Select((c, i) => active(i) ? parent.CreateGetter(i, input, input.Schema[c.Index]) : null).ToArray();
    }
}

/// <summary>An estimator that has its transformer from the beginning.</summary>
public abstract class TrivialEstimator<TTransformer> : IEstimator<TTransformer>
    where TTransformer : class, ITransformer
{
    private protected TrivialEstimator(TTransformer transformer) => Transformer = transformer;
    private protected TTransformer Transformer { get; }

    public TTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        _ = Transformer.GetOutputSchema(input.Schema);
        return Transformer;
    }

    public abstract SchemaShape GetOutputSchema(SchemaShape inputSchema);
}

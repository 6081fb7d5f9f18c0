using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms;

public sealed class ColumnConcatenatingEstimator : IEstimator<ColumnConcatenatingTransformer>
{
    private readonly string _output;
    private readonly string[] _inputs;

    internal ColumnConcatenatingEstimator(string outputColumnName, string[] inputColumnNames)
    {
        Errors.CheckName(outputColumnName);
        if (inputColumnNames is not { Length: > 0 } || Array.Exists(inputColumnNames, string.IsNullOrEmpty))
            throw new ArgumentOutOfRangeException(nameof(inputColumnNames), "There should be input columns, each with a name");
        (_output, _inputs) = (outputColumnName, inputColumnNames);
    }

    public ColumnConcatenatingTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var transformer = new ColumnConcatenatingTransformer(_output, _inputs);
        _ = transformer.GetOutputSchema(input.Schema);
        return transformer;
    }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        var columns = Array.ConvertAll(_inputs, inputSchema.Require);
        foreach (var column in columns)
        {
            if (column.IsKey)
                throw new InvalidOperationException($"Keys, such as '{column.Name}', cannot be concatenated");
            if (!column.ItemType.Equals(columns[0].ItemType))
            {
                throw new InvalidOperationException($"Columns of different types cannot be concatenated: '{column.Name}' is "
                    + $"{column.ItemType}, '{columns[0].Name}' is {columns[0].ItemType}");
            }
        }
        var annotations = new List<(string, bool, DataViewType)>();
        if (Array.TrueForAll(columns, c => c.Annotations.Has(AnnotationKinds.IsNormalized)))
            annotations.Add((AnnotationKinds.IsNormalized, false, BooleanDataViewType.Instance));
        if (Array.Exists(columns, c => c.Kind == SchemaShape.Column.VectorKind.Scalar || c.Annotations.Has(AnnotationKinds.SlotNames)))
            annotations.Add((AnnotationKinds.SlotNames, true, TextDataViewType.Instance));
        var kind = Array.Exists(columns, c => c.Kind == SchemaShape.Column.VectorKind.VariableVector)
            ? SchemaShape.Column.VectorKind.VariableVector : SchemaShape.Column.VectorKind.Vector;
        var shape = new SchemaShape(SchemaAnnotationsExtensions.ShapeOf([.. annotations]));
        return inputSchema.With(new SchemaShape.Column(_output, kind, columns[0].ItemType, false, shape));
    }
}

public sealed class ColumnCopyingEstimator : TrivialEstimator<ColumnCopyingTransformer>
{
    private readonly (string Output, string Input)[] _pairs;
    internal ColumnCopyingEstimator((string Output, string Input)[] pairs) : base(new ColumnCopyingTransformer(pairs)) => _pairs = pairs;

    public override SchemaShape GetOutputSchema(SchemaShape inputSchema) => inputSchema.With(Array.ConvertAll(_pairs, pair =>
    {
        var column = inputSchema.Require(pair.Input);
        return new SchemaShape.Column(pair.Output, column.Kind, column.ItemType, column.IsKey, column.Annotations);
    }));
}

public sealed class ColumnCopyingTransformer : OneToOneTransformerBase
{
    internal ColumnCopyingTransformer((string Output, string Input)[] columns) : base(columns) { }

    private protected override DataViewType OutputType(int pair, DataViewSchema.Column input, DataViewSchema.Annotations.Builder annotations)
    {
        annotations.Add(input.Annotations, _ => true);
        return input.Type;
    }

    private protected override Delegate CreateGetter(int pair, DataViewRow row, DataViewSchema.Column input) => Getters.Untyped(row, input);
    private protected override void SaveBody(BinaryWriter writer) => writer.WritePairs(ColumnPairs);
}

using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms;

/// <summary>Values to keys and keys to vectors.</summary>
public sealed class OneHotEncodingEstimator : IEstimator<OneHotEncodingTransformer>
{
    private readonly EstimatorChain<KeyToVectorMappingTransformer> _chain;

    internal OneHotEncodingEstimator((string Output, string Input)[] pairs, OutputKind outputKind, int maximumNumberOfKeys,
        ValueToKeyMappingEstimator.KeyOrdinality keyOrdinality, IDataView keyData)
    {
        if (outputKind != OutputKind.Indicator)
            throw Errors.NotSupported($"OneHotEncoding with OutputKind.{outputKind}");
        _chain = new ValueToKeyMappingEstimator(pairs, maximumNumberOfKeys, keyOrdinality, asText: true, keyData)
            .Append(new KeyToVectorMappingEstimator(Array.ConvertAll(pairs, p => (p.Output, p.Output))));
    }

    public enum OutputKind
    {
        Bag = 1,
        Indicator = 2,
        Key = 3,
        Binary = 4,
    }

    public OneHotEncodingTransformer Fit(IDataView input) => new(_chain.Fit(input));
    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => _chain.GetOutputSchema(inputSchema);
}

public sealed class OneHotEncodingTransformer : ITransformer
{
    private readonly ITransformer _chain;

    internal OneHotEncodingTransformer(ITransformer chain) => _chain = chain;
    bool ITransformer.IsRowToRowMapper => _chain.IsRowToRowMapper;
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => _chain.GetOutputSchema(inputSchema);
    public IDataView Transform(IDataView input) => _chain.Transform(input);
    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema) => _chain.GetRowToRowMapper(inputSchema);
    void ICanSaveModel.Save(ModelSaveContext ctx) => ctx.Write(this, writer => writer.WritePart(_chain));
}

/// <summary>A key as a vector with 1 at its place; of a vector of keys, one such vector for each slot.</summary>
internal sealed class KeyToVectorMappingEstimator((string Output, string Input)[] pairs)
    : TrivialEstimator<KeyToVectorMappingTransformer>(new KeyToVectorMappingTransformer(pairs))
{
    public override SchemaShape GetOutputSchema(SchemaShape inputSchema) => inputSchema.With(Array.ConvertAll(pairs, pair =>
    {
        var input = inputSchema.Require(pair.Input);
        var variable = input.Kind == SchemaShape.Column.VectorKind.VariableVector;
        var annotations = SchemaAnnotationsExtensions.ShapeOf(
            (AnnotationKinds.IsNormalized, false, BooleanDataViewType.Instance), (AnnotationKinds.SlotNames, true, TextDataViewType.Instance));
        return new SchemaShape.Column(pair.Output, variable ? input.Kind : SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single, false,
            new SchemaShape(variable ? annotations[..1] : annotations));
    }));
}

internal sealed class KeyToVectorMappingTransformer((string Output, string Input)[] pairs) : OneToOneTransformerBase(pairs)
{
    private protected override DataViewType OutputType(int pair, DataViewSchema.Column input, DataViewSchema.Annotations.Builder annotations)
    {
        var keys = input.Type.ItemType().KeyCount();
        var vector = input.Type as VectorDataViewType;
        var type = vector is null ? new VectorDataViewType(NumberDataViewType.Single, keys)
            : vector.IsKnownSize ? new VectorDataViewType(NumberDataViewType.Single, vector.Dimensions.Add(keys))
            : new VectorDataViewType(NumberDataViewType.Single);
        if (type.IsKnownSize && input.HasKeyValues())
        {
            var namesType = new VectorDataViewType(TextDataViewType.Instance, type.Dimensions);
            annotations.AddVector(AnnotationKinds.SlotNames, namesType, SlotNames(input, vector?.Size ?? 0));
        }
        annotations.AddPrimitiveValue(AnnotationKinds.IsNormalized, BooleanDataViewType.Instance, true);
        return type;
    }

    private protected override Delegate CreateGetter(int pair, DataViewRow row, DataViewSchema.Column input)
    {
        var count = input.Type.ItemType().KeyCount();
        var getter = Getters.Vector<uint>(row, input);
        VBuffer<uint> keys = default;
        return (ValueGetter<VBuffer<float>>)((ref VBuffer<float> result) =>
        {
            getter(ref keys);
            var present = keys.Items().Where(k => k.Value > 0 && k.Value <= count).Select(k => (k.Key * count) + (int)k.Value - 1).ToArray();
            var editor = VBufferEditor.Create(ref result, count * keys.Length, present.Length, requireIndicesOnDense: true);
            editor.Values.Fill(1);
            present.CopyTo(editor.Indices);
            result = editor.Commit();
        });
    }

    private protected override void SaveBody(BinaryWriter writer) => writer.WritePairs(ColumnPairs);

    /// <summary>The text of each key, after the name or the number of the slot for a vector.</summary>
    private static ReadOnlyMemory<char>[] SlotNames(DataViewSchema.Column input, int slots)
    {
        VBuffer<ReadOnlyMemory<char>> buffer = default;
        input.GetKeyValues(ref buffer);
        var keys = buffer.DenseValues().ToArray();
        var names = input.SlotNamesOrNull();
        return slots == 0 ? keys : Enumerable.Range(0, slots)
            .SelectMany(slot => keys.Select(key => $"{(names?[slot] is { Length: > 0 } name ? name : $"[{slot}]")}.{key}".AsMemory()))
            .ToArray();
    }
}

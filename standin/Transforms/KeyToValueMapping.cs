using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms;

/// <summary>From keys back to the values that their annotation gives; a missing key is the default, NaN for reals.</summary>
public sealed class KeyToValueMappingEstimator : TrivialEstimator<KeyToValueMappingTransformer>
{
    private readonly (string Output, string Input)[] _pairs;
    internal KeyToValueMappingEstimator((string Output, string Input)[] pairs) : base(new KeyToValueMappingTransformer(pairs)) => _pairs = pairs;

    public override SchemaShape GetOutputSchema(SchemaShape inputSchema) => inputSchema.With(Array.ConvertAll(_pairs, pair =>
    {
        var column = inputSchema.Require(pair.Input);
        if (!column.IsKey)
            throw Errors.Mismatch("input", column.Name, "KeyType", column.TypeText());
        return column.Annotations.TryFindColumn(AnnotationKinds.KeyValues, out var values)
            ? new SchemaShape.Column(pair.Output, column.Kind, values.ItemType, values.IsKey)
            : throw new ArgumentOutOfRangeException(nameof(inputSchema), $"The keys of column '{column.Name}' have no values");
    }));
}

public sealed class KeyToValueMappingTransformer : OneToOneTransformerBase
{
    internal KeyToValueMappingTransformer((string Output, string Input)[] pairs) : base(pairs) { }

    private protected override DataViewType OutputType(int pair, DataViewSchema.Column input, DataViewSchema.Annotations.Builder annotations)
    {
        if (input.Type.ItemType() is not KeyDataViewType key || ValuesType(input) is null)
            throw new InvalidOperationException($"Column '{input.Name}' has no keys with values");
        if (key.RawType != typeof(uint))
            throw Errors.NotSupported($"mapping of keys of type {key.RawType}");
        annotations.Add(input.Annotations, kind => kind == AnnotationKinds.SlotNames);
        return input.Type.WithItemType(ValuesType(input).ItemType);
    }

    private protected override Delegate CreateGetter(int pair, DataViewRow row, DataViewSchema.Column input) =>
        Generic.Call<Delegate>(Getter<int>, [ValuesType(input).ItemType.RawType], row, input);
    private protected override void SaveBody(BinaryWriter writer) => writer.WritePairs(ColumnPairs);
    private static VectorDataViewType ValuesType(DataViewSchema.Column input) =>
        input.Annotations.Schema.GetColumnOrNull(AnnotationKinds.KeyValues)?.Type as VectorDataViewType;

    private static Delegate Getter<T>(DataViewRow row, DataViewSchema.Column input)
    {
        VBuffer<T> buffer = default;
        input.GetKeyValues(ref buffer);
        var values = buffer.DenseValues().ToArray();
        var missing = typeof(T) == typeof(float) ? (T)(object)float.NaN : typeof(T) == typeof(double) ? (T)(object)double.NaN : default;
        return ItemMap.Getter(row, input, (uint key) => key > 0 && key <= values.Length ? values[key - 1] : missing, keepSparse: false);
    }
}

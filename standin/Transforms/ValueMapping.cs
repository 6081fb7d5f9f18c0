using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms;

/// <summary>Looks values up in a table; a value that is not there becomes the default.</summary>
public class ValueMappingEstimator : TrivialEstimator<ValueMappingTransformer>
{
    private readonly (string Output, string Input)[] _pairs;
    private protected ValueMappingEstimator((string Output, string Input)[] pairs, ValueTable table)
        : base(new ValueMappingTransformer(pairs, table)) => _pairs = pairs;
    public sealed override SchemaShape GetOutputSchema(SchemaShape inputSchema) => inputSchema.With(Array.ConvertAll(_pairs, pair =>
        new SchemaShape.Column(pair.Output, inputSchema.Require(pair.Input).Kind, Transformer.Table.ValueType, false)));
}

public sealed class ValueMappingEstimator<TKey, TValue> : ValueMappingEstimator
{
    internal ValueMappingEstimator((string Output, string Input)[] pairs, ValueTable table) : base(pairs, table) { }
}

public class ValueMappingTransformer : OneToOneTransformerBase
{
    internal ValueMappingTransformer((string Output, string Input)[] pairs, ValueTable table) : base(pairs) => Table = table;
    internal ValueTable Table { get; }
    internal static ValueMappingTransformer Load(BinaryReader reader) => new(reader.ReadPairs(), ValueTable.Load(reader));

    // As in the original, the items of a vector lose its size.
    private protected override DataViewType OutputType(int pair, DataViewSchema.Column input, DataViewSchema.Annotations.Builder annotations) =>
        input.Type is VectorDataViewType ? new VectorDataViewType(Table.ValueType) : Table.ValueType;
    private protected override Delegate CreateGetter(int pair, DataViewRow row, DataViewSchema.Column input) => Table.CreateGetter(row, input);

    private protected override void SaveBody(BinaryWriter writer)
    {
        writer.WritePairs(ColumnPairs);
        Table.Save(writer);
    }
}

/// <summary>A look-up table from values to values, both in the types that columns hold.</summary>
internal abstract class ValueTable
{
    public abstract int Count { get; }
    public abstract PrimitiveDataViewType KeyType { get; }
    public abstract PrimitiveDataViewType ValueType { get; }

    public static ValueTable Of<TKey, TValue>(IEnumerable<KeyValuePair<TKey, TValue>> pairs)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        var keyType = DataViewTypes.FromRawType(typeof(TKey)) ?? throw Errors.NotSupported($"MapValue from {typeof(TKey)}");
        var valueType = DataViewTypes.FromRawType(typeof(TValue)) ?? throw Errors.NotSupported($"MapValue to {typeof(TValue)}");
        var list = pairs.ToArray();
        return Create(keyType, valueType, Raw(list.Select(p => p.Key)), Raw(list.Select(p => p.Value)));
    }

    public static ValueTable Load(BinaryReader reader)
    {
        var (keyType, valueType) = (reader.ReadType().ItemType(), reader.ReadType().ItemType());
        return Create(keyType, valueType, ReadArray(reader, keyType), ReadArray(reader, valueType));
    }

    public abstract Delegate CreateGetter(DataViewRow row, DataViewSchema.Column input);

    /// <summary>Adds what is looked up as the annotation of a key type.</summary>
    public abstract void AddKeyValues(DataViewSchema.Annotations.Builder annotations, bool asText);
    public abstract void Save(BinaryWriter writer);
    private static Array ReadArray(BinaryReader reader, PrimitiveDataViewType type) =>
        Generic.Call<Array>(ModelFormat.ReadValues<int>, [type.RawType], reader);
    private static Array Raw<T>(IEnumerable<T> values) =>
        values is IEnumerable<string> texts ? texts.Select(t => t.AsMemory()).ToArray() : values.ToArray();
    private static ValueTable Create(PrimitiveDataViewType keyType, PrimitiveDataViewType valueType, Array keys, Array values) =>
        Generic.Call<ValueTable>(Create<int, int>, [keyType.RawType, valueType.RawType], keys, values);
    private static ValueTable<TKey, TValue> Create<TKey, TValue>(TKey[] keys, TValue[] values) => new(keys, values);
}

internal sealed class ValueTable<TKey, TValue> : ValueTable
{
    private readonly TKey[] _keys;
    private readonly Dictionary<TKey, TValue> _values = new(TextComparer.Equality<TKey>());

    public ValueTable(TKey[] keys, TValue[] values)
    {
        _keys = keys;
        for (var i = 0; i < keys.Length; i++)
        {
            if (!_values.TryAdd(keys[i], values[i]))
                throw new InvalidOperationException($"'{keys[i]}' occurs twice");
        }
    }

    public override int Count => _values.Count;
    public override PrimitiveDataViewType KeyType => DataViewTypes.FromRawType(typeof(TKey));
    public override PrimitiveDataViewType ValueType => DataViewTypes.FromRawType(typeof(TValue));
    public override Delegate CreateGetter(DataViewRow row, DataViewSchema.Column input) =>
        ItemMap.Getter(row, input, (TKey key) => _values.GetValueOrDefault(key), keepSparse: !_values.ContainsKey(default));

    public override void AddKeyValues(DataViewSchema.Annotations.Builder annotations, bool asText)
    {
        if (asText)
            annotations.AddVector(AnnotationKinds.KeyValues, TextDataViewType.Instance, _keys.Select(k => Conversions.SlotText(k).AsMemory()).ToArray());
        else
            annotations.AddVector(AnnotationKinds.KeyValues, KeyType, _keys);
    }

    public override void Save(BinaryWriter writer)
    {
        writer.WriteType(KeyType);
        writer.WriteType(ValueType);
        writer.WriteValues(_keys);
        writer.WriteValues(Array.ConvertAll(_keys, k => _values[k]));
    }
}

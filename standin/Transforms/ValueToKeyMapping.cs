using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms;

/// <summary>Numbers the values that occur in a column, from 1; missing and unknown values are 0.</summary>
public sealed class ValueToKeyMappingEstimator : IEstimator<ValueToKeyMappingTransformer>
{
    private readonly (string Output, string Input)[] _pairs;
    private readonly int _maximumNumberOfKeys;
    private readonly KeyOrdinality _ordinality;
    private readonly bool _asText;

    internal ValueToKeyMappingEstimator((string Output, string Input)[] pairs, int maximumNumberOfKeys, KeyOrdinality keyOrdinality,
        bool asText, IDataView keyData)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maximumNumberOfKeys);
        if (keyData is not null)
            throw Errors.NotSupported("keyData");
        (_pairs, _maximumNumberOfKeys, _ordinality, _asText) = (pairs, maximumNumberOfKeys, keyOrdinality, asText);
    }

    public enum KeyOrdinality
    {
        ByOccurrence = 0,
        ByValue = 1,
    }

    public ValueToKeyMappingTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var columns = Array.ConvertAll(_pairs, p => input.Schema.Input(p.Input));
        using var cursor = input.GetRowCursor(columns);
        var learners = Array.ConvertAll(columns, c => c.Type.ItemType() is KeyDataViewType ? throw Errors.NotSupported("MapValueToKey for keys")
            : Generic.Call<KeyLearner>(KeyLearner.Create<int>, [c.Type.ItemType().RawType], cursor, cursor.Schema[c.Index], _maximumNumberOfKeys));
        while (cursor.MoveNext())
            Array.ForEach(learners, l => l.Add());
        return new ValueToKeyMappingTransformer(_pairs, Array.ConvertAll(learners, l => l.Learn(_ordinality == KeyOrdinality.ByValue)), _asText);
    }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => inputSchema.With(Array.ConvertAll(_pairs, pair =>
    {
        var column = inputSchema.Require(pair.Input);
        var values = new SchemaShape.Column(AnnotationKinds.KeyValues, SchemaShape.Column.VectorKind.Vector,
            _asText ? TextDataViewType.Instance : column.ItemType, column.IsKey && !_asText);
        return new SchemaShape.Column(pair.Output, column.Kind, NumberDataViewType.UInt32, true, new SchemaShape([values]));
    }));
}

public sealed class ValueToKeyMappingTransformer : OneToOneTransformerBase
{
    private readonly ValueTable[] _tables;
    private readonly bool _asText;

    internal ValueToKeyMappingTransformer((string Output, string Input)[] pairs, ValueTable[] tables, bool asText) : base(pairs) =>
        (_tables, _asText) = (tables, asText);

    internal static ValueToKeyMappingTransformer Load(BinaryReader reader) =>
        new(reader.ReadPairs(), reader.ReadArray(() => ValueTable.Load(reader)), reader.ReadBoolean());

    private protected override DataViewType OutputType(int pair, DataViewSchema.Column input, DataViewSchema.Annotations.Builder annotations)
    {
        var table = _tables[pair];
        if (!table.KeyType.Equals(input.Type.ItemType()))
            throw Errors.Mismatch("input", input.Name, table.KeyType.ToString(), input.Type.ItemType().ToString());
        if (table.Count > 0)
            table.AddKeyValues(annotations, _asText);
        annotations.Add(input.Annotations, kind => kind == AnnotationKinds.SlotNames);
        return input.Type.WithItemType(new KeyDataViewType(typeof(uint), Math.Max(table.Count, 1)));
    }

    private protected override Delegate CreateGetter(int pair, DataViewRow row, DataViewSchema.Column input) => _tables[pair].CreateGetter(row, input);

    private protected override void SaveBody(BinaryWriter writer)
    {
        writer.WritePairs(ColumnPairs);
        writer.WriteArray(_tables, table => table.Save(writer));
        writer.Write(_asText);
    }
}

internal abstract class KeyLearner
{
    public static KeyLearner Create<T>(DataViewRow row, DataViewSchema.Column column, int maximum) => new KeyLearner<T>(row, column, maximum);
    public abstract void Add();
    public abstract ValueTable Learn(bool byValue);
}

/// <summary>Collects the values of a column in the order of their first occurrence, without those that are missing.</summary>
internal sealed class KeyLearner<T>(DataViewRow row, DataViewSchema.Column column, int maximum) : KeyLearner
{
    private readonly ValueGetter<VBuffer<T>> _getter = Getters.Vector<T>(row, column);
    private readonly HashSet<T> _seen = new(TextComparer.Equality<T>());
    private readonly List<T> _values = [];
    private VBuffer<T> _current;

    public override void Add()
    {
        _getter(ref _current);
        foreach (var value in _current.DenseValues().Where(v => _values.Count < maximum && !_seen.Contains(v) && !Conversions.IsMissing(v)))
        {
            // Text may be lent for this row only.
            _values.Add(value is ReadOnlyMemory<char> text ? (T)(object)text.ToString().AsMemory() : value);
            _seen.Add(_values[^1]);
        }
    }

    public override ValueTable Learn(bool byValue)
    {
        var values = byValue ? _values.Order(TextComparer.Order<T>()).ToArray() : _values.ToArray();
        return new ValueTable<T, uint>(values, Enumerable.Range(1, values.Length).Select(i => (uint)i).ToArray());
    }
}

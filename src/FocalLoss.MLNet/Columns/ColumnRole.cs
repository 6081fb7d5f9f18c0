using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Columns;

/// <summary>
/// What a column that is read must be like: the one place that says which types are taken for what. It is checked in the same words on a
/// promised shape and on the schema of data.
/// </summary>
/// <param name="Role">What the column is for.</param>
/// <param name="Expected">The types that are allowed, in words.</param>
/// <param name="Allows">Whether a type is allowed.</param>
internal sealed record ColumnRole(string Role, string Expected, Func<DataViewType, bool> Allows)
{
    /// <summary>A Boolean label.</summary>
    public static ColumnRole BinaryLabel { get; } = new("label", "Boolean", type => type is BooleanDataViewType);

    /// <summary>A Key label.</summary>
    public static ColumnRole KeyLabel { get; } = new("label", "a Key", type => type is KeyDataViewType);

    /// <summary>A label of the only key type that ML.NET's multiclass trainers take.</summary>
    public static ColumnRole TrainingKey { get; } =
        new("label", "Key<UInt32>, as Conversion.MapValueToKey makes it", IsKeyOfUInt32);

    /// <summary>A label of which it is known which score is whose.</summary>
    public static ColumnRole ScoredLabel { get; } =
        new("label", "a key of UInt32 or text", type => IsKeyOfUInt32(type) || type is TextDataViewType);

    /// <summary>A label of two classes, or one of which it is known which score is whose.</summary>
    public static ColumnRole LossLabel { get; } =
        new("label", "Boolean, a key of UInt32 or text", type => BinaryLabel.Allows(type) || ScoredLabel.Allows(type));

    /// <summary>A label of any kind that names a class.</summary>
    public static ColumnRole ClassLabel { get; } =
        new("label", "Boolean, a Key or text", type => type is BooleanDataViewType or KeyDataViewType or TextDataViewType);

    /// <summary>What keeps rows together: values that can be told apart.</summary>
    public static ColumnRole SamplingKey { get; } = new("sampling key", "a scalar", type => type is PrimitiveDataViewType);

    /// <summary>When a row was.</summary>
    public static ColumnRole Time { get; } = new(
        "time", "DateTime, DateTimeOffset, TimeSpan or a number",
        type => type is DateTimeDataViewType or DateTimeOffsetDataViewType or TimeSpanDataViewType or NumberDataViewType);

    /// <summary>Features.</summary>
    public static ColumnRole Features { get; } =
        new("feature", "Vector<Single> of known size", type => IsVector(type, out var size) && size > 0);

    /// <summary>An example weight.</summary>
    public static ColumnRole Weight { get; } = new("weight", "Single", type => type == NumberDataViewType.Single);

    /// <summary>A score of one number.</summary>
    public static ColumnRole Score { get; } = Weight with { Role = "score" };

    /// <summary>A score for each class.</summary>
    public static ColumnRole ClassScores { get; } =
        new("score", "Vector<Single> of known size of at least 2", type => IsVector(type, out var size) && size > 1);

    /// <summary>The probability of a positive.</summary>
    public static ColumnRole Probability { get; } = Weight with { Role = "probability" };

    /// <summary>Whether a row is called positive.</summary>
    public static ColumnRole PredictedLabel { get; } = BinaryLabel with { Role = "predicted label" };

    /// <summary>Whether a view has a column of this name that is of an allowed type.</summary>
    public bool IsIn(DataViewSchema schema, string name) => schema.GetColumnOrNull(name) is { } column && Allows(column.Type);

    /// <summary>Whether a promised shape has a column of this name that is of an allowed type.</summary>
    public bool IsIn(SchemaShape shape, string name) => Column(shape, name) is { Name: not null } column && Allows(TypeOf(column));

    /// <summary>Checks the column of a view.</summary>
    /// <returns>The column.</returns>
    /// <exception cref="ArgumentOutOfRangeException">It is missing or of the wrong type.</exception>
    public DataViewSchema.Column Check(DataViewSchema schema, string name, string ifMissing = "")
    {
        var column = schema.GetColumnOrNull(name)
            ?? throw Missing(name, schema.Where(c => !c.IsHidden).Select(c => c.Name), nameof(schema), ifMissing);
        return Allows(column.Type) ? column : throw Wrong(name, column.Type.ToString()!, nameof(schema));
    }

    /// <summary>Checks the column of a view if it is named.</summary>
    /// <returns>The column, or null.</returns>
    /// <inheritdoc cref="Check(DataViewSchema, string, string)" path="/exception"/>
    public DataViewSchema.Column? CheckNamed(DataViewSchema schema, string? name, string ifMissing = "")
        => name is null ? null : Check(schema, Guard.NotEmpty(name, $"{Role} column name"), ifMissing);

    /// <summary>Checks the column of a promised shape.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is missing or of the wrong type.</exception>
    public void Check(SchemaShape shape, string name)
    {
        var column = Column(shape, name);
        if (column.Name is null)
            throw Missing(name, shape.Select(c => c.Name), nameof(shape));
        if (Allows(TypeOf(column)))
            return;
        // What is promised has no size and no range.
        var text = column.IsKey ? $"Key<{column.ItemType.RawType.Name}>" : column.ItemType.ToString()!;
        throw Wrong(name, column.Kind == SchemaShape.Column.VectorKind.Scalar ? text : $"Vector<{text}>", nameof(shape));
    }

    private static bool IsKeyOfUInt32(DataViewType type) => type is KeyDataViewType && type.RawType == typeof(uint);

    private static bool IsVector(DataViewType type, out int size)
    {
        size = (type as VectorDataViewType)?.Size ?? 0;
        return type is VectorDataViewType { IsKnownSize: true } vector && vector.ItemType == NumberDataViewType.Single;
    }

    /// <summary>A column of the structure has no name if there is none to find.</summary>
    private static SchemaShape.Column Column(SchemaShape shape, string name)
        => shape.FirstOrDefault(c => string.Equals(c.Name, name, StringComparison.Ordinal));

    /// <summary>A type as is promised: of a size and a range that suit everyone, as they are not known.</summary>
    private static DataViewType TypeOf(SchemaShape.Column column)
    {
        var item = column.IsKey ? new KeyDataViewType(column.ItemType.RawType, 2) : column.ItemType;
        return column.Kind switch
        {
            SchemaShape.Column.VectorKind.Scalar => item,
            SchemaShape.Column.VectorKind.Vector => new VectorDataViewType((PrimitiveDataViewType)item, 2),
            _ => new VectorDataViewType((PrimitiveDataViewType)item),
        };
    }

    private ArgumentOutOfRangeException Missing(string name, IEnumerable<string> others, string parameter, string advice = "")
        => new(parameter,
            $"The {Role} column '{name}' is missing. The input has: {string.Join(", ", others)}.{(advice.Length > 0 ? " " : "")}{advice}");

    private ArgumentOutOfRangeException Wrong(string name, string type, string parameter)
        => new(parameter, $"The {Role} column '{name}' is of type {type}, but it should be {Expected}.");
}

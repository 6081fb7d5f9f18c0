
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Columns;

/// <summary>
/// What a column that is read must be like. It is checked in the same words on a promised shape and on the schema of data.
/// </summary>
/// <param name="Role">What the column is for.</param>
/// <param name="Expected">The types that are allowed, in words.</param>
/// <param name="Allows">Whether a type is allowed: its item type, whether that is a key, and whether the column is a vector.</param>
internal sealed record ColumnRole(string Role, string Expected, Func<DataViewType, bool, bool, bool> Allows)
{
    /// <summary>A Boolean label.</summary>
    public static ColumnRole BinaryLabel { get; } =
        new("label", "Boolean", (item, _, isVector) => !isVector && item is BooleanDataViewType);

    /// <summary>A Key label.</summary>
    public static ColumnRole KeyLabel { get; } = new("label", "a Key", (_, isKey, isVector) => !isVector && isKey);

    /// <summary>A label of any kind that names a class.</summary>
    public static ColumnRole ClassLabel { get; } = new(
        "label", "Boolean, a Key or text", (item, isKey, isVector)
            => !isVector && (isKey || item is BooleanDataViewType or TextDataViewType));

    /// <summary>An example weight.</summary>
    public static ColumnRole Weight { get; } =
        new("weight", "Single", (item, isKey, isVector) => !isVector && !isKey && item == NumberDataViewType.Single);

    /// <summary>A score of one number.</summary>
    public static ColumnRole Score { get; } = Weight with { Role = "score" };

    /// <summary>Whether a type is the only key type that ML.NET's multiclass trainers take, a key of UInt32.</summary>
    public static bool IsKeyOfUInt32(DataViewType type) => type is KeyDataViewType && type.RawType == typeof(uint);

    /// <summary>The column of a view that has a name and is of an expected type.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is missing or of the wrong type.</exception>
    public static DataViewSchema.Column Find(
        DataViewSchema schema, string role, string name, string expected, Func<DataViewType, bool> isExpected, string ifMissing = "")
    {
        var column = Find(schema, role, name, ifMissing);
        return isExpected(column.Type) ? column : throw Wrong(role, name, column.Type.ToString()!, expected, nameof(schema));
    }

    /// <summary>Whether a view has a column of this name that is of an allowed type.</summary>
    public bool IsIn(DataViewSchema schema, string name) => schema.GetColumnOrNull(name) is { Type: var type }
        && Allows(ItemType(type), ItemType(type) is KeyDataViewType, type is VectorDataViewType);

    /// <summary>Checks the column of a view.</summary>
    /// <returns>The column.</returns>
    /// <exception cref="ArgumentOutOfRangeException">It is missing or of the wrong type.</exception>
    public DataViewSchema.Column Check(DataViewSchema schema, string name)
    {
        var column = Find(schema, Role, name);
        if (IsIn(schema, name))
            return column;
        var item = ItemType(column.Type);
        throw Wrong(Role, name, TypeText(item, item is KeyDataViewType, column.Type is VectorDataViewType), Expected, nameof(schema));
    }

    /// <summary>Checks the column of a promised shape.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is missing or of the wrong type.</exception>
    public void Check(SchemaShape shape, string name)
    {
        // A column of the structure has no name if there was none to find.
        var column = shape.FirstOrDefault(c => string.Equals(c.Name, name, StringComparison.Ordinal));
        if (column.Name is null)
            throw Missing(Role, name, shape.Select(c => c.Name), nameof(shape));
        var isVector = column.Kind != SchemaShape.Column.VectorKind.Scalar;
        if (!Allows(column.ItemType, column.IsKey, isVector))
            throw Wrong(Role, name, TypeText(column.ItemType, column.IsKey, isVector), Expected, nameof(shape));
    }

    private static DataViewType ItemType(DataViewType type) => type is VectorDataViewType vector ? vector.ItemType : type;

    private static DataViewSchema.Column Find(DataViewSchema schema, string role, string name, string ifMissing = "")
        => schema.GetColumnOrNull(name)
            ?? throw Missing(role, name, schema.Where(c => !c.IsHidden).Select(c => c.Name), nameof(schema), ifMissing);

    /// <summary>The type in words that a promised shape has too: without the size of a vector and the range of a key.</summary>
    private static string TypeText(DataViewType item, bool isKey, bool isVector)
    {
        var text = isKey ? $"Key<{item.RawType.Name}>" : item.ToString()!;
        return isVector ? $"Vector<{text}>" : text;
    }

    private static ArgumentOutOfRangeException Missing(
        string role, string name, IEnumerable<string> others, string parameter, string advice = "")
        => new(parameter, $"The {role} column '{name}' is missing. The input has: {string.Join(", ", others)}.{(advice.Length > 0 ? " " : "")}{advice}");

    private static ArgumentOutOfRangeException Wrong(string role, string name, string type, string expected, string parameter)
        => new(parameter, $"The {role} column '{name}' is of type {type}, but it should be {expected}.");
}

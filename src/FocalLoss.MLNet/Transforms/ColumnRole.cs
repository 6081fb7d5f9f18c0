using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Transforms;

/// <summary>What a column that is read must be like. It is checked in the same words on a promised shape and on the schema of data.</summary>
/// <param name="Role">What the column is for.</param>
/// <param name="Expected">The types that are allowed, in words.</param>
/// <param name="Allows">Whether a type is allowed: its item type, whether that is a key, and whether the column is a vector.</param>
internal sealed record ColumnRole(string Role, string Expected, Func<DataViewType, bool, bool, bool> Allows)
{
    /// <summary>A Boolean label.</summary>
    public static ColumnRole BinaryLabel { get; } = new("label", "Boolean", (item, _, isVector) => !isVector && item is BooleanDataViewType);

    /// <summary>A Key label.</summary>
    public static ColumnRole KeyLabel { get; } = new("label", "a Key", (_, isKey, isVector) => !isVector && isKey);

    /// <summary>A label of any kind that names a class.</summary>
    public static ColumnRole ClassLabel { get; } = new(
        "label", "Boolean, a Key or text", (item, isKey, isVector) => !isVector && (isKey || item is BooleanDataViewType or TextDataViewType));

    /// <summary>An example weight.</summary>
    public static ColumnRole Weight { get; } = new("weight", "Single", (item, isKey, isVector) => !isVector && !isKey && item == NumberDataViewType.Single);

    /// <summary>A score of one number.</summary>
    public static ColumnRole Score { get; } = Weight with { Role = "score" };

    /// <summary>Checks the column of a view.</summary>
    /// <returns>The column.</returns>
    /// <exception cref="ArgumentOutOfRangeException">It is missing or of the wrong type.</exception>
    public DataViewSchema.Column Check(DataViewSchema schema, string name)
    {
        if (schema.GetColumnOrNull(name) is not { } column)
            throw Missing(name, schema.Where(c => !c.IsHidden).Select(c => c.Name), nameof(schema));
        var item = (column.Type as VectorDataViewType)?.ItemType ?? column.Type;
        var text = item is KeyDataViewType ? $"Key<{item.RawType.Name}>" : item.ToString()!;
        return Allows(item, item is KeyDataViewType, column.Type is VectorDataViewType)
            ? column
            : throw Wrong(name, column.Type is VectorDataViewType ? $"Vector<{text}>" : text, nameof(schema));
    }

    /// <summary>Checks the column of a promised shape.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is missing or of the wrong type.</exception>
    public void Check(SchemaShape shape, string name)
    {
        // A column of the structure has no name if there was none to find.
        var column = shape.FirstOrDefault(c => string.Equals(c.Name, name, StringComparison.Ordinal));
        if (column.Name is null)
            throw Missing(name, shape.Select(c => c.Name), nameof(shape));
        var isVector = column.Kind != SchemaShape.Column.VectorKind.Scalar;
        var text = column.IsKey ? $"Key<{column.ItemType.RawType.Name}>" : column.ItemType.ToString()!;
        if (!Allows(column.ItemType, column.IsKey, isVector))
            throw Wrong(name, isVector ? $"Vector<{text}>" : text, nameof(shape));
    }

    private ArgumentOutOfRangeException Missing(string name, IEnumerable<string> others, string parameter)
        => new(parameter, $"The {Role} column '{name}' is missing. The input has: {string.Join(", ", others)}.");

    private ArgumentOutOfRangeException Wrong(string name, string type, string parameter)
        => new(parameter, $"The {Role} column '{name}' is of type {type}, but it should be {Expected}.");
}

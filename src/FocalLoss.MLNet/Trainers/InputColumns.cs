using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Trainers;

/// <summary>ML.NET's default column names, which it keeps internal.</summary>
internal static class DefaultColumnNames
{
    public const string Label = "Label";
    public const string Features = "Features";
}

/// <summary>Checks that the columns of a trainer's input are there and of the right type.</summary>
internal static class InputColumns
{
    public static void Check(DataViewSchema schema, FocalSgdOptions options, Func<DataViewType, bool> isLabel, string labelType)
    {
        Check(schema, "label", options.LabelColumnName, labelType, isLabel);
        Check(schema, "feature", options.FeatureColumnName, "Vector<Single> of known size",
            type => type is VectorDataViewType { IsKnownSize: true, Size: > 0 } vector && vector.ItemType == NumberDataViewType.Single);
        if (options.ExampleWeightColumnName is { } weight)
            Check(schema, "weight", weight, "Single", type => type == NumberDataViewType.Single);
    }

    public static bool IsBoolean(DataViewType type) => type is BooleanDataViewType;

    /// <summary>Of the key types ML.NET's multiclass trainers take those of UInt32 only.</summary>
    public static bool IsKey(DataViewType type) => type is KeyDataViewType && type.RawType == typeof(uint);

    /// <summary>The column of a name, if it is there and of the expected type.</summary>
    public static DataViewSchema.Column Check(DataViewSchema schema, string role, string name, string expected, Func<DataViewType, bool> isExpected)
    {
        if (schema.GetColumnOrNull(name) is not { } column)
        {
            throw new ArgumentOutOfRangeException(nameof(schema),
                $"The {role} column '{name}' is missing. The input has: {string.Join(", ", schema.Where(c => !c.IsHidden).Select(c => c.Name))}.");
        }

        if (!isExpected(column.Type))
        {
            throw new ArgumentOutOfRangeException(nameof(schema), $"The {role} column '{name}' is of type {column.Type}, but it should be {expected}.");
        }

        return column;
    }
}

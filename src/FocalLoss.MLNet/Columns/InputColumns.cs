
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Columns;

/// <summary>Checks that the columns of a trainer's input are there and of the right type.</summary>
internal static class InputColumns
{
    public static void Check(DataViewSchema schema, FocalSgdOptions options, Func<DataViewType, bool> isLabel, string labelType)
    {
        ColumnRole.Find(schema, "label", options.LabelColumnName, labelType, isLabel);
        ColumnRole.Find(schema, "feature", options.FeatureColumnName, "Vector<Single> of known size",
            type => type is VectorDataViewType { IsKnownSize: true, Size: > 0 } vector && vector.ItemType == NumberDataViewType.Single);
        if (options.ExampleWeightColumnName is { } weight)
            ColumnRole.Find(schema, "weight", weight, "Single", type => type == NumberDataViewType.Single);
        if (options.SamplingKeyColumnName is { } key)
            ColumnRole.Find(schema, "sampling key", key, "a scalar", ColumnCodes.Supports);
    }

    public static bool IsBoolean(DataViewType type) => type is BooleanDataViewType;
}

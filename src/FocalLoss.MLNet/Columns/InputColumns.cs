using Microsoft.ML;

namespace FocalMlNet.Columns;

/// <summary>Checks that the columns of a trainer's input are there and of the right type.</summary>
internal static class InputColumns
{
    public static void Check(DataViewSchema schema, FocalSgdOptions options, ColumnRole label)
    {
        label.Check(schema, options.LabelColumnName);
        ColumnRole.Features.Check(schema, options.FeatureColumnName);
        ColumnRole.Weight.CheckNamed(schema, options.ExampleWeightColumnName);
        ColumnRole.SamplingKey.CheckNamed(schema, options.SamplingKeyColumnName);
    }
}

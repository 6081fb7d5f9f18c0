
using System.Globalization;
using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Columns;

/// <summary>
/// Values that an annotation of a column lists, such as those that keys were made of, in words: texts as they are, numbers and Booleans in
/// invariant form.
/// </summary>
internal static class ValueTexts
{
    /// <summary>What a multiclass trainer leaves on its scores: the key values of its label, whatever their type.</summary>
    public const string TrainingLabelValues = "TrainingLabelValues";

    private static readonly MethodInfo Reader =
        ((Func<DataViewSchema.Column, string, string[]>)Read<int>).Method.GetGenericMethodDefinition();

    /// <summary>
    /// What the keys of a column were made of, as MapValueToKey leaves it on the column; null if it has no keys, or does not say.
    /// </summary>
    public static string[]? OfKeys(DataViewSchema.Column column)
        => column.Type is KeyDataViewType { Count: <= int.MaxValue } key ? Of(column, "KeyValues", (int)key.Count) : null;

    /// <summary>The values in words; null if the column has no such annotation with just so many values.</summary>
    public static string[]? Of(DataViewSchema.Column column, string annotation, int count)
    {
        if (column.Annotations.Schema.GetColumnOrNull(annotation)?.Type is not VectorDataViewType values || values.Size != count)
            return null;
        return Reader.MakeGenericMethod(values.ItemType.RawType).CreateDelegate<Func<DataViewSchema.Column, string, string[]>>()(
            column, annotation);
    }

    private static string[] Read<T>(DataViewSchema.Column column, string annotation)
    {
        var buffer = default(VBuffer<T>);
        column.Annotations.GetValue(annotation, ref buffer);
        return [.. buffer.DenseValues().Select(value => string.Create(CultureInfo.InvariantCulture, $"{value}"))];
    }
}

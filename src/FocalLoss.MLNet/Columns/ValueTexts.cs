
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Columns;

/// <summary>
/// Values that an annotation of a column lists, such as those that keys were made of, in words: texts as they are, numbers and Booleans in
/// invariant form.
/// </summary>
internal static class ValueTexts
{
    /// <summary>What MapValueToKey leaves on a key column: the values, in the order of the keys.</summary>
    public const string KeyValues = "KeyValues";

    /// <summary>What a multiclass trainer leaves on its scores: the key values of its label, whatever their type.</summary>
    public const string TrainingLabelValues = "TrainingLabelValues";

    /// <summary>The values in words; null if the column has no such annotation with just so many values.</summary>
    public static string[]? Of(DataViewSchema.Column column, string annotation, int count)
    {
        if (column.Annotations.Schema.GetColumnOrNull(annotation)?.Type is not VectorDataViewType values || values.Size != count)
            return null;
        return values.ItemType is TextDataViewType ? Read<ReadOnlyMemory<char>>() : Type.GetTypeCode(values.ItemType.RawType) switch
        {
            TypeCode.Boolean => Read<bool>(),
            TypeCode.Byte => Read<byte>(),
            TypeCode.UInt16 => Read<ushort>(),
            TypeCode.UInt32 => Read<uint>(),
            TypeCode.UInt64 => Read<ulong>(),
            TypeCode.SByte => Read<sbyte>(),
            TypeCode.Int16 => Read<short>(),
            TypeCode.Int32 => Read<int>(),
            TypeCode.Int64 => Read<long>(),
            TypeCode.Single => Read<float>(),
            TypeCode.Double => Read<double>(),
            TypeCode.DateTime => Read<DateTime>(),
            _ when values.ItemType.RawType == typeof(DateTimeOffset) => Read<DateTimeOffset>(),
            _ when values.ItemType.RawType == typeof(TimeSpan) => Read<TimeSpan>(),
            _ when values.ItemType.RawType == typeof(DataViewRowId) => Read<DataViewRowId>(),
            _ => null,
        };

        string[] Read<T>()
        {
            var buffer = default(VBuffer<T>);
            column.Annotations.GetValue(annotation, ref buffer);
            return [.. buffer.DenseValues().Select(value => string.Create(CultureInfo.InvariantCulture, $"{value}"))];
        }
    }
}

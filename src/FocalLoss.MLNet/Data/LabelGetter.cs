using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Data;

/// <summary>Reads a label column of type Boolean or Key as class numbers from 0.</summary>
internal static class LabelGetter
{
    /// <summary>The number of classes the column's type allows.</summary>
    public static int ClassCount(DataViewSchema.Column label) => label.Type switch
    {
        BooleanDataViewType => 2,
        KeyDataViewType key => checked((int)key.Count),
        _ => throw new InvalidOperationException($"Label column '{label.Name}' is of type {label.Type}, but it should be Boolean or a Key."),
    };

    /// <summary>The class of the cursor's row; -1 for a missing one.</summary>
    public static Func<int> Create(DataViewRow row, DataViewSchema.Column label)
    {
        if (label.Type is BooleanDataViewType)
            return Reader<bool>(row, label, static value => value ? 1 : 0);
        // A key counts from 1; 0 is a missing label.
        if (label.Type.RawType == typeof(byte))
            return Reader<byte>(row, label, static value => value - 1);
        if (label.Type.RawType == typeof(ushort))
            return Reader<ushort>(row, label, static value => value - 1);
        if (label.Type.RawType == typeof(uint))
            return Reader<uint>(row, label, static value => (int)value - 1);
        return Reader<ulong>(row, label, static value => (int)value - 1);
    }

    private static Func<int> Reader<T>(DataViewRow row, DataViewSchema.Column label, Func<T, int> toClass)
        where T : struct
    {
        var getter = row.GetGetter<T>(label);
        T value = default;
        return () =>
        {
            getter(ref value);
            return toClass(value);
        };
    }
}

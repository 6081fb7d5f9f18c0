
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Columns;

/// <summary>Reads a label column of type Boolean or Key as class numbers from 0.</summary>
internal static class LabelGetter
{
    /// <summary>The class of a row without a label.</summary>
    public const int Missing = -1;

    /// <summary>The number of classes the column's type allows.</summary>
    /// <exception cref="InvalidOperationException">They are too many to train, or the type is of another kind.</exception>
    public static int ClassCount(DataViewSchema.Column label) => label.Type switch
    {
        BooleanDataViewType => 2,
        KeyDataViewType => LabelFault.KeyCount(label, LabelFault.MostClasses),
        _ => throw new InvalidOperationException(
            $"Label column '{label.Name}' is of type {label.Type}, but it should be Boolean or a Key."),
    };

    /// <summary>Whether a class is one of those that the column's type allows, or <see cref="Missing"/>.</summary>
    public static bool IsAllowed(int ofRow, int classCount) => (uint)ofRow < (uint)classCount || ofRow == Missing;

    /// <summary>The error of a class that is not allowed.</summary>
    public static InvalidOperationException NotAllowed(string labelColumnName, int ofRow, long row, int classCount)
        => LabelFault.KeyBeyond(labelColumnName, (uint)ofRow + 1ul, row, (ulong)classCount);

    /// <summary>
    /// The class of the cursor's row, <see cref="Missing"/> for a missing one. Who reads checks with <see cref="IsAllowed"/> that the key
    /// is not larger than its type allows, as the number of the row is not known here: the cursor may be one of several.
    /// </summary>
    public static Func<int> Create(DataViewRow row, DataViewSchema.Column label)
    {
        if (label.Type is BooleanDataViewType)
            return Reader<bool>(row, label, static value => value ? 1 : 0);
        // A key counts from 1; 0 is a missing label. Keys above 2^31 become negative, but none of them -1.
        if (label.Type.RawType == typeof(byte))
            return Reader<byte>(row, label, static value => value - 1);
        if (label.Type.RawType == typeof(ushort))
            return Reader<ushort>(row, label, static value => value - 1);
        if (label.Type.RawType == typeof(uint))
            return Reader<uint>(row, label, static value => (int)(value - 1));
        // Not all of these have a class number; no trainer takes them, and so several cursors are not opened for them.
        var count = ((KeyDataViewType)label.Type).Count;
        return Reader<ulong>(row, label, value => value <= count
            ? (int)value - 1 : throw LabelFault.KeyBeyond(label.Name, value, row.Position, count));
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

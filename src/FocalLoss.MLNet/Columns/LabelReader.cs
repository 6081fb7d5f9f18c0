using System.Runtime.CompilerServices;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Columns;

/// <summary>
/// Reads a label column as class numbers: of Boolean, false is 0 and true 1; of a Key of any width, the values count from 0. A key of 0 is
/// <see cref="Missing"/>, and so is, where text is read (<see cref="ColumnCodes"/>), an empty one. What is wrong with a label is said here,
/// in the same words whoever reads it; <see cref="ColumnRole"/> says which types are taken.
/// </summary>
internal static class LabelReader
{
    /// <summary>The class of a row without a label.</summary>
    public const int Missing = -1;

    /// <summary>
    /// The most key values of a label for which a class table is made: a key with more, such as one of a hash, names no classes.
    /// </summary>
    public const int MostKeys = 1 << 20;

    /// <summary>The most classes that a trainer takes: it has a model for each, and with so many a fit takes minutes.</summary>
    public const int MostClasses = 1 << 14;

    /// <summary>The number of classes that the type of a Boolean or Key column allows.</summary>
    /// <exception cref="InvalidOperationException">There are more than can be worked with.</exception>
    public static int ClassCount(DataViewSchema.Column label, int most = MostClasses)
    {
        var count = label.Type is KeyDataViewType key ? key.Count : 2;
        return count <= (ulong)most ? (int)count
            : throw new InvalidOperationException(FormattableString.Invariant(
                $"Label column '{label.Name}' has {count} key values, but it should have at most {most}."));
    }

    /// <summary>The class of the cursor's row. The cursor is the only one, so that its position is the number of the row.</summary>
    /// <exception cref="InvalidOperationException">
    /// There are more classes than can be worked with; or, when it is called, the key is larger than its type allows.
    /// </exception>
    public static Func<int> Of(DataViewRow row, DataViewSchema.Column label, int most = MostClasses)
    {
        var (next, count) = (Unchecked(row, label), ClassCount(label, most));
        return () =>
        {
            var k = next();
            Check(label.Name, k, row.Position, count);
            return k;
        };
    }

    /// <summary>
    /// The class of the cursor's row. Who reads calls <see cref="Check"/>, as the number of the row is not known here: the cursor may be
    /// one of several.
    /// </summary>
    public static Func<int> Unchecked(DataViewRow row, DataViewSchema.Column label)
    {
        if (label.Type is BooleanDataViewType)
            return Reader<bool>(row, label, [MethodImpl(MethodImplOptions.AggressiveOptimization)] static (value) => value ? 1 : 0);
        // Keys above 2^31 become negative, but none of them Missing.
        if (label.Type.RawType == typeof(byte))
            return Reader<byte>(row, label, [MethodImpl(MethodImplOptions.AggressiveOptimization)] static (value) => value - 1);
        if (label.Type.RawType == typeof(ushort))
            return Reader<ushort>(row, label, [MethodImpl(MethodImplOptions.AggressiveOptimization)] static (value) => value - 1);
        if (label.Type.RawType == typeof(uint))
            return Reader<uint>(row, label, [MethodImpl(MethodImplOptions.AggressiveOptimization)] static (value) => (int)(value - 1));
        // Not all of these have a class number; no trainer takes them, and so several cursors are not opened for them.
        var count = ((KeyDataViewType)label.Type).Count;
        return Reader<ulong>(row, label, value => value <= count
            ? (int)value - 1 : throw KeyBeyond(label.Name, value, row.Position, count));
    }

    /// <summary>
    /// A byte of the cursor's row, equal for equal labels, by which it is noticed that data comes in another order when it is read again,
    /// as that of a query without ORDER BY may. The label may also be text.
    /// </summary>
    public static Func<byte> Bytes(DataViewRow row, DataViewSchema.Column label)
    {
        var next = label.Type is TextDataViewType
            ? Reader<ReadOnlyMemory<char>>(row, label, static text => HashOf(text.Span))
            : Unchecked(row, label);
        return () => unchecked((byte)next());
    }

    /// <summary>Says no to a class that is none of those that the column's type allows, nor <see cref="Missing"/>.</summary>
    /// <exception cref="InvalidOperationException">It is not allowed.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Check(string columnName, int ofRow, long row, int classCount)
    {
        if ((uint)ofRow >= (uint)classCount && ofRow != Missing)
            throw KeyBeyond(columnName, (uint)ofRow + 1ul, row, (ulong)classCount);
    }

    /// <summary>A key is larger than its type allows.</summary>
    /// <param name="columnName">The key column.</param>
    /// <param name="key">The key.</param>
    /// <param name="row">The number of the row.</param>
    /// <param name="count">The number of values of the key.</param>
    public static InvalidOperationException KeyBeyond(string columnName, ulong key, long row, ulong count)
        => new(FormattableString.Invariant(
            $"Column '{columnName}' has key {key} in row {row}, but its type allows 1 to {count}, or 0 for a missing one."));

    /// <summary>A label is missing where every row should have one.</summary>
    public static InvalidOperationException MissingIn(DataViewSchema.Column label, long row)
    {
        var (what, filter) = label.Type is TextDataViewType
            ? (", an empty text", "FilterByCustomPredicate") : ("", "FilterRowsByMissingValues");
        return new(FormattableString.Invariant(
            $"Label column '{label.Name}' is missing in row {row}{what}: leave such rows out, for example with {filter}."));
    }

    /// <summary>
    /// A hash whose last byte differs where one ASCII character does, as in the labels a and b. That of .NET is another one in each
    /// process: in one of 256, yes and no would have the same byte.
    /// </summary>
    private static int HashOf(ReadOnlySpan<char> text)
    {
        var hash = text.Length;
        foreach (var c in text)
            hash = unchecked(hash * 31 + c);
        return hash;
    }

    private static Func<int> Reader<T>(DataViewRow row, DataViewSchema.Column label, Func<T, int> toClass)
    {
        var getter = row.GetGetter<T>(label);
        T value = default!;
        return [MethodImpl(MethodImplOptions.AggressiveOptimization)] () =>
        {
            getter(ref value);
            return toClass(value);
        };
    }
}

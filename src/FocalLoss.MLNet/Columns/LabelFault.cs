
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Columns;

/// <summary>What can be wrong with a label, in the same words whoever reads it.</summary>
internal static class LabelFault
{
    /// <summary>
    /// The most key values of a label for which a class table is made: a key with more, such as one of a hash, names no classes.
    /// </summary>
    public const int MostKeys = 1 << 20;

    /// <summary>The most classes that a trainer takes: it has a model for each, and with so many a fit takes minutes.</summary>
    public const int MostClasses = 1 << 14;

    /// <summary>The number of values of a key.</summary>
    /// <param name="label">A key column.</param>
    /// <param name="most">The largest number that can be worked with.</param>
    /// <exception cref="InvalidOperationException">There are more.</exception>
    public static int KeyCount(DataViewSchema.Column label, int most)
    {
        var count = ((KeyDataViewType)label.Type).Count;
        return count <= (ulong)most ? (int)count
            : throw new InvalidOperationException(FormattableString.Invariant(
                $"Label column '{label.Name}' has {count} key values, but it should have at most {most}."));
    }

    /// <summary>A key is 0, or a text is empty, where every row should have a label.</summary>
    /// <param name="label">The column.</param>
    /// <param name="row">The number of the row.</param>
    public static InvalidOperationException Missing(DataViewSchema.Column label, long row)
    {
        var (what, filter) = label.Type is TextDataViewType
            ? (", an empty text", "FilterByCustomPredicate") : ("", "FilterRowsByMissingValues");
        return new(FormattableString.Invariant(
            $"Label column '{label.Name}' is missing in row {row}{what}: leave such rows out, for example with {filter}."));
    }

    /// <summary>A key is larger than its type allows.</summary>
    /// <param name="columnName">The key column.</param>
    /// <param name="key">The key.</param>
    /// <param name="row">The number of the row.</param>
    /// <param name="count">The number of values of the key.</param>
    public static InvalidOperationException KeyBeyond(string columnName, ulong key, long row, ulong count)
        => new(FormattableString.Invariant(
            $"Column '{columnName}' has key {key} in row {row}, but its type allows 1 to {count}, or 0 for a missing one."));
}

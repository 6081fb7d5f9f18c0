
using FocalMlNet.Columns;
using FocalMlNet.Views;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Training;

/// <summary>
/// Finds out whether a binary label is all the same for a good reason: ML.NET's OneVersusAll asks for a class without rows, or
/// PairwiseCoupling for two classes when there are no others. To the stock trainers that is a label like any other. Both put the Boolean
/// label right behind the key column of the same name, which it hides.
/// </summary>
internal static class OneSidedLabel
{
    /// <summary>The reason in words.</summary>
    /// <param name="view">The input of a trainer. All rows with a weight above 0 have the same label.</param>
    /// <param name="labelColumnName">The label.</param>
    /// <param name="isPositive">That label.</param>
    /// <returns>
    /// Null if there is none: there is no key, each of its values has rows that are not positive, or only one of them has rows that are.
    /// </returns>
    public static string? Reason(IDataView view, string labelColumnName, bool isPositive)
    {
        if (HiddenKey(view.Schema, labelColumnName) is not { } key || (view as AppendedRowsView)?.IsInAll(key) == false)
            return null;
        var names = ClassNames.Of(key);
        var (negatives, positives) = Occurring(view, view.Schema[labelColumnName], key, names.Count);
        if (isPositive)
        {
            return positives.Count(occurs => occurs) < 2 ? null
                : $"All rows of label column '{labelColumnName}' with a weight above 0 are of the classes asked for: "
                    + "they get a probability near 1.";
        }

        // A class may have rows of weight 0.
        var empty = positives.Contains(true) ? positives : [.. negatives.Select(occurs => !occurs)];
        var named = string.Join(" or ", empty.Index().Where(k => k.Item).Select(k => names[k.Index]));
        return named.Length == 0 ? null
            : $"Class {named} of label column '{labelColumnName}' has no row with a weight above 0: "
                + "the model keeps it, with a probability near 0.";
    }

    /// <summary>Of which values of the key there are rows that are not positive, and rows that are.</summary>
    private static (bool[] Negatives, bool[] Positives) Occurring(
        IDataView view, DataViewSchema.Column label, DataViewSchema.Column key, int count)
    {
        var (negatives, positives) = (new bool[count], new bool[count]);
        using var cursor = view.GetRowCursor([label, key]);
        var (isOfClass, classOf) = (LabelReader.Of(cursor, label), LabelReader.Unchecked(cursor, key));
        while (cursor.MoveNext())
        {
            if (classOf() is var k && (uint)k < (uint)count)
                (isOfClass() == 1 ? positives : negatives)[k] = true;
        }

        return (negatives, positives);
    }

    private static DataViewSchema.Column? HiddenKey(DataViewSchema schema, string labelColumnName)
    {
        if (schema.GetColumnOrNull(labelColumnName) is not { Type: BooleanDataViewType, Index: > 0 } label)
            return null;
        var before = schema[label.Index - 1];
        return before.Type is KeyDataViewType && string.Equals(before.Name, labelColumnName, StringComparison.Ordinal) ? before : null;
    }
}

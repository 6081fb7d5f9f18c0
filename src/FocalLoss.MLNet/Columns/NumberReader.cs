using Microsoft.ML;

namespace FocalMlNet.Columns;

/// <summary>Reads numbers of a Single column and says no to one that cannot be used.</summary>
internal static class NumberReader
{
    /// <summary>The number of the cursor's row.</summary>
    /// <param name="row">The cursor.</param>
    /// <param name="column">The column.</param>
    /// <param name="isAllowed">Whether a number may occur.</param>
    /// <param name="allowed">Which may, for the message.</param>
    /// <exception cref="InvalidOperationException">When it is called: the number may not occur.</exception>
    public static Func<float> Of(DataViewRow row, DataViewSchema.Column column, Func<float, bool> isAllowed, string allowed)
    {
        var get = row.GetGetter<float>(column);
        var value = 0f;
        return () =>
        {
            get(ref value);
            return isAllowed(value) ? value : throw new InvalidOperationException(FormattableString.Invariant(
                $"Column '{column.Name}' has {value} in row {row.Position}, but it should be {allowed}."));
        };
    }
}

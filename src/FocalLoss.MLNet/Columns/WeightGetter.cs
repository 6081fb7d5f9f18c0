
using Microsoft.ML;

namespace FocalMlNet.Columns;

/// <summary>Reads example weights and says no to one that cannot be used.</summary>
internal static class WeightGetter
{
    /// <summary>The weight of the cursor's row; 1 without a column.</summary>
    /// <exception cref="InvalidOperationException">When it is called: the weight is outside its range or NaN.</exception>
    public static Func<double> Of(DataViewRow row, string? columnName)
    {
        if (columnName is null)
            return () => 1;
        var get = row.GetGetter<float>(row.Schema[columnName]);
        var weight = 0f;
        return () =>
        {
            get(ref weight);
            return Guard.IsExampleWeight(weight)
                ? weight
                : throw new InvalidOperationException(FormattableString.Invariant(
                    $"Column '{columnName}' has weight {weight} in row {row.Position}, but it should be {Guard.ExampleWeights}."));
        };
    }
}

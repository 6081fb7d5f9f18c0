using System.Runtime.CompilerServices;
using Microsoft.ML;

namespace FocalMlNet.Columns;

/// <summary>
/// Reads example weights and says no to one that cannot be used, in the same words whoever reads it. Where rows that cannot be used are
/// skipped and counted, as in training, a weight of NaN is a missing one and such a row; everywhere else it is an error.
/// </summary>
internal static class WeightReader
{
    /// <summary>With slopes and usual class weights, sums of weights up to this stay within the range of a Single.</summary>
    private const float Largest = 1e30f;

    /// <summary>The weight of the cursor's row; 1 without a column.</summary>
    /// <exception cref="InvalidOperationException">When it is called: the weight is NaN or outside [0; 1e30].</exception>
    public static Func<float> Of(DataViewRow row, DataViewSchema.Column? column)
    {
        if (column is not { } given)
            return static () => 1;
        var get = row.GetGetter<float>(given);
        var weight = 0f;
        return () =>
        {
            get(ref weight);
            Check(given.Name, weight, row.Position);
            return weight;
        };
    }

    /// <summary>Whether a weight is in [0; 1e30].</summary>
    public static bool IsAllowed(float weight) => weight is >= 0 and <= Largest;

    /// <summary>Says no to a weight that is NaN or outside [0; 1e30]. There is no least one: re-weighting makes some of any size.</summary>
    /// <exception cref="InvalidOperationException">It is.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Check(string columnName, float weight, long row)
    {
        if (!IsAllowed(weight))
        {
            throw new InvalidOperationException(FormattableString.Invariant(
                $"Column '{columnName}' has weight {weight} in row {row}, but it should be in [0; 1E+30]."));
        }
    }
}

namespace FocalMlNet.Evaluation;

/// <summary>P values of several tests at once (Holm, "A simple sequentially rejective multiple test procedure", 1979).</summary>
internal static class Holm
{
    /// <summary>
    /// Each p value times the number of tests that are not below it, at most 1 and not below the one before; NaN is no test.
    /// </summary>
    public static double[] Adjusted(IReadOnlyList<double> pValues)
    {
        int[] order = [.. Enumerable.Range(0, pValues.Count).Where(i => !double.IsNaN(pValues[i])).OrderBy(i => pValues[i])];
        double[] adjusted = [.. pValues];
        var least = 0.0;
        for (var rank = 0; rank < order.Length; rank++)
            adjusted[order[rank]] = least = Math.Max(least, Math.Min(1, (order.Length - rank) * pValues[order[rank]]));
        return adjusted;
    }
}

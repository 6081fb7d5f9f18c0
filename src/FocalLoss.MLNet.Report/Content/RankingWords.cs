namespace FocalMlNet.Report;

/// <summary>What the paired differences in average precision say of the chosen model, in sentences.</summary>
/// <param name="names">The models, in their order.</param>
/// <param name="chosen">The chosen one.</param>
/// <param name="against">The difference of the chosen model to another.</param>
/// <param name="figure">What the average precision is called here.</param>
/// <param name="level">The confidence level of the intervals.</param>
internal sealed class RankingWords(IReadOnlyList<string> names, int chosen, Func<int, ModelDifference> against, string figure, double level)
{
    /// <summary>A p value below which a difference is called more than chance.</summary>
    public const double Clear = .05;

    public static RankingWords Of<TMetrics>(ModelComparison<TMetrics> comparison, int chosen, string figure)
    {
        string[] names = [.. comparison.Models.Select(model => model.Name)];
        return new(
            names, chosen, other => comparison.Difference(names[chosen], names[other], ComparisonMetric.AveragePrecision), figure,
            comparison.ConfidenceLevel);
    }

    public string OfBaseline(int baseline)
    {
        var (name, difference) = (Quoted(names[baseline]), against(baseline));
        var size = WithInterval(Math.Abs(difference.Difference), Absolute(difference), 1, level, isLevelSaid: false);
        if (difference is { Difference: 0, Interval: { Low: 0, High: 0 } })
            return $"{name} ranks the rows in the same way.";
        if (difference.AdjustedPValue >= Clear)
        {
            return $"{name} may be as good: its {figure} is {size} {(difference.Difference > 0 ? "lower" : "higher")}, "
                + $"which may be chance (p {Is(difference)}): take the simpler of the two.";
        }

        return difference.Difference > 0
            ? $"That is more than {name} gives: its {figure} is {size} lower, more than chance explains (p {Is(difference)})."
            : $"{name} is better: its {figure} is {size} higher, more than chance explains (p {Is(difference)}).";
    }

    /// <summary>Of all but the chosen model and the baseline.</summary>
    public IEnumerable<string> OfOthers(int baseline)
    {
        int[] others = [.. Enumerable.Range(0, names.Count).Where(m => m != chosen && m != baseline)];
        List<string> higher = [], close = [], worse = [];
        foreach (var m in others)
        {
            var (name, difference) = (Quoted(names[m]), against(m));
            var size = WithInterval(-difference.Difference, new(-difference.Interval.High, -difference.Interval.Low), 1, level, false);
            if (difference.AdjustedPValue >= Clear)
                (difference.Difference < 0 ? higher : close).Add(difference.Difference < 0 ? $"{name} by {size}" : name);
            else if (difference.Difference < 0)
                yield return $"{name} is better: its {figure} is {size} higher, more than chance explains (p {Is(difference)}).";
            else
                worse.Add(name);
        }

        if (higher.Count > 0)
            yield return $"Higher in {figure}, which may be chance: {string.Join(", ", higher)}.";
        if (close.Count > 0)
            yield return $"Lower in {figure}, which may be chance: {string.Join(", ", close)}.";
        if (worse.Count > 0)
            yield return $"Clearly worse by {figure}: {string.Join(", ", worse)}.";
    }

    /// <summary>A figure and its interval, both with the places that the interval leaves.</summary>
    public static string WithInterval(double value, ConfidenceInterval interval, double unit, double level, bool isLevelSaid = true)
    {
        var said = isLevelSaid ? $"{ShortNumber.Digits(100 * level)} % interval " : "";
        var (figure, ends) = Known(unit * value, new(unit * interval.Low, unit * interval.High));
        return $"{figure} ({said}{ends})";
    }

    /// <summary>A figure with the places that its interval leaves, and the interval.</summary>
    public static (string Value, string Interval) Known(double value, ConfidenceInterval interval)
    {
        var error = (interval.High - interval.Low) / 2;
        return (ShortNumber.Known(value, error), $"{ShortNumber.Known(interval.Low, error)} to {ShortNumber.Known(interval.High, error)}");
    }

    /// <summary>The size of a difference, which is that of the model that is lower.</summary>
    public static ConfidenceInterval Absolute(ModelDifference d)
        => d.Difference >= 0 ? d.Interval : new(-d.Interval.High, -d.Interval.Low);

    /// <summary>A p value with its sign.</summary>
    public static string Is(ModelDifference difference)
        => ShortNumber.PValue(difference.AdjustedPValue) is var p && p.StartsWith('<') ? p : $"= {p}";

    private static string Quoted(string name) => BinaryAnswer.Quoted(name);
}

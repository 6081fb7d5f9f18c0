using OxyPlot.Axes;

namespace FocalMlNet.Report;

/// <summary>How an axis is stretched, as what matters of skewed data lies near 0. The script of the page does the same.</summary>
internal enum Scale
{
    Linear,

    /// <summary>The square root, which shows small shares and 0 too.</summary>
    Root,

    /// <summary>Powers of ten.</summary>
    Log,

    /// <summary>Log-odds: as many ways from .01 to .001 as from .99 to .999.</summary>
    Logit,
}

internal static class Scales
{
    /// <summary>Probabilities beyond these are drawn at the edge.</summary>
    public const double LeastProbability = 1e-7;

    public static double Place(this Scale scale, double value) => scale switch
    {
        Scale.Root => Math.Sqrt(value),
        Scale.Log => Math.Log10(value),
        Scale.Logit => Math.Clamp(value, LeastProbability, 1 - LeastProbability) is var p ? Math.Log(p / (1 - p)) : 0,
        _ => value,
    };
}

/// <summary>An axis of places that has labels where it is told.</summary>
/// <param name="ticks">The places and their labels.</param>
internal sealed class TickAxis(IReadOnlyList<(double Place, string Label)> ticks) : LinearAxis
{
    public override void GetTickValues(
        out IList<double> majorLabelValues, out IList<double> majorTickValues, out IList<double> minorTickValues)
    {
        majorLabelValues = majorTickValues =
            [.. ticks.Select(tick => tick.Place).Where(p => p >= ActualMinimum - 1e-9 && p <= ActualMaximum + 1e-9)];
        minorTickValues = [];
    }

    protected override string FormatValueOverride(double x) => ticks.MinBy(tick => Math.Abs(tick.Place - x)).Label;
}

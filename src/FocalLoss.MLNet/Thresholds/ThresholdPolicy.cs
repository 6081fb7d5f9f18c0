
using FocalMlNet.Thresholds;

namespace FocalMlNet;

/// <summary>
/// What a good threshold is. Among equally good thresholds the highest is taken, that is, the one with the fewest alerts: rows called
/// positive.
/// </summary>
/// <remarks>
/// What differs by rounding alone is equal, and reaches what is demanded: a recall of .7 is one also where the example weights .7 and .3,
/// each rounded to a Single, make it .69999999. Whole numbers, as rows without weights count, are compared exactly.
/// </remarks>
public sealed class ThresholdPolicy
{
    private readonly string _name;

    private ThresholdPolicy(string name, string words, Func<ConfusionCounts, Merit> merit, ThresholdDemand? demand = null)
        => (_name, Words, Merit, Demand) = (name, words, merit, demand);

    private ThresholdPolicy(string name, string words, Func<ConfusionCounts, double> ratio, ThresholdDemand? demand = null)
        : this(name, words, counts => new Merit(ratio(counts)), demand)
    {
    }

    /// <summary>
    /// The highest Matthews correlation (<see cref="ConfusionCounts.MatthewsCorrelation"/>): both kinds of errors count, and so does how
    /// rare the positives are.
    /// </summary>
    public static ThresholdPolicy MaximizeMatthewsCorrelation { get; } = new(
        nameof(MaximizeMatthewsCorrelation), "highest Matthews correlation",
        counts => Thresholds.Merit.OfDifference(counts.MatthewsCorrelation));

    /// <summary>
    /// The highest mean of the recalls of both classes: an error on the rare class costs more by as much as it is rarer. It calls many rows
    /// positive.
    /// </summary>
    public static ThresholdPolicy MaximizeBalancedAccuracy { get; } =
        new(nameof(MaximizeBalancedAccuracy), "highest balanced accuracy", counts => counts.BalancedAccuracy);

    /// <summary>What it looks for, for people.</summary>
    internal string Words { get; }

    /// <summary>What is to be made as high as possible.</summary>
    internal Func<ConfusionCounts, Merit> Merit { get; }

    /// <summary>What must be reached; null for nothing.</summary>
    internal ThresholdDemand? Demand { get; }

    /// <summary>The highest F score, (1 + β²) TP / ((1 + β²) TP + FP + β² FN).</summary>
    /// <param name="beta">β in (0; +∞): how many times as important recall is as precision. Default: 1.</param>
    /// <returns>The policy.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="beta"/> is outside its range.</exception>
    public static ThresholdPolicy MaximizeF(double beta = 1)
    {
        Guard.Positive(beta);
        return new(FormattableString.Invariant($"{nameof(MaximizeF)}({beta})"), FormattableString.Invariant($"highest F{beta} score"),
            counts => counts.FScore(beta));
    }

    /// <summary>
    /// The highest profit: each gain and cost of the matrix times the rows it is for. If it pays best, no row is called positive, or all
    /// are. With calibrated probabilities the threshold is near <see cref="CostMatrix.BayesThreshold"/>.
    /// </summary>
    /// <param name="costs">What each outcome brings in: a matrix of two classes.</param>
    /// <returns>The policy; its <see cref="ThresholdChoice.Value"/> is the profit of all rows.</returns>
    /// <exception cref="ArgumentException"><paramref name="costs"/> has more than two classes.</exception>
    public static ThresholdPolicy MaximizeProfit(CostMatrix costs)
    {
        ArgumentNullException.ThrowIfNull(costs);
        Guard.TwoClasses(costs);
        var (tp, fp, fn, tn) = (costs.TruePositive, costs.FalsePositive, costs.FalseNegative, costs.TrueNegative);
        return new(
            FormattableString.Invariant($"{nameof(MaximizeProfit)}({tp}, {fp}, {fn}, {tn})"), "lowest cost on these rows",
            counts => Thresholds.Merit.OfSum(
                tp * counts.TruePositives, fp * counts.FalsePositives, fn * counts.FalseNegatives, tn * counts.TrueNegatives));
    }

    /// <summary>The highest precision with at least the given recall.</summary>
    /// <param name="recall">The share of the positives to find, in (0; 1].</param>
    /// <returns>The policy.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="recall"/> is outside its range.</exception>
    public static ThresholdPolicy ReachRecall(double recall)
        => new(FormattableString.Invariant($"{nameof(ReachRecall)}({Guard.PositiveShare(recall)})"),
            FormattableString.Invariant($"recall of {100 * recall:0.###} %"), counts => counts.Precision,
            new("a recall", counts => (counts.TruePositives, counts.FalseNegatives), recall, AtLeast: true));

    /// <summary>The highest recall with at least the given precision.</summary>
    /// <param name="precision">The share of the alerts that is right, in (0; 1].</param>
    /// <returns>The policy.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="precision"/> is outside its range.</exception>
    public static ThresholdPolicy ReachPrecision(double precision)
        => new(FormattableString.Invariant($"{nameof(ReachPrecision)}({Guard.PositiveShare(precision)})"),
            FormattableString.Invariant($"precision of {100 * precision:0.###} %"), counts => counts.Recall,
            new("a precision", counts => (counts.TruePositives, counts.FalsePositives), precision, AtLeast: true));

    /// <summary>
    /// As many alerts as possible, but at least one and no more than the given share of the rows; rows of the same probability stay
    /// together.
    /// </summary>
    /// <param name="share">The share of the rows to call positive, those with the highest probability, in (0; 1].</param>
    /// <returns>The policy.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="share"/> is outside its range.</exception>
    public static ThresholdPolicy AlertRate(double share)
        => new(FormattableString.Invariant($"{nameof(AlertRate)}({Guard.PositiveShare(share)})"),
            FormattableString.Invariant($"alerts for at most {100 * share:0.###} % of the rows"), counts => counts.AlertRate,
            new("an alert rate",
                counts => (counts.TruePositives + counts.FalsePositives, counts.FalseNegatives + counts.TrueNegatives),
                share, AtLeast: false));

    /// <summary>The name of the policy, with its parameters.</summary>
    public override string ToString() => _name;
}

using System.Globalization;
using FocalMlNet.Evaluation;

namespace FocalMlNet;

/// <summary>How a candidate did in a tuning.</summary>
/// <remarks>
/// Standard errors are corrected for training sets that overlap: the variance over the folds is multiplied with 1 / J + n_test / n_train
/// for J folds (Nadeau and Bengio, "Inference for the Generalization Error", 2003). P values are those of the t test with J - 1 degrees of
/// freedom. They are against the candidate that turned out best, which chance has helped: they describe, and prove nothing.
/// </remarks>
public sealed record TunedCandidate
{
    internal TunedCandidate() { }

    /// <summary>Its name, with all that tells it from the others.</summary>
    public required string Name { get; init; }

    /// <summary>γ of a line; null for an added candidate.</summary>
    public double? Gamma { get; init; }

    /// <summary>The class weights; null for an added candidate without any.</summary>
    public ClassWeighting? ClassWeighting { get; init; }

    /// <summary>λ of a line, on all rows; null for an added candidate.</summary>
    public double? L2Regularization { get; init; }

    /// <summary>The settings of an added candidate; empty for a line.</summary>
    public required IReadOnlyDictionary<string, object> Settings { get; init; }

    /// <summary>The mean of the metric over the folds that it was judged in; NaN if there is none.</summary>
    public double Mean { get; init; }

    /// <summary>The standard error of <see cref="Mean"/>; NaN with fewer than two folds.</summary>
    public double StandardError { get; init; }

    /// <summary>
    /// The mean over its folds of the log-loss, in nats; NaN without probabilities. If <see cref="IsRecalibrated"/>, of probabilities that
    /// calibrators give whose fit had no part in the fold.
    /// </summary>
    public double LogLoss { get; init; }

    /// <summary>
    /// Whether its probabilities are not its own, but those of a stock Platt calibrator on its scores out of fold. An added candidate is
    /// recalibrated if this has less log-loss by more than one standard error, or if it has no probabilities.
    /// </summary>
    public bool IsRecalibrated { get; init; }

    /// <summary>
    /// The mean over its folds of the log-loss of the probabilities that it has itself: <see cref="LogLoss"/>, unless
    /// <see cref="IsRecalibrated"/>. NaN without any.
    /// </summary>
    public double OwnLogLoss { get; init; }

    /// <summary>The mean over its folds of its metric minus that of the candidate with the best mean.</summary>
    public double DifferenceToBest { get; init; }

    /// <summary>The standard error of <see cref="DifferenceToBest"/>; NaN with fewer than two folds.</summary>
    public double DifferenceStandardError { get; init; }

    /// <summary>The two-sided p value of <see cref="DifferenceToBest"/>; NaN with fewer than two folds, and for the best one.</summary>
    public double PValue { get; init; }

    /// <summary>The same, adjusted for all candidates together (Holm 1979).</summary>
    public double HolmPValue { get; init; }

    /// <summary>The folds that it was judged in.</summary>
    public int FoldCount { get; init; }

    /// <summary>After how many folds it was dropped as clearly worse than the best; null if it was not.</summary>
    public int? DroppedAfter { get; init; }

    /// <summary>Seconds for all its fits and judgements.</summary>
    public double Seconds { get; init; }

    /// <summary>Why it is out of the race, if it failed; null otherwise.</summary>
    public string? Error { get; init; }

    internal string ShortName { get; init; } = "";

    internal IEnumerable<string> Figures =>
    [
        TextTable.Figure(Mean), TextTable.Figure(DifferenceToBest), Known(DifferenceStandardError), Known(HolmPValue),
        string.Create(CultureInfo.InvariantCulture, $"{FoldCount}"),
        TextTable.Seconds(Seconds),
    ];

    /// <summary>The candidate in a line.</summary>
    public override string ToString() => Error is null
        ? string.Create(CultureInfo.InvariantCulture, $"{Name}: {TextTable.Figure(Mean)} ± {Known(StandardError)} in {FoldCount} folds")
            + (DroppedAfter is null ? "" : ", dropped")
        : $"{Name}: {Error}";

    private static string Known(double value) => double.IsNaN(value) ? "" : TextTable.Figure(value);
}

namespace FocalMlNet.Tuning;

/// <summary>
/// Which candidate is taken: the simplest within one standard error of the best, that is, of the corrected paired difference to it
/// (<see cref="PairedDifference"/>; the rule is that of Breiman, Friedman, Olshen and Stone, "Classification and Regression Trees", 1984,
/// section 3.4.3). As the error is estimated from few folds, it is widened such that chance exceeds it as seldom as one standard error that
/// is known: by 1.14 with five folds, the quantile of Student's t. Where order is all that makes one simpler than the other, among a line's
/// penalties, which hardly change a ranking where they make all probabilities alike, and among added candidates, only those come into
/// question whose log-loss is within one standard error of the least as well.
/// </summary>
internal static class TuningChoice
{
    /// <summary>How often chance is beyond one standard error on either side.</summary>
    private const double BeyondOneError = .31731050786291415;

    /// <param name="finished">Candidates that were judged in the same folds, from the simplest on.</param>
    /// <param name="isHigherBetter">Whether a candidate is better if its values are higher.</param>
    /// <param name="testToTrain">Rows that judge, by rows that train.</param>
    /// <returns>The best candidate, and the one that is taken.</returns>
    public static (Entrant Best, Entrant Chosen) Of(IReadOnlyList<Entrant> finished, bool isHigherBetter, double testToTrain)
    {
        var best = Best(finished, isHigherBetter);
        // One fold tells of no standard error.
        if (best.Values.Count == 1)
            return (best, best);
        Entrant[] good = [.. finished.Where(entrant => IsWithin(entrant.Values, best.Values, isHigherBetter, testToTrain))];
        Entrant[] alike = good[0] is LineEntrant { Family: var family }
            ? [.. good.Where(entrant => entrant is LineEntrant line && line.Family == family)] : good;
        Entrant[] withProbabilities = [.. alike.Where(entrant => !double.IsNaN(entrant.LogLosses.Average()))];
        if (withProbabilities.Length == 0)
            return (best, good[0]);
        var surest = withProbabilities.MinBy(entrant => entrant.LogLosses.Average())!;
        return (best, withProbabilities.First(
            entrant => IsWithin(entrant.LogLosses, surest.LogLosses, isHigherBetter: false, testToTrain)));
    }

    /// <summary>The best of some candidates; of several the first.</summary>
    public static Entrant Best(IEnumerable<Entrant> entrants, bool isHigherBetter)
        => entrants.Aggregate((best, next) => (isHigherBetter ? next.Mean > best.Mean : next.Mean < best.Mean) ? next : best);

    /// <summary>Whether values of the same folds, two or more, are within one standard error of the best.</summary>
    public static bool IsWithin(IReadOnlyList<double> own, IReadOnlyList<double> best, bool isHigherBetter, double testToTrain)
    {
        var difference = PairedDifference.Of(own, best, testToTrain);
        var widened = difference.StandardError * Distributions.StudentTwoSidedQuantile(BeyondOneError, own.Count - 1);
        return (isHigherBetter ? -difference.Mean : difference.Mean) <= widened;
    }
}

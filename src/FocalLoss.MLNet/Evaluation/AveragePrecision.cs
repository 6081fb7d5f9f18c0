namespace FocalMlNet.Evaluation;

/// <summary>The area under the precision-recall curve as a sum of steps: <see cref="BinaryMetric.AveragePrecision"/>.</summary>
internal static class AveragePrecision
{
    /// <summary>
    /// Σ over distinct scores, from the highest, of the recall gained there times the precision there; all rows of a tie come at once.
    /// </summary>
    /// <param name="scores">Scores.</param>
    /// <param name="labels">True for positives.</param>
    /// <param name="weights">Example weights of at least 0.</param>
    /// <returns>In [0, 1]; NaN if there is no positive row.</returns>
    public static double Of(float[] scores, bool[] labels, float[] weights)
        => RankSums.Of(ScoredRows.Of(scores, labels, weights)).AveragePrecision;
}

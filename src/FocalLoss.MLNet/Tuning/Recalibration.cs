using FocalMlNet.Calibration;
using FocalMlNet.Evaluation;

namespace FocalMlNet.Tuning;

/// <summary>
/// A Platt calibrator on what a candidate says out of fold: log-odds that are linear in the score (Platt, "Probabilistic Outputs for
/// Support Vector Machines", 1999). Trees are too sure of the rows that they were trained on, and of others by these; scores out of fold
/// are not taken in. That the map is one for models that saw fewer rows than the last one does is what it costs.
/// </summary>
/// <param name="Map">From the score to log-odds; it rises. Fitted on all folds.</param>
/// <param name="Folds">
/// The folds with the probabilities of maps that were fitted on others alone: on all others or, by time, on those before. By time the first
/// one is not among them.
/// </param>
internal sealed record Recalibration(LinearMap Map, IReadOnlyList<JudgedFold> Folds)
{
    /// <summary>
    /// The calibrator for some folds; null if there is none to be fitted and judged, or a probability would fall
    /// with the score.
    /// </summary>
    /// <param name="folds">What is predicted in each.</param>
    /// <param name="isByTime">Whether later folds must not teach earlier ones.</param>
    public static Recalibration? Of(IReadOnlyList<JudgedFold> folds, bool isByTime)
    {
        if (folds.Count < 2 || Fit(folds) is not { } map)
            return null;
        List<JudgedFold> calibrated = [];
        foreach (var fold in folds)
        {
            JudgedFold[] teachers = [.. folds.Where(other => isByTime ? other.Fold < fold.Fold : other.Fold != fold.Fold)];
            if (teachers.Length == 0)
                continue;
            if (Fit(teachers) is not { } ofOthers)
                return null;
            var scores = fold.Predictions.Scores;
            calibrated.Add(fold with { Predictions = new(scores, Array.ConvertAll(scores, z => Probability(ofOthers, z))) });
        }

        return new(map, calibrated);
    }

    /// <summary>As the stock calibrator computes it.</summary>
    private static float Probability(LinearMap map, float score) => (float)(1 / (1 + Math.Exp(-map.Of(score))));

    private static LinearMap? Fit(IReadOnlyList<JudgedFold> folds)
    {
        bool[] arePositive = [.. folds.SelectMany(fold => fold.Rows.ArePositive)];
        var points = new ScorePoints(
            [.. folds.SelectMany(fold => fold.Predictions.Scores).Select(score => (double)score)],
            [.. folds.SelectMany(fold => fold.Rows.Weights).Select(weight => (double)weight)]);
        // Platt's targets, the posterior means after one row of each kind more; rows of unequal weights count as fewer.
        var (high, low) = ((Rows(true) + 1) / (Rows(true) + 2), 1 / (Rows(false) + 2));
        var share = Weights(true).Sum() / points.Weights.Sum();
        var map = LinearMap.Fit(
            points, [.. arePositive.Select(isPositive => isPositive ? high : low)], new(0, Math.Log(share) - Math.Log(1 - share)));
        return map.Slope > 0 && double.IsFinite(map.Intercept) ? map : null;

        IEnumerable<double> Weights(bool ofPositives) => points.Weights.Where((_, i) => arePositive[i] == ofPositives);
        double Rows(bool ofPositives)
            => new EffectiveRows(Weights(ofPositives).Sum(), Weights(ofPositives).Sum(weight => weight * weight)).Count;
    }
}

namespace FocalMlNet.Evaluation;

/// <summary>
/// Confidence intervals of the figures of two classes. What is a share of rows has that of the binomial distribution; all else is a figure
/// within bounds whose variance the bootstrap gives (<see cref="ShareInterval"/>).
/// </summary>
internal sealed class BinaryIntervals
{
    /// <summary>-ln of the smallest probability that is taken.</summary>
    private static readonly double MostLoss = -Math.Log(BinaryEvaluation.SmallestProbability);

    private readonly double[][] _resamples;
    private readonly double[] _values;
    private readonly ShareInterval _shares;
    private readonly double _level, _widening, _mostRows;

    /// <param name="figures">The figures of the rows as they are.</param>
    /// <param name="cells">Weights and their squares: TP, FP, FN, TN.</param>
    /// <param name="resamples">What <see cref="BinaryEvaluation.Resampled"/> gives for each resample.</param>
    /// <param name="level">The confidence level.</param>
    private BinaryIntervals(BinaryFigures figures, BinaryCells cells, double[][] resamples, double level)
    {
        (_resamples, _values, _level, _shares) = (resamples, figures.Values, level, new(level));
        double[] sizes = [cells.Positives.Count, cells.Negatives.Count];
        var freedom = EffectiveRows.DegreesOfFreedom(sizes);
        _widening = (freedom + 1) / freedom;
        _mostRows = MostRows(sizes.Min());
    }

    /// <summary>
    /// The most rows that a ranking of few is taken to be worth: all positives at the top, or one far down, are chance if they are few. For
    /// many it has no effect.
    /// </summary>
    /// <param name="rows">The effective rows of the rarer class.</param>
    public static double MostRows(double rows) => rows * (4 + rows / 10);

    public static ConfidenceInterval[] Of(
        BinaryFigures figures, BinaryCells cells, double[][] resamples, UnseenLosses unseen, double level)
    {
        var intervals = new BinaryIntervals(figures, cells, resamples, level);
        var shares = intervals._shares;
        var (tp, fp, fn, tn) = (cells.TruePositives, cells.FalsePositives, cells.FalseNegatives, cells.TrueNegatives);
        return Array.ConvertAll(Enum.GetValues<BinaryMetric>(), metric => metric switch
        {
            BinaryMetric.Prevalence => shares.Of(cells.Positives, cells.Negatives),
            BinaryMetric.Precision => shares.Of(tp, fp),
            BinaryMetric.Recall => shares.Of(tp, fn),
            BinaryMetric.Accuracy => shares.Of(tp + tn, fp + fn),
            BinaryMetric.F1Score => OfF1(shares, tp, fp + fn),
            BinaryMetric.F2Score => shares.Of(Times(5, tp), fp + Times(4, fn)),
            BinaryMetric.BalancedAccuracy => ShareInterval.OfMean([Recall(), Specificity()]),
            BinaryMetric.GeometricMean => ShareInterval.OfProduct(Recall(), Specificity()) is var square
                ? new(Math.Sqrt(square.Low), Math.Sqrt(square.High)) : default,
            BinaryMetric.ExpectedCalibrationError => intervals.OfCalibrationError(),
            BinaryMetric.AveragePrecision or BinaryMetric.AreaUnderRocCurve => intervals.OfVariance(metric, 0, 1, intervals._mostRows),
            BinaryMetric.MatthewsCorrelation => intervals.OfVariance(metric, -1, 1, intervals._mostRows, OneMoreHit(figures, cells)),
            BinaryMetric.BrierScore => intervals.OfVariance(metric, 0, 1, double.PositiveInfinity, unseen.Squares),
            BinaryMetric.FocalLoss => intervals.OfVariance(metric, 0, MostLoss, double.PositiveInfinity, unseen.Focal),
            _ => intervals.OfVariance(metric, 0, MostLoss, double.PositiveInfinity, unseen.Log),
        });

        (double, ConfidenceInterval) Recall() => (figures.Confusion.Recall, shares.Of(tp, fn));
        (double, ConfidenceInterval) Specificity() => (figures.Confusion.Specificity, shares.Of(tn, fp));
    }

    /// <summary>
    /// F1 = 2 J / (1 + J) grows with J = TP / (TP + FP + FN), which is a share of the rows that are positive or called so.
    /// </summary>
    public static ConfidenceInterval OfF1(ShareInterval shares, EffectiveRows hits, EffectiveRows errors)
    {
        var (low, high) = shares.Of(hits, errors);
        return new(2 * low / (1 + low), 2 * high / (1 + high));
    }

    /// <summary>
    /// The interval of a sum of sizes of deviations. Chance alone makes it larger: a resample, which has the chance of the data and its
    /// own, gives an upper end; and it cannot be below the truth by more than the deviations of a resample from the data sum to.
    /// </summary>
    /// <param name="value">The calibration error.</param>
    /// <param name="resamples">In each resample, its calibration error and the summed sizes of the bins' deviations from the data.</param>
    /// <param name="error">Gives the former.</param>
    /// <param name="distance">Gives the latter.</param>
    /// <param name="level">The confidence level.</param>
    public static ConfidenceInterval OfCalibrationError(
        double value, double[][] resamples, Func<double[], double> error, Func<double[], double> distance, double level)
    {
        var q = (1 + level) / 2;
        return new(
            Math.Max(value - Bootstrap.Quantile(resamples, distance, q), 0),
            Math.Min(Math.Max(Bootstrap.Quantile(resamples, error, q), value), 1));
    }

    private static EffectiveRows Times(double factor, EffectiveRows rows) => new(factor * rows.Weight, factor * factor * rows.Squares);

    /// <summary>By how much one more positive that is found raises the correlation: where none is, no resample has one.</summary>
    private static double OneMoreHit(BinaryFigures figures, BinaryCells cells)
    {
        var one = cells.Positives.Weight / cells.Positives.Count;
        var counts = figures.Confusion;
        return (counts with { TruePositives = counts.TruePositives + one }).MatthewsCorrelation - counts.MatthewsCorrelation;
    }

    private ConfidenceInterval OfVariance(BinaryMetric metric, double least, double most, double mostRows, double? unseen = null)
        => _shares.OfVariance(_values[(int)metric], _widening * Bootstrap.Variance(_resamples, values => values[(int)metric]), least, most,
            mostRows, unseen);

    private ConfidenceInterval OfCalibrationError()
        => double.IsNaN(_values[(int)BinaryMetric.ExpectedCalibrationError]) ? new(double.NaN, double.NaN)
            : OfCalibrationError(_values[(int)BinaryMetric.ExpectedCalibrationError], _resamples,
                values => values[(int)BinaryMetric.ExpectedCalibrationError], values => values[^1], _level);
}

/// <summary>
/// By how much one more row may raise the means of the losses: a row as bad as the worst there is, or one of the rarest class of which the
/// model knows no more than how rare it is.
/// </summary>
internal readonly record struct UnseenLosses(double Log, double Squares, double Focal)
{
    /// <param name="losses">The losses of each row.</param>
    /// <param name="weights">The example weights.</param>
    /// <param name="ofRarest">The losses of such a row of the rarest class.</param>
    public static UnseenLosses Of(
        (double[] Log, double[] Squares, double[] Focal) losses, float[] weights, UnseenLosses ofRarest)
    {
        double total = 0, squares = 0;
        foreach (double weight in weights)
            (total, squares) = (total + weight, squares + weight * weight);
        var rows = new EffectiveRows(total, squares).Count;
        return new(Most(losses.Log, ofRarest.Log), Most(losses.Squares, ofRarest.Squares), Most(losses.Focal, ofRarest.Focal));

        double Most(double[] ofRows, double ofOne)
        {
            var most = ofOne / rows;
            for (var i = 0; i < ofRows.Length; i++)
                most = Math.Max(most, weights[i] / total * ofRows[i]);
            return most;
        }
    }
}

/// <summary>The rows of a confusion matrix.</summary>
internal readonly record struct BinaryCells(
    EffectiveRows TruePositives, EffectiveRows FalsePositives, EffectiveRows FalseNegatives, EffectiveRows TrueNegatives)
{
    public EffectiveRows Positives => TruePositives + FalseNegatives;

    public EffectiveRows Negatives => FalsePositives + TrueNegatives;

    public static BinaryCells Of(ScoredRows rows)
    {
        EffectiveRows truePositives = default, falsePositives = default, falseNegatives = default, trueNegatives = default;
        for (var i = 0; i < rows.Labels.Length; i++)
        {
            ref var cell = ref rows.Labels[i]
                ? ref rows.PredictedLabels[i] ? ref truePositives : ref falseNegatives
                : ref rows.PredictedLabels[i] ? ref falsePositives : ref trueNegatives;
            double weight = rows.Weights[i];
            cell += new EffectiveRows(weight, weight * weight);
        }

        return new(truePositives, falsePositives, falseNegatives, trueNegatives);
    }
}

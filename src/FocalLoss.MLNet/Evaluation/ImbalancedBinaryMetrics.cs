
using FocalMlNet.Evaluation;

namespace FocalMlNet;

/// <summary>
/// How well a binary classifier does on scored data. Example weights count everywhere, rows of weight 0 nowhere; ties of scores are one
/// step of a curve. <see cref="BinaryMetric"/> gives the formulas and ranges.
/// </summary>
/// <remarks>
/// The ranking (average precision, AUROC, the curves) is that of the Score column; what is judged as a probability is the Probability
/// column; precision, recall and what follows from them are those of the PredictedLabel column, so that a changed threshold of the model
/// counts. The definitions are those of scikit-learn.
/// </remarks>
public sealed class ImbalancedBinaryMetrics
{
    private readonly double[] _values;
    private readonly ConfidenceInterval[] _intervals;
    private readonly RankSteps _steps;

    internal ImbalancedBinaryMetrics(ScoredRows rows, BinaryFigures figures, ConfidenceInterval[] intervals)
    {
        (_values, _intervals, _steps) = (figures.Values, intervals, RankSteps.Of(rows));
        (RowCount, ConfusionCounts, ReliabilityCurve) = (rows.Labels.Length, figures.Confusion, CalibrationBins.Curve(figures.Bins));
    }

    /// <summary>The number of rows with a weight above 0.</summary>
    public long RowCount { get; }

    /// <inheritdoc cref="BinaryMetric.Prevalence"/>
    public double Prevalence => this[BinaryMetric.Prevalence];

    /// <inheritdoc cref="BinaryMetric.AveragePrecision"/>
    public double AveragePrecision => this[BinaryMetric.AveragePrecision];

    /// <inheritdoc cref="BinaryMetric.AreaUnderRocCurve"/>
    public double AreaUnderRocCurve => this[BinaryMetric.AreaUnderRocCurve];

    /// <inheritdoc cref="BinaryMetric.LogLoss"/>
    /// <remarks>
    /// NaN if the data was evaluated without a probability column. ML.NET's own LogLoss is in bits: this one divided by ln 2.
    /// </remarks>
    public double LogLoss => this[BinaryMetric.LogLoss];

    /// <inheritdoc cref="BinaryMetric.BrierScore"/>
    /// <remarks>NaN if the data was evaluated without a probability column.</remarks>
    public double BrierScore => this[BinaryMetric.BrierScore];

    /// <inheritdoc cref="BinaryMetric.ExpectedCalibrationError"/>
    /// <remarks>NaN if the data was evaluated without a probability column.</remarks>
    public double ExpectedCalibrationError => this[BinaryMetric.ExpectedCalibrationError];

    /// <inheritdoc cref="BinaryMetric.FocalLoss"/>
    /// <remarks>NaN if the data was evaluated without a probability column.</remarks>
    public double FocalLoss => this[BinaryMetric.FocalLoss];

    /// <inheritdoc cref="BinaryMetric.Precision"/>
    public double Precision => this[BinaryMetric.Precision];

    /// <inheritdoc cref="BinaryMetric.Recall"/>
    public double Recall => this[BinaryMetric.Recall];

    /// <inheritdoc cref="BinaryMetric.F1Score"/>
    public double F1Score => this[BinaryMetric.F1Score];

    /// <inheritdoc cref="BinaryMetric.F2Score"/>
    public double F2Score => this[BinaryMetric.F2Score];

    /// <inheritdoc cref="BinaryMetric.MatthewsCorrelation"/>
    public double MatthewsCorrelation => this[BinaryMetric.MatthewsCorrelation];

    /// <inheritdoc cref="BinaryMetric.BalancedAccuracy"/>
    public double BalancedAccuracy => this[BinaryMetric.BalancedAccuracy];

    /// <inheritdoc cref="BinaryMetric.GeometricMean"/>
    public double GeometricMean => this[BinaryMetric.GeometricMean];

    /// <inheritdoc cref="BinaryMetric.Accuracy"/>
    public double Accuracy => this[BinaryMetric.Accuracy];

    /// <summary>The counts at the model's threshold.</summary>
    public ConfusionCounts ConfusionCounts { get; }

    /// <summary>One point for each distinct score, from the highest.</summary>
    public IReadOnlyList<PrecisionRecallPoint> PrecisionRecallCurve => field ??= _steps.PrecisionRecallCurve();

    /// <summary>The point (0, 0), then one for each distinct score, from the highest; the last is (1, 1).</summary>
    public IReadOnlyList<RocPoint> RocCurve => field ??= _steps.RocCurve();

    /// <summary>One point for each distinct score, from the highest.</summary>
    public IReadOnlyList<LiftPoint> LiftCurve => field ??= _steps.LiftCurve();

    /// <summary>
    /// One point for each bin that has rows, from the lowest probability; empty if the data was evaluated without a probability column.
    /// </summary>
    public IReadOnlyList<ReliabilityPoint> ReliabilityCurve { get; }

    /// <summary>The value of a metric, in the range that the metric's documentation gives.</summary>
    /// <param name="metric">The metric.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such metric.</exception>
    public double this[BinaryMetric metric] => _values[(int)Guard.Defined(metric)];

    /// <summary>
    /// The confidence interval of a metric, for rows drawn as these were: of a share the exact one of the binomial distribution, of all
    /// else the one of a share of as many rows as have its variance, which the bootstrap gives. It holds what it promises from about 20
    /// rows of the rarer class on. The bins of the calibration error and the model's threshold are taken as given.
    /// </summary>
    /// <param name="metric">The metric.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such metric.</exception>
    /// <exception cref="InvalidOperationException">The data was evaluated without a bootstrap.</exception>
    public ConfidenceInterval Interval(BinaryMetric metric) => Bootstrap.IntervalOf(_intervals, (int)Guard.Defined(metric));

    /// <summary>The highest precision of all thresholds on the score with at least the given recall, but for rounding.</summary>
    /// <param name="recall">The recall to reach, in (0; 1].</param>
    /// <returns>In (0; 1].</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="recall"/> is outside its range.</exception>
    public double PrecisionAtRecall(double recall) => _steps.PrecisionAtRecall(Guard.PositiveShare(recall));

    /// <summary>The highest recall of all thresholds on the score with at least the given precision, but for rounding.</summary>
    /// <param name="precision">The precision to reach, in (0; 1].</param>
    /// <returns>In [0; 1]; 0 if no threshold reaches the precision.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="precision"/> is outside its range.</exception>
    public double RecallAtPrecision(double precision) => _steps.RecallAtPrecision(Guard.PositiveShare(precision));

    /// <summary>
    /// A table in the manner of scikit-learn's classification report: precision, recall, F1 and summed weight of both classes at the
    /// model's threshold, then all metrics, with their intervals if there was a bootstrap.
    /// </summary>
    /// <returns>Lines of at most 80 characters, numbers in invariant form.</returns>
    public override string ToString()
        => $"{TextTable.OfClasses(ConfusionCounts)}\n"
            + $"{TextTable.OfMetrics<BinaryMetric>(m => this[m], _intervals.Length > 0 ? Interval : null)}";
}

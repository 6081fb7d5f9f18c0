using FocalMlNet.Evaluation;

namespace FocalMlNet;

/// <summary>
/// How well a multiclass classifier does on scored data. Example weights count everywhere, rows of weight 0 nowhere.
/// <see cref="MulticlassMetric"/> gives the formulas and ranges.
/// </summary>
public sealed class ImbalancedMulticlassMetrics
{
    private readonly double[] _values;
    private readonly ConfidenceInterval[] _intervals;

    internal ImbalancedMulticlassMetrics(ClassScoredRows rows, MulticlassFigures figures, ConfidenceInterval[] intervals)
    {
        (_values, _intervals) = (figures.Values, intervals);
        (RowCount, RowsWithoutLabel) = (rows.Labels.Length, rows.RowsWithoutLabel);
        Classes = [.. figures.Classes.Select((c, k) => new ClassMetrics(
            rows.ClassNames[k], c.Weight, c.Precision, c.Recall, c.F1Score, c.AveragePrecision, IntervalsOf(k), k < rows.ScoreCount))];
        ConfusionMatrix = figures.Confusion;
    }

    /// <summary>The number of rows with a weight above 0 and a label: those that were evaluated.</summary>
    public long RowCount { get; }

    /// <summary>
    /// The number of rows with a weight above 0 that were left out, since their label is missing: a key of 0, or an empty text. Where a
    /// pipeline makes the key itself, a class that it has not seen in training is such a row: evaluated against the column that the key was
    /// made of, it is a class without a score, all of whose rows count as errors.
    /// </summary>
    public long RowsWithoutLabel { get; }

    /// <inheritdoc cref="MulticlassMetric.Accuracy"/>
    public double Accuracy => this[MulticlassMetric.Accuracy];

    /// <inheritdoc cref="MulticlassMetric.BalancedAccuracy"/>
    public double BalancedAccuracy => this[MulticlassMetric.BalancedAccuracy];

    /// <inheritdoc cref="MulticlassMetric.MacroPrecision"/>
    public double MacroPrecision => this[MulticlassMetric.MacroPrecision];

    /// <inheritdoc cref="MulticlassMetric.MacroRecall"/>
    public double MacroRecall => this[MulticlassMetric.MacroRecall];

    /// <inheritdoc cref="MulticlassMetric.MacroF1Score"/>
    public double MacroF1Score => this[MulticlassMetric.MacroF1Score];

    /// <inheritdoc cref="MulticlassMetric.WeightedPrecision"/>
    public double WeightedPrecision => this[MulticlassMetric.WeightedPrecision];

    /// <inheritdoc cref="MulticlassMetric.WeightedRecall"/>
    public double WeightedRecall => this[MulticlassMetric.WeightedRecall];

    /// <inheritdoc cref="MulticlassMetric.WeightedF1Score"/>
    public double WeightedF1Score => this[MulticlassMetric.WeightedF1Score];

    /// <inheritdoc cref="MulticlassMetric.MacroAveragePrecision"/>
    public double MacroAveragePrecision => this[MulticlassMetric.MacroAveragePrecision];

    /// <inheritdoc cref="MulticlassMetric.LogLoss"/>
    /// <remarks>NaN if the scores were said to be no probabilities. ML.NET's own LogLoss is in nats here, too.</remarks>
    public double LogLoss => this[MulticlassMetric.LogLoss];

    /// <inheritdoc cref="MulticlassMetric.BrierScore"/>
    /// <remarks>NaN if the scores were said to be no probabilities.</remarks>
    public double BrierScore => this[MulticlassMetric.BrierScore];

    /// <inheritdoc cref="MulticlassMetric.ExpectedCalibrationError"/>
    /// <remarks>NaN if the scores were said to be no probabilities.</remarks>
    public double ExpectedCalibrationError => this[MulticlassMetric.ExpectedCalibrationError];

    /// <inheritdoc cref="MulticlassMetric.FocalLoss"/>
    /// <remarks>NaN if the scores were said to be no probabilities.</remarks>
    public double FocalLoss => this[MulticlassMetric.FocalLoss];

    /// <summary>
    /// Each class by itself, in the order of the scores; then the classes of the data for which the model has no score, since training has
    /// not seen them, in the order in which they turned up (<see cref="ClassMetrics.HasScore"/> says which). All their rows count as
    /// errors.
    /// </summary>
    public IReadOnlyList<ClassMetrics> Classes { get; }

    /// <summary>
    /// Summed example weights, without weights counts: [actual class][class it is given to], both in the order of <see cref="Classes"/>.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<double>> ConfusionMatrix { get; }

    /// <summary>The value of a metric, in the range that the metric's documentation gives.</summary>
    /// <param name="metric">The metric.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such metric.</exception>
    public double this[MulticlassMetric metric] => _values[(int)Guard.Defined(metric)];

    /// <summary>
    /// The confidence interval of a metric, by the rules of <see cref="ImbalancedBinaryMetrics.Interval"/>.
    /// <see cref="ClassMetrics.Intervals"/> are those of each class.
    /// </summary>
    /// <param name="metric">The metric.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such metric.</exception>
    /// <exception cref="InvalidOperationException">The data was evaluated without a bootstrap.</exception>
    public ConfidenceInterval Interval(MulticlassMetric metric) => Bootstrap.IntervalOf(_intervals, (int)Guard.Defined(metric));

    /// <summary>
    /// A table in the manner of scikit-learn's classification report: precision, recall, F1, average precision and summed weight of each
    /// class (of the first 50), then all metrics, with their intervals if there was a bootstrap.
    /// </summary>
    /// <returns>Lines of at most 80 characters, numbers in invariant form.</returns>
    public override string ToString()
    {
        const int Shown = 50;
        var table = new TextTable("precision", "recall", "F1 score", "AUPRC", "support");
        foreach (var one in Classes.Take(Shown))
        {
            table.Add(one.Name, TextTable.Figure(one.Precision), TextTable.Figure(one.Recall), TextTable.Figure(one.F1Score),
                TextTable.Figure(one.AveragePrecision), TextTable.Weight(one.Weight));
        }

        var more = Classes.Count > Shown ? FormattableString.Invariant($"... and {Classes.Count - Shown} classes more\n") : "";
        return $"{table}{more}\n{TextTable.OfMetrics<MulticlassMetric>(m => this[m], _intervals.Length > 0 ? Interval : null)}";
    }

    private ClassIntervals? IntervalsOf(int k)
        => _intervals.Length > 0 && _values.Length + k * MulticlassFigures.OfOneClass is var at
            ? new(_intervals[at], _intervals[at + 1], _intervals[at + 2], _intervals[at + 3]) : null;
}

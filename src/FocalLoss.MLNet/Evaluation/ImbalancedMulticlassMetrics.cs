namespace FocalMlNet;

/// <summary>
/// How well a multiclass classifier does on scored data. Example weights count everywhere, rows of weight 0 nowhere. <see cref="MulticlassMetric"/> gives the formulas and ranges.
/// </summary>
public sealed class ImbalancedMulticlassMetrics
{
    private readonly double[] _values;

    internal ImbalancedMulticlassMetrics(
        long rowCount, double[] values, IReadOnlyList<ClassMetrics> classes, IReadOnlyList<IReadOnlyList<double>> confusionMatrix)
    {
        _values = values;
        RowCount = rowCount;
        Classes = classes;
        ConfusionMatrix = confusionMatrix;
    }

    /// <summary>The number of rows with a weight above 0.</summary>
    public long RowCount { get; }

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

    /// <summary>Each class by itself, in the order of the scores.</summary>
    public IReadOnlyList<ClassMetrics> Classes { get; }

    /// <summary>Summed example weights, without weights counts: [actual class][class it is given to], both in the order of <see cref="Classes"/>.</summary>
    public IReadOnlyList<IReadOnlyList<double>> ConfusionMatrix { get; }

    /// <summary>The value of a metric, in the range that the metric's documentation gives.</summary>
    /// <param name="metric">The metric.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such metric.</exception>
    public double this[MulticlassMetric metric] => _values[(int)Guard.Defined(metric)];
}

using FocalMlNet.Evaluation;

namespace FocalMlNet;

/// <summary>What models are compared by.</summary>
public enum ComparisonMetric
{
    /// <summary>The average precision; of several classes its mean over those that occur. Higher is better.</summary>
    AveragePrecision,

    /// <summary>The log-loss in nats; lower is better. NaN for a model without probabilities.</summary>
    LogLoss,

    /// <summary>The Brier score; lower is better. NaN for a model without probabilities.</summary>
    BrierScore,

    /// <summary>
    /// The mean profit of a row by the cost matrix, as the model calls the rows: with its own threshold, or of several classes by the
    /// highest score. Higher is better. NaN without a cost matrix.
    /// </summary>
    Profit,

    /// <summary>
    /// The mean profit of a row if it is called as is best for the model's probabilities (<see cref="CostMatrix.BayesThreshold"/>,
    /// <see cref="CostMatrix.BestDecision"/>). Higher is better. NaN without a cost matrix, or for a model without probabilities.
    /// </summary>
    BestDecisionProfit,
}

/// <summary>One of the models that are compared.</summary>
/// <typeparam name="TMetrics">The kind of metrics.</typeparam>
/// <param name="Name">Its name.</param>
/// <param name="Metrics">All its metrics, with intervals.</param>
/// <param name="HasProbabilities">Whether it gives probabilities; otherwise what needs them is NaN.</param>
public sealed record ComparedModel<TMetrics>(string Name, TMetrics Metrics, bool HasProbabilities);

/// <summary>The difference of two models on the same rows, and whether it may be chance.</summary>
/// <param name="Metric">What they differ in.</param>
/// <param name="First">The name of the one model.</param>
/// <param name="Second">The name of the other.</param>
/// <param name="Difference">The metric of the first minus that of the second; NaN if one of them is.</param>
/// <param name="Interval">The confidence interval of the difference.</param>
/// <param name="PValue">
/// Of the paired test that there is no difference: how often rows of two equally good models differ by as much. In [0; 1].
/// </param>
/// <param name="AdjustedPValue">The same, adjusted by Holm's method for all pairs that are compared by the metric.</param>
public sealed record ModelDifference(
    ComparisonMetric Metric, string First, string Second, double Difference, ConfidenceInterval Interval, double PValue,
    double AdjustedPValue);

/// <summary>Models on the same rows: the metrics of each, and for each pair whether they differ by more than chance.</summary>
/// <remarks>
/// Rows are drawn with replacement, the same for all models. The standard error s of a difference d is that of the resamples; d / s is
/// compared with Student's t, whose degrees of freedom are about the rows of the rarest class, less 1. No p value is below 2^(1 - n) for n
/// rows of that class, as a test of signs has none.
/// </remarks>
/// <typeparam name="TMetrics">The kind of metrics.</typeparam>
public sealed class ModelComparison<TMetrics>
{
    private readonly double[][] _values;
    private readonly ConfidenceInterval[][] _intervals;
    private readonly double[] _noModel;

    internal ModelComparison(
        IReadOnlyList<ComparedModel<TMetrics>> models, double[][] values, ConfidenceInterval[][] intervals, double[] noModel,
        IReadOnlyList<ModelDifference> differences)
        => (Models, _values, _intervals, _noModel, Differences) = (models, values, intervals, noModel, differences);

    /// <summary>The models, in the order in which they were given.</summary>
    public IReadOnlyList<ComparedModel<TMetrics>> Models { get; }

    /// <summary>Each pair of models by each metric, in the order of the metrics; those that are not defined are NaN.</summary>
    public IReadOnlyList<ModelDifference> Differences { get; }

    /// <summary>The rows as each model scores them, for reports.</summary>
    internal IReadOnlyList<object> Rows { get; init; } = [];

    /// <summary>Where they come from, for reports.</summary>
    internal ComparedSource? Source { get; init; }

    /// <summary>How often the intervals hold the truth.</summary>
    internal double ConfidenceLevel { get; init; }

    /// <summary>What a model has by a metric.</summary>
    /// <param name="model">The name of the model.</param>
    /// <param name="metric">The metric.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such metric.</exception>
    /// <exception cref="ArgumentException">There is no such model.</exception>
    public double Value(string model, ComparisonMetric metric) => _values[Place(model)][(int)Guard.Defined(metric)];

    /// <summary>The confidence interval of what a model has by a metric.</summary>
    /// <inheritdoc cref="Value"/>
    public ConfidenceInterval Interval(string model, ComparisonMetric metric) => _intervals[Place(model)][(int)Guard.Defined(metric)];

    /// <summary>
    /// What can be had without any model: the average precision of scores that say nothing, the losses of the prevalences as
    /// probabilities, and the profit of the best of the calls that is the same for all rows.
    /// </summary>
    /// <param name="metric">The metric.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such metric.</exception>
    public double WithoutModel(ComparisonMetric metric) => _noModel[(int)Guard.Defined(metric)];

    /// <summary>The difference of two models: of the first minus the second.</summary>
    /// <param name="first">The name of the one.</param>
    /// <param name="second">The name of the other.</param>
    /// <param name="metric">The metric.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such metric.</exception>
    /// <exception cref="ArgumentException">There is no such model, or it is twice the same.</exception>
    public ModelDifference Difference(string first, string second, ComparisonMetric metric)
    {
        Guard.Defined(metric);
        var (a, b) = (Place(first), Place(second));
        Guard.Compatible(a != b, $"second = {second}, but it should be another model than first.", nameof(second));
        var found = Differences.First(d => d.Metric == metric && Place(d.First) == Math.Min(a, b) && Place(d.Second) == Math.Max(a, b));
        return a < b ? found
            : found with
            {
                First = first,
                Second = second,
                Difference = 0 - found.Difference,
                Interval = new(0 - found.Interval.High, 0 - found.Interval.Low),
            };
    }

    /// <summary>A table of the models by each metric, with what can be had without a model, and one of all pairs.</summary>
    /// <returns>Lines of at most 80 characters, numbers in invariant form.</returns>
    public override string ToString()
    {
        List<string> parts = [];
        foreach (var metric in Enum.GetValues<ComparisonMetric>().Where(m => !double.IsNaN(_noModel[(int)m])))
        {
            var table = new TextTable("value", "interval");
            for (var i = 0; i < Models.Count; i++)
            {
                table.Add(Models[i].Name, TextTable.Figure(_values[i][(int)metric]), Text(_intervals[i][(int)metric]));
            }

            parts.Add($"{metric}\n{table.Add("no model", TextTable.Figure(_noModel[(int)metric]), "")}");
            ModelDifference[] pairs = [.. Differences.Where(d => d.Metric == metric && !double.IsNaN(d.Difference))];
            if (pairs.Length == 0)
                continue;
            var differences = new TextTable("difference", "interval", "p (Holm)");
            foreach (var pair in pairs)
            {
                differences.Add(
                    $"{pair.First} - {pair.Second}", TextTable.Figure(pair.Difference), Text(pair.Interval),
                    TextTable.Figure(pair.AdjustedPValue));
            }

            parts.Add($"{differences}");
        }

        return string.Join('\n', parts);
    }

    private static string Text(ConfidenceInterval interval)
        => $"[{TextTable.Figure(interval.Low)}; {TextTable.Figure(interval.High)}]";

    private int Place(string model)
    {
        for (var i = 0; i < Models.Count; i++)
        {
            if (string.Equals(Models[i].Name, model, StringComparison.Ordinal))
                return i;
        }

        throw new ArgumentException(
            $"model = {model}, but it should be one of {string.Join(", ", Models.Select(m => m.Name))}.", nameof(model));
    }
}

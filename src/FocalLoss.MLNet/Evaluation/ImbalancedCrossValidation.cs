
using FocalMlNet.Columns;
using FocalMlNet.Evaluation;
using FocalMlNet.Splits;
using Microsoft.ML;

namespace FocalMlNet;

/// <summary>A fold of a cross-validation.</summary>
/// <typeparam name="TMetrics">The kind of metrics.</typeparam>
/// <param name="Fold">The number of the fold, from 0.</param>
/// <param name="Model">The model that was trained on the training part: the other folds or, by time, what is older.</param>
/// <param name="Metrics">How it does on this fold.</param>
/// <param name="ScoredTestSet">The rows of this fold as the model scores them: a lazy view.</param>
public sealed record ImbalancedFold<TMetrics>(int Fold, ITransformer Model, TMetrics Metrics, IDataView ScoredTestSet);

/// <summary>What a cross-validation found: each fold, and mean and standard error of every metric.</summary>
/// <remarks>
/// The standard error is s / √k with the standard deviation s of the metric over the k folds (with k - 1 in its denominator). It takes the
/// folds for independent. They are not, as any two models share most of their training rows, so it is too small, and no estimate from a
/// single cross-validation is right in general (Bengio and Grandvalet, "No Unbiased Estimator of the Variance of K-Fold Cross-Validation",
/// 2004). Differences below two of it say nothing.
/// </remarks>
/// <typeparam name="TMetrics">The kind of metrics.</typeparam>
/// <typeparam name="TMetric">The names of the metrics.</typeparam>
public sealed class ImbalancedCrossValidation<TMetrics, TMetric>
    where TMetric : struct, Enum
{
    private readonly Func<TMetrics, TMetric, double> _value;

    internal ImbalancedCrossValidation(IReadOnlyList<ImbalancedFold<TMetrics>> folds, Func<TMetrics, TMetric, double> value)
        => (Folds, _value) = (folds, value);

    /// <summary>The folds.</summary>
    public IReadOnlyList<ImbalancedFold<TMetrics>> Folds { get; }

    /// <summary>The mean of a metric over the folds.</summary>
    /// <param name="metric">The metric.</param>
    /// <returns>In the range of the metric; NaN if it is NaN in a fold.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such metric.</exception>
    public double Mean(TMetric metric) => Values(metric).Average();

    /// <summary>The standard error s / √k of the mean, which takes the folds for independent and so is too small.</summary>
    /// <param name="metric">The metric.</param>
    /// <returns>At least 0; NaN if the metric is NaN in a fold.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such metric.</exception>
    public double StandardError(TMetric metric)
    {
        var values = Values(metric);
        var mean = values.Average();
        return Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Length - 1) / values.Length);
    }

    /// <summary>A table of all metrics: mean and standard error over the folds, the lowest and the highest value of a fold.</summary>
    /// <returns>Lines of at most 80 characters, numbers in invariant form.</returns>
    public override string ToString()
    {
        var table = new TextTable("mean", "standard error", "lowest", "highest");
        foreach (var metric in Enum.GetValues<TMetric>())
        {
            var values = Values(metric);
            table.Add($"{metric}", [.. new[] { Mean(metric), StandardError(metric), values.Min(), values.Max() }.Select(TextTable.Figure)]);
        }

        return FormattableString.Invariant($"{Folds.Count} folds\n\n{table}");
    }

    /// <summary>
    /// Splits such that every fold has its share of every class, trains and evaluates fold after fold. What is of the model
    /// (<paramref name="ofModel"/>) must not be of its input.
    /// </summary>
    internal static ImbalancedCrossValidation<TMetrics, TMetric> Run(
        IDataView data, IEstimator<ITransformer> estimator, int numberOfFolds, string label, string? samplingKey, int seed,
        string?[] ofModel, Func<IDataView, TMetrics> evaluate, Func<TMetrics, TMetric, double> value)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(estimator);
        Guard.Folds(numberOfFolds);
        // A pipeline may make its label itself. Then it does so once for the split, of which no model of a fold learns.
        var labelled = ColumnRole.ClassLabel.IsIn(data.Schema, Guard.NotEmpty(label)) ? null : estimator.Fit(data).Transform(data);
        var splits = StratifiedSplitter.CrossValidation(data, labelled, label, numberOfFolds, samplingKey, seed);
        return Run(splits.Select(split => (split.TrainSet, split.TestSet)), estimator, ofModel, evaluate, value);
    }

    /// <summary>Trains and evaluates on folds that are given.</summary>
    internal static ImbalancedCrossValidation<TMetrics, TMetric> Run(
        IReadOnlyList<TimeOrderedSplit> folds, IEstimator<ITransformer> estimator, string?[] ofModel,
        Func<IDataView, TMetrics> evaluate, Func<TMetrics, TMetric, double> value)
    {
        ArgumentNullException.ThrowIfNull(folds);
        ArgumentNullException.ThrowIfNull(estimator);
        Guard.AtLeastElements(2, folds.Count, nameof(folds));
        return Run(folds.Select(split => (split.TrainSet, split.TestSet)), estimator, ofModel, evaluate, value);
    }

    private static ImbalancedCrossValidation<TMetrics, TMetric> Run(
        IEnumerable<(IDataView TrainSet, IDataView TestSet)> splits, IEstimator<ITransformer> estimator, string?[] ofModel,
        Func<IDataView, TMetrics> evaluate, Func<TMetrics, TMetric, double> value)
    {
        return new(
            [.. splits.Select((split, fold) =>
            {
                var model = estimator.Fit(split.TrainSet);
                var scored = model.Transform(split.TestSet);
                AddedColumn.Check(scored.Schema, split.TestSet.Schema, ofModel);
                return new ImbalancedFold<TMetrics>(fold, model, Evaluated(scored, fold), scored);
            })],
            value);

        TMetrics Evaluated(IDataView scored, int fold)
        {
            try
            {
                return evaluate(scored);
            }
            catch (InvalidOperationException error)
            {
                throw new InvalidOperationException(
                    $"Evaluation of fold {fold}, whose rows are counted by themselves: {error.Message}", error);
            }
        }
    }

    private double[] Values(TMetric metric) => [.. Folds.Select(fold => _value(fold.Metrics, metric))];
}

using FocalMlNet;
using Microsoft.ML;

namespace ImbalancedBinary;

/// <summary>How well a model does on rows it has not seen.</summary>
/// <param name="Model">The model with the threshold on its Probability that is best for F1 on the training part.</param>
/// <param name="Threshold">That threshold.</param>
/// <param name="Metrics">How it does on the test part.</param>
/// <param name="MatthewsCorrelation">The correlation on the test part with the threshold that is best for it on the training part.</param>
internal sealed record Measures(LinearModel Model, double Threshold, ImbalancedBinaryMetrics Metrics, double MatthewsCorrelation)
{
    /// <summary>Number of positives these figures rest on.</summary>
    public double TestPositives => Metrics.ConfusionCounts.TruePositives + Metrics.ConfusionCounts.FalseNegatives;

    /// <summary>The standard error of the average precision.</summary>
    /// <remarks>Boyd, Eng and Page (2013): of all simple intervals, the binomial with the number of positives covers best.</remarks>
    public double AveragePrecisionError => Math.Sqrt(Metrics.AveragePrecision * (1 - Metrics.AveragePrecision) / TestPositives);

    /// <summary>Chooses thresholds on the training part, and measures on the test part.</summary>
    public static Measures Of(BinaryClassificationCatalog catalog, LinearModel model, IDataView train, IDataView test)
    {
        var (forF1, threshold) = Tuned(ThresholdPolicy.MaximizeF());
        var (forCorrelation, _) = Tuned(ThresholdPolicy.MaximizeMatthewsCorrelation);
        return new(forF1, threshold, Evaluate(forF1), Evaluate(forCorrelation).MatthewsCorrelation);

        (LinearModel Model, double Threshold) Tuned(ThresholdPolicy policy)
        {
            var choice = catalog.ChooseThreshold(model.Transform(train), policy);
            return (catalog.WithThreshold(model, choice.Probability), choice.Probability);
        }

        ImbalancedBinaryMetrics Evaluate(LinearModel tuned) => catalog.EvaluateImbalanced(tuned.Transform(test));
    }
}

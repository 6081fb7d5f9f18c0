namespace FocalMlNet;

/// <summary>
/// The figures of <see cref="ImbalancedMulticlassMetrics"/>. All sums are weighted by the example weights w; a row is given to the class
/// with the highest score. As in scikit-learn, a class that neither occurs nor is predicted does not count in means over classes.
/// </summary>
public enum MulticlassMetric
{
    /// <summary>
    /// The share of the rows that are given to their class; in [0; 1]. It is also micro-averaged precision, recall and F1. Higher is
    /// better.
    /// </summary>
    Accuracy,

    /// <summary>
    /// The mean of the recalls of the classes that occur; in [0; 1], higher is better. A model that knows nothing has 1 over their number.
    /// </summary>
    BalancedAccuracy,

    /// <summary>
    /// The mean of the precisions of the classes, each in [0; 1] and 0 for a class that is never predicted. Higher is better.
    /// </summary>
    MacroPrecision,

    /// <summary>The mean of the recalls of the classes, each in [0; 1] and 0 for a class that does not occur. Higher is better.</summary>
    MacroRecall,

    /// <summary>The mean of the F1 scores of the classes; in [0; 1], higher is better.</summary>
    MacroF1Score,

    /// <summary>The mean of the precisions of the classes in proportion to how often they occur; in [0; 1], higher is better.</summary>
    WeightedPrecision,

    /// <summary>
    /// The mean of the recalls of the classes in proportion to how often they occur, which is <see cref="Accuracy"/>; in [0; 1], higher is
    /// better.
    /// </summary>
    WeightedRecall,

    /// <summary>The mean of the F1 scores of the classes in proportion to how often they occur; in [0; 1], higher is better.</summary>
    WeightedF1Score,

    /// <summary>
    /// The mean, over the classes that occur, of the average precision of a class against all others by its score; in (0; 1], higher is
    /// better.
    /// </summary>
    MacroAveragePrecision,

    /// <summary>
    /// The mean of -ln of the probability given to the class that occurred, in nats, lower is better. Probabilities are moved into [2⁻²³; 1
    /// - 2⁻²³] and divided by their sum first.
    /// </summary>
    LogLoss,

    /// <summary>
    /// The mean of Σ_k (p_k - y_k)² over the classes k, with y_k = 1 for the class that occurred and 0 for the others; in [0; 2], lower is
    /// better.
    /// </summary>
    BrierScore,

    /// <summary>
    /// Σ_b (w_b / Σ w) |mean of the highest probability in bin b - accuracy in bin b| over bins of rows whose highest probability is
    /// similar (<see cref="CalibrationBinning"/>); in [0; 1], lower is better. It judges the predicted class alone: a rare class that is
    /// never predicted is not in it.
    /// </summary>
    ExpectedCalibrationError,

    /// <summary>
    /// The mean of -(1 - p_t)^γ ln p_t with p_t as for <see cref="LogLoss"/> and γ of <see cref="EvaluationOptions"/>; lower is better.
    /// </summary>
    FocalLoss,
}

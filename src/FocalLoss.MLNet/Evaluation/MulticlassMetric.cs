namespace FocalMlNet;

/// <summary>
/// The figures of <see cref="ImbalancedMulticlassMetrics"/>. All sums are weighted by the example weights w; a row is given to the class with the highest score. As in scikit-learn, a
/// class that neither occurs nor is predicted does not count in means over classes.
/// </summary>
public enum MulticlassMetric
{
    /// <summary>The share of the rows that are given to their class; in [0; 1]. It is also micro-averaged precision, recall and F1. Higher is better.</summary>
    Accuracy,

    /// <summary>The mean of the recalls of the classes that occur; in [0; 1], higher is better. A model that knows nothing has 1 over their number.</summary>
    BalancedAccuracy,

    /// <summary>The mean of the precisions of the classes, each in [0; 1] and 0 for a class that is never predicted. Higher is better.</summary>
    MacroPrecision,

    /// <summary>The mean of the recalls of the classes, each in [0; 1] and 0 for a class that does not occur. Higher is better.</summary>
    MacroRecall,

    /// <summary>The mean of the F1 scores of the classes; in [0; 1], higher is better.</summary>
    MacroF1Score,

    /// <summary>The mean of the precisions of the classes in proportion to how often they occur; in [0; 1], higher is better.</summary>
    WeightedPrecision,

    /// <summary>The mean of the recalls of the classes in proportion to how often they occur, which is <see cref="Accuracy"/>; in [0; 1], higher is better.</summary>
    WeightedRecall,

    /// <summary>The mean of the F1 scores of the classes in proportion to how often they occur; in [0; 1], higher is better.</summary>
    WeightedF1Score,

    /// <summary>The mean, over the classes that occur, of the average precision of a class against all others by its score; in (0; 1], higher is better.</summary>
    MacroAveragePrecision,

    /// <summary>
    /// The mean of -ln of the probability given to the class that occurred, in nats, lower is better. Probabilities are moved into [2⁻²³; 1 - 2⁻²³] and divided by their sum first.
    /// </summary>
    LogLoss,
}

namespace FocalMlNet;

/// <summary>The figures of <see cref="ImbalancedBinaryMetrics"/>. All sums are weighted by the example weights w.</summary>
public enum BinaryMetric
{
    /// <summary>The share of the positives, Σ w over the positives / Σ w; in (0; 1). It is no merit of the model.</summary>
    Prevalence,

    /// <summary>
    /// The area under the precision-recall curve as average precision, Σ_k (R_k - R_{k-1}) P_k over the distinct scores from the highest;
    /// in (0; 1], higher is better. A model that knows nothing has the prevalence.
    /// </summary>
    AveragePrecision,

    /// <summary>
    /// The area under the ROC curve: how often a positive has a higher score than a negative, a tie counting half; in [0; 1], higher is
    /// better. A model that knows nothing has .5.
    /// </summary>
    AreaUnderRocCurve,

    /// <summary>
    /// The mean of -ln of the probability given to the class that occurred, in nats; in [0; 15.95], lower is better. Probabilities are
    /// moved into [2⁻²³; 1 - 2⁻²³] first, as a Single has no more to say near 1 and one certain error would make it infinite.
    /// </summary>
    LogLoss,

    /// <summary>The mean of (p - y)², with y = 1 for positives and 0 for negatives; in [0; 1], lower is better.</summary>
    BrierScore,

    /// <summary>
    /// Σ_b (w_b / Σ w) |mean p in bin b - share of positives in bin b| over bins of rows with similar probability p
    /// (<see cref="CalibrationBinning"/>); in [0; 1], lower is better.
    /// </summary>
    ExpectedCalibrationError,

    /// <summary>
    /// The mean of -a (1 - p_t)^γ ln p_t with p_t the probability of the class that occurred, moved as for <see cref="LogLoss"/>, and γ and
    /// alpha of <see cref="EvaluationOptions"/>; in [0; 15.95], lower is better.
    /// </summary>
    FocalLoss,

    /// <summary>TP / (TP + FP) at the model's threshold; in [0; 1], 0 if no row is called positive. Higher is better.</summary>
    Precision,

    /// <summary>TP / (TP + FN) at the model's threshold; in [0; 1], higher is better.</summary>
    Recall,

    /// <summary>
    /// 2 TP / (2 TP + FP + FN) at the model's threshold, the harmonic mean of precision and recall; in [0; 1], higher is better.
    /// </summary>
    F1Score,

    /// <summary>
    /// 5 TP / (5 TP + FP + 4 FN) at the model's threshold: recall counts twice as much as precision; in [0; 1], higher is better.
    /// </summary>
    F2Score,

    /// <summary>
    /// The correlation of label and call at the model's threshold, (TP TN - FP FN) / √((TP+FP)(TP+FN)(TN+FP)(TN+FN)); in [-1; 1], 0 if all
    /// rows are called the same. Higher is better.
    /// </summary>
    MatthewsCorrelation,

    /// <summary>The mean of the recalls of both classes at the model's threshold; in [0; 1], higher is better.</summary>
    BalancedAccuracy,

    /// <summary>The geometric mean of the recalls of both classes at the model's threshold; in [0; 1], higher is better.</summary>
    GeometricMean,

    /// <summary>
    /// (TP + TN) / Σ w at the model's threshold; in [0; 1]. To call every row negative gives 1 - prevalence: it says little about rare
    /// classes.
    /// </summary>
    Accuracy,
}

namespace FocalMlNet;

/// <summary>How one class of several does: its rows against all others.</summary>
/// <param name="Name">The name of the class: its key value, or its place among the scores, counted from 0, if there are no names.</param>
/// <param name="Weight">The summed example weight of its rows, which without weights is their number.</param>
/// <param name="Precision">The share of the rows given to the class that is of it, in [0; 1]; 0 if there is none.</param>
/// <param name="Recall">The share of the rows of the class that is given to it, in [0; 1]; 0 if there is none.</param>
/// <param name="F1Score">The harmonic mean of precision and recall, in [0; 1].</param>
/// <param name="AveragePrecision">
/// The area under its precision-recall curve as <see cref="BinaryMetric.AveragePrecision"/>, in (0; 1]; NaN if the class does not occur.
/// </param>
/// <param name="Intervals">Confidence intervals of these figures; null without a bootstrap.</param>
/// <param name="HasScore">
/// Whether the model knows the class; false for one that the data has and training has not seen: no row is given to it, its probability
/// counts as 0, and its average precision is the share of its rows.
/// </param>
public sealed record ClassMetrics(
    string Name, double Weight, double Precision, double Recall, double F1Score, double AveragePrecision, ClassIntervals? Intervals = null,
    bool HasScore = true);

/// <summary>
/// Confidence intervals of the figures of one class, as <see cref="ImbalancedMulticlassMetrics.Interval"/> gives those of all.
/// </summary>
/// <param name="Precision">That of <see cref="ClassMetrics.Precision"/>.</param>
/// <param name="Recall">That of <see cref="ClassMetrics.Recall"/>.</param>
/// <param name="F1Score">That of <see cref="ClassMetrics.F1Score"/>.</param>
/// <param name="AveragePrecision">That of <see cref="ClassMetrics.AveragePrecision"/>; NaN if the class does not occur.</param>
public sealed record ClassIntervals(
    ConfidenceInterval Precision, ConfidenceInterval Recall, ConfidenceInterval F1Score, ConfidenceInterval AveragePrecision);

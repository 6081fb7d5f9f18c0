namespace FocalMlNet;

/// <summary>How one class of several does: its rows against all others.</summary>
/// <param name="Name">The name of the class: its key value, or its place among the scores, counted from 0, if there are no names.</param>
/// <param name="Weight">The summed example weight of its rows, which without weights is their number.</param>
/// <param name="Precision">The share of the rows given to the class that is of it, in [0; 1]; 0 if there is none.</param>
/// <param name="Recall">The share of the rows of the class that is given to it, in [0; 1]; 0 if there is none.</param>
/// <param name="F1Score">The harmonic mean of precision and recall, in [0; 1].</param>
/// <param name="AveragePrecision">The area under its precision-recall curve as <see cref="BinaryMetric.AveragePrecision"/>, in (0; 1]; NaN if the class does not occur.</param>
public sealed record ClassMetrics(string Name, double Weight, double Precision, double Recall, double F1Score, double AveragePrecision);

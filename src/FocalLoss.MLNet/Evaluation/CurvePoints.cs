namespace FocalMlNet;

/// <summary>A point of the precision-recall curve.</summary>
/// <param name="Threshold">Rows with at least this score are called positive.</param>
/// <param name="Recall">The share of the positives that is called positive, in [0; 1].</param>
/// <param name="Precision">The share of the rows called positive that is positive, in [0; 1].</param>
public readonly record struct PrecisionRecallPoint(float Threshold, double Recall, double Precision);

/// <summary>A point of the ROC curve.</summary>
/// <param name="Threshold">Rows with at least this score are called positive; +∞ for the first point, where none is.</param>
/// <param name="FalsePositiveRate">The share of the negatives that is called positive, in [0; 1].</param>
/// <param name="TruePositiveRate">The share of the positives that is called positive, in [0; 1].</param>
public readonly record struct RocPoint(float Threshold, double FalsePositiveRate, double TruePositiveRate);

/// <summary>A point of the lift curve.</summary>
/// <param name="Threshold">Rows with at least this score are called positive.</param>
/// <param name="AlertRate">The share of all rows that is called positive, in (0; 1].</param>
/// <param name="Lift">The precision there divided by the prevalence: how many times as many positives as among as many random rows.</param>
/// <param name="Recall">The share of the positives among them, in [0; 1]; over <paramref name="AlertRate"/> it is the gain curve.</param>
public readonly record struct LiftPoint(float Threshold, double AlertRate, double Lift, double Recall);

/// <summary>A point of the reliability curve: rows with a similar probability.</summary>
/// <param name="MeanProbability">The mean of their probabilities, in [0; 1].</param>
/// <param name="PositiveRate">
/// The share of the positives among them, in [0; 1]: the same as the former if the probabilities are right.
/// </param>
/// <param name="Share">Their share of all rows, in (0; 1].</param>
public readonly record struct ReliabilityPoint(double MeanProbability, double PositiveRate, double Share);

using FocalMlNet.Evaluation;

namespace FocalMlNet;

/// <summary>
/// How many rows of each class are called positive and negative: their summed example weights, which without weights are counts.
/// </summary>
/// <param name="TruePositives">TP: positives called positive.</param>
/// <param name="FalsePositives">FP: negatives called positive.</param>
/// <param name="FalseNegatives">FN: positives called negative.</param>
/// <param name="TrueNegatives">TN: negatives called negative.</param>
public readonly record struct ConfusionCounts(double TruePositives, double FalsePositives, double FalseNegatives, double TrueNegatives)
{
    /// <summary>All rows.</summary>
    public double Total => TruePositives + FalsePositives + FalseNegatives + TrueNegatives;

    /// <summary>(TP + FP) / total: the share of the rows that is called positive.</summary>
    public double AlertRate => Ratio(TruePositives + FalsePositives, Total);

    /// <summary>TP / (TP + FP): the share of the calls that is right; 0 if there is none.</summary>
    public double Precision => Ratio(TruePositives, TruePositives + FalsePositives);

    /// <summary>TP / (TP + FN): the share of the positives that is found; 0 if there is none.</summary>
    public double Recall => Ratio(TruePositives, TruePositives + FalseNegatives);

    /// <summary>TN / (TN + FP): the share of the negatives that is left alone; 0 if there is none.</summary>
    public double Specificity => Ratio(TrueNegatives, TrueNegatives + FalsePositives);

    /// <summary>(TP + TN) / total.</summary>
    public double Accuracy => Ratio(TruePositives + TrueNegatives, Total);

    /// <summary>The mean of <see cref="Recall"/> and <see cref="Specificity"/>.</summary>
    public double BalancedAccuracy => (Recall + Specificity) / 2;

    /// <summary>√(<see cref="Recall"/> · <see cref="Specificity"/>).</summary>
    public double GeometricMean => Math.Sqrt(Recall * Specificity);

    /// <summary>
    /// (TP TN - FP FN) / √((TP+FP)(TP+FN)(TN+FP)(TN+FN)), in [-1; 1]; 0 if all rows are of one class or are called the same.
    /// </summary>
    public double MatthewsCorrelation
    {
        get
        {
            // Two square roots: the product of all four sums could overflow or lose small ones.
            var called = Math.Sqrt(TruePositives + FalsePositives) * Math.Sqrt(TrueNegatives + FalseNegatives);
            var actual = Math.Sqrt(TruePositives + FalseNegatives) * Math.Sqrt(TrueNegatives + FalsePositives);
            var correlation = (TruePositives * TrueNegatives - FalsePositives * FalseNegatives) / called / actual;
            // The roots are rounded.
            return called > 0 && actual > 0 ? Math.Clamp(correlation, -1, 1) : 0;
        }
    }

    /// <summary>(1 + β²) TP / ((1 + β²) TP + FP + β² FN): the weighted harmonic mean of precision and recall; 0 without any TP.</summary>
    /// <param name="beta">β in (0; +∞): how many times as important recall is as precision.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="beta"/> is outside its range.</exception>
    public double FScore(double beta)
    {
        var b = Guard.Positive(beta) * beta;
        // β² may be 0 or infinite where β is not; the ratio is the same with both sides divided by 1 + β².
        var missed = double.IsInfinity(b) ? 1 : b / (1 + b);
        return Ratio(TruePositives, TruePositives + (1 - missed) * FalsePositives + missed * FalseNegatives);
    }

    /// <summary>The confusion matrix: a row for each class, a column for what its rows are called.</summary>
    /// <returns>Lines of at most 80 characters, numbers in invariant form.</returns>
    public override string ToString() => new TextTable("called positive", "called negative")
        .Add("positive", TextTable.Weight(TruePositives), TextTable.Weight(FalseNegatives))
        .Add("negative", TextTable.Weight(FalsePositives), TextTable.Weight(TrueNegatives)).ToString();

    private static double Ratio(double part, double whole) => whole > 0 ? part / whole : 0;
}

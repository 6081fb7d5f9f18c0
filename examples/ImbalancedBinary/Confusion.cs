namespace ImbalancedBinary;

/// <summary>The confusion matrix of a threshold.</summary>
internal readonly record struct Confusion(double TruePositives, double FalsePositives, double FalseNegatives, double TrueNegatives)
{
    /// <summary>Counts rows; a score above <paramref name="threshold"/> is called positive.</summary>
    public static Confusion At(float threshold, IReadOnlyCollection<Prediction> predictions)
    {
        double Count(bool label, bool called) => predictions.Count(p => p.Label == label && p.Score > threshold == called);
        return new(Count(true, true), Count(false, true), Count(true, false), Count(false, false));
    }

    /// <summary>The harmonic mean of precision and recall.</summary>
    public static double F1(Confusion c) => 2 * c.TruePositives / (2 * c.TruePositives + c.FalsePositives + c.FalseNegatives);

    /// <summary>Matthews correlation coefficient: the correlation of label and call, in [-1; 1]; 0 if all rows are called the same.</summary>
    public static double Mcc(Confusion c)
    {
        var covariance = c.TruePositives * c.TrueNegatives - c.FalsePositives * c.FalseNegatives;
        var square = (c.TruePositives + c.FalsePositives) * (c.TruePositives + c.FalseNegatives)
            * (c.TrueNegatives + c.FalsePositives) * (c.TrueNegatives + c.FalseNegatives);
        return square > 0 ? covariance / Math.Sqrt(square) : 0;
    }
}

namespace FocalMlNet.Tuning;

/// <summary>
/// The mean difference between two candidates over the same folds. Its standard error is corrected for training sets that overlap: the
/// variance of the differences is multiplied with 1 / J + n_test / n_train instead of 1 / J for J folds (Nadeau and Bengio, "Inference for
/// the Generalization Error", Machine Learning 52, 2003).
/// </summary>
/// <param name="Mean">The mean of own - other.</param>
/// <param name="StandardError">NaN with one fold only.</param>
/// <param name="PValue">Of the two-sided t test with J - 1 degrees of freedom; NaN with one fold only.</param>
internal readonly record struct PairedDifference(double Mean, double StandardError, double PValue)
{
    /// <summary>The difference of two candidates' values.</summary>
    /// <param name="own">A value for each fold, one at least.</param>
    /// <param name="other">The other's values on the first of these folds, or on more.</param>
    /// <param name="testToTrain">n_test / n_train.</param>
    public static PairedDifference Of(IReadOnlyList<double> own, IReadOnlyList<double> other, double testToTrain)
    {
        var differences = own.Select((value, fold) => value - other[fold]).ToArray();
        var (mean, error) = (differences.Average(), StandardErrorOf(differences, testToTrain));
        // Where all differences are the same to the bit, chance has no part in them.
        var p = error > 0 ? Distributions.StudentTwoSided(mean / error, differences.Length - 1)
            : double.IsNaN(error) ? double.NaN : mean == 0 ? 1 : 0;
        return new(mean, error, p);
    }

    /// <summary>The corrected standard error of the mean of values; NaN of one value.</summary>
    public static double StandardErrorOf(IReadOnlyList<double> values, double testToTrain)
    {
        var (count, mean) = (values.Count, values.Average());
        var variance = values.Sum(value => (value - mean) * (value - mean)) / (count - 1);
        return Math.Sqrt(variance * (1.0 / count + testToTrain));
    }
}

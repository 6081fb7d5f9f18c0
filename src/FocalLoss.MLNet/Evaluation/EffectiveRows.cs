namespace FocalMlNet.Evaluation;

/// <summary>
/// How many rows of equal weight say as much as some rows of unequal weights: (Σ w)² / Σ w² (Kish, "Survey Sampling", 1965). It does not
/// depend on the unit of the weights.
/// </summary>
/// <param name="Weight">Σ w.</param>
/// <param name="Squares">Σ w².</param>
internal readonly record struct EffectiveRows(double Weight, double Squares)
{
    /// <summary>At most the number of rows; 0 without any.</summary>
    public double Count => Weight > 0 ? Weight / Squares * Weight : 0;

    public static EffectiveRows operator +(EffectiveRows a, EffectiveRows b) => new(a.Weight + b.Weight, a.Squares + b.Squares);

    public static EffectiveRows operator -(EffectiveRows a, EffectiveRows b) => new(a.Weight - b.Weight, a.Squares - b.Squares);

    /// <summary>
    /// The degrees of freedom of a standard error to which each class contributes in proportion to 1 / rows (Satterthwaite, "An approximate
    /// distribution of estimates of variance components", 1946): little more than the rows of the rarest class, less 1. At least 1.
    /// </summary>
    /// <param name="counts">The effective rows of each class that occurs.</param>
    public static double DegreesOfFreedom(IEnumerable<double> counts)
    {
        double sum = 0, squares = 0;
        foreach (var n in counts)
        {
            sum += 1 / n;
            squares += 1 / (n * n * Math.Max(n - 1, .5));
        }

        return Math.Max(sum * sum / squares, 1);
    }
}

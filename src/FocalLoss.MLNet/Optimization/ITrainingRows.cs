namespace FocalMlNet.Optimization;

/// <summary>
/// The rows that are trained on, wherever they lie: the sums and the draws that the minimiser asks for, and all it knows of them. What goes
/// in and comes out is numbers, so that they may be on another machine, or on several whose answers are added. Not for several threads.
/// </summary>
internal interface ITrainingRows
{
    /// <summary>Number of features.</summary>
    int ColumnCount { get; }

    /// <summary>Stored feature values.</summary>
    long EntryCount { get; }

    /// <summary>Number of rows with each label.</summary>
    IReadOnlyList<long> LabelCounts { get; }

    /// <summary>Summed example weight of each label.</summary>
    IReadOnlyList<double> LabelWeights { get; }

    /// <summary>Mean and variance of each column.</summary>
    /// <param name="relativeWeights">
    /// For each label the relative weight of a row with it and example weight 1. A row counts the mean of its relative weight and 1; one
    /// without weight does not.
    /// </param>
    /// <param name="withDensity">Whether the density is asked for too.</param>
    Moments Moments(double[] relativeWeights, bool withDensity);

    /// <summary>
    /// The summed loss; <paramref name="gradient"/> receives its derivative with respect to the coefficients and then the offset of each
    /// output.
    /// </summary>
    double Evaluate(LossAt at, Span<double> gradient);

    /// <summary>
    /// For each output the summed second derivatives of the rows' losses with respect to their score, those below 0 as 0.
    /// </summary>
    double[] Curvatures(LossAt at);

    /// <summary>The sum of <see cref="Curvatures"/>, of which <see cref="DrawByCurvature"/> gives rows their part.</summary>
    double CurvatureTrace(LossAt at);

    /// <summary>The largest change that a step makes between the scores of any row that is not left out.</summary>
    float LargestChange(LinearModel step, FarRows far);

    /// <summary>
    /// Draws rows, each with the chance perLeverage · leverage + perCurvature · curvature, at most 1, and with its weight divided by that.
    /// </summary>
    /// <param name="leverage">What makes a row's leverage.</param>
    /// <param name="perLeverage">Chance for a leverage of 1.</param>
    /// <param name="start">Where the systematic draw begins, in [0; 1).</param>
    /// <param name="at">Where the curvature is taken: the sum of a row's second derivatives; null for chances by leverage alone.</param>
    /// <param name="perCurvature">Chance for a curvature of 1.</param>
    RowMatrix Draw(Leverage leverage, double perLeverage, double start, LossAt? at = null, double perCurvature = 0);

    /// <summary>The same with chances by curvature alone, the draw beginning anew now and then: so threads may draw side by side.</summary>
    RowMatrix DrawByCurvature(LossAt at, double perCurvature);

    /// <summary>
    /// All rows in their order, in windows of whole blocks and no more than so many rows: one window of few rows, or what a given learning
    /// rate steps through, and nothing else does.
    /// </summary>
    IEnumerable<RowMatrix> Windows(int mostRows);
}

/// <summary>A loss at a point, of all rows or without those that are far.</summary>
internal sealed record LossAt(IObjective Loss, LinearModel Model, FarRows? Far = null);

/// <summary>
/// Moments of the columns: the summed shares of the rows, and in these shares each column's mean, its variance (0 if it does not vary) and
/// its density, the share of rows in which it is not 0; no density if that was not asked for.
/// </summary>
internal sealed record Moments(double Weight, double[] Mean, double[] Variance, double[] Density);

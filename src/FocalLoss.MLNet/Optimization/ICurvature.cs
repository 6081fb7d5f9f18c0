namespace FocalMlNet.Optimization;

/// <summary>
/// A second derivative H at a point beside D, the same with a curvature of 1 in all rows, or what stands for it: in H + μ D every row has a
/// curvature of μ at least, those whose loss is flat or not convex where they are too.
/// </summary>
internal interface ICurvature
{
    /// <summary>
    /// Solves (H + μ D) step = gradient, without damping as exactly as a bound needs it. A coordinate without any curvature stays where it
    /// is.
    /// </summary>
    /// <param name="gradient">The gradient.</param>
    /// <param name="damping">μ, at least 0.</param>
    /// <returns>The step, no numbers where there is none, and whether it was reached.</returns>
    (double[] Step, bool IsWhole) Solve(ReadOnlySpan<double> gradient, double damping);

    /// <summary>stepᵀ D step.</summary>
    double SquareInD(ReadOnlySpan<double> step);
}

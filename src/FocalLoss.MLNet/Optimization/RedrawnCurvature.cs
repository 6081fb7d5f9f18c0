namespace FocalMlNet.Optimization;

/// <summary>
/// Second derivatives at the points of a way. Where not all rows are candidates these are drawn anew from time to time: near the end few
/// rows have any curvature.
/// </summary>
/// <param name="problem">What is minimised.</param>
/// <param name="count">Rows that are drawn from the candidates for a second derivative.</param>
internal sealed class RedrawnCurvature(Problem problem, int count)
{
    /// <summary>After so many second derivatives the candidates are drawn anew: most fits end before.</summary>
    private const int CurvaturesPerDraw = 6;

    private int _curvatures;

    /// <summary>In the candidates that were drawn last.</summary>
    public SampledCurvature Current { get; private set; } = problem.Curvature(problem.Candidates, count);

    /// <summary>The second derivative at the next point.</summary>
    public DampedCurvature Next(double[] point, ScaledObjective objective)
    {
        if (problem.HasMoreThanCandidates && ++_curvatures % CurvaturesPerDraw == 0)
        {
            var rows = problem.DrawNear(
                new LossAt(objective.Loss, problem.Scaling.Unscaled(point)), problem.Settings.Seed + _curvatures);
            Current = problem.Curvature(rows, problem.CurvatureRows);
        }

        return Current.At(point, objective.Loss, objective.Penalty);
    }
}

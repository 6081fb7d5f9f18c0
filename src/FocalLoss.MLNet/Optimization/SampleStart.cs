namespace FocalMlNet.Optimization;

/// <summary>Newton steps on rows that stand for all, which are taken where that saves passes over all of them.</summary>
/// <param name="problem">What is minimised.</param>
internal sealed class SampleStart(Problem problem)
{
    /// <summary>What a sample tells of the minimum is no better than this share of the start's value.</summary>
    private const double SampleTolerance = 3e-4;
    private const int MostCalls = 60;

    /// <summary>With fewer rows for each one of the sample, its minimum costs more than it saves.</summary>
    private const int FewestRowsPerSampled = 2;

    /// <summary>
    /// With fewer rows for each coordinate the sample's minimum is no nearer to that of all than two steps on all rows lead: it is off by
    /// about one half for each row that a coordinate has.
    /// </summary>
    private const int FewestRowsPerCoordinate = 64;

    /// <summary>So many times more than a second derivative is taken in, and than go the longer part of the way.</summary>
    private const int RowsPerDrawn = 4;

    /// <summary>Newton steps to the minimum of the sample, if there are many more rows, and enough in the sample.</summary>
    /// <param name="stages">What is minimised one after the other.</param>
    /// <param name="start">Where to begin.</param>
    /// <param name="startValue">The value there.</param>
    /// <param name="damping">The first μ.</param>
    /// <returns>Where that ended and the last μ, or null if it was not done.</returns>
    public (double[] Point, double Damping)? NewtonSteps(IObjective[] stages, double[] start, double startValue, double damping)
    {
        var (most, unit) = (damping, problem.DampingUnit(start));
        var (rows, count) = (problem.Candidates, problem.CurvatureRows);
        var isDrawn = rows.RowCount >= 2 * count;
        var found = isDrawn ? count : rows.RowCount;
        if (problem.Labels.RowCount < FewestRowsPerSampled * found || found < FewestRowsPerCoordinate * problem.Scaling.Stride)
            return null;
        if (isDrawn)
            rows = problem.Draw(rows, count);
        if (!problem.Labels.AreEnough(rows.LabelCounts, problem.Scaling.Stride))
            return null;
        var (point, isNear) = (start, false);
        // The longer part of the way is gone on fewer rows still.
        var few = (int)(rows.RowCount / RowsPerDrawn);
        if (few >= FewestRowsPerCoordinate * problem.Scaling.Stride && problem.Draw(rows, few) is var some
            && problem.Labels.AreEnough(some.LabelCounts, problem.Scaling.Stride))
        {
            Go(some, Solver.StageTolerance);
            isNear = true;
        }

        Go(rows, SampleTolerance);
        return (point, damping);

        void Go(RowMatrix sample, double tolerance)
        {
            var curvature = problem.Curvature(sample, count / RowsPerDrawn);
            // The way through the other stages leads there.
            foreach (var stage in isNear ? stages[^1..] : stages)
            {
                var objective = problem.Of(stage, sample);
                var minimizer = new DampedNewton(
                    objective.Evaluate, at => curvature.At(at, stage, problem.Penalty), damping, unit);
                var least = Math.Max(tolerance, stage == problem.Final ? 0 : Solver.StageTolerance) * startValue;
                point = minimizer.Minimize(SolverState.At(point, objective.Evaluate), MostCalls, least, _ => true).End.Point;
                damping = Math.Min(minimizer.Damping, most);
            }
        }
    }
}

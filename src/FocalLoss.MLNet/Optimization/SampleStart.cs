namespace FocalMlNet.Optimization;

/// <summary>First steps on rows that stand for all, which are taken where that saves passes over all of them.</summary>
/// <param name="problem">What is minimised.</param>
internal sealed class SampleStart(Problem problem)
{
    /// <summary>The first step size of the stochastic start; it is divided by this if that ends above its start, so many times.</summary>
    private const double FirstRate = 2;
    private const double RateFactor = 8;
    private const int Attempts = 3;

    /// <summary>What a sample tells of the minimum is no better than this share of the start's value.</summary>
    private const double SampleTolerance = 3e-4;
    private const int MostCalls = 60;

    /// <summary>With fewer rows for each one of the sample, its minimum costs more than it saves.</summary>
    private const int FewestRowsPerSampled = 2;

    /// <summary>The share of the rows that a second derivative of Newton steps may be taken in.</summary>
    private const int RowsPerDrawn = 4;

    /// <summary>Newton steps to the minimum of the sample, if there are many more rows, and enough in the sample.</summary>
    /// <param name="stages">What is minimised one after the other.</param>
    /// <param name="start">Where to begin.</param>
    /// <param name="startValue">The value there.</param>
    /// <param name="damping">The first μ.</param>
    /// <returns>Where that ended and the last μ, or null if it was not done.</returns>
    public (double[] Point, double Damping)? NewtonSteps(IObjective[] stages, double[] start, double startValue, double damping)
    {
        var (rows, count) = (problem.Candidates, problem.CurvatureRows);
        if (rows.Sum(b => b.RowCount) >= 2 * count)
            rows = problem.Sample(problem.Final.Of(problem.Data.Part(rows)), problem.Settings.Seed).Draw(rows, count);
        var sample = problem.Data.Part(rows);
        if (problem.Data.RowCount < FewestRowsPerSampled * sample.RowCount || !problem.Labels.AreEnough(sample, problem.Scaling.Stride))
            return null;
        var curvature = problem.Curvature(rows, count / RowsPerDrawn);
        var (point, weight) = (start, rows.Sum(block => block.Weight));
        foreach (var stage in stages)
        {
            var objective = problem.Of(stage, sample, weight);
            var minimizer = new DampedNewton(
                objective.Evaluate, at => curvature.At(at, stage, problem.Penalty), damping, problem.Labels.MeanFactor);
            var tolerance = stage == problem.Final ? SampleTolerance : Solver.StageTolerance;
            point = minimizer.Minimize(point, MostCalls, tolerance * startValue, _ => true).End.Point;
            damping = Math.Min(minimizer.Damping, DampedNewton.FirstDamping);
        }

        return (point, damping);
    }

    /// <summary>One pass of averaged SGD, with a smaller step size if that ends above its start.</summary>
    /// <param name="start">Where to begin.</param>
    /// <returns>Where that ended, and the rows in which second derivatives may be taken there, if there are any.</returns>
    public (double[] Point, SampledCurvature? Curvature) Stochastic(double[] start)
    {
        var (data, scaling, settings) = (problem.Data, problem.Scaling, problem.Settings);
        var count = problem.SampleRows;
        var batches = AveragedSgd.Batches(problem, data.Blocks, (double)count / data.RowCount, count, new Random(settings.Seed));
        var weight = problem.Labels.Weight * batches.Sum(b => (double)b.RowCount) / data.RowCount;
        var objective = problem.Of(problem.Objectives[0], data.Part(batches), weight);
        return (Descend(), CurvatureCost.HasMatrices(scaling.ColumnCount, scaling.OutputCount)
            ? new SampledCurvature(
                batches, CurvatureCost.Rows(scaling.Stride, scaling.OutputCount, isCoupled: false), scaling, isCoupled: false,
                settings.Parallel)
            : null);

        double[] Descend()
        {
            var gradient = new double[start.Length];
            var value = objective.Evaluate(start, gradient);
            var rate = FirstRate;
            for (var attempt = 0; attempt < Attempts; attempt++)
            {
                var descent = new AveragedSgd(start, rate, objective.Loss, scaling, problem.Penalty);
                descent.Run(batches, problem.Labels.Weight / data.RowCount, 0, 1, settings.Parallel.CancellationToken);
                var average = descent.Average;
                if (objective.Evaluate(average, gradient) < value)
                    return average;
                rate /= RateFactor;
            }

            return start;
        }
    }
}

namespace FocalMlNet.Optimization;

/// <summary>
/// Averaged mini-batch stochastic gradient descent with a given learning rate, for a given number of passes, each followed by an
/// evaluation.
/// </summary>
internal static class GivenRate
{
    /// <summary>Minimises.</summary>
    /// <param name="problem">What is minimised; each of its objectives has an equal part of the way.</param>
    /// <param name="start">Where to begin.</param>
    /// <param name="startValue">The value there.</param>
    /// <param name="rate">The first step size.</param>
    /// <param name="goOn">Is told of each pass, and says whether to go on.</param>
    /// <exception cref="InvalidOperationException">The learning rate makes the objective infinite.</exception>
    public static SolverResult Minimize(Problem problem, double[] start, double startValue, double rate, Func<SolverState, bool> goOn)
    {
        var (rowCount, settings) = (problem.Labels.RowCount, problem.Settings);
        var random = new Random(settings.Seed);
        var descent = new AveragedSgd(start, rate, problem.Objectives[0], problem.Scaling, problem.Penalty);
        var final = problem.Of(problem.Final);
        var (end, endValue) = (start, startValue);
        var gradient = new double[start.Length];
        var passes = 0;
        while (passes < settings.NumberOfIterations)
        {
            // The last pass, if not more, has the last one.
            descent.Objective = problem.Objectives[(int)(((passes + 1L) * problem.Objectives.Count - 1) / settings.NumberOfIterations)];
            long seen = 0;
            foreach (var window in problem.Rows.Windows(problem.RowsAtOnce))
            {
                var batches = AveragedSgd.Batches(problem, window, 1, problem.RowsAtOnce, random);
                var from = Progress(passes, seen);
                seen += window.RowCount;
                descent.Run(
                    batches, problem.Labels.Weight / rowCount, from, Progress(passes, seen), settings.Parallel.CancellationToken);
            }

            passes++;
            end = descent.Average;
            endValue = final.Evaluate(end, gradient);
            if (!double.IsFinite(endValue))
            {
                throw new InvalidOperationException(FormattableString.Invariant(
                    $"LearningRate = {rate} makes the objective infinite: choose a smaller one, or null, which adapts."));
            }

            if (!goOn(new SolverState(end, endValue, gradient, passes)))
                break;
        }

        return problem.Result(end, endValue, start, startValue, passes, gap: null);

        double Progress(int done, long seen) => (done + (double)seen / rowCount) / settings.NumberOfIterations;
    }
}

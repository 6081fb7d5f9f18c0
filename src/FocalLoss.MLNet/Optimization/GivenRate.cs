using FocalMlNet.Matrix;

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
        var (data, settings) = (problem.Data, problem.Settings);
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
            foreach (var window in Windows(data.Blocks, problem.RowsAtOnce))
            {
                var batches = AveragedSgd.Batches(problem, window, 1, problem.RowsAtOnce, random);
                var from = Progress(passes, seen);
                seen += window.Sum(b => (long)b.RowCount);
                descent.Run(
                    batches, problem.Labels.Weight / data.RowCount, from, Progress(passes, seen), settings.Parallel.CancellationToken);
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

        double Progress(int done, long seen) => (done + (double)seen / data.RowCount) / settings.NumberOfIterations;
    }

    /// <summary>
    /// All blocks in order, so many at a time that a copy of them is small: what is shuffled at once, be it in memory or not.
    /// </summary>
    private static IEnumerable<List<RowBlock>> Windows(IEnumerable<RowBlock> blocks, int mostRows)
    {
        var window = new List<RowBlock>();
        long rows = 0;
        foreach (var block in blocks)
        {
            if (window.Count > 0 && rows + block.RowCount > mostRows)
            {
                yield return window;
                (window, rows) = ([], 0);
            }

            window.Add(block);
            rows += block.RowCount;
        }

        yield return window;
    }
}

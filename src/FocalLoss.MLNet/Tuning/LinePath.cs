using System.Diagnostics;
using FocalMlNet.Matrix;
using FocalMlNet.Optimization;
using FocalMlNet.Training;

namespace FocalMlNet.Tuning;

/// <summary>The lines of one family: they are trained from the largest penalty down, each from where the one before ended.</summary>
/// <param name="task">Two classes or several.</param>
/// <param name="options">The options of the tuning.</param>
internal sealed class LinePath(ITuningTask task, TuningOptions options)
{
    /// <summary>
    /// Nearer than a fit goes: with a large penalty the whole way down is a small share of the start's value, and a ranking would notice.
    /// </summary>
    private const double Tolerance = 1e-5;

    private bool ArePerSpread => options.L2Regularizations is null;

    /// <summary>
    /// Penalties from the largest down: those that are given or shares of T, from 1 to where the penalty decides nothing for so many rows.
    /// </summary>
    public double[] Penalties(double rows) => ArePerSpread
        ? [.. PenaltyPath.Shares(1, .01 * PenaltyPath.PriorCentre / rows)]
        : [.. options.L2Regularizations!.Distinct().OrderDescending()];

    /// <summary>What some lines of a family, by falling penalties, predict for the rows that judge.</summary>
    /// <param name="family">The family.</param>
    /// <param name="lines">Its lines.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="parallel">Threads and cancellation.</param>
    /// <returns>For each line the predictions, and the seconds they took.</returns>
    public IEnumerable<(FoldPredictions Predictions, double Seconds)> Run(
        LineFamily family, IEnumerable<LineEntrant> lines, FoldMatrix rows, ParallelOptions parallel)
    {
        var clock = Stopwatch.StartNew();
        var problem = Problem(family, rows.Train);
        var unit = ArePerSpread ? PenaltyChoice.CurvatureAtStart(problem, rows.Train) : 1;
        var minimum = PenaltyPath.Models(problem, rows.Train, Settings(parallel) with { IsPenaltyPerSpread = ArePerSpread });
        foreach (var line in lines)
        {
            var calibrated = task.Formulation.ByCurve(problem, minimum(line.Penalty * unit), rows.Train, parallel);
            var scores = rows.Test.Scores(calibrated, parallel.CancellationToken);
            yield return (task.OfLine(scores, rows.Judged.Rows.Length), clock.Elapsed.TotalSeconds);
            clock.Restart();
        }
    }

    /// <summary>λ of lines on given rows.</summary>
    public Dictionary<LineEntrant, double> Lambdas(IEnumerable<LineEntrant> lines, TrainingData all, ParallelOptions parallel)
    {
        if (!ArePerSpread)
            return lines.ToDictionary(line => line, line => line.Penalty);
        var lambdas = new Dictionary<LineEntrant, double>();
        // The features' units depend on the weights of the classes, not on γ.
        foreach (var weighting in lines.GroupBy(line => line.Family.Weighting))
        {
            var first = Problem(weighting.First().Family, all);
            var settings = Settings(parallel) with { L2Regularization = 1, IsPenaltyPerSpread = true };
            var spread = new Problem(new RowMatrix(all, parallel), [first.Objective], settings).Penalty;
            foreach (var family in weighting.GroupBy(line => line.Family))
            {
                var unit = PenaltyChoice.CurvatureAtStart(Problem(family.Key, all), all);
                foreach (var line in family)
                    lambdas[line] = line.Penalty * unit * spread;
            }
        }

        return lambdas;
    }

    private FocalProblem Problem(LineFamily family, TrainingData rows)
        => new(task.Formulation, family.Gamma, family.Weighting.FromAnyCounts(rows.Totals.Weights));

    private SolverSettings Settings(ParallelOptions parallel)
        => new(100, Tolerance, null, 0, Shuffle: true, options.Seed ?? 0, parallel);
}

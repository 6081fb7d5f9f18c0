
using System.Numerics.Tensors;

namespace FocalMlNet.Calibration;

/// <summary>
/// The map slope · score_k + intercept_k from scores to numbers whose softmax are probabilities: a temperature and a shift of each class,
/// which can be folded into the coefficients and offsets of a linear model.
/// </summary>
internal sealed record SoftmaxMap(double Slope, double[] Intercepts)
{
    private const int MostSteps = 30;

    /// <summary>A step is good enough if it lessens the loss by this share of what its slope promises (Armijo).</summary>
    private const double Sufficient = 1e-4;

    /// <summary>Classes' shares are far from what they should be if bringing them there promises this much.</summary>
    private const double FarAway = .01;

    /// <summary>Steps that promise no more end the search.</summary>
    private const double Nothing = 1e-13;

    /// <summary>
    /// The best map for scores of the softmax focal loss: of all it loses least log-loss against the exact probabilities of these rows; its
    /// intercepts are then chosen such that the mean probability of each class is its prevalence.
    /// </summary>
    /// <param name="curve">The exact probabilities.</param>
    /// <param name="some">Scores of training rows that represent all: the curve is costly, and its one slope is found from few.</param>
    /// <param name="all">Those over which the mean is taken.</param>
    /// <param name="prevalences">
    /// The share of each class in the weight, at least 0; the intercept of a class without rows is that of the best map.
    /// </param>
    /// <param name="parallel">Threads and cancellation; the map does not depend on them.</param>
    public static SoftmaxMap ForFocal(
        SoftmaxFocalPosterior curve, ScoreRows some, ScoreRows all, double[] prevalences, ParallelOptions parallel)
    {
        var classes = some.ClassCount;
        var best = new SoftmaxMap(1 + curve.Gamma, curve.LogWeightShifts(classes)).Minimize(
            some, Targets(some, parallel, (scores, _, targets) => curve.Probabilities(scores, targets)), isSlopeFree: true, parallel);
        var total = prevalences.Sum();
        return best.Minimize(all, [.. prevalences.Select(p => p / total), 0], isSlopeFree: false, parallel);
    }

    /// <summary>
    /// Platt scaling for several classes: the map that loses least log-loss on rows with known classes. A class without rows among them
    /// keeps its intercept.
    /// </summary>
    /// <param name="rows">Scores of rows that the model was not trained on, of two classes at least.</param>
    /// <param name="parallel">Threads and cancellation; the map does not depend on them.</param>
    public static SoftmaxMap ForLabels(ScoreRows rows, ParallelOptions parallel)
    {
        var counts = rows.Sum(rows.ClassCount, parallel, (b, sums) =>
        {
            var block = rows.Blocks[b];
            for (var i = 0; i < block.RowCount; i++)
                sums[block.Labels[i]] += block.Weights[i];
        });
        // As Platt's targets for two classes: one example more of each kind that occurs keeps the map finite.
        var others = counts.Count(count => count > 0) - 1;
        var targets = Targets(rows, parallel, (scores, label, row) =>
        {
            var own = (counts[label] + 1) / (counts[label] + 2);
            for (var k = 0; k < row.Length; k++)
                row[k] = k == label ? own : counts[k] > 0 ? (1 - own) / others : 0;
        });
        return new SoftmaxMap(1, new double[rows.ClassCount]).Minimize(rows, targets, isSlopeFree: true, parallel);
    }

    /// <summary>Finds the target of a row from its scores and its class.</summary>
    private delegate void RowTarget(ReadOnlySpan<double> scores, int label, Span<double> target);

    /// <summary>The mean of each class's target, then the mean product of the targets with the scores.</summary>
    private static double[] Targets(ScoreRows rows, ParallelOptions parallel, RowTarget targetOf)
    {
        var classes = rows.ClassCount;
        var sums = rows.Sum(classes + 1, parallel, (b, sums) =>
        {
            var block = rows.Blocks[b];
            var (scores, targets) = (new double[classes], new double[classes]);
            for (var i = 0; i < block.RowCount; i++)
            {
                for (var k = 0; k < classes; k++)
                    scores[k] = block.Scores[k * block.RowCount + i];
                targetOf(scores, block.Labels[i], targets);
                for (var k = 0; k < classes; k++)
                {
                    sums[k] += block.Weights[i] * targets[k];
                    sums[^1] += block.Weights[i] * targets[k] * scores[k];
                }
            }
        });
        var total = rows.Weight;
        return [.. sums.Select(sum => sum / total)];
    }

    /// <summary>
    /// Newton steps, from this map on. Where the classes' shares are far from what they should be they are brought near first: there the
    /// loss may be all but flat, and Newton steps much too long.
    /// </summary>
    private SoftmaxMap Minimize(ScoreRows rows, double[] targets, bool isSlopeFree, ParallelOptions parallel)
    {
        var loss = new SoftmaxMapLoss(rows, targets, isSlopeFree, parallel);
        double[] point = [.. Intercepts, Slope];
        var (gradient, step, trial) = (new double[point.Length], new double[point.Length], new double[point.Length]);
        var value = loss.Evaluate(point, gradient);
        if (!isSlopeFree)
            Repeat(loss.ProportionalStep, FarAway);
        Repeat(loss.NewtonStep, Nothing);
        return new SoftmaxMap(point[^1], point[..^1]);

        void Repeat(Func<double[], double[], double> next, double least)
        {
            for (var steps = 0; steps < MostSteps; steps++)
            {
                var promised = next(gradient, step);
                if (!(promised > least) || !Descend(promised))
                    return;
            }
        }

        // Takes the largest share of the step, halved again and again, that lessens the loss enough.
        bool Descend(double promised)
        {
            for (var share = 1.0; share > 1e-9; share /= 2)
            {
                TensorPrimitives.MultiplyAdd<double>(step, share, point, trial);
                var reached = loss.Evaluate(trial, gradient);
                if (!(reached <= value - Sufficient * share * promised))
                    continue;
                if (reached == value)
                    break;
                trial.CopyTo(point, 0);
                value = reached;
                return true;
            }

            return false;
        }
    }
}

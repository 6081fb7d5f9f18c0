using System.Runtime.CompilerServices;

namespace FocalMlNet.Calibration;

/// <summary>Scores to be mapped: score i stands for examples with the summed weight i.</summary>
internal readonly record struct ScorePoints(double[] Scores, double[] Weights);

/// <summary>
/// The map slope · score + intercept from scores to log-odds: the only kind that can be folded into the coefficients and the offset of a
/// linear model.
/// </summary>
internal readonly record struct LinearMap(double Slope, double Intercept)
{
    private const int MostSteps = 100;

    /// <summary>The map that changes nothing.</summary>
    public static LinearMap Identity => new(1, 0);

    /// <summary>The log-odds of a score.</summary>
    public double Of(double score) => Slope * score + Intercept;

    /// <summary>
    /// The best map for scores of a focal loss: of all linear ones it loses least log-loss against the exact curve over these scores; its
    /// intercept is then chosen such that the mean probability is the prevalence.
    /// </summary>
    /// <param name="curve">The exact curve.</param>
    /// <param name="points">The scores of the training rows.</param>
    /// <param name="prevalence">The positives' share of the weight, in (0; 1).</param>
    public static LinearMap ForFocal(FocalPosterior curve, ScorePoints points, double prevalence)
        => curve.IsIdentity ? Identity
            : Fit(points, [.. points.Scores.Select(curve.Probability)], curve.Tangent).WithMean(points, prevalence);

    /// <summary>
    /// The map that minimises Σ w [-t ln p - (1 - t) ln(1 - p)] with p = σ(map of the score) and targets t in [0; 1]: by Newton's method in
    /// the coordinates slope and log-odds at the mean score, in which the two are nearly independent.
    /// </summary>
    /// <param name="points">The scores.</param>
    /// <param name="targets">The probability that each score should get.</param>
    /// <param name="start">Where to begin, and what is left where the scores say nothing: the slope if all are the same.</param>
    /// <param name="parallel">Cancellation, which is seen at each pass over the scores; null for none.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static LinearMap Fit(ScorePoints points, double[] targets, LinearMap start, ParallelOptions? parallel = null)
    {
        var (scores, weights) = points;
        var map = start;
        var loss = map.CrossEntropy(points, targets);
        for (var step = 0; step < MostSteps; step++)
        {
            parallel?.CancellationToken.ThrowIfCancellationRequested();
            double curvature = 0, mean = 0;
            for (var i = 0; i < scores.Length; i++)
            {
                var p = Sigmoid(map.Of(scores[i]));
                var c = weights[i] * p * (1 - p);
                curvature += c;
                mean += c * scores[i];
            }

            if (!(curvature > 0))
                break;
            mean /= curvature;
            double levelSlope = 0, tiltSlope = 0, tiltCurvature = 0;
            for (var i = 0; i < scores.Length; i++)
            {
                var p = Sigmoid(map.Of(scores[i]));
                var (rise, distance) = (weights[i] * (p - targets[i]), scores[i] - mean);
                levelSlope += rise;
                tiltSlope += rise * distance;
                tiltCurvature += weights[i] * p * (1 - p) * distance * distance;
            }

            // Scores that are all but the same say nothing of the slope.
            var tilt = tiltCurvature > 1e-14 * curvature * mean * mean && tiltCurvature > 0 ? -tiltSlope / tiltCurvature : 0;
            var level = -levelSlope / curvature;
            var decrease = -(tilt * tiltSlope + level * levelSlope);
            if (!(decrease > 1e-13 * loss))
                break;
            if (map.Step(points, targets, tilt, level - tilt * mean, ref loss, parallel) is not { } next)
                break;
            map = next;
        }

        return map;
    }

    /// <summary>The map that minimises Σ w (map of the score - target)²; slope 0 if all scores are the same.</summary>
    /// <param name="points">The scores.</param>
    /// <param name="targets">What each score should become.</param>
    public static LinearMap LeastSquares(ScorePoints points, double[] targets)
    {
        var (scores, weights) = points;
        var total = weights.Sum();
        double scoreMean = 0, targetMean = 0;
        for (var i = 0; i < scores.Length; i++)
        {
            scoreMean += weights[i] / total * scores[i];
            targetMean += weights[i] / total * targets[i];
        }

        double covariance = 0, variance = 0;
        for (var i = 0; i < scores.Length; i++)
        {
            covariance += weights[i] * (scores[i] - scoreMean) * (targets[i] - targetMean);
            variance += weights[i] * (scores[i] - scoreMean) * (scores[i] - scoreMean);
        }

        var slope = variance > 0 ? covariance / variance : 0;
        return new LinearMap(slope, targetMean - slope * scoreMean);
    }

    /// <summary>The same slope with the intercept at which the weighted mean of σ(map of the score) is a given number.</summary>
    /// <param name="points">The scores.</param>
    /// <param name="mean">In (0; 1).</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public LinearMap WithMean(ScorePoints points, double mean)
    {
        var (scores, weights) = points;
        var total = weights.Sum();
        var tolerance = 1e-10 * mean * (1 - mean);
        var wanted = Math.Log(mean) - Math.Log(1 - mean);
        var map = this;
        double low = double.NegativeInfinity, high = double.PositiveInfinity;
        for (var step = 0; step < MostSteps; step++)
        {
            double positives = 0, negatives = 0, curvature = 0;
            for (var i = 0; i < scores.Length; i++)
            {
                var p = Sigmoid(map.Of(scores[i]));
                var q = Sigmoid(-map.Of(scores[i]));
                positives += weights[i] * p;
                negatives += weights[i] * q;
                curvature += weights[i] * p * q;
            }

            // Where the classes are told apart without doubt the mean hardly depends on the intercept: any that does is as good, so the
            // nearest is taken.
            var difference = positives / total - mean;
            if (Math.Abs(difference) <= tolerance)
                break;
            if (difference < 0)
                low = map.Intercept;
            else
                high = map.Intercept;
            // Newton's step for the log-odds of the mean, which are nearly linear in the intercept.
            var next = map.Intercept - (Math.Log(positives / negatives) - wanted) * (positives * negatives / total) / curvature;
            if (!(next > low && next < high))
                next = double.IsInfinity(low) ? high - (1 << Math.Min(step, 20)) : double.IsInfinity(high)
                    ? low + (1 << Math.Min(step, 20)) : (low + high) / 2;
            if (next == map.Intercept)
                break;
            map = map with { Intercept = next };
        }

        return map;
    }

    /// <summary>The largest share of a step, halved again and again, that lessens the loss.</summary>
    private LinearMap? Step(
        ScorePoints points, double[] targets, double slope, double intercept, ref double loss, ParallelOptions? parallel)
    {
        for (var share = 1.0; share > 1e-6; share /= 2)
        {
            parallel?.CancellationToken.ThrowIfCancellationRequested();
            var map = new LinearMap(Slope + share * slope, Intercept + share * intercept);
            var reached = map.CrossEntropy(points, targets);
            if (reached < loss)
            {
                loss = reached;
                return map;
            }
        }

        return null;
    }

    /// <summary>Σ w [ln(1 + e^m) - t m] with the log-odds m.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double CrossEntropy(ScorePoints points, double[] targets)
    {
        double sum = 0;
        for (var i = 0; i < targets.Length; i++)
        {
            var (lnP, lnQ) = BinaryFocal.LogProbabilities(Of(points.Scores[i]));
            sum -= points.Weights[i] * (targets[i] * lnP + (1 - targets[i]) * lnQ);
        }

        return sum;
    }

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
}

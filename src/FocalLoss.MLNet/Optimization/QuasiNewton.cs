
using System.Numerics.Tensors;

namespace FocalMlNet.Optimization;

/// <summary>A function to minimise: returns its value at a point and writes its gradient.</summary>
internal delegate double DifferentiableFunction(ReadOnlySpan<double> point, Span<double> gradient);

/// <summary>Where a minimisation stands.</summary>
internal readonly record struct SolverState(double[] Point, double Value, double GradientNorm, int Calls);

/// <summary>
/// Limited-memory BFGS (Nocedal 1980) in a given metric instead of a multiple of the identity. If that is a sampled second derivative, most
/// of the curvature is known before the first step, and a few passes over the data suffice.
/// </summary>
/// <param name="function">What is minimised; a call is a pass over the data.</param>
/// <param name="metricAt">Estimates the second derivative at a point.</param>
/// <param name="judge">Looks again at a point that seems to be the minimum; null to believe it.</param>
internal sealed class QuasiNewton(
    DifferentiableFunction function, Func<double[], Metric> metricAt, GapJudge? judge = null)
{
    private const int Memory = 10;
    private const double SufficientDecrease = 1e-4;

    /// <summary>A step that had to be cut and still gained this share of the value was taken in a metric that no longer fits.</summary>
    private const double LargeDecrease = 1e-3;

    /// <summary>So many steps without an end say that the metric they were taken in no longer fits.</summary>
    private const int StepsPerMetric = 10;

    /// <summary>No step is tried first with less or with more than so many times its length.</summary>
    private const double ShortestFirst = .5;

    private const double LongestFirst = 4;

    private readonly List<(double[] Step, double[] Change, double Product)> _pairs = [];

    /// <summary>
    /// Minimises until half the predicted decrease of a full step, and the last decrease, are at most <paramref name="tolerance"/>, until
    /// the function has been called <paramref name="mostCalls"/> times, or until <paramref name="goOn"/> says no. The result is never above
    /// the start.
    /// </summary>
    public (SolverState End, double? Gap) Minimize(double[] start, int mostCalls, double tolerance, Func<SolverState, bool> goOn)
    {
        _pairs.Clear();
        var point = start;
        var gradient = new double[start.Length];
        var value = function(point, gradient);
        var calls = 1;
        var metric = metricAt(point);
        var firstLength = 1.0;
        var lastDecrease = double.PositiveInfinity;
        var steps = 0;
        // A look costs many passes: after each that was in vain, more is asked for before the next.
        var share = 1.0;
        SolverState State() => new(point, value, TensorPrimitives.Norm<double>(gradient), calls);
        while (goOn(State()))
        {
            var step = Direction(gradient, metric);
            var slope = -TensorPrimitives.Dot<double>(step, gradient);
            // The metric knows a part of the curvature only: what it predicts needs the last step's support.
            if (-slope / 2 <= tolerance * share && lastDecrease <= tolerance * share)
            {
                var verdict = judge?.Judge(State(), null, gradient, tolerance) ?? new Verdict(-slope / 2);
                share /= 2;
                if (verdict.Gap is not null)
                    return (State(), verdict.Gap);
                if (verdict.Step is { } newton && TensorPrimitives.Dot<double>(newton, gradient) is > 0 and var promise)
                    (step, slope, firstLength) = (newton, -promise, 1);
            }

            if (calls >= mostCalls)
                break;

            var (next, nextGradient, nextValue, length) = Search(point, value, step, slope, firstLength, ref calls, mostCalls);
            if (next is null)
            {
                // The memory has gone bad, or rounding hides any further decrease.
                if (calls >= mostCalls || _pairs.Count == 0)
                    break;
                _pairs.Clear();
                firstLength = 1;
                continue;
            }

            var wasCut = length < firstLength;
            // Where the loss falls off exponentially, as on separable data, each full step is too short by the same factor, and where the
            // metric knows too little of the curvature too long: the slope where the last one ended tells it.
            var left = -TensorPrimitives.Dot<double>(step, nextGradient) / slope;
            firstLength = left < 1 ? Math.Clamp(length / (1 - left), ShortestFirst, LongestFirst) : LongestFirst;
            Remember(point, next, gradient, nextGradient);
            lastDecrease = value - nextValue;
            (point, gradient, value) = (next, nextGradient, nextValue);
            steps++;
            if (metric.IsFull && ((wasCut && lastDecrease > LargeDecrease * Math.Abs(value)) || steps == StepsPerMetric))
            {
                metric = metricAt(point);
                steps = 0;
            }
        }

        return (State(), null);
    }

    /// <summary>Cuts the step from its first length on until it decreases the value enough; no point if it never does.</summary>
    private (double[]? Point, double[] Gradient, double Value, double Length) Search(
        double[] point, double value, double[] step, double slope, double firstLength, ref int calls, int mostCalls)
    {
        var gradient = new double[point.Length];
        for (var length = firstLength; calls < mostCalls && length > 1e-8 && slope < 0;)
        {
            var trial = new double[point.Length];
            TensorPrimitives.MultiplyAdd<double>(step, -length, point, trial);
            var trialValue = function(trial, gradient);
            calls++;
            if (trialValue <= value + SufficientDecrease * length * slope)
                return (trial, gradient, trialValue, length);
            // The minimum of the parabola through what is known, within bounds.
            var bend = trialValue - value - length * slope;
            length = double.IsFinite(bend) ? Math.Clamp(-slope * length * length / (2 * bend), .1 * length, .5 * length) : .1 * length;
        }

        return (null, gradient, value, 0);
    }

    /// <summary>The two-loop recursion.</summary>
    private double[] Direction(double[] gradient, Metric metric)
    {
        var direction = (double[])gradient.Clone();
        Span<double> factors = stackalloc double[Memory];
        for (var i = _pairs.Count - 1; i >= 0; i--)
        {
            var (step, change, product) = _pairs[i];
            factors[i] = TensorPrimitives.Dot<double>(step, direction) / product;
            TensorPrimitives.MultiplyAdd<double>(change, -factors[i], direction, direction);
        }

        metric.Solve(direction);
        if (!metric.IsFull && _pairs.Count > 0)
        {
            // The usual scale of the first metric, from the last pair.
            var (_, change, product) = _pairs[^1];
            var solved = (double[])change.Clone();
            metric.Solve(solved);
            TensorPrimitives.Multiply<double>(direction, product / TensorPrimitives.Dot<double>(change, solved), direction);
        }

        for (var i = 0; i < _pairs.Count; i++)
        {
            var (step, change, product) = _pairs[i];
            TensorPrimitives.MultiplyAdd<double>(
                step, factors[i] - TensorPrimitives.Dot<double>(change, direction) / product, direction, direction);
        }

        return direction;
    }

    private void Remember(double[] from, double[] to, double[] fromGradient, double[] toGradient)
    {
        var (step, change) = (new double[from.Length], new double[from.Length]);
        TensorPrimitives.Subtract<double>(to, from, step);
        TensorPrimitives.Subtract<double>(toGradient, fromGradient, change);
        var product = TensorPrimitives.Dot<double>(step, change);
        // Where the function is not convex along the step there is no curvature to learn.
        if (!(product > 1e-10 * TensorPrimitives.Norm<double>(step) * TensorPrimitives.Norm<double>(change)))
            return;
        if (_pairs.Count == Memory)
            _pairs.RemoveAt(0);
        _pairs.Add((step, change, product));
    }
}

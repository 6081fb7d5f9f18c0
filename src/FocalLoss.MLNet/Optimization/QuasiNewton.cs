
using System.Numerics.Tensors;

namespace FocalMlNet.Optimization;

/// <summary>A function to minimise: returns its value at a point and writes its gradient.</summary>
internal delegate double DifferentiableFunction(ReadOnlySpan<double> point, Span<double> gradient);

/// <summary>Where a minimisation stands.</summary>
internal readonly record struct SolverState(double[] Point, double Value, double[] Gradient, int Calls)
{
    /// <summary>Where a minimisation begins, with a call.</summary>
    public static SolverState At(double[] point, DifferentiableFunction function)
    {
        var gradient = new double[point.Length];
        return new(point, function(point, gradient), gradient, 1);
    }
}

/// <summary>
/// Limited-memory BFGS (Nocedal 1980) in a metric that knows little of the second derivative: cheap steps, with which a way begins where no
/// matrix fits.
/// </summary>
/// <param name="function">What is minimised; a call is a pass over the data.</param>
/// <param name="metric">What stands for the second derivative: a positive number for each coordinate.</param>
/// <param name="patience">
/// After so many calls the way is given up if the end is not in sight, and after twice as many at any rate: it is steep one way and flat
/// another, which these steps are slow to learn.
/// </param>
internal sealed class QuasiNewton(DifferentiableFunction function, double[] metric, int patience = int.MaxValue / 2)
{
    private const int Memory = 10;

    /// <summary>A last step that gained more than so many tolerances says that the end is not in sight.</summary>
    private const double FarFromTheEnd = 10;
    private const double SufficientDecrease = 1e-4;

    /// <summary>No step is tried first with less or with more than so many times its length.</summary>
    private const double ShortestFirst = .5;

    private const double LongestFirst = 4;

    private readonly List<(double[] Step, double[] Change, double Product)> _pairs = [];

    /// <summary>
    /// The metric that knows for each output the mean second derivative of the losses with respect to its score, which is what the matrix
    /// would have where features are standardised, and the penalty's.
    /// </summary>
    public static double[] MeanMetric(ReadOnlySpan<double> curvatures, Scaling scaling, double penalty)
    {
        var metric = new double[scaling.Size];
        for (var at = 0; at < metric.Length; at++)
        {
            // Where no row's loss is convex any length does for a first step.
            var own = curvatures[at / scaling.Stride] is > 0 and < double.PositiveInfinity and var mean ? mean : 1;
            metric[at] = own + scaling.PenaltyCurvature(at % scaling.Stride, penalty);
        }

        return metric;
    }

    /// <summary>
    /// Minimises until half the predicted decrease of a full step, and the last decrease, are at most <paramref name="tolerance"/>, until
    /// the end is not in sight, until the function has been called <paramref name="mostCalls"/> times, those of the start included, or until
    /// <paramref name="goOn"/> says no. The result is never above the start. The gap is what the pairs of steps know of it, and no bound.
    /// </summary>
    public (SolverState End, double? Gap) Minimize(SolverState start, int mostCalls, double tolerance, Func<SolverState, bool> goOn)
    {
        var state = start;
        var firstLength = 1.0;
        var lastDecrease = double.PositiveInfinity;
        while (goOn(state))
        {
            var step = Direction(state.Gradient);
            var slope = -TensorPrimitives.Dot<double>(step, state.Gradient);
            // The metric knows a part of the curvature only: what it predicts needs the last step's support.
            if (-slope / 2 <= tolerance && lastDecrease <= tolerance)
                return (state, -slope / 2);
            if (state.Calls >= Math.Min(mostCalls, lastDecrease > FarFromTheEnd * tolerance ? patience : 2 * patience))
                break;

            var (next, length) = Search(ref state, step, slope, firstLength, mostCalls);
            if (next is not { } found)
            {
                // The memory has gone bad, or rounding hides any further decrease.
                if (state.Calls >= mostCalls || _pairs.Count == 0)
                    break;
                _pairs.Clear();
                firstLength = 1;
                continue;
            }

            // Where the loss falls off exponentially, as on separable data, each full step is too short by the same factor, and where the
            // metric knows too little of the curvature too long: the slope where the last one ended tells it.
            var left = -TensorPrimitives.Dot<double>(step, found.Gradient) / slope;
            firstLength = left < 1 ? Math.Clamp(length / (1 - left), ShortestFirst, LongestFirst) : LongestFirst;
            Remember(state, found);
            lastDecrease = state.Value - found.Value;
            state = found;
        }

        return (state, null);
    }

    /// <summary>Cuts the step from its first length on until it decreases the value enough; no point if it never does.</summary>
    private (SolverState? Found, double Length) Search(
        ref SolverState state, double[] step, double slope, double firstLength, int mostCalls)
    {
        for (var length = firstLength; state.Calls < mostCalls && length > 1e-8 && slope < 0;)
        {
            var (point, gradient) = (new double[step.Length], new double[step.Length]);
            TensorPrimitives.MultiplyAdd<double>(step, -length, state.Point, point);
            var value = function(point, gradient);
            state = state with { Calls = state.Calls + 1 };
            if (value <= state.Value + SufficientDecrease * length * slope)
                return (new(point, value, gradient, state.Calls), length);
            // The minimum of the parabola through what is known, within bounds.
            var bend = value - state.Value - length * slope;
            length = double.IsFinite(bend) ? Math.Clamp(-slope * length * length / (2 * bend), .1 * length, .5 * length) : .1 * length;
        }

        return (null, 0);
    }

    /// <summary>The two-loop recursion.</summary>
    private double[] Direction(double[] gradient)
    {
        var direction = (double[])gradient.Clone();
        Span<double> factors = stackalloc double[Memory];
        for (var i = _pairs.Count - 1; i >= 0; i--)
        {
            var (step, change, product) = _pairs[i];
            factors[i] = TensorPrimitives.Dot<double>(step, direction) / product;
            TensorPrimitives.MultiplyAdd<double>(change, -factors[i], direction, direction);
        }

        TensorPrimitives.Divide<double>(direction, metric, direction);
        if (_pairs.Count > 0)
        {
            // The usual scale of the first metric, from the last pair.
            var (_, change, product) = _pairs[^1];
            var solved = new double[change.Length];
            TensorPrimitives.Divide<double>(change, metric, solved);
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

    private void Remember(SolverState from, SolverState to)
    {
        var (step, change) = (new double[from.Point.Length], new double[from.Point.Length]);
        TensorPrimitives.Subtract<double>(to.Point, from.Point, step);
        TensorPrimitives.Subtract<double>(to.Gradient, from.Gradient, change);
        var product = TensorPrimitives.Dot<double>(step, change);
        // Where the function is not convex along the step there is no curvature to learn.
        if (!(product > 1e-10 * TensorPrimitives.Norm<double>(step) * TensorPrimitives.Norm<double>(change)))
            return;
        if (_pairs.Count == Memory)
            _pairs.RemoveAt(0);
        _pairs.Add((step, change, product));
    }
}

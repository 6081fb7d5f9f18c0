using System.Numerics.Tensors;

namespace FocalMlNet.Optimization;

/// <summary>
/// Newton's method in a sampled second derivative, damped after Levenberg (1944) and Marquardt (1963): a step solves (H + μ D) step = gradient, and μ falls while steps decrease the
/// value as H promises and rises when they do not. D being the metric of the rows, μ is a curvature that every row has at least, so that rows far out do not overshoot.
/// </summary>
/// <param name="function">What is minimised; a call is a pass over its rows.</param>
/// <param name="curvatureAt">Samples the second derivative at a point.</param>
/// <param name="damping">The first μ.</param>
internal sealed class DampedNewton(DifferentiableFunction function, Func<double[], DampedCurvature> curvatureAt, double damping)
{
    /// <summary>The first μ where nothing is known.</summary>
    public const double FirstDamping = 1e-2;

    private const double LeastDamping = 1e-7;

    /// <summary>Where a step has failed, less damping than this changes nothing.</summary>
    private const double LeastAfterFailure = 1e-5;

    /// <summary>The loss of a row has no curvature near this: if no step helps here, rounding hides any decrease.</summary>
    private const double MostDamping = 1e3;

    /// <summary>A step is taken if it decreases the value by this share of what was promised.</summary>
    private const double Sufficient = 1e-2;

    private const double Poor = .25;
    private const double Fair = .5;
    private const double Good = .8;

    /// <summary>The last μ.</summary>
    public double Damping { get; private set; } = damping;

    /// <summary>
    /// Minimises until half the decrease that the step without damping would promise is at most <paramref name="tolerance"/>, until the function has been
    /// called <paramref name="mostCalls"/> times, or until <paramref name="goOn"/> says no. The result is never above the start.
    /// </summary>
    public (SolverState End, bool Converged) Minimize(double[] start, int mostCalls, double tolerance, Func<SolverState, bool> goOn)
    {
        var point = start;
        var (gradient, trialGradient) = (new double[start.Length], new double[start.Length]);
        var value = function(point, gradient);
        var calls = 1;
        SolverState State() => new(point, value, TensorPrimitives.Norm<double>(gradient), calls);
        while (goOn(State()))
        {
            var curvature = curvatureAt(point);
            for (var isFirst = true; ; isFirst = false)
            {
                var step = curvature.Solve(gradient, Damping);
                var slope = TensorPrimitives.Dot<double>(step, gradient);
                if (isFirst && slope / 2 <= tolerance && TensorPrimitives.Dot<double>(curvature.Solve(gradient, 0), gradient) / 2 <= tolerance)
                    return (State(), true);
                if (calls >= mostCalls)
                    return (State(), false);

                var trial = new double[point.Length];
                TensorPrimitives.Subtract<double>(point, step, trial);
                var trialValue = function(trial, trialGradient);
                calls++;
                var promised = (slope + Damping * curvature.SquareInD(step)) / 2;
                var share = (value - trialValue) / promised;
                if (share >= Sufficient)
                {
                    (point, value) = (trial, trialValue);
                    (gradient, trialGradient) = (trialGradient, gradient);
                    // A step that was only found by more damping says that there is none too much.
                    Damping = !isFirst ? Damping : share >= Good ? Math.Max(Damping / 10, LeastDamping) : share >= Fair ? Damping / 2 : share < Poor ? Damping * 2 : Damping;
                    break;
                }

                Damping = Math.Max(LeastAfterFailure, Damping * (share < -1 ? 32 : 4));
                if (!(Damping <= MostDamping))
                    return (State(), !double.IsNaN(slope));
            }
        }

        return (State(), false);
    }
}

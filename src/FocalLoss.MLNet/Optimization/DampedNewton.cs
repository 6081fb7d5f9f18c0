
using System.Numerics.Tensors;

namespace FocalMlNet.Optimization;

/// <summary>
/// Newton's method in a sampled second derivative, damped after Levenberg (1944) and Marquardt (1963): a step solves (H + μ D) step =
/// gradient, and μ falls while steps decrease the value as H promises and rises when they do not. D being the metric of the rows, μ is a
/// curvature that every row has at least, so that rows far out do not overshoot.
/// </summary>
/// <param name="function">What is minimised; a call is a pass over its rows.</param>
/// <param name="curvatureAt">Samples the second derivative at a point.</param>
/// <param name="damping">The first μ, in units of a row's mean weight in the loss.</param>
/// <param name="unit">That weight: 1, unless all rows weigh little or much.</param>
/// <param name="judge">Looks again at a point that seems to be the minimum; null to believe it.</param>
internal sealed class DampedNewton(
    DifferentiableFunction function, Func<double[], DampedCurvature> curvatureAt, double damping, double unit = 1, GapJudge? judge = null)
{
    /// <summary>The first μ where nothing is known.</summary>
    public const double FirstDamping = 1e-2;

    private const double LeastDamping = 1e-10;

    /// <summary>Where a step has failed, less damping than this changes nothing.</summary>
    private const double LeastAfterFailure = 1e-5;

    /// <summary>The loss of a row has no curvature near this: if no step helps here, rounding hides any decrease.</summary>
    private const double MostDamping = 1e3;

    /// <summary>
    /// So many steps in a curvature without the far rows may fail before all rows have their say again, for so many steps at least.
    /// </summary>
    private const int MostFailures = 2;

    private const int StepsOfAll = 5;

    /// <summary>A promise below this share of the value is lost in its rounding.</summary>
    private const double Rounding = 1e-7;

    /// <summary>A step is taken if it decreases the value by this share of what was promised.</summary>
    private const double Sufficient = 1e-2;

    private const double Poor = .25;
    private const double Fair = .5;
    private const double Good = .8;

    /// <summary>The last μ, in the same units.</summary>
    public double Damping { get; private set; } = damping;

    /// <summary>
    /// Minimises until the gap is at most <paramref name="tolerance"/>, until the function has been called <paramref name="mostCalls"/>
    /// times, or until <paramref name="goOn"/> says no. The result is never above the start.
    /// </summary>
    public (SolverState End, double? Gap) Minimize(double[] start, int mostCalls, double tolerance, Func<SolverState, bool> goOn)
    {
        var point = start;
        var (gradient, trialGradient) = (new double[start.Length], new double[start.Length]);
        var value = function(point, gradient);
        var calls = 1;
        var stepsOfAll = 0;
        // A look costs some passes: after each that was in vain, more is asked for before the next.
        var part = 1.0;
        SolverState State() => new(point, value, TensorPrimitives.Norm<double>(gradient), calls);
        while (goOn(State()))
        {
            var curvature = curvatureAt(point);
            var verdict = Judge(curvature, gradient, State, tolerance, part);
            if (verdict.Gap is not null)
                return (State(), verdict.Gap);
            part = verdict.Step is not null && verdict.Curvature is null ? part / 4 : part;

            var isWithoutFar = verdict.Curvature is not null && --stepsOfAll < 0;
            var (stepCurvature, stepGradient) = isWithoutFar ? (verdict.Curvature!, verdict.Gradient!) : (curvature, gradient);
            var before = Damping;
            for (var failures = 0; ; failures++)
            {
                if (calls >= mostCalls)
                    return (State(), null);
                if (isWithoutFar && failures == MostFailures)
                {
                    (stepCurvature, stepGradient) = (curvature, gradient);
                    (isWithoutFar, stepsOfAll, failures, Damping) = (false, StepsOfAll, 0, before);
                }

                var step = stepCurvature.Solve(stepGradient, unit * Damping);
                var slope = TensorPrimitives.Dot<double>(step, stepGradient);
                var trial = new double[point.Length];
                TensorPrimitives.Subtract<double>(point, step, trial);
                var trialValue = function(trial, trialGradient);
                calls++;
                var promised = (slope + unit * Damping * stepCurvature.SquareInD(step)) / 2;
                var share = (value - trialValue) / promised;
                if (share >= Sufficient)
                {
                    (point, value) = (trial, trialValue);
                    (gradient, trialGradient) = (trialGradient, gradient);
                    // A step that was only found by more damping says that there is none too much.
                    Damping = failures > 0 ? Damping
                        : share >= Good ? Math.Max(Damping / 10, LeastDamping) : share >= Fair ? Damping / 2 : share < Poor ? Damping * 2
                            : Damping;
                    break;
                }

                Damping = Math.Max(LeastAfterFailure, Damping * (share < -1 ? 32 : 4));
                if (Damping <= MostDamping)
                    continue;
                // Rounding hides any further decrease: the minimum, if that is all that there was to gain.
                verdict = Judge(curvature, gradient, State, Math.Max(tolerance, Rounding * Math.Abs(value)), part: 1);
                return (State(), verdict.Gap);
            }
        }

        return (State(), null);
    }

    private Verdict Judge(DampedCurvature curvature, double[] gradient, Func<SolverState> state, double tolerance, double part)
    {
        // A damped step promises less, and is needed anyhow.
        if (!(TensorPrimitives.Dot<double>(curvature.Solve(gradient, unit * Damping), gradient) / 2 <= tolerance * part))
            return new Verdict(null);
        if (judge is not null)
            return judge.Judge(state(), curvature, gradient, tolerance);
        var half = TensorPrimitives.Dot<double>(curvature.Solve(gradient, 0), gradient) / 2;
        return new Verdict(half <= tolerance ? half : null);
    }
}

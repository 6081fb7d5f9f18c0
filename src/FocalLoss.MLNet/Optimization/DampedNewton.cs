
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
    DifferentiableFunction function, Func<double[], ICurvature> curvatureAt, double damping, double unit = 1, GapJudge? judge = null)
{
    /// <summary>
    /// The first μ where nothing is known. Outputs that depend on each other take their rows' curvature away from each other on the way, so
    /// that a step with little damping goes too far; alone, an output may be trusted further.
    /// </summary>
    public static double FirstDamping(bool isCoupled) => isCoupled ? 1e-2 : 1e-4;

    private const double LeastDamping = 1e-10;

    /// <summary>Where a step has failed, less damping than this changes nothing.</summary>
    private const double LeastAfterFailure = 1e-5;

    /// <summary>
    /// The loss of a row has no curvature near this: if no step helps here, rounding hides any decrease, or a row is so far out that D
    /// knows little of it.
    /// </summary>
    private const double MostDamping = 1e3;

    /// <summary>
    /// So many steps in a curvature without the far rows may fail before all rows have their say again, for so many steps at least.
    /// </summary>
    private const int MostFailures = 2;

    private const int StepsOfAll = 5;

    /// <summary>A promise below this share of the value is lost in its rounding.</summary>
    private const double Rounding = 1e-7;

    /// <summary>Of a promise above this share of the value it can be seen how far it was kept.</summary>
    private const double CertainlySeen = 1e-6;

    /// <summary>Where nothing bent a step, what is left may be anything, but for nothing.</summary>
    private const double MostHidden = 1e9;

    /// <summary>A step is taken if it decreases the value by this share of what was promised.</summary>
    private const double Sufficient = 1e-2;

    /// <summary>
    /// A step that gains less than half of what was promised and went beyond the minimum is cut, to between these shares.
    /// </summary>
    private const double ShortestCut = .1;
    private const double LongestCut = .9;

    private const double Poor = .25;
    private const double Fair = .5;
    private const double Good = .8;

    /// <summary>A share so near to 1 says that there is far too much damping.</summary>
    private const double Exact = .05;

    /// <summary>The last μ, in the same units.</summary>
    public double Damping { get; private set; } = damping;

    /// <summary>
    /// Minimises until the gap is at most <paramref name="tolerance"/>, until the function has been called <paramref name="mostCalls"/>
    /// times, those of the start included, or until <paramref name="goOn"/> says no. The result is never above the start.
    /// </summary>
    public (SolverState End, double? Gap) Minimize(SolverState start, int mostCalls, double tolerance, Func<SolverState, bool> goOn)
    {
        var state = start;
        var stepsOfAll = 0;
        // A look costs some passes: after each that was in vain, more is asked for before the next.
        var (part, hidden) = (1.0, 1.0);
        while (goOn(state))
        {
            var curvature = curvatureAt(state.Point);
            var step = curvature.Solve(state.Gradient, unit * Damping).Step;
            var verdict = Judge(state, curvature, step, tolerance / hidden, part);
            if (verdict.Gap is not null)
                return (state, hidden * verdict.Gap);
            part = verdict.Step is not null && verdict.Curvature is null ? part * (judge?.NextLook ?? 1) : part;

            var isWithoutFar = verdict.Curvature is not null && --stepsOfAll < 0;
            var (stepCurvature, stepGradient) = (curvature, state.Gradient);
            if (isWithoutFar)
            {
                (stepCurvature, stepGradient) = (verdict.Curvature!, verdict.Gradient!);
                step = stepCurvature.Solve(stepGradient, unit * Damping).Step;
            }

            var before = Damping;
            for (var failures = 0; ;)
            {
                if (state.Calls >= mostCalls)
                    return (state, null);
                var slope = TensorPrimitives.Dot<double>(step, stepGradient);
                var trial = Trial(state, step, 1);
                var promised = (slope + unit * Damping * stepCurvature.SquareInD(step)) / 2;
                // A step is judged by its full length: what a cut one gains says nothing of the damping.
                var share = (state.Value - trial.Value) / promised;
                hidden = promised > CertainlySeen * Math.Abs(state.Value) ? Hidden(slope, promised, state.Value - trial.Value) : 1;
                if (share < Fair && trial.Calls < mostCalls && Cut(state, step, trial) is { } length)
                {
                    var cut = Trial(state with { Calls = trial.Calls }, step, length);
                    trial = cut.Value < trial.Value ? cut : trial with { Calls = cut.Calls };
                }

                if (state.Value - trial.Value >= Sufficient * promised)
                {
                    state = trial;
                    // A step that was only found by more damping says that there is none too much.
                    Damping = failures > 0 ? Damping
                        : share >= Good ? Math.Max(Damping / (Math.Abs(share - 1) <= Exact ? 100 : 10), LeastDamping)
                        : share >= Fair ? Damping / 2 : share < Poor ? Damping * 2 : Damping;
                    break;
                }

                // Where rounding hides what a step gains, the slope still tells whether it led on.
                if (!isWithoutFar && Math.Abs(state.Value - trial.Value) <= Rounding * Math.Abs(state.Value)
                    && TensorPrimitives.Dot<double>(stepCurvature.Solve(trial.Gradient, unit * Damping).Step, trial.Gradient) <= slope / 2)
                {
                    state = trial;
                    break;
                }

                state = state with { Calls = trial.Calls };
                Damping = Math.Max(LeastAfterFailure, Damping * (share < -1 ? 32 : 4));
                // In D rows far out count less: they may ask for much more damping, as long as a step promises more than rounding hides.
                if (Damping > MostDamping && !(promised > Rounding * Math.Abs(state.Value)))
                {
                    // Rounding hides any further decrease: the minimum, if that is all that there was to gain.
                    step = curvature.Solve(state.Gradient, unit * Damping).Step;
                    verdict = Judge(state, curvature, step, Math.Max(tolerance, Rounding * Math.Abs(state.Value)), part: 1);
                    return (state, verdict.Gap);
                }

                failures++;
                if (isWithoutFar && failures == MostFailures)
                {
                    (stepCurvature, stepGradient) = (curvature, state.Gradient);
                    (isWithoutFar, stepsOfAll, failures, Damping) = (false, StepsOfAll, 0, before);
                }

                step = stepCurvature.Solve(stepGradient, unit * Damping).Step;
            }
        }

        return (state, null);
    }

    /// <summary>
    /// How many times too much curvature H has along a step, by what that has gained: what is not convex is left out of it, and where that
    /// is much, a decrement tells as many times too little.
    /// </summary>
    private static double Hidden(double slope, double promised, double gained)
        => (slope - promised) / Math.Max(0, slope - gained) is > 1 and var times ? Math.Min(times, MostHidden) : 1;

    /// <summary>What a part of a step leads to.</summary>
    private SolverState Trial(SolverState from, double[] step, double length)
    {
        var (point, gradient) = (new double[step.Length], new double[step.Length]);
        TensorPrimitives.MultiplyAdd<double>(step, -length, from.Point, point);
        return new(point, function(point, gradient), gradient, from.Calls + 1);
    }

    /// <summary>
    /// Where the cubic through the values and slopes at both ends of a step has its minimum, if the function rises again at the far end.
    /// </summary>
    private static double? Cut(SolverState from, double[] step, SolverState to)
    {
        var (first, last) = (-TensorPrimitives.Dot<double>(step, from.Gradient), -TensorPrimitives.Dot<double>(step, to.Gradient));
        if (!(first < 0 && last > 0 && double.IsFinite(to.Value)))
            return null;
        var middle = first + last + 3 * (from.Value - to.Value);
        var root = Math.Sqrt(Math.Max(0, middle * middle - first * last));
        var length = 1 - (last + root - middle) / (last - first + 2 * root);
        return double.IsFinite(length) ? Math.Clamp(length, ShortestCut, LongestCut) : null;
    }

    private Verdict Judge(SolverState state, ICurvature curvature, double[] step, double tolerance, double part)
    {
        // A damped step promises less, and is needed anyhow.
        if (!(TensorPrimitives.Dot<double>(step, state.Gradient) / 2 <= tolerance * part))
            return new Verdict(null);
        if (judge is not null)
            return judge.Judge(state, curvature, tolerance);
        var (whole, isWhole) = curvature.Solve(state.Gradient, 0);
        var half = TensorPrimitives.Dot<double>(whole, state.Gradient) / 2;
        return new Verdict(isWhole && half <= tolerance ? half : null);
    }
}

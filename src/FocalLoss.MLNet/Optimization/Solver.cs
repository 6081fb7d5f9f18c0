using System.Numerics.Tensors;

namespace FocalMlNet.Optimization;

/// <summary>Settings of <see cref="Solver"/>; the trainer's options say what they mean.</summary>
internal sealed record SolverSettings(
    int NumberOfIterations, double ConvergenceTolerance, double? LearningRate, double L2Regularization, bool Shuffle, int Seed,
    ParallelOptions Parallel)
{
    /// <summary>Whether the penalty is L2Regularization times the sum of the features' squared units, their variances as a rule.</summary>
    public bool IsPenaltyPerSpread { get; init; }

    /// <summary>Whether the monitor must be told of each step from the start on, so that none may be taken on a sample before.</summary>
    public bool TellsAllSteps { get; init; }

    /// <summary>A model near the minimum, where Newton steps begin; null if none is known.</summary>
    public LinearModel? Near { get; init; }
}

/// <summary>What is known after a pass over the data; returns whether to go on.</summary>
internal delegate bool SolverMonitor(LinearModel model, double objective, double gradientNorm, int passes);

/// <summary>
/// Where a run ended, the objective there and at the start, passes over the data, an upper estimate of the gap to the minimum if it is
/// within the tolerance, λ, and how many columns vary by too little for single precision.
/// </summary>
internal sealed record SolverResult(
    LinearModel Model, double Objective, double StartObjective, int Passes, double? Gap, double Penalty, int ColumnsTooFine)
{
    public bool Converged => Gap is not null;
}

/// <summary>
/// Minimises the weighted mean loss plus (λ/2) ‖coefficients‖²: damped Newton steps in a sampled second derivative, on a sample of the rows
/// and then on all of them. Where a second derivative has no matrix: quasi-Newton steps, then the same in its products with drawn rows.
/// With a given learning rate: stochastic gradient descent throughout.
/// </summary>
internal sealed class Solver
{
    /// <summary>How near, as a share of the start's value, the objectives before the last are followed, and for how many passes.</summary>
    public const double StageTolerance = 1e-2;
    private const int StagePasses = 5;

    /// <summary>
    /// With more values than this the look at the end would take longer than the way there: quasi-Newton steps that have ended are
    /// believed.
    /// </summary>
    private const long MostJudgedEntries = 1 << 22;

    /// <summary>So many quasi-Newton passes reach the end on most data.</summary>
    private const int Patience = 10;

    private readonly Problem _problem;
    private readonly double _unit;
    private RedrawnCurvature? _newton;

    private Solver(Problem problem, double[] start) => (_problem, _unit) = (problem, problem.DampingUnit(start));

    /// <summary>
    /// Runs from linear functions; a column that does not vary ends with coefficient 0. The result is never above the start. An output
    /// that has no minimum stays as it is, and the others end where they would without it.
    /// </summary>
    /// <param name="rows">The rows.</param>
    /// <param name="objectives">
    /// What is minimised: the last one, with those before it, loosely, on the way. With a given learning rate each has an equal part of the
    /// way; the same one may come several times in a row.
    /// </param>
    /// <param name="start">Where to begin.</param>
    /// <param name="settings">The settings.</param>
    /// <param name="monitor">Is told of each pass, and says whether to go on.</param>
    /// <exception cref="InvalidOperationException">
    /// The objective is infinite where training starts, or the given learning rate makes it so.
    /// </exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    public static SolverResult Minimize(
        ITrainingRows rows, IReadOnlyList<IObjective> objectives, LinearModel start, SolverSettings settings, SolverMonitor monitor)
    {
        if (objectives[^1].BoundedOutputs(rows.LabelWeights) is { } outputs)
        {
            // An objective that comes several times stays one.
            var ofOutputs = objectives.Distinct().ToDictionary(objective => objective, objective => objective.OfOutputs(outputs)!);
            var result = Minimize(
                rows, [.. objectives.Select(objective => ofOutputs[objective])], start.Some(outputs),
                settings with { Near = settings.Near?.Some(outputs) },
                (model, objective, gradientNorm, passes) => monitor(start.With(outputs, model), objective, gradientNorm, passes));
            return result with { Model = start.With(outputs, result.Model) };
        }

        var problem = new Problem(rows, objectives, settings);
        var point = problem.Scaling.Scaled(start);
        // A constant column's share of the given function is in the offset from here on.
        var value = problem.StartValue(point);
        if (!double.IsFinite(value))
        {
            throw new InvalidOperationException(FormattableString.Invariant($"The objective is {value} where training starts: ")
                + "the features or weights are too large for single precision. Normalise them first.");
        }

        bool GoOn(SolverState state) => monitor(
            problem.Scaling.Unscaled(state.Point), state.Value, TensorPrimitives.Norm<double>(state.Gradient), state.Calls);
        return settings.LearningRate is { } rate
            ? GivenRate.Minimize(problem, point, value, rate, GoOn)
            : new Solver(problem, point).Adaptive(point, value, GoOn);
    }

    private SolverResult Adaptive(double[] start, double startValue, Func<SolverState, bool> goOn)
    {
        var settings = _problem.Settings;
        IObjective[] stages = [.. _problem.Objectives.Distinct()];
        var (point, damping, isNear) = (start, DampedNewton.FirstDamping(_problem.Final.IsCoupled), false);
        if (_problem.TakesNewtonSteps)
        {
            if (!settings.TellsAllSteps)
            {
                if (settings.Near is { } near)
                    (point, isNear) = (_problem.Scaling.Scaled(near), true);
                else if (new SampleStart(_problem).NewtonSteps(stages, start, startValue, damping) is { } end)
                    (point, damping, isNear) = (end.Point, end.Damping, true);
            }

            _newton = new RedrawnCurvature(_problem, _problem.CurvatureRows);
        }

        var passes = 0;
        (SolverState End, double? Gap) outcome = default;
        foreach (var stage in stages)
        {
            var isLast = stage == _problem.Final;
            // The last stage has at least one pass, whatever those before it would like.
            var left = settings.NumberOfIterations - passes;
            if (!isLast && (left <= 1 || isNear))
                continue;
            var (before, isStopped) = (passes, false);
            var most = isLast ? left : Math.Min(StagePasses, left - 1);
            // Relative to the start, not to the value: on separable data that falls almost to 0, and the rest of the way tells nothing.
            var tolerance = (isLast ? settings.ConvergenceTolerance : StageTolerance) * startValue;
            var objective = _problem.Of(stage);
            outcome = Minimize(
                objective, point, most, tolerance, damping, isLast,
                state => !(isStopped = !goOn(state with { Calls = before + state.Calls })));
            point = outcome.End.Point;
            passes += outcome.End.Calls;
            if (isStopped)
                break;
        }

        return _problem.Result(point, outcome.End.Value, start, startValue, passes, outcome.Gap);
    }

    private (SolverState End, double? Gap) Minimize(
        ScaledObjective objective, double[] point, int most, double tolerance, double damping, bool isJudged,
        Func<SolverState, bool> goOn)
    {
        var state = SolverState.At(point, objective.Evaluate);
        var told = 0;
        if (_newton is null)
        {
            var isStopped = false;
            var metric = QuasiNewton.MeanMetric(_problem.MeanCurvatures(objective, point), _problem.Scaling, objective.Penalty);
            (state, var gap) = new QuasiNewton(objective.Evaluate, metric, Patience)
                .Minimize(state, most, tolerance, at => !(isStopped = !goOn(at)));
            var isBelieved = !isJudged || (gap is not null && _problem.Rows.EntryCount > MostJudgedEntries);
            if (isStopped || state.Calls == most || isBelieved)
                return (state, gap);
            told = state.Calls;
        }

        return _newton is null ? Newton(at => OfRows(at, null), OfRows)
            : Newton(at => _newton.Next(at, objective), (at, far) => _newton.Current.At(at, objective.Loss, objective.Penalty, far));

        ICurvature OfRows(double[] at, FarRows? far) => new RowCurvature(
            _problem.Rows, objective, at, CurvatureCost.RowsOfProducts, far);

        Func<double[], FarRows?, ICurvature> OfSome(ScaledObjective some)
        {
            if (_newton is null)
                return (at, far) => new RowCurvature(_problem.Rows, some, at, CurvatureCost.RowsOfProducts, far);
            var curvature = _newton.Current.OfSome(some.Scaling);
            return (at, far) => curvature.At(at, some.Loss, some.Penalty, far);
        }

        (SolverState End, double? Gap) Newton(
            Func<double[], ICurvature> curvatureAt, Func<double[], FarRows, ICurvature> curvatureWithout)
            => new DampedNewton(
                objective.Evaluate, curvatureAt, damping, _unit,
                isJudged ? new GapJudge(objective, curvatureWithout, tries: _newton is null, OfSome) : null)
                .Minimize(state, most, tolerance, at => at.Calls == told || goOn(at));
    }
}

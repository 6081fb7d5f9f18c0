namespace FocalMlNet.Optimization;

/// <summary>
/// The minima for several penalties, by Newton steps on all rows, each from where that of the nearest penalty before has ended: for few
/// rows, which are in memory, where <see cref="CurvatureCost.AllowsNewtonSteps"/>. Not for several threads.
/// </summary>
internal sealed class PenaltyMinima
{
    private readonly LinearModel _given;
    private readonly int[] _outputs;
    private readonly Problem _problem;
    private readonly SolverSettings _settings;
    private readonly RedrawnCurvature _curvatures;
    private readonly double[] _start;
    private readonly double _tolerance;
    private readonly List<(SolverState State, double Penalty, double Damping)> _ends = [];

    /// <param name="rows">The rows.</param>
    /// <param name="objective">What is minimised.</param>
    /// <param name="start">Where to begin.</param>
    /// <param name="settings">The settings; their penalty is not used.</param>
    /// <param name="unseenGap">A gap that does not matter, even where it is above the tolerance.</param>
    public PenaltyMinima(ITrainingRows rows, IObjective objective, LinearModel start, SolverSettings settings, double unseenGap)
    {
        (_given, _settings) = (start, settings);
        if (objective.BoundedOutputs(rows.LabelWeights) is { } outputs)
            (_outputs, objective, start) = (outputs, objective.OfOutputs(outputs)!, start.Some(outputs));
        else
            _outputs = [.. Enumerable.Range(0, start.OutputCount)];
        _problem = new Problem(rows, [objective], settings with { L2Regularization = 1 });
        _curvatures = new RedrawnCurvature(
            _problem, CurvatureCost.RowsOfPath(Scaling.Stride, Scaling.OutputCount, objective.IsCoupled));
        _start = Scaling.Scaled(start);
        _tolerance = Math.Max(settings.ConvergenceTolerance * _problem.StartValue(_start), unseenGap);
    }

    public Scaling Scaling => _problem.Scaling;

    /// <summary>What sums over the rows are divided by.</summary>
    public double Weight => _problem.Labels.Weight;

    /// <summary>The outputs that have a minimum; all others stay as they are.</summary>
    public IReadOnlyList<int> Outputs => _outputs;

    /// <summary>The second derivative of these at the minimum that was found last.</summary>
    public DampedCurvature? Curvature { get; private set; }

    /// <summary>The minimum for a penalty, as the settings say.</summary>
    public LinearModel At(double given)
    {
        var penalty = given * _problem.Penalty;
        var penalized = _problem.Of(_problem.Final, penalty);
        var near = _ends.Count == 0
            ? (State: SolverState.At(_start, penalized.Evaluate), Penalty: penalty,
                Damping: DampedNewton.FirstDamping(_problem.Final.IsCoupled))
            : _ends.MinBy(end => Math.Abs(Log(end.Penalty) - Log(penalty)));
        if (_ends.Count > 0 && near.Penalty == penalty)
            return Model(near.State);
        var minimizer = new DampedNewton(
            penalized.Evaluate, at => Curvature = _curvatures.Next(at, penalized), near.Damping, _problem.DampingUnit(_start));
        // The rows have been asked there: only the penalty's part is another one.
        var state = penalized.FromPenalty(near.State, near.Penalty);
        state = minimizer.Minimize(state with { Calls = 1 }, _settings.NumberOfIterations, _tolerance, _ => true).End;
        _ends.Add((state, penalty, minimizer.Damping));
        return Model(state);

        // One may be 0.
        static double Log(double value) => Math.Log(value + double.Epsilon);

        LinearModel Model(SolverState state) => _given.With(_outputs, Scaling.Unscaled(state.Point));
    }
}

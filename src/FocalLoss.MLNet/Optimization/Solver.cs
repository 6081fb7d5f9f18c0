using System.Numerics.Tensors;
using FocalMlNet.Data;

namespace FocalMlNet.Optimization;

/// <summary>Settings of <see cref="Solver"/>; the trainer's options say what they mean.</summary>
internal sealed record SolverSettings(
    int NumberOfIterations, double ConvergenceTolerance, double? LearningRate, double L2Regularization, bool Shuffle, int Seed, ParallelOptions Parallel);

/// <summary>A linear function of the features as given.</summary>
internal sealed record LinearModel(float[] Coefficients, float Offset);

/// <summary>What is known after a pass over the data; returns whether to go on.</summary>
internal delegate bool SolverMonitor(LinearModel model, double objective, double gradientNorm, int passes);

/// <summary>Where a run ended, the objective there and at the start, passes over the data.</summary>
internal sealed record SolverResult(LinearModel Model, double Objective, double StartObjective, int Passes, bool Converged);

/// <summary>
/// Minimises the weighted mean loss plus (λ/2) ‖coefficients‖²: a stochastic start on a random sample in mini-batches, then quasi-Newton steps on all rows
/// in the metric of a sampled second derivative. With a given learning rate: stochastic gradient descent throughout.
/// </summary>
internal sealed class Solver
{
    private const double FirstRate = 2;
    private const int Attempts = 3;
    private const int MostStartDraws = 1 << 16;
    private const int MostStartEntries = 1 << 22;
    private const int MostBatchRows = 256;
    private const double StageTolerance = 1e-2;
    private const int StagePasses = 5;

    private readonly TrainingData _data;
    private readonly IReadOnlyList<IObjective> _objectives;
    private readonly SolverSettings _settings;
    private readonly DataPass _pass;
    private readonly Scaling _scaling;
    private readonly double _totalWeight;
    private readonly double _positiveRelative;
    private readonly double _negativeRelative;

    private Solver(TrainingData data, IReadOnlyList<IObjective> objectives, SolverSettings settings)
    {
        _data = data;
        _objectives = objectives;
        _settings = settings;
        _pass = new DataPass(data.Blocks, data.BlockCount, data.ColumnCount, settings.Parallel);
        var (positives, negatives) = (data.Totals.PositiveWeight, data.Totals.NegativeWeight);
        _totalWeight = positives + negatives;
        var final = objectives[^1];
        var lossWeight = positives * final.ClassWeight(1) + negatives * final.ClassWeight(0);
        _positiveRelative = data.RowCount * final.ClassWeight(1) / lossWeight;
        _negativeRelative = data.RowCount * final.ClassWeight(0) / lossWeight;
        var (mean, variance) = (new double[data.ColumnCount], new double[data.ColumnCount]);
        _pass.Moments((label, weight) => (float)((1 + Relative(label, weight)) / 2), data.Origin, mean, variance);
        _scaling = new Scaling(mean, [.. variance.Select(v => v > 0 ? 1 / Math.Sqrt(v) : 0)], settings.L2Regularization);
    }

    /// <summary>Runs from a linear function; a column that does not vary ends with coefficient 0. The result is never above the start.</summary>
    /// <param name="data">The rows.</param>
    /// <param name="objectives">What is minimised: the last one, with those before it, loosely, on the way.</param>
    /// <param name="start">Where to begin.</param>
    /// <param name="settings">The settings.</param>
    /// <param name="monitor">Is told of each pass, and says whether to go on.</param>
    /// <exception cref="InvalidOperationException">The given learning rate makes the objective infinite.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    public static SolverResult Minimize(
        TrainingData data, IReadOnlyList<IObjective> objectives, LinearModel start, SolverSettings settings, SolverMonitor monitor)
        => new Solver(data, objectives, settings).Run(start, monitor);

    private SolverResult Run(LinearModel given, SolverMonitor monitor)
    {
        var start = _scaling.Scaled(given);
        // A constant column's share of the given function is in the offset from here on.
        var startValue = Evaluate(_pass, _totalWeight, _objectives[^1], start, new double[start.Length]);
        if (!double.IsFinite(startValue))
        {
            throw new InvalidOperationException(FormattableString.Invariant(
                $"The objective is {startValue} where training starts: the features or weights are too large for single precision. Normalise them first."));
        }

        return _settings.LearningRate is { } rate ? GivenRate(start, startValue, rate, monitor) : Adaptive(start, startValue, monitor);
    }

    private SolverResult Adaptive(double[] start, double startValue, SolverMonitor monitor)
    {
        var sample = Draw(new Random(_settings.Seed), StartDraws());
        var sampleWeight = _totalWeight * sample.Sum(b => (double)b.RowCount) / _data.RowCount;
        var point = StochasticStart(start, sample, sampleWeight);
        var passes = 0;
        var isStopped = false;
        (SolverState End, bool Converged) outcome = default;
        foreach (var objective in _objectives)
        {
            var isLast = objective == _objectives[^1];
            // The last stage has at least one pass, whatever those before it would like.
            var left = _settings.NumberOfIterations - passes;
            if (!isLast && left <= 1)
                continue;
            var minimizer = new QuasiNewton(
                (at, gradient) => Evaluate(_pass, _totalWeight, objective, at, gradient),
                at => new SampledCurvature(sample, objective, sampleWeight, _scaling, at, _settings.Parallel));
            var before = passes;
            outcome = minimizer.Minimize(
                point,
                isLast ? left : Math.Min(StagePasses, left - 1),
                isLast ? _settings.ConvergenceTolerance : StageTolerance,
                state => !(isStopped = !Report(monitor, state, before)));
            point = outcome.End.Point;
            passes += outcome.End.Calls;
            if (isStopped)
                break;
        }

        return outcome.End.Value <= startValue
            ? Result(point, outcome.End.Value, startValue, passes, outcome.Converged)
            : Result(start, startValue, startValue, passes, outcome.Converged);
    }

    /// <summary>One pass of averaged SGD over the sample, with a smaller step size if that ends above its start.</summary>
    private double[] StochasticStart(double[] start, List<RowBlock> sample, double sampleWeight)
    {
        var objective = _objectives[0];
        var pass = new DataPass(sample, sample.Count, _data.ColumnCount, _settings.Parallel);
        var gradient = new double[start.Length];
        var value = Evaluate(pass, sampleWeight, objective, start, gradient);
        var rate = FirstRate;
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var descent = new AveragedSgd(start, rate, sample.Count);
            descent.Run(sample, objective, _scaling, _totalWeight / _data.RowCount, _settings.Parallel.CancellationToken);
            var average = descent.Average;
            if (Evaluate(pass, sampleWeight, objective, average, gradient) < value)
                return average;
            rate /= 8;
        }

        return start;
    }

    private SolverResult GivenRate(double[] start, double startValue, double rate, SolverMonitor monitor)
    {
        var random = new Random(_settings.Seed);
        var draws = (int)Math.Min(_data.RowCount, Array.MaxLength / 16);
        AveragedSgd? descent = null;
        var (end, endValue) = (start, startValue);
        var gradient = new double[start.Length];
        var passes = 0;
        while (passes < _settings.NumberOfIterations)
        {
            var objective = _objectives[(int)((long)passes * _objectives.Count / _settings.NumberOfIterations)];
            var sample = Draw(random, draws);
            descent ??= new AveragedSgd(start, rate, (long)sample.Count * _settings.NumberOfIterations);
            descent.Run(sample, objective, _scaling, _totalWeight / _data.RowCount, _settings.Parallel.CancellationToken);
            passes++;
            end = descent.Average;
            endValue = Evaluate(_pass, _totalWeight, _objectives[^1], end, gradient);
            if (!double.IsFinite(endValue))
            {
                throw new InvalidOperationException(FormattableString.Invariant(
                    $"LearningRate = {rate} makes the objective infinite: choose a smaller one, or null, which adapts."));
            }

            if (!Report(monitor, new SolverState(end, endValue, TensorPrimitives.Norm<double>(gradient), passes), 0))
                break;
        }

        return endValue <= startValue
            ? Result(end, endValue, startValue, passes, converged: false)
            : Result(start, startValue, startValue, passes, converged: false);
    }

    private int StartDraws()
    {
        var entriesPerRow = Math.Max(1, _data.EntryCount / (double)_data.RowCount);
        return (int)Math.Min(_data.RowCount, Math.Clamp(MostStartEntries / entriesPerRow, 4096, MostStartDraws));
    }

    private List<RowBlock> Draw(Random random, int draws)
        => RowSample.Draw(_data, draws, Math.Clamp(draws / 64, 16, MostBatchRows), Relative, random, _settings.Shuffle);

    private double Relative(float label, float weight) => weight * (label > 0 ? _positiveRelative : _negativeRelative);

    private double Evaluate(DataPass pass, double weight, IObjective objective, ReadOnlySpan<double> point, Span<double> gradient)
    {
        var offset = _scaling.Unscale(point);
        var loss = pass.Evaluate(objective, _scaling.Coefficients, offset, gradient) / weight;
        TensorPrimitives.Divide<double>(gradient, weight, gradient);
        return loss + _scaling.Transform(point, gradient);
    }

    private bool Report(SolverMonitor monitor, SolverState state, int passesBefore)
        => monitor(Unscaled(state.Point), state.Value, state.GradientNorm, passesBefore + state.Calls);

    private SolverResult Result(double[] point, double value, double startValue, int passes, bool converged)
        => new(Unscaled(point), value, startValue, passes, converged);

    private LinearModel Unscaled(double[] point)
    {
        var offset = _scaling.Unscale(point);
        return new LinearModel([.. _scaling.Coefficients], offset);
    }
}

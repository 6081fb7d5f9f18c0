
using System.Numerics.Tensors;
using FocalMlNet.Matrix;

namespace FocalMlNet.Optimization;

/// <summary>Settings of <see cref="Solver"/>; the trainer's options say what they mean.</summary>
internal sealed record SolverSettings(
    int NumberOfIterations, double ConvergenceTolerance, double? LearningRate, double L2Regularization, bool Shuffle, int Seed,
    ParallelOptions Parallel)
{
    /// <summary>Whether the penalty is L2Regularization times the sum of the features' squared units, their variances as a rule.</summary>
    public bool IsPenaltyPerSpread { get; init; }

    /// <summary>Whether the monitor looks for the best point on the way, which then must not be taken where it does not see it.</summary>
    public bool IsJudged { get; init; }
}

/// <summary>What is known after a pass over the data; returns whether to go on.</summary>
internal delegate bool SolverMonitor(LinearModel model, double objective, double gradientNorm, int passes);

/// <summary>
/// Where a run ended, the objective there and at the start, passes over the data, an upper estimate of the gap to the minimum if it is
/// within the tolerance, and λ.
/// </summary>
internal sealed record SolverResult(LinearModel Model, double Objective, double StartObjective, int Passes, double? Gap, double Penalty)
{
    public bool Converged => Gap is not null;
}

/// <summary>
/// Minimises the weighted mean loss plus (λ/2) ‖coefficients‖²: damped Newton steps in a sampled second derivative, on a sample of the rows
/// and then on all of them. With many columns:
/// quasi-Newton steps on all rows; with many outputs that depend on each other: a stochastic start on a sample before those, in the metric
/// of each output's second derivative.
/// With a given learning rate: stochastic gradient descent throughout.
/// </summary>
internal sealed class Solver
{
    private const double FirstRate = 2;
    private const int Attempts = 3;
    private const int MostSampleRows = 1 << 15;

    /// <summary>
    /// Rows that are shuffled at once, or in all of which second derivatives may be taken; of more, so many as a sample has are candidates.
    /// </summary>
    private const int MostRowsAtOnce = 1 << 16;
    private const int MostSampleEntries = 1 << 21;
    private const int FewestSampleRows = 4096;
    private const int MostBatchRows = 256;
    private const double StageTolerance = 1e-2;
    private const int StagePasses = 5;

    /// <summary>
    /// Coupled outputs with up to so many coefficients in all take Newton steps, if they are not too many: what is between two of them
    /// grows with the square of their number,
    /// and with 64 outputs of 8 coefficients took five times as long as all that quasi-Newton steps did.
    /// </summary>
    private const int MostNewtonSize = 512;
    private const int MostNewtonOutputs = 32;

    /// <summary>Rows for a second derivative: about so many multiplications, and within bounds.</summary>
    private const double NewtonOperations = 1e8;
    private const int FewestNewtonRows = 1 << 12;
    private const int MostNewtonRows = 1 << 14;

    /// <summary>As long as there are as many as a class has coordinates.</summary>
    private const double MostNewtonOperations = 8e8;

    /// <summary>Up to this many features there are second derivatives at all.</summary>
    public const int MostCurvedColumns = 512;

    /// <summary>Numbers in the second derivatives of all outputs at most.</summary>
    private const long MostNumbers = 1 << 22;

    /// <summary>After so many second derivatives the rows in which they are taken are drawn anew: most fits end before.</summary>
    private const int CurvaturesPerDraw = 4;

    /// <summary>
    /// With more values than this the look at the end, whose products are passes, would take longer than the way there: quasi-Newton steps
    /// are believed.
    /// </summary>
    private const long MostJudgedEntries = 1 << 22;

    /// <summary>In the metric of quasi-Newton steps every row has this curvature at least.</summary>
    private const double MetricDamping = 1e-4;

    /// <summary>What a sample tells of the minimum is no better than this share of the start's value.</summary>
    private const double SampleTolerance = 3e-4;
    private const int MostSampleCalls = 60;

    /// <summary>With fewer rows for each one of the sample, its minimum costs more than it saves.</summary>
    private const int FewestRowsPerSampled = 2;

    /// <summary>
    /// With many columns a coordinate's unit is the standard deviation divided by the 4th root of the column's density: half way between
    /// features as given and standardised ones, as the
    /// steps of adaptive gradients are (Duchi, Hazan and Singer 2011). In standardised ones a column that few rows have goes as far in a
    /// step as any other, and those of a row overshoot together.
    /// </summary>
    private const double WidePower = .25;

    private readonly TrainingData _data;
    private readonly IReadOnlyList<IObjective> _objectives;
    private readonly IObjective[] _stages;
    private readonly SolverSettings _settings;
    private readonly DataPass _pass;
    private readonly bool _isWide;
    private readonly Scaling _scaling;
    private readonly bool _takesNewtonSteps;

    /// <summary>
    /// The rows in which second derivatives are taken: all, or some. They are the same whether the data is in memory or not. Empty where
    /// there are none.
    /// </summary>
    private readonly IReadOnlyList<RowBlock> _candidates = [];
    private SampledCurvature? _curvature;
    private int _curvatures;
    private readonly double _totalWeight;
    private readonly double[] _relative;

    private Solver(TrainingData data, IReadOnlyList<IObjective> objectives, SolverSettings settings)
    {
        _data = data;
        _objectives = objectives;
        _stages = [.. objectives.Distinct()];
        _settings = settings;
        var final = objectives[^1];
        _pass = new DataPass(data.Blocks, data.BlockCount, data.EntryCount, data.ColumnCount, final.OutputCount, settings.Parallel);
        _totalWeight = data.Totals.Weight;
        var lossWeight = data.Totals.Weights.Select((weight, k) => weight * final.ClassWeight(k)).Sum();
        _relative = [.. data.Totals.Weights.Select((_, k) => data.RowCount * final.ClassWeight(k) / lossWeight)];
        _isWide = data.ColumnCount > MostCurvedColumns;
        var (mean, scale, density) =
            (new double[data.ColumnCount], new double[data.ColumnCount], new double[_isWide ? data.ColumnCount : 0]);
        // A row without weight says nothing of the scale, however far out it lies.
        _pass.Moments((label, weight) => Relative(label, weight) is > 0 and var own ? (float)((1 + own) / 2) : 0, data.Origin, mean,
            variance: scale, density);
        var spread = TensorPrimitives.Sum<double>(scale);
        for (var j = 0; j < scale.Length; j++)
        {
            var deviation = Math.Sqrt(scale[j]);
            scale[j] = (_isWide ? Math.Pow(density[j], WidePower) : 1) / deviation;
            // No deviation, or one that is too small for single precision.
            if (!float.IsFinite((float)scale[j]))
                scale[j] = 0;
        }

        _scaling = new Scaling(mean, scale, Penalty(), final.OutputCount);
        if (_isWide || settings.LearningRate is not null)
            return;
        _takesNewtonSteps = HasPath(data.ColumnCount, final);
        _candidates = data.RowCount > AtMost(MostRowsAtOnce)
            ? LeverageSample.DrawOnce(
                data.Blocks, AtMost(MostSampleRows), data.Totals, _scaling, new Random(settings.Seed), settings.Parallel)
            : data.Loaded;
        if (!_takesNewtonSteps)
            return;
        RobustScale.Correct(_candidates, mean, scale, settings.Parallel);
        spread = 0;
        foreach (var perUnit in scale)
            spread += perUnit == 0 ? 0 : 1 / (perUnit * perUnit);
        _scaling = new Scaling(mean, scale, Penalty(), final.OutputCount);

        double Penalty() => settings.L2Regularization * (settings.IsPenaltyPerSpread ? spread : 1);
    }

    /// <summary>Whether the second derivatives of all outputs are not too large.</summary>
    public static bool HasMatrices(int columnCount, int outputCount)
        => columnCount <= MostCurvedColumns && (columnCount + 1L) * (columnCount + 1L) * outputCount <= MostNumbers;

    /// <summary>
    /// Runs from linear functions; a column that does not vary ends with coefficient 0. The result is never above the start.
    /// </summary>
    /// <param name="data">The rows.</param>
    /// <param name="objectives">
    /// What is minimised: the last one, with those before it, loosely, on the way. With a given learning rate each has an equal part of the
    /// way; the same one may come several times
    /// in a row.
    /// </param>
    /// <param name="start">Where to begin.</param>
    /// <param name="settings">The settings.</param>
    /// <param name="monitor">Is told of each pass, and says whether to go on.</param>
    /// <exception cref="InvalidOperationException">The given learning rate makes the objective infinite.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    public static SolverResult Minimize(
        TrainingData data, IReadOnlyList<IObjective> objectives, LinearModel start, SolverSettings settings, SolverMonitor monitor)
        => new Solver(data, objectives, settings).Run(start, monitor);

    /// <summary>
    /// The minima for several penalties, each from where the one before ended, by Newton steps on all rows: for few rows, which are in
    /// memory.
    /// </summary>
    /// <param name="data">The rows.</param>
    /// <param name="objective">What is minimised.</param>
    /// <param name="start">Where to begin.</param>
    /// <param name="penaltiesPerSpread">The penalties, as shares of the sum of the features' squared units, from the largest on.</param>
    /// <param name="settings">The settings; their penalty is not used.</param>
    public static IEnumerable<LinearModel> Path(
        TrainingData data, IObjective objective, LinearModel start, IEnumerable<double> penaltiesPerSpread, SolverSettings settings)
    {
        var solver = new Solver(data, [objective], settings with { L2Regularization = 1, IsPenaltyPerSpread = true });
        var (scaling, spread) = (solver._scaling, solver._scaling.Penalty);
        solver._curvature = new SampledCurvature(
            solver._candidates, RowsOfPath(SampledCurvature.Operations(scaling, objective.IsCoupled), scaling.Stride), scaling,
            objective.IsCoupled, settings.Parallel);
        var point = scaling.Scaled(start);
        var tolerance = settings.ConvergenceTolerance * solver.StartValue(point);
        var damping = DampedNewton.FirstDamping;
        foreach (var penalty in penaltiesPerSpread)
        {
            scaling.Penalty = penalty * spread;
            var minimizer = new DampedNewton(
                (at, gradient) => solver.Evaluate(solver._pass, solver._totalWeight, objective, at, gradient), at
                    => solver.CurvatureAt(at, objective), damping);
            point = minimizer.Minimize(point, settings.NumberOfIterations, tolerance, _ => true).End.Point;
            damping = minimizer.Damping;
            yield return solver.Unscaled(point);
        }
    }

    /// <summary>Rows that are drawn for a second derivative of <see cref="Path"/>, on which less depends.</summary>
    /// <param name="operations">Multiplications for a row.</param>
    /// <param name="stride">Coordinates of an output.</param>
    public static int RowsOfPath(double operations, int stride) => Math.Min(FewestNewtonRows, NewtonRows(operations, stride) / 2);

    /// <summary>Whether <see cref="Path"/> can be had.</summary>
    public static bool HasPath(int columnCount, IObjective objective)
        => columnCount <= MostCurvedColumns && (objective.IsCoupled
            ? (columnCount + 1L) * objective.OutputCount <= MostNewtonSize && objective.OutputCount <= MostNewtonOutputs
            : HasMatrices(columnCount, objective.OutputCount));

    /// <summary>
    /// For each output the mean second derivative of the rows' losses where all have the same scores, those below 0 as 0.
    /// </summary>
    public static double[] MeanCurvatures(ClassTotals totals, IObjective objective, float[] scores)
    {
        var (sums, ofClass) = (new double[scores.Length], new float[scores.Length]);
        for (var k = 0; k < totals.ClassCount; k++)
        {
            objective.Curvatures(scores, [k], [1], ofClass);
            for (var output = 0; output < sums.Length; output++)
                sums[output] += totals.Weights[k] * Math.Max(0, ofClass[output]);
        }

        TensorPrimitives.Divide<double>(sums, totals.Weight, sums);
        return sums;
    }

    private SolverResult Run(LinearModel given, SolverMonitor monitor)
    {
        var start = _scaling.Scaled(given);
        // A constant column's share of the given function is in the offset from here on.
        var startValue = StartValue(start);
        if (!double.IsFinite(startValue))
        {
            throw new InvalidOperationException(FormattableString.Invariant(
                $"The objective is {startValue} where training starts: the features or weights are too large for single precision. Normalise them first."));
        }

        return _settings.LearningRate is { } rate ? GivenRate(start, startValue, rate, monitor) : Adaptive(start, startValue, monitor);
    }

    private double StartValue(double[] start)
    {
        var objective = _objectives[^1];
        var model = _scaling.Unscale(start);
        if (!IsConstant(model))
            return Evaluate(_pass, _totalWeight, objective, start, new double[start.Length]);
        // All rows of a class have the same loss, and no pass is needed.
        double sum = 0;
        for (var k = 0; k < _data.Totals.ClassCount; k++)
            sum += _data.Totals.Weights[k] * objective.Evaluate(model.Offsets, [k], [1], new float[model.OutputCount]);
        return sum / _totalWeight;
    }

    private static bool IsConstant(LinearModel model)
        => Array.TrueForAll(model.Coefficients, c => TensorPrimitives.IndexOfMaxMagnitude<float>(c) is var j && c[j] == 0);

    private SolverResult Adaptive(double[] start, double startValue, SolverMonitor monitor)
    {
        var point = start;
        var damping = DampedNewton.FirstDamping;
        var isCoupled = _objectives[^1].IsCoupled;
        var isNear = false;
        if (_takesNewtonSteps)
        {
            isNear = !_settings.IsJudged && NewtonStart(ref point, ref damping, startValue);
            _curvature = new SampledCurvature(_candidates, NewtonRows(), _scaling, isCoupled, _settings.Parallel);
        }
        else if (!_isWide)
        {
            var sample = DrawSample();
            point = StochasticStart(start, sample);
            if (HasMatrices(_scaling.ColumnCount, _scaling.OutputCount))
                _curvature = new SampledCurvature(
                    sample.Rows, NewtonRows(isCoupled: false), _scaling, isCoupled: false, _settings.Parallel);
        }

        var passes = 0;
        var isStopped = false;
        (SolverState End, double? Gap) outcome = default;
        foreach (var objective in _stages)
        {
            var isLast = objective == _objectives[^1];
            // The last stage has at least one pass, whatever those before it would like.
            var left = _settings.NumberOfIterations - passes;
            if (!isLast && (left <= 1 || isNear))
                continue;
            double Function(ReadOnlySpan<double> at, Span<double> gradient) => Evaluate(_pass, _totalWeight, objective, at, gradient);
            var before = passes;
            var most = isLast ? left : Math.Min(StagePasses, left - 1);
            // Relative to the start, not to the value: on separable data that falls almost to 0, and the rest of the way tells nothing.
            var tolerance = (isLast ? _settings.ConvergenceTolerance : StageTolerance) * startValue;
            bool GoOn(SolverState state) => !(isStopped = !Report(monitor, state, before));
            var judge = isLast && (_takesNewtonSteps || _data.EntryCount <= MostJudgedEntries) ? Judge(objective) : null;
            outcome = _takesNewtonSteps
                ? new DampedNewton(Function, at => CurvatureAt(at, objective), damping, judge).Minimize(point, most, tolerance, GoOn)
                : new QuasiNewton(Function, at => Metric(objective, at), judge).Minimize(point, most, tolerance, GoOn);
            point = outcome.End.Point;
            passes += outcome.End.Calls;
            if (isStopped)
                break;
        }

        return outcome.End.Value <= startValue
            ? Result(point, outcome.End.Value, startValue, passes, outcome.Gap)
            : Result(start, startValue, startValue, passes, gap: null);
    }

    private GapJudge Judge(IObjective objective)
    {
        return new GapJudge(_pass, _totalWeight, objective, _scaling, _takesNewtonSteps ? ByMatrix : ByProducts, tries: !_takesNewtonSteps);

        (double[] Step, double Half, DampedCurvature? Curvature) ByMatrix(
            double[] point, DampedCurvature? known, double[] gradient, FarRows? far, double tolerance)
        {
            var matrix = known ?? _curvature!.At(point, objective, far);
            var step = matrix.Solve(gradient, 0);
            return (step, TensorPrimitives.Dot<double>(step, gradient) / 2, matrix);
        }

        (double[] Step, double Half, DampedCurvature? Curvature) ByProducts(
            double[] point, DampedCurvature? known, double[] gradient, FarRows? far, double tolerance)
        {
            var model = Unscaled(point);
            var (step, half) = ConjugateGradient.Solve(gradient, Metric(objective, point), (vector, product) =>
            {
                _pass.CurvatureProduct(objective, model, _scaling.Unscale(vector), far, product);
                TensorPrimitives.Divide<double>(product, _totalWeight, product);
                _scaling.Transform(vector, product);
            }, tolerance);
            return (step, half, null);
        }
    }

    private Sample DrawSample()
    {
        var count = AtMost(MostSampleRows);
        var rows = Draw(_data.Blocks, (double)count / _data.RowCount, count, new Random(_settings.Seed));
        return new Sample(rows, Pass(rows), _totalWeight * rows.Sum(b => (double)b.RowCount) / _data.RowCount);
    }

    private DataPass Pass(RowBlock[] rows)
        => new(rows, rows.Length, rows.Sum(b => (long)b.EntryCount), _data.ColumnCount, _scaling.OutputCount, _settings.Parallel);

    /// <summary>
    /// The second derivative at a point of the way; after some of them from rows that are drawn anew, where not all are candidates.
    /// </summary>
    private DampedCurvature CurvatureAt(double[] point, IObjective objective)
    {
        if (_data.RowCount > AtMost(MostRowsAtOnce) && ++_curvatures % CurvaturesPerDraw == 0)
        {
            var rows = LeverageSample.DrawNear(
                _data.Blocks, _candidates, AtMost(MostSampleRows), _data.Totals, _scaling, objective, Unscaled(point),
                new Random(_settings.Seed + _curvatures), _settings.Parallel);
            _curvature = new SampledCurvature(rows, NewtonRows(), _scaling, objective.IsCoupled, _settings.Parallel);
        }

        return _curvature!.At(point, objective);
    }

    private IMetric Metric(IObjective objective, double[] at)
        => _curvature is null
            ? new MeanCurvature(MeanCurvatures(objective, _scaling.Unscale(at)), _scaling)
            : new CurvatureMetric(_curvature.At(at, objective), MetricDamping);

    /// <summary>For each output the mean second derivative of the rows' losses with respect to their score, those below 0 as 0.</summary>
    private double[] MeanCurvatures(IObjective objective, LinearModel model)
    {
        // As in StartValue.
        if (IsConstant(model))
            return MeanCurvatures(_data.Totals, objective, model.Offsets);
        var sums = _pass.Curvatures(objective, model);
        TensorPrimitives.Divide<double>(sums, _totalWeight, sums);
        return sums;
    }

    /// <summary>One pass of averaged SGD over the sample, with a smaller step size if that ends above its start.</summary>
    private double[] StochasticStart(double[] start, Sample sample)
    {
        var objective = _objectives[0];
        var gradient = new double[start.Length];
        var value = Evaluate(sample.Pass, sample.Weight, objective, start, gradient);
        var rate = FirstRate;
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var descent = new AveragedSgd(start, rate, objective, _scaling);
            descent.Run(sample.Rows, _totalWeight / _data.RowCount, 0, 1, _settings.Parallel.CancellationToken);
            var average = descent.Average;
            if (Evaluate(sample.Pass, sample.Weight, objective, average, gradient) < value)
                return average;
            rate /= 8;
        }

        return start;
    }

    /// <summary>How many rows may be drawn for a second derivative.</summary>
    private int NewtonRows(bool? isCoupled = null)
        => NewtonRows(SampledCurvature.Operations(_scaling, isCoupled ?? _objectives[^1].IsCoupled), _scaling.Stride);

    private static int NewtonRows(double operations, int stride)
        => (int)Math.Clamp(NewtonOperations / operations, Math.Clamp(MostNewtonOperations / operations, stride, FewestNewtonRows),
            MostNewtonRows);

    /// <summary>
    /// Newton steps on a few rows that stand for all, if there are many more. Outputs that do not depend on each other need enough rows of
    /// each class: fewer than a class has
    /// coordinates it would tell apart by chance.
    /// </summary>
    /// <returns>Whether that was done.</returns>
    private bool NewtonStart(ref double[] point, ref double damping, double startValue)
    {
        var count = NewtonRows();
        var rows = _candidates;
        if (rows.Sum(b => b.RowCount) >= 2 * count)
            rows = LeverageSample.Draw(rows, count, _data.Totals.ClassCount, _scaling, new Random(_settings.Seed), _settings.Parallel);
        var counts = new ClassTotals(_data.Totals.ClassCount);
        foreach (var block in rows)
            counts.Add(block);
        var isCoupled = _objectives[^1].IsCoupled;
        if (_data.RowCount < FewestRowsPerSampled * counts.RowCount
            || (!isCoupled && counts.Counts.Where((own, k) => _data.Totals.Weights[k] > 0 && own < _scaling.Stride).Any()))
        {
            return false;
        }

        var pass = Pass([.. rows]);
        var weight = rows.Sum(block => block.Weight);
        var curvature = new SampledCurvature(rows, count / 4, _scaling, isCoupled, _settings.Parallel);
        foreach (var objective in _stages)
        {
            var minimizer = new DampedNewton(
                (at, gradient) => Evaluate(pass, weight, objective, at, gradient), at => curvature.At(at, objective), damping);
            var tolerance = objective == _objectives[^1] ? SampleTolerance : StageTolerance;
            point = minimizer.Minimize(point, MostSampleCalls, tolerance * startValue, _ => true).End.Point;
            damping = Math.Min(minimizer.Damping, DampedNewton.FirstDamping);
        }

        return true;
    }

    private SolverResult GivenRate(double[] start, double startValue, double rate, SolverMonitor monitor)
    {
        var random = new Random(_settings.Seed);
        var descent = new AveragedSgd(start, rate, _objectives[0], _scaling);
        var (end, endValue) = (start, startValue);
        var gradient = new double[start.Length];
        var passes = 0;
        while (passes < _settings.NumberOfIterations)
        {
            // The last pass, if not more, has the last one.
            descent.Objective = _objectives[(int)(((passes + 1L) * _objectives.Count - 1) / _settings.NumberOfIterations)];
            long seen = 0;
            foreach (var window in Windows())
            {
                var sample = Draw(window, 1, AtMost(MostRowsAtOnce), random);
                var from = Progress(passes, seen);
                seen += window.Sum(b => (long)b.RowCount);
                descent.Run(sample, _totalWeight / _data.RowCount, from, Progress(passes, seen), _settings.Parallel.CancellationToken);
            }

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
            ? Result(end, endValue, startValue, passes, gap: null)
            : Result(start, startValue, startValue, passes, gap: null);

        double Progress(int done, long seen) => (done + (double)seen / _data.RowCount) / _settings.NumberOfIterations;
    }

    /// <summary>
    /// All blocks in order, so many at a time that a copy of them is small: what is shuffled at once, be it in memory or not.
    /// </summary>
    private IEnumerable<List<RowBlock>> Windows()
    {
        var window = new List<RowBlock>();
        long rows = 0;
        foreach (var block in _data.Blocks)
        {
            if (window.Count > 0 && rows + block.RowCount > AtMost(MostRowsAtOnce))
            {
                yield return window;
                (window, rows) = ([], 0);
            }

            window.Add(block);
            rows += block.RowCount;
        }

        yield return window;
    }

    /// <summary>So many rows, or as many as have not too many values.</summary>
    private int AtMost(int mostRows)
    {
        var entriesPerRow = Math.Max(1, _data.EntryCount / (double)_data.RowCount);
        return (int)Math.Min(_data.RowCount, Math.Clamp(MostSampleEntries / entriesPerRow, FewestSampleRows, mostRows));
    }

    private RowBlock[] Draw(IEnumerable<RowBlock> blocks, double perRow, int expectedRows, Random random)
        => RowSample.Draw(
            blocks, perRow, Math.Clamp(expectedRows / 64, 16, MostBatchRows), Relative, random, _settings.Shuffle, _settings.Parallel);

    private double Relative(float label, float weight) => weight * _relative[(int)label];

    private double Evaluate(DataPass pass, double weight, IObjective objective, ReadOnlySpan<double> point, Span<double> gradient)
    {
        var loss = pass.Evaluate(objective, _scaling.Unscale(point), gradient) / weight;
        TensorPrimitives.Divide<double>(gradient, weight, gradient);
        return loss + _scaling.Transform(point, gradient);
    }

    private bool Report(SolverMonitor monitor, SolverState state, int passesBefore)
        => monitor(Unscaled(state.Point), state.Value, state.GradientNorm, passesBefore + state.Calls);

    private SolverResult Result(double[] point, double value, double startValue, int passes, double? gap)
        => new(Unscaled(point), value, startValue, passes, gap, _scaling.Penalty);

    private LinearModel Unscaled(double[] point) => _scaling.Unscale(point).Copy();

    /// <summary>Rows that stand for all, and the weight by which sums over them are divided.</summary>
    private sealed record Sample(RowBlock[] Rows, DataPass Pass, double Weight);
}

using System.Numerics.Tensors;
using FocalMlNet.Matrix;

namespace FocalMlNet.Optimization;

/// <summary>
/// Mini-batch stochastic gradient descent with momentum on standardised features; the step size falls linearly to 0 and the iterates of the
/// second half are averaged (Polyak and Juditsky 1992).
/// </summary>
/// <param name="start">The first point; it is not changed.</param>
/// <param name="rate">First step size.</param>
/// <param name="objective">What is minimised.</param>
/// <param name="scaling">The coordinates.</param>
/// <param name="penalty">λ.</param>
internal sealed class AveragedSgd(double[] start, double rate, IObjective objective, Scaling scaling, double penalty)
{
    private const double Momentum = .9;

    /// <summary>Rows of a batch: as many as make so many batches, within bounds.</summary>
    private const int ExpectedBatches = 64;
    private const int FewestBatchRows = 16;
    private const int MostBatchRows = 256;

    private readonly double[] _velocity = new double[start.Length];
    private readonly double[] _sum = new double[start.Length];
    private readonly double[] _gradient = new double[start.Length];
    private readonly float[] _scores = new float[RowBlock.MaxRowCount * scaling.OutputCount];
    private readonly float[] _slopes = new float[RowBlock.MaxRowCount * scaling.OutputCount];
    private readonly LinearModel _model = LinearModel.Constant(scaling.ColumnCount, new float[scaling.OutputCount]);
    private long _summed;

    /// <summary>The last point.</summary>
    public double[] Current { get; } = [.. start];

    /// <summary>What is minimised from here on: the points before are not near its minimum, and have no part in the mean.</summary>
    public IObjective Objective
    {
        get;
        set
        {
            if (field == value)
                return;
            field = value;
            Array.Clear(_sum);
            _summed = 0;
        }
    } = objective;

    /// <summary>The mean of the points of the second half, or the last point if there were none.</summary>
    public double[] Average => _summed == 0 ? Current : [.. _sum.Select(s => s / _summed)];

    /// <summary>Draws batches of rows.</summary>
    /// <param name="problem">What is minimised.</param>
    /// <param name="rows">The rows, in memory.</param>
    /// <param name="perRow">How often a row of mean weight is expected.</param>
    /// <param name="expectedRows">How many are expected.</param>
    /// <param name="random">Source of randomness.</param>
    public static RowBlock[] Batches(Problem problem, RowMatrix rows, double perRow, int expectedRows, Random random)
    {
        var relativeWeights = problem.Labels.RelativeWeights;
        return RowSample.Draw(
            rows.Blocks, perRow, Math.Clamp(expectedRows / ExpectedBatches, FewestBatchRows, MostBatchRows),
            (label, weight) => weight * relativeWeights[(int)label], random, problem.Settings.Shuffle, rows.Parallel);
    }

    /// <summary>A step for each batch.</summary>
    /// <param name="batches">The batches.</param>
    /// <param name="meanWeight">A row's mean weight over all batches.</param>
    /// <param name="from">The share of the whole work that was done before these batches.</param>
    /// <param name="to">The share that is done after them.</param>
    /// <param name="cancellation">Ends the run.</param>
    public void Run(IReadOnlyList<RowBlock> batches, double meanWeight, double from, double to, CancellationToken cancellation)
    {
        for (var b = 0; b < batches.Count; b++)
        {
            cancellation.ThrowIfCancellationRequested();
            var batch = batches[b];
            var count = batch.RowCount * scaling.OutputCount;
            scaling.Unscale(Current, _model);
            batch.Scores(_model.Coefficients, _model.Offsets, _scores);
            Objective.Evaluate(_scores.AsSpan(0, count), batch.Labels, batch.Weights, _slopes.AsSpan(0, count));
            Array.Clear(_gradient);
            RowMatrix.AddGradients(batch, _slopes.AsSpan(0, count), _gradient);
            TensorPrimitives.Multiply<double>(_gradient, 1 / (meanWeight * batch.RowCount), _gradient);
            scaling.ToCoordinates(_gradient, Current, penalty);

            var progress = from + (to - from) * b / batches.Count;
            TensorPrimitives.Multiply<double>(_velocity, Momentum, _velocity);
            TensorPrimitives.MultiplyAdd<double>(_gradient, 1 - Momentum, _velocity, _velocity);
            TensorPrimitives.MultiplyAdd<double>(_velocity, -rate * (1 - progress), Current, Current);
            if (progress < .5)
                continue;
            _summed++;
            TensorPrimitives.Add<double>(_sum, Current, _sum);
        }
    }
}

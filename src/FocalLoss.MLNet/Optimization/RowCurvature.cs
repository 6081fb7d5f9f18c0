using System.Numerics.Tensors;
using FocalMlNet.Matrix;

namespace FocalMlNet.Optimization;

/// <summary>
/// A second derivative too large for a matrix: its products with vectors, over rows drawn in proportion to their curvature. Steps come from
/// conjugate gradients (Hestenes and Stiefel 1952) with its diagonal as preconditioner. D is the identity.
/// </summary>
internal sealed class RowCurvature : ICurvature
{
    private const int Chunks = 8;
    private const int MostProducts = 100;

    /// <summary>The share of the residual's square that a damped step may leave.</summary>
    private const double Residual = 1e-2;

    /// <summary>
    /// Without damping the way ends when so many products together have added no more than this share of what the step promises.
    /// </summary>
    private const int ProductsOfGain = 10;
    private const double SmallGain = .05;

    private readonly (RowBlock Rows, float[] Factors)[] _parts;
    private readonly IObjective _objective;
    private readonly Scaling _scaling;
    private readonly double _penalty;
    private readonly double _weight;
    private readonly double[] _diagonal;
    private readonly ParallelOptions _parallel;
    private readonly OrderedSum _sums;

    /// <param name="rows">All rows.</param>
    /// <param name="objective">What is minimised.</param>
    /// <param name="point">Where.</param>
    /// <param name="count">Rows to be drawn of them, about; all if there are no more.</param>
    /// <param name="far">Rows that are left out, or null for none.</param>
    public RowCurvature(ITrainingRows rows, ScaledObjective objective, double[] point, double count, FarRows? far)
    {
        (_objective, _scaling, _penalty, _weight) = (objective.Loss, objective.Scaling, objective.Penalty, objective.Weight);
        var at = new LossAt(_objective, _scaling.Unscaled(point), far);
        var areAll = rows.LabelCounts.Sum() <= count;
        var drawn = rows.DrawByCurvature(at, areAll ? double.PositiveInfinity : count / rows.CurvatureTrace(at));
        _parallel = drawn.Parallel;
        _parts = new (RowBlock, float[])[drawn.Blocks.Count];
        ParallelLoop.For(_parts.Length, _parallel, b =>
        {
            var block = drawn.Blocks[b];
            var scores = new float[block.RowCount * at.Model.OutputCount];
            block.Scores(at.Model.Coefficients, at.Model.Offsets, scores);
            var factors = new float[block.RowCount * _objective.CurvatureFactorCount];
            // Those that are far have no curvature, and were not drawn.
            _objective.CurvatureFactors(scores, block.Labels, block.Weights, factors);
            _parts[b] = (block, factors);
        });
        _sums = new OrderedSum(Chunks, _scaling.Size);
        _diagonal = Diagonal();
    }

    public (double[] Step, bool IsWhole) Solve(ReadOnlySpan<double> gradient, double damping)
    {
        var (step, residual, product) = (new double[gradient.Length], gradient.ToArray(), new double[gradient.Length]);
        var direction = Preconditioned(residual, damping);
        var square = TensorPrimitives.Dot<double>(residual, direction);
        var (first, promise) = (square, 0.0);
        Span<double> promises = stackalloc double[MostProducts];
        for (var k = 0; square > 0; k++)
        {
            if (k == MostProducts)
                return (step, false);
            Multiply(direction, damping, product);
            var length = square / TensorPrimitives.Dot<double>(direction, product);
            if (!(length > 0) || !double.IsFinite(length))
                return (step, false);

            TensorPrimitives.MultiplyAdd<double>(direction, length, step, step);
            TensorPrimitives.MultiplyAdd<double>(product, -length, residual, residual);
            promises[k] = promise += length * square;
            if (damping == 0 && k >= ProductsOfGain && promise - promises[k - ProductsOfGain] <= SmallGain * promise)
                break;
            var next = Preconditioned(residual, damping);
            var nextSquare = TensorPrimitives.Dot<double>(residual, next);
            if (damping > 0 && nextSquare <= Residual * first)
                break;
            TensorPrimitives.MultiplyAdd<double>(direction, nextSquare / square, next, direction);
            square = nextSquare;
        }

        return (step, true);
    }

    public double SquareInD(ReadOnlySpan<double> step) => TensorPrimitives.SumOfSquares(step);

    private double[] Preconditioned(double[] vector, double damping)
    {
        var solved = new double[vector.Length];
        for (var at = 0; at < solved.Length; at++)
        {
            var own = _diagonal[at] + damping;
            solved[at] = own > 0 ? vector[at] / own : 0;
        }

        return solved;
    }

    /// <summary>(H + μ D) vector.</summary>
    private void Multiply(double[] vector, double damping, double[] product)
    {
        var change = _scaling.Unscaled(vector);
        _sums.Clear();
        ParallelLoop.For(Chunks, _parallel, chunk =>
        {
            var (first, end) = OrderedSum.Items(chunk, Chunks, _parts.Length);
            foreach (var (block, factors) in _parts.AsSpan(first, end - first))
            {
                using var scratch = new Scratch<float>(block.RowCount * change.OutputCount);
                block.Scores(change.Coefficients, change.Offsets, scratch.Span);
                _objective.ApplyCurvature(factors, block.Labels, scratch.Span);
                RowMatrix.AddGradients(block, scratch.Span, _sums[chunk]);
            }
        });
        _sums.AddUp(product);
        TensorPrimitives.Divide<double>(product, _weight, product);
        _scaling.ToCoordinates(product, vector, _penalty);
        TensorPrimitives.MultiplyAdd<double>(vector, damping, product, product);
    }

    /// <summary>The diagonal of H, but for what is between two outputs.</summary>
    private double[] Diagonal()
    {
        var (stride, columnCount) = (_scaling.Stride, _scaling.ColumnCount);
        var (squares, zeros) = (new OrderedSum(Chunks, _scaling.Size), new float[columnCount]);
        _sums.Clear();
        ParallelLoop.For(Chunks, _parallel, chunk =>
        {
            var (first, end) = OrderedSum.Items(chunk, Chunks, _parts.Length);
            foreach (var (block, factors) in _parts.AsSpan(first, end - first))
            {
                var n = block.RowCount;
                using var scratch = new Scratch<float>(n * _scaling.OutputCount);
                _objective.OwnCurvatures(factors, block.Labels, scratch.Span);
                for (var k = 0; k < _scaling.OutputCount; k++)
                {
                    var own = scratch.Span.Slice(k * n, n);
                    var sums = _sums[chunk].AsSpan(k * stride, stride);
                    block.AddMoments(own, zeros, sums[..^1], squares[chunk].AsSpan(k * stride, columnCount));
                    sums[^1] += TensorPrimitives.Sum<float>(own);
                }
            }
        });
        var (sum, diagonal) = (new double[_scaling.Size], new double[_scaling.Size]);
        _sums.AddUp(sum);
        squares.AddUp(diagonal);
        for (var at = 0; at < diagonal.Length; at++)
        {
            var (j, weight) = (at % stride, sum[at - at % stride + columnCount]);
            if (j == columnCount)
            {
                diagonal[at] = weight / _weight;
                continue;
            }

            var (mean, perUnit) = (_scaling.Mean[j], _scaling.Scale[j]);
            diagonal[at] = Math.Max(0, diagonal[at] - mean * (2 * sum[at] - mean * weight)) * perUnit * perUnit / _weight
                + _scaling.PenaltyCurvature(j, _penalty);
        }

        return diagonal;
    }
}


using System.Numerics.Tensors;

namespace FocalMlNet.Calibration;

/// <summary>
/// The convex Σ_i w_i ln Σ_k e^(κ z_ik + β_k) / Σ_i w_i - κ S - Σ_k β_k T_k of κ and β, which is least where the softmax of κ z + β has the
/// mean T and, with the scores, the mean product S; its gradient and Newton steps. κ is the last coordinate of a point.
/// </summary>
/// <param name="rows">z and w.</param>
/// <param name="targets">T and then S; a class whose T is 0 keeps its β.</param>
/// <param name="isSlopeFree">Whether κ is looked for; if not, it stays and S is not used.</param>
/// <param name="parallel">Threads and cancellation.</param>
internal sealed class SoftmaxMapLoss(ScoreRows rows, double[] targets, bool isSlopeFree, ParallelOptions parallel)
{
    private const int MostInnerSteps = 50;

    /// <summary>Up to so many classes the whole second derivative is formed; beyond, only its products with a vector.</summary>
    private const int MostMatrixClasses = 32;

    /// <summary>Smaller shares of the largest curvature count as this.</summary>
    private const double LeastCurvature = 1e-16;

    /// <summary>
    /// Share of the mean square of the scores added to the slope's curvature. Rows whose scores are all the same, or beyond doubt, leave
    /// none but rounding, which would throw the slope far away.
    /// </summary>
    private const double SlopeDamping = 1e-9;

    /// <summary>A mean probability below is one at it: gradients are differences of shares, which leave no smaller ones.</summary>
    private const double LeastShare = 1e-15;

    private readonly int _classes = rows.ClassCount;
    private readonly double _total = rows.Weight;
    private readonly double[][] _probabilities = [.. rows.Blocks.Select(block => new double[block.Scores.Length])];

    /// <summary>The value at a point, and its gradient, with 0 for what is not looked for.</summary>
    public double Evaluate(double[] point, double[] gradient)
    {
        var sums = Mean(_classes + 2, (b, sums) => AddSoftmax(b, point, sums));
        var value = sums[^1];
        for (var j = 0; j <= _classes; j++)
        {
            gradient[j] = IsFree(j) ? sums[j] - targets[j] : 0;
            value -= IsFree(j) ? point[j] * targets[j] : 0;
        }

        return value;
    }

    /// <summary>
    /// ln(T_k / mean of p_k) for each class (iterative proportional fitting): of rows that are all the same it leads to the minimum, and of
    /// any others it lessens the value, however far away that is.
    /// </summary>
    /// <param name="gradient">That of the last point evaluated.</param>
    /// <param name="step">Receives the step.</param>
    /// <returns>-gradient · step.</returns>
    public double ProportionalStep(double[] gradient, double[] step)
    {
        for (var k = 0; k <= _classes; k++)
            step[k] = k < _classes && IsFree(k) ? Math.Log(targets[k] / Math.Max(gradient[k] + targets[k], LeastShare)) : 0;
        return -TensorPrimitives.Dot<double>(gradient, step);
    }

    /// <summary>Solves second derivative · step = -gradient at the last point evaluated, by conjugate gradients.</summary>
    /// <returns>-gradient · step: twice the decrease that the step promises.</returns>
    public double NewtonStep(double[] gradient, double[] step)
    {
        var n = gradient.Length;
        var matrix = _classes <= MostMatrixClasses ? Mean(Place(n, 0), AddMatrix) : null;
        var diagonal = matrix is null ? Mean(n, AddDiagonal) : [.. gradient.Select((_, j) => matrix[Place(j, j)])];
        var lift = isSlopeFree ? SlopeDamping * Mean(1, AddLevel)[0] : 0;
        diagonal[^1] += lift;
        // A class that has no part in any row must not rule the direction.
        TensorPrimitives.Max<double>(diagonal, Math.Max(LeastCurvature * TensorPrimitives.Max<double>(diagonal), 1e-300), diagonal);
        Array.Clear(step);
        double[] residual = [.. gradient.Select(g => -g)];
        var direction = new double[n];
        double first = 0, before = 0;
        for (var inner = 0; inner < MostInnerSteps; inner++)
        {
            double size = 0;
            for (var j = 0; j < n; j++)
                size += residual[j] * residual[j] / diagonal[j];
            first = inner == 0 ? size : first;
            if (!(size > 1e-12 * first) || !(size > 0))
                break;
            for (var j = 0; j < n; j++)
                direction[j] = residual[j] / diagonal[j] + (inner == 0 ? 0 : size / before * direction[j]);
            var product = matrix is null ? Mean(n, (b, sums) => AddProduct(b, direction, sums)) : Product(matrix, direction);
            product[^1] += lift * direction[^1];
            for (var j = 0; j < n; j++)
                product[j] = IsFree(j) ? product[j] : 0;
            var along = TensorPrimitives.Dot<double>(direction, product);
            if (!(along > 0))
                break;
            TensorPrimitives.MultiplyAdd<double>(direction, size / along, step, step);
            TensorPrimitives.MultiplyAdd<double>(product, -size / along, residual, residual);
            before = size;
        }

        // What is added to all classes alike changes nothing; without it numbers stay small.
        var intercepts = step.AsSpan(0, _classes);
        TensorPrimitives.Subtract<double>(intercepts, TensorPrimitives.Average<double>(intercepts), intercepts);
        return -TensorPrimitives.Dot<double>(gradient, step);
    }

    private bool IsFree(int j) => j < _classes ? targets[j] > 0 : isSlopeFree;

    /// <summary>Where in the lower triangle, row after row, the number of row k and column l is.</summary>
    private static int Place(int k, int l) => k * (k + 1) / 2 + l;

    private double[] Mean(int length, Action<int, double[]> add)
    {
        var sums = rows.Sum(length, parallel, add);
        TensorPrimitives.Divide<double>(sums, _total, sums);
        return sums;
    }

    private Span<double> Probabilities(int b, int k) => _probabilities[b].AsSpan(k * rows.Blocks[b].RowCount, rows.Blocks[b].RowCount);

    /// <summary>
    /// Sets a block's probabilities; adds w p_k for each class, w Σ p_k z_k, and w times the logarithm of the sum of exponentials.
    /// </summary>
    private void AddSoftmax(int b, double[] point, double[] sums)
    {
        var block = rows.Blocks[b];
        Span<double> top = stackalloc double[block.RowCount], sum = stackalloc double[block.RowCount],
            product = stackalloc double[block.RowCount];
        top.Fill(double.NegativeInfinity);
        sum.Clear();
        for (var k = 0; k < _classes; k++)
        {
            var own = Probabilities(b, k);
            TensorPrimitives.Multiply(block.Class(k), point[^1], own);
            TensorPrimitives.Add(own, point[k], own);
            TensorPrimitives.Max(top, own, top);
        }

        for (var k = 0; k < _classes; k++)
        {
            var own = Probabilities(b, k);
            TensorPrimitives.Subtract(own, top, own);
            VectorMath.Exp(own);
            TensorPrimitives.Add(sum, own, sum);
        }

        for (var k = 0; k < _classes; k++)
        {
            var own = Probabilities(b, k);
            TensorPrimitives.Divide(own, sum, own);
            TensorPrimitives.Multiply(own, block.Weights, product);
            sums[k] += TensorPrimitives.Sum<double>(product);
            sums[_classes] += TensorPrimitives.Dot(product, block.Class(k));
        }

        TensorPrimitives.Log<double>(sum, sum);
        TensorPrimitives.Add(sum, top, sum);
        sums[_classes + 1] += TensorPrimitives.Dot<double>(sum, block.Weights);
    }

    /// <summary>
    /// Adds the lower triangle of the second derivative: w (p_k [k = l] - p_k p_l), and of κ w p_k (z_k - z̄) and w Σ p_k (z_k - z̄)² with
    /// z̄ = Σ p_k z_k.
    /// </summary>
    private void AddMatrix(int b, double[] sums)
    {
        var block = rows.Blocks[b];
        Span<double> mean = stackalloc double[block.RowCount], weighted = stackalloc double[block.RowCount],
            deviation = stackalloc double[block.RowCount];
        MeanScore(b, mean);
        for (var k = 0; k < _classes; k++)
        {
            TensorPrimitives.Multiply<double>(Probabilities(b, k), block.Weights, weighted);
            sums[Place(k, k)] += TensorPrimitives.Sum<double>(weighted);
            for (var l = 0; l <= k; l++)
                sums[Place(k, l)] -= TensorPrimitives.Dot<double>(weighted, Probabilities(b, l));
            sums[Place(_classes, k)] += AddSlope(block.Class(k), mean, weighted, deviation, ref sums[^1]);
        }
    }

    /// <summary>Adds the diagonal of what <see cref="AddMatrix"/> does.</summary>
    private void AddDiagonal(int b, double[] sums)
    {
        var block = rows.Blocks[b];
        Span<double> mean = stackalloc double[block.RowCount], weighted = stackalloc double[block.RowCount],
            deviation = stackalloc double[block.RowCount];
        MeanScore(b, mean);
        for (var k = 0; k < _classes; k++)
        {
            TensorPrimitives.Multiply<double>(Probabilities(b, k), block.Weights, weighted);
            sums[k] += TensorPrimitives.Sum<double>(weighted) - TensorPrimitives.Dot<double>(weighted, Probabilities(b, k));
            AddSlope(block.Class(k), mean, weighted, deviation, ref sums[^1]);
        }
    }

    /// <summary>Adds w p_k (z_k - z̄)² to <paramref name="square"/>.</summary>
    /// <returns>w p_k (z_k - z̄).</returns>
    private static double AddSlope(
        ReadOnlySpan<double> scores, ReadOnlySpan<double> mean, Span<double> weighted, Span<double> deviation, ref double square)
    {
        TensorPrimitives.Subtract(scores, mean, deviation);
        TensorPrimitives.Multiply(weighted, deviation, weighted);
        square += TensorPrimitives.Dot<double>(weighted, deviation);
        return TensorPrimitives.Sum<double>(weighted);
    }

    /// <summary>
    /// Adds the product of the second derivative with a vector: with v_k = direction_k + z_k direction_κ it is w p_k (v_k - Σ p v), and the
    /// same times z_k, summed, for κ.
    /// </summary>
    private void AddProduct(int b, double[] direction, double[] sums)
    {
        var block = rows.Blocks[b];
        Span<double> mean = stackalloc double[block.RowCount], along = stackalloc double[block.RowCount];
        mean.Clear();
        for (var k = 0; k < _classes; k++)
        {
            Along(k, along);
            TensorPrimitives.MultiplyAdd(along, Probabilities(b, k), mean, mean);
        }

        for (var k = 0; k < _classes; k++)
        {
            Along(k, along);
            TensorPrimitives.Subtract(along, mean, along);
            TensorPrimitives.Multiply(along, Probabilities(b, k), along);
            TensorPrimitives.Multiply(along, block.Weights, along);
            sums[k] += TensorPrimitives.Sum<double>(along);
            sums[^1] += TensorPrimitives.Dot(along, block.Class(k));
        }

        void Along(int k, Span<double> values)
        {
            TensorPrimitives.Multiply(block.Class(k), direction[^1], values);
            TensorPrimitives.Add(values, direction[k], values);
        }
    }

    /// <summary>Adds w z̄².</summary>
    private void AddLevel(int b, double[] sums)
    {
        var block = rows.Blocks[b];
        Span<double> mean = stackalloc double[block.RowCount];
        MeanScore(b, mean);
        TensorPrimitives.Multiply<double>(mean, mean, mean);
        sums[0] += TensorPrimitives.Dot<double>(mean, block.Weights);
    }

    private static double[] Product(double[] matrix, double[] vector)
    {
        var product = new double[vector.Length];
        for (var k = 0; k < vector.Length; k++)
        {
            for (var l = 0; l <= k; l++)
            {
                product[k] += matrix[Place(k, l)] * vector[l];
                product[l] += l == k ? 0 : matrix[Place(k, l)] * vector[k];
            }
        }

        return product;
    }

    private void MeanScore(int b, Span<double> mean)
    {
        mean.Clear();
        for (var k = 0; k < _classes; k++)
            TensorPrimitives.MultiplyAdd(Probabilities(b, k), rows.Blocks[b].Class(k), mean, mean);
    }
}


using System.Numerics.Tensors;

namespace FocalMlNet.Optimization;

/// <summary>
/// Newton steps without a matrix: H step = gradient by preconditioned conjugate gradients (Hestenes and Stiefel 1952), each product with H
/// being a pass over all rows.
/// </summary>
internal static class ConjugateGradient
{
    private const int MostProducts = 60;

    /// <summary>What is left of the residual's square where the rest adds nothing.</summary>
    private const double SmallResidual = 1e-3;

    /// <summary>The last share of the promise that says so too.</summary>
    private const double SmallGain = .05;

    /// <summary>
    /// Solves as far as is needed to know whether half the promise of the step, gradient · step, exceeds a tolerance: it only grows on the
    /// way.
    /// </summary>
    /// <param name="gradient">The gradient.</param>
    /// <param name="metric">The preconditioner.</param>
    /// <param name="times">Writes H times a vector.</param>
    /// <param name="tolerance">Above this the way ends.</param>
    /// <returns>The step so far and half its promise, infinite if the end was not reached.</returns>
    public static (double[] Step, double Half) Solve(double[] gradient, Metric metric, Action<double[], double[]> times, double tolerance)
    {
        var (step, residual) = (new double[gradient.Length], (double[])gradient.Clone());
        var direction = Preconditioned(residual, metric);
        var square = TensorPrimitives.Dot<double>(residual, direction);
        var (first, promise) = (square, 0.0);
        var product = new double[gradient.Length];
        for (var k = 0; k < MostProducts && square > 0; k++)
        {
            times(direction, product);
            var length = square / TensorPrimitives.Dot<double>(direction, product);
            if (!(length > 0) || !double.IsFinite(length))
                break;
            TensorPrimitives.MultiplyAdd<double>(direction, length, step, step);
            TensorPrimitives.MultiplyAdd<double>(product, -length, residual, residual);
            var gain = length * square;
            promise += gain;
            var next = Preconditioned(residual, metric);
            var nextSquare = TensorPrimitives.Dot<double>(residual, next);
            if (promise / 2 > tolerance || (nextSquare <= SmallResidual * first && gain <= SmallGain * promise))
                return (step, promise / 2);
            TensorPrimitives.MultiplyAdd<double>(direction, nextSquare / square, next, direction);
            square = nextSquare;
        }

        return (step, square == 0 ? promise / 2 : double.PositiveInfinity);
    }

    private static double[] Preconditioned(double[] vector, Metric metric)
    {
        var solved = (double[])vector.Clone();
        metric.Solve(solved);
        return solved;
    }
}

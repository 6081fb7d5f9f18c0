using System.Numerics.Tensors;

namespace FocalMlNet.Optimization;

/// <summary>
/// A second derivative H beside D, the same with a curvature of 1 in all rows and nothing between two outputs: in H + μ D every row has a
/// curvature of μ at least, those whose loss is flat or not convex where they are too.
/// </summary>
/// <param name="matrices">The lower triangle of H: one matrix, or one for each output if there is nothing between them.</param>
/// <param name="metric">The lower triangle of D for one output.</param>
internal sealed class DampedCurvature(double[][][] matrices, double[] metric) : ICurvature
{
    /// <summary>
    /// Share of a coordinate's own curvature that is added to it, since rounding may leave less than none. It must stay far below what
    /// nearly equal columns differ by.
    /// </summary>
    private const double Lift = 1e-11;

    /// <summary>With so much of a lift the matrix is the lift.</summary>
    private const double MostLift = 1e6;

    private readonly int _stride = (int)Math.Sqrt(2 * metric.Length);

    /// <summary>Solves (H + μ D) step = gradient. A coordinate without any curvature stays where it is.</summary>
    /// <param name="gradient">The gradient.</param>
    /// <param name="damping">μ, at least 0.</param>
    public (double[] Step, bool IsWhole) Solve(ReadOnlySpan<double> gradient, double damping)
    {
        var step = gradient.ToArray();
        var first = 0;
        foreach (var matrix in matrices)
        {
            var part = step.AsSpan(first, matrix.Length);
            first += part.Length;
            // A matrix that is none leads to a step that is none, which the caller sees.
            if (Factor(matrix, damping) is not (var factor, var scale))
            {
                part.Fill(double.NaN);
                continue;
            }

            TensorPrimitives.Multiply(part, scale, part);
            Cholesky.Solve(factor, part);
            TensorPrimitives.Multiply(part, scale, part);
        }
        return (step, true);
    }

    /// <summary>stepᵀ D step.</summary>
    public double SquareInD(ReadOnlySpan<double> step)
    {
        double sum = 0;
        for (var first = 0; first < step.Length; first += _stride)
        {
            for (var j = 0; j < _stride; j++)
            {
                var row = metric.AsSpan(OuterSums.Triangle(j), j + 1);
                sum += step[first + j] * (2 * TensorPrimitives.Dot<double>(row, step.Slice(first, j + 1)) - row[j] * step[first + j]);
            }
        }

        return sum;
    }

    /// <summary>
    /// Of H of one output, if outputs do not depend on each other: the lower triangle L with L Lᵀ = S H S, and S; null if there is none.
    /// </summary>
    public (double[][] Factor, double[] Scale)? Factor(int output) => Factor(matrices[output], damping: 0);

    private (double[][] Factor, double[] Scale)? Factor(double[][] matrix, double damping)
    {
        // Coordinates of their own unit: those of the features may be many powers of ten apart in their penalty.
        var scale = new double[matrix.Length];
        for (var j = 0; j < scale.Length; j++)
        {
            var own = matrix[j][j] + damping * metric[OuterSums.Triangle(j % _stride) + j % _stride];
            scale[j] = own > 0 ? 1 / Math.Sqrt(own) : own == 0 ? 0 : double.NaN;
        }

        for (var lift = Lift; lift < MostLift; lift *= 100)
        {
            if (Factor(matrix, damping, lift, scale) is { } factor)
                return (factor, scale);
        }

        return null;
    }

    private double[][]? Factor(double[][] matrix, double damping, double lift, double[] scale)
    {
        var factor = new double[matrix.Length][];
        for (var j = 0; j < factor.Length; j++)
        {
            var row = factor[j] = [.. matrix[j]];
            if (damping > 0)
            {
                var own = j % _stride;
                var block = row.AsSpan(j - own);
                TensorPrimitives.MultiplyAdd(metric.AsSpan(OuterSums.Triangle(own), own + 1), damping, block, block);
            }

            TensorPrimitives.Multiply(row, scale.AsSpan(0, row.Length), row);
            TensorPrimitives.Multiply<double>(row, scale[j], row);
            row[j] = (scale[j] == 0 ? 1 : row[j]) + lift;
        }

        return Cholesky.Factor(factor) ? factor : null;
    }
}

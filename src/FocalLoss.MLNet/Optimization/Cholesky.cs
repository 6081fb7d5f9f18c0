
using System.Numerics.Tensors;

namespace FocalMlNet.Optimization;

/// <summary>L Lᵀ of a symmetric positive definite matrix, of which only the lower triangle is given, row after row.</summary>
internal static class Cholesky
{
    /// <summary>Replaces a matrix by L.</summary>
    /// <returns>Whether it is positive definite and finite; if not, part of it has been replaced.</returns>
    public static bool Factor(double[][] matrix)
    {
        for (var j = 0; j < matrix.Length; j++)
        {
            var row = matrix[j];
            for (var k = 0; k < j; k++)
                row[k] = (row[k] - TensorPrimitives.Dot<double>(row.AsSpan(0, k), matrix[k].AsSpan(0, k))) / matrix[k][k];
            var rest = row[j] - TensorPrimitives.SumOfSquares<double>(row.AsSpan(0, j));
            if (!(rest > 0) || !double.IsFinite(rest))
                return false;
            row[j] = Math.Sqrt(rest);
        }

        return true;
    }

    /// <summary>Replaces a vector b by the x with L Lᵀ x = b.</summary>
    public static void Solve(double[][] factor, Span<double> vector)
    {
        for (var j = 0; j < vector.Length; j++)
            vector[j] = (vector[j] - TensorPrimitives.Dot<double>(factor[j].AsSpan(0, j), vector[..j])) / factor[j][j];
        for (var j = vector.Length - 1; j >= 0; j--)
        {
            vector[j] /= factor[j][j];
            TensorPrimitives.MultiplyAdd<double>(factor[j].AsSpan(0, j), -vector[j], vector[..j], vector[..j]);
        }
    }
}

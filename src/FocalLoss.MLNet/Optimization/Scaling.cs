
using System.Buffers;
using System.Numerics.Tensors;
using FocalMlNet.Matrix;

namespace FocalMlNet.Optimization;

/// <summary>
/// The solver's coordinates: for each output one weight for each feature shifted to mean 0 and scaled, to variance 1 as a rule, then the
/// score at the mean of all features. The
/// data itself is never scaled. A column without variance has scale 0 and so keeps weight 0.
/// </summary>
internal sealed class Scaling(double[] mean, double[] scale, double l2, int outputCount)
{
    private readonly double[] _scratch = new double[mean.Length];

    /// <summary>Number of features.</summary>
    public int ColumnCount => mean.Length;

    /// <summary>Coordinates of each output.</summary>
    public int Stride => mean.Length + 1;

    /// <summary>Number of coordinates.</summary>
    public int Size => outputCount * Stride;

    public int OutputCount => outputCount;

    /// <summary>λ.</summary>
    public double Penalty { get; set; } = l2;

    public ReadOnlySpan<double> Mean => mean;

    public ReadOnlySpan<double> Scale => scale;

    /// <summary>The functions of the features as given; overwritten by the next <see cref="Unscale"/>.</summary>
    public LinearModel Unscaled { get; } = LinearModel.Constant(mean.Length, new float[outputCount]);

    /// <summary>
    /// The point that stands for functions of the features as given; what they do on a column without variance goes into the offset.
    /// </summary>
    public double[] Scaled(LinearModel model)
    {
        var point = new double[Size];
        for (var k = 0; k < outputCount; k++)
        {
            var part = point.AsSpan(k * Stride, Stride);
            var coefficients = model.Coefficients[k];
            part[^1] = model.Offsets[k];
            for (var j = 0; j < mean.Length; j++)
            {
                part[j] = scale[j] == 0 ? 0 : coefficients[j] / scale[j];
                part[^1] += coefficients[j] * mean[j];
            }
        }

        return point;
    }

    /// <summary>Sets <see cref="Unscaled"/> and returns it.</summary>
    public LinearModel Unscale(ReadOnlySpan<double> point)
    {
        for (var k = 0; k < outputCount; k++)
        {
            var part = point.Slice(k * Stride, Stride);
            var coefficients = Unscaled.Coefficients[k];
            TensorPrimitives.Multiply(part[..^1], scale, _scratch);
            TensorPrimitives.ConvertTruncating<double, float>(_scratch, coefficients);
            // With the rounded coefficients, so that the score at the mean is what it should be.
            TensorPrimitives.ConvertTruncating<float, double>(coefficients, _scratch);
            Unscaled.Offsets[k] = (float)(part[^1] - TensorPrimitives.Dot<double>(_scratch, mean));
        }

        return Unscaled;
    }

    /// <summary>
    /// Turns a gradient with respect to coefficients and offsets into one in these coordinates, in place, and adds the penalty's.
    /// </summary>
    /// <returns>The penalty (λ/2) ‖coefficients‖².</returns>
    public double Transform(ReadOnlySpan<double> point, Span<double> gradient)
    {
        double penalty = 0;
        for (var k = 0; k < outputCount; k++)
        {
            var at = point.Slice(k * Stride, Stride);
            var slopes = gradient.Slice(k * Stride, ColumnCount);
            TensorPrimitives.Multiply(at[..^1], scale, _scratch);
            penalty += TensorPrimitives.SumOfSquares<double>(_scratch);
            TensorPrimitives.MultiplyAdd(mean, -gradient[k * Stride + ColumnCount], slopes, slopes);
            TensorPrimitives.MultiplyAdd(_scratch, Penalty, slopes, slopes);
            TensorPrimitives.Multiply(slopes, scale, slopes);
        }

        return Penalty / 2 * penalty;
    }

    /// <summary>The features of a block in these coordinates, column after column, and a column of 1 at the end.</summary>
    public void Standardise(RowBlock block, Span<double> columns)
    {
        var n = block.RowCount;
        var rented = ArrayPool<float>.Shared.Rent(n * mean.Length);
        block.CopyColumns(rented, n);
        for (var j = 0; j < mean.Length; j++)
        {
            var column = columns.Slice(j * n, n);
            TensorPrimitives.ConvertTruncating<float, double>(rented.AsSpan(j * n, n), column);
            TensorPrimitives.Subtract(column, mean[j], column);
            TensorPrimitives.Multiply(column, scale[j], column);
        }

        ArrayPool<float>.Shared.Return(rented);
        columns.Slice(mean.Length * n, n).Fill(1);
    }

    /// <summary>The sum of the squares of each row of <see cref="Standardise"/>.</summary>
    public void SquaredLengths(ReadOnlySpan<double> columns, Span<double> squares)
    {
        var n = squares.Length;
        squares.Clear();
        for (var j = 0; j < Stride; j++)
            TensorPrimitives.MultiplyAdd(columns.Slice(j * n, n), columns.Slice(j * n, n), squares, squares);
    }

    /// <summary>The penalty's second derivative with respect to coordinate j of an output.</summary>
    public double PenaltyCurvature(int j) => Penalty * scale[j] * scale[j];
}

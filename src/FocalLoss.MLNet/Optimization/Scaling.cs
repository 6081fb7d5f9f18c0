using System.Numerics.Tensors;

namespace FocalMlNet.Optimization;

/// <summary>
/// The solver's coordinates: for each output one weight for each feature shifted to mean 0 and scaled, to variance 1 as a rule, then the
/// score at the mean of all features. The data itself is never scaled. A column without variance has scale 0 and so keeps weight 0.
/// </summary>
internal sealed class Scaling(double[] mean, double[] scale, int outputCount)
{
    /// <summary>Number of features.</summary>
    public int ColumnCount => mean.Length;

    /// <summary>Coordinates of each output.</summary>
    public int Stride => mean.Length + 1;

    /// <summary>Number of coordinates.</summary>
    public int Size => outputCount * Stride;

    public int OutputCount => outputCount;

    /// <summary>The same for another number of outputs.</summary>
    public Scaling Of(int outputs) => new(mean, scale, outputs);

    public ReadOnlySpan<double> Mean => mean;

    public ReadOnlySpan<double> Scale => scale;

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

    /// <summary>The functions of the features as given that a point stands for.</summary>
    public LinearModel Unscaled(ReadOnlySpan<double> point)
    {
        var model = LinearModel.Constant(mean.Length, new float[outputCount]);
        Unscale(point, model);
        return model;
    }

    /// <summary>Writes <see cref="Unscaled"/> to a model.</summary>
    public void Unscale(ReadOnlySpan<double> point, LinearModel model)
    {
        using var scratch = new Scratch<double>(mean.Length);
        var exact = scratch.Span;
        for (var k = 0; k < outputCount; k++)
        {
            var part = point.Slice(k * Stride, Stride);
            var coefficients = model.Coefficients[k];
            TensorPrimitives.Multiply(part[..^1], scale, exact);
            TensorPrimitives.ConvertTruncating<double, float>(exact, coefficients);
            // With the rounded coefficients, so that the score at the mean is what it should be.
            TensorPrimitives.ConvertTruncating<float, double>(coefficients, exact);
            model.Offsets[k] = (float)(part[^1] - TensorPrimitives.Dot<double>(exact, mean));
        }
    }

    /// <summary>Replaces a gradient with respect to coefficients and offsets by that in these coordinates of the same, penalised.</summary>
    /// <param name="gradient">The gradient.</param>
    /// <param name="point">Where it was taken.</param>
    /// <param name="penalty">λ: the derivative of (λ/2) ‖coefficients‖² is added.</param>
    public void ToCoordinates(Span<double> gradient, ReadOnlySpan<double> point, double penalty)
    {
        using var scratch = new Scratch<double>(mean.Length);
        for (var k = 0; k < outputCount; k++)
        {
            var slopes = gradient.Slice(k * Stride, ColumnCount);
            TensorPrimitives.Multiply(point.Slice(k * Stride, ColumnCount), scale, scratch.Span);
            TensorPrimitives.MultiplyAdd(mean, -gradient[k * Stride + ColumnCount], slopes, slopes);
            TensorPrimitives.MultiplyAdd(scratch.Span, penalty, slopes, slopes);
            TensorPrimitives.Multiply(slopes, scale, slopes);
        }
    }

    /// <summary>Takes the mean over the outputs away from each.</summary>
    public void Centre(double[] point)
    {
        for (var j = 0; j < Stride; j++)
        {
            double level = 0;
            for (var at = j; at < point.Length; at += Stride)
                level += point[at] / outputCount;
            for (var at = j; at < point.Length; at += Stride)
                point[at] -= level;
        }
    }

    /// <summary>‖coefficients‖², summed over the outputs.</summary>
    public double SquaredNorm(ReadOnlySpan<double> point)
    {
        using var scratch = new Scratch<double>(mean.Length);
        double sum = 0;
        for (var k = 0; k < outputCount; k++)
        {
            TensorPrimitives.Multiply(point.Slice(k * Stride, ColumnCount), scale, scratch.Span);
            sum += TensorPrimitives.SumOfSquares<double>(scratch.Span);
        }

        return sum;
    }

    /// <summary>The second derivative of (λ/2) ‖coefficients‖² with respect to coordinate j of an output.</summary>
    public double PenaltyCurvature(int j, double penalty) => j < ColumnCount ? penalty * scale[j] * scale[j] : 0;
}

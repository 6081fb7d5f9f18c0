namespace FocalMlNet.Optimization;

/// <summary>
/// The solver's coordinates: one weight for each feature with mean 0 and variance 1, and the score at the mean of all features. The
/// data itself is never scaled. A column without variance has scale 0 and so keeps weight 0.
/// </summary>
internal sealed class Scaling(double[] mean, double[] scale, double l2)
{
    private readonly float[] _coefficients = new float[mean.Length];

    /// <summary>Number of features.</summary>
    public int ColumnCount => mean.Length;

    public ReadOnlySpan<double> Mean => mean;

    public ReadOnlySpan<double> Scale => scale;

    /// <summary>Coefficients of the features as given; overwritten by the next <see cref="Unscale"/>.</summary>
    public float[] Coefficients => _coefficients;

    /// <summary>The point that stands for a linear function of the features as given; what it does on a column without variance goes into the offset.</summary>
    public double[] Scaled(LinearModel model)
    {
        var point = new double[mean.Length + 1];
        point[^1] = model.Offset;
        for (var j = 0; j < mean.Length; j++)
        {
            point[j] = scale[j] == 0 ? 0 : model.Coefficients[j] / scale[j];
            point[^1] += model.Coefficients[j] * mean[j];
        }

        return point;
    }

    /// <summary>Sets <see cref="Coefficients"/> and returns the offset that goes with them.</summary>
    public float Unscale(ReadOnlySpan<double> point)
    {
        var offset = point[^1];
        for (var j = 0; j < _coefficients.Length; j++)
        {
            // With the rounded coefficient, so that the score at the mean is what it should be.
            _coefficients[j] = (float)(point[j] * scale[j]);
            offset -= _coefficients[j] * mean[j];
        }

        return (float)offset;
    }

    /// <summary>Turns a gradient with respect to coefficients and offset into one in these coordinates, in place, and adds the penalty's.</summary>
    /// <returns>The penalty (λ/2) ‖coefficients‖².</returns>
    public double Transform(ReadOnlySpan<double> point, Span<double> gradient)
    {
        var offsetSlope = gradient[^1];
        double penalty = 0;
        for (var j = 0; j < mean.Length; j++)
        {
            var coefficient = point[j] * scale[j];
            penalty += coefficient * coefficient;
            gradient[j] = (gradient[j] - mean[j] * offsetSlope + l2 * coefficient) * scale[j];
        }

        return l2 / 2 * penalty;
    }

    /// <summary>The penalty's second derivative with respect to coordinate j.</summary>
    public double PenaltyCurvature(int j) => l2 * scale[j] * scale[j];
}

using System.Numerics.Tensors;

namespace FocalMlNet.Optimization;

/// <summary>
/// A positive definite estimate of the objective's second derivative: in it, the steepest direction is the step that is taken.
/// </summary>
/// <param name="IsFull">Whether this estimates the matrix of each output; otherwise its size is not to be trusted.</param>
/// <param name="Solve">Replaces a gradient by the step it asks for.</param>
internal sealed record Metric(bool IsFull, Action<Span<double>> Solve)
{
    /// <summary>A sampled second derivative with a constant damping: the curvature that every row has at least.</summary>
    public static Metric Of(DampedCurvature curvature, double damping)
        => new(true, vector => curvature.Solve(vector, damping).CopyTo(vector));

    /// <summary>
    /// The metric where the matrix of the second derivative is too large: all features alike in the solver's coordinates, but for the
    /// penalty.
    /// </summary>
    /// <param name="curvatures">For each output, the mean second derivative of the rows' losses with respect to their score.</param>
    /// <param name="scaling">The coordinates.</param>
    /// <param name="penalty">λ.</param>
    public static Metric OfMeans(ReadOnlySpan<double> curvatures, Scaling scaling, double penalty)
    {
        var diagonal = new double[scaling.Size];
        for (var at = 0; at < diagonal.Length; at++)
        {
            // Where no row's loss is convex any length does for a first step.
            var own = curvatures[at / scaling.Stride] is > 0 and < double.PositiveInfinity and var mean ? mean : 1;
            diagonal[at] = own + scaling.PenaltyCurvature(at % scaling.Stride, penalty);
        }

        return new(false, vector => TensorPrimitives.Divide(vector, diagonal, vector));
    }
}

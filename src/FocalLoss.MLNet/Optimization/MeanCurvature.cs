using System.Numerics.Tensors;

namespace FocalMlNet.Optimization;

/// <summary>
/// The metric where the matrix of the second derivative is too large: all features alike in the solver's coordinates, but for the penalty.
/// </summary>
internal sealed class MeanCurvature : IMetric
{
    private readonly double[] _diagonal;

    /// <param name="curvatures">For each output, the mean second derivative of the rows' losses with respect to their score.</param>
    /// <param name="scaling">The coordinates.</param>
    /// <param name="penalty">λ.</param>
    public MeanCurvature(ReadOnlySpan<double> curvatures, Scaling scaling, double penalty)
    {
        _diagonal = new double[scaling.Size];
        for (var k = 0; k < curvatures.Length; k++)
        {
            var own = _diagonal.AsSpan(k * scaling.Stride, scaling.Stride);
            // Where no row's loss is convex any length does for a first step.
            own.Fill(curvatures[k] > 0 && double.IsFinite(curvatures[k]) ? curvatures[k] : 1);
            for (var j = 0; j < own.Length; j++)
                own[j] += scaling.PenaltyCurvature(j, penalty);
        }
    }

    public bool IsFull => false;

    public void Solve(Span<double> vector) => TensorPrimitives.Divide(vector, _diagonal, vector);
}

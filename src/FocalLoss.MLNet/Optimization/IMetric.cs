namespace FocalMlNet.Optimization;

/// <summary>
/// A positive definite estimate of the objective's second derivative: in it, the steepest direction is the step that is taken.
/// </summary>
internal interface IMetric
{
    /// <summary>Whether this estimates the matrix of each output; otherwise its size is not to be trusted.</summary>
    bool IsFull { get; }

    /// <summary>Replaces a gradient by the step it asks for.</summary>
    void Solve(Span<double> vector);
}

/// <summary>A sampled second derivative with a constant damping.</summary>
/// <param name="curvature">The second derivative.</param>
/// <param name="damping">The curvature that every row has at least.</param>
internal sealed class CurvatureMetric(DampedCurvature curvature, double damping) : IMetric
{
    public bool IsFull => true;

    public void Solve(Span<double> vector) => curvature.Solve(vector, damping).CopyTo(vector);
}

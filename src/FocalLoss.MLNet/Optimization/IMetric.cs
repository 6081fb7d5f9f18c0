namespace FocalMlNet.Optimization;

/// <summary>A positive definite estimate of the objective's second derivative: in it, the steepest direction is the step that is taken.</summary>
internal interface IMetric
{
    /// <summary>Whether this estimates the whole matrix, at least of each output; otherwise its size is not to be trusted.</summary>
    bool IsFull { get; }

    /// <summary>Whether nothing is missing between two outputs.</summary>
    bool IsWhole { get; }

    /// <summary>Replaces a gradient by the step it asks for.</summary>
    void Solve(Span<double> vector);
}

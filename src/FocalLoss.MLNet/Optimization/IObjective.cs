namespace FocalMlNet.Optimization;

/// <summary>What is minimised: a weighted sum over rows of a function of the row's score and label. All the solver knows of a loss.</summary>
internal interface IObjective
{
    /// <summary>The weighted losses of some rows, summed; <paramref name="slopes"/> receives each one's derivative with respect to its score.</summary>
    double Evaluate(ReadOnlySpan<float> scores, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, Span<float> slopes);

    /// <summary>Each row's weighted second derivative with respect to its score; below 0 where the loss is not convex.</summary>
    void Curvatures(ReadOnlySpan<float> scores, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, Span<float> curvatures);

    /// <summary>What the loss of a row with this label is multiplied with, on top of its example weight.</summary>
    double ClassWeight(float label);
}

namespace FocalMlNet.Optimization;

/// <summary>
/// What is minimised: a weighted sum over rows of a function of the row's scores and its label. All the solver knows of a loss.
/// </summary>
/// <remarks>
/// Scores, slopes and curvatures of n rows lie output after output: those of output 0 for all rows, then those of output 1. Labels are the
/// numbers of the classes, from 0.
/// </remarks>
internal interface IObjective
{
    /// <summary>Scores that a row has: 1 for two classes, or one for each class.</summary>
    int OutputCount { get; }

    /// <summary>
    /// The weighted losses of some rows, summed; <paramref name="slopes"/> receives each one's derivative with respect to each of its
    /// scores.
    /// </summary>
    double Evaluate(ReadOnlySpan<float> scores, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, Span<float> slopes);

    /// <summary>Each row's weighted second derivative with respect to each of its scores; below 0 where the loss is not convex.</summary>
    void Curvatures(ReadOnlySpan<float> scores, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, Span<float> curvatures);

    /// <summary>The rate at which the loss of a row falls off where it is right: like e^(-rate · score).</summary>
    double TailRate { get; }

    /// <summary>Whether the derivative with respect to one score of a row depends on its other scores.</summary>
    bool IsCoupled => false;

    /// <summary>
    /// If it <see cref="IsCoupled"/>: each row's weighted second derivatives with respect to its scores k and l ≤ k, at place k (k + 1) / 2
    /// + l in the order of
    /// outputs, or what is nearest to them and positive semidefinite.
    /// </summary>
    void JointCurvatures(ReadOnlySpan<float> scores, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, Span<float> curvatures)
        => throw new NotSupportedException();

    /// <summary>What the loss of a row with this label is multiplied with, on top of its example weight.</summary>
    double ClassWeight(float label);
}

using System.Numerics.Tensors;

namespace FocalMlNet.Optimization;

/// <summary>
/// What is minimised: a weighted sum over rows of a function of the row's scores and its label. All the solver knows of a loss.
/// </summary>
/// <remarks>
/// Scores, slopes and curvatures of n rows lie output after output: those of output 0 for all rows, then those of output 1. Labels are
/// whole numbers from 0; what they stand for is the objective's own matter.
/// </remarks>
internal interface IObjective
{
    /// <summary>Scores that a row has.</summary>
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
    /// + l in the order of outputs, or what is nearest to them and positive semidefinite.
    /// </summary>
    void JointCurvatures(ReadOnlySpan<float> scores, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, Span<float> curvatures)
        => throw new NotSupportedException();

    /// <summary>Numbers of a row from which its second derivatives follow.</summary>
    int CurvatureFactorCount => OutputCount;

    /// <summary>The numbers from which the rows' second derivatives follow, those below 0 left out, in the order of scores.</summary>
    void CurvatureFactors(ReadOnlySpan<float> scores, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, Span<float> factors)
    {
        Curvatures(scores, labels, weights, factors);
        TensorPrimitives.Max(factors, 0, factors);
    }

    /// <summary>Replaces changes of the rows' scores by what their second derivatives make of them: the changes of the slopes.</summary>
    void ApplyCurvature(ReadOnlySpan<float> factors, ReadOnlySpan<float> labels, Span<float> changes)
        => TensorPrimitives.Multiply(factors, changes, changes);

    /// <summary>The second derivatives with respect to each score alone.</summary>
    void OwnCurvatures(ReadOnlySpan<float> factors, ReadOnlySpan<float> labels, Span<float> curvatures) => factors.CopyTo(curvatures);

    /// <summary>
    /// The outputs that are best at a finite score where labels have these summed weights, ascending; null if all are. Of any other the
    /// loss falls for ever as its score does, so that it has no minimum, and is as good as left out where that is low.
    /// </summary>
    int[]? BoundedOutputs(IReadOnlyList<double> labelWeights) => null;

    /// <summary>
    /// The same for these outputs alone, for rows with the same labels: what is left of it, which is nowhere more than all of it. Null if
    /// there is no such thing.
    /// </summary>
    IObjective? OfOutputs(IReadOnlyList<int> outputs) => null;

    /// <summary>What is known of rows by their labels and weights.</summary>
    /// <param name="counts">How many rows have each label.</param>
    /// <param name="weights">Their summed example weight.</param>
    ILabelSummary Of(IReadOnlyList<long> counts, IReadOnlyList<double> weights);
}

/// <summary>What an objective can tell of some rows by their labels and example weights alone, without a pass over them.</summary>
internal interface ILabelSummary
{
    /// <summary>Number of rows.</summary>
    long RowCount { get; }

    /// <summary>Their summed example weight.</summary>
    double Weight { get; }

    /// <summary>What a row's loss is multiplied with on top of its example weight, on average by these.</summary>
    double MeanFactor { get; }

    /// <summary>The mean loss where all rows have the same scores.</summary>
    double MeanLoss(float[] scores);

    /// <summary>For each output the mean second derivative where all rows have the same scores, those below 0 as 0.</summary>
    double[] MeanCurvatures(float[] scores);

    /// <summary>
    /// For each label what the loss of a row with it and example weight 1 is multiplied with, in units of the mean over all rows.
    /// </summary>
    double[] RelativeWeights { get; }

    /// <summary>For each label how many times fewer rows have it than have a label on average, or 1.</summary>
    double[] Rarities { get; }

    /// <summary>The rarity of its label, summed over all rows.</summary>
    double TotalRarity { get; }

    /// <summary>
    /// Whether a few of the rows, so many of each label, tell as much of each output: with fewer than this number of a label, chance may.
    /// </summary>
    bool AreEnough(IReadOnlyList<long> few, int coordinatesOfAnOutput);
}

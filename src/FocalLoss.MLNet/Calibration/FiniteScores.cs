using System.Numerics.Tensors;

namespace FocalMlNet.Calibration;

/// <summary>
/// Refuses scores that are NaN or infinite. Finite weights and finite features can give them: sums of products may be beyond single
/// precision, as of 10 and 1e38, and the objective, where it sees such rows at all, is not always infinite with them.
/// </summary>
internal static class FiniteScores
{
    /// <exception cref="InvalidOperationException">A score is not finite.</exception>
    public static void Check(ReadOnlySpan<float> scores)
    {
        if (!scores.IsEmpty && !TensorPrimitives.IsFiniteAll(scores))
        {
            throw new InvalidOperationException(
                "A score is not finite: the features are too large for single precision. Normalise them first.");
        }
    }
}

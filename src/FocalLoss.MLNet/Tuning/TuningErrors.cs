using System.Numerics.Tensors;

namespace FocalMlNet.Tuning;

/// <summary>What may be wrong with what a candidate predicts.</summary>
internal static class TuningErrors
{
    public static InvalidOperationException OtherRows(int expected)
        => new($"The candidate gives another number of rows than the {expected} that it was to score.");

    public static InvalidOperationException NoProbabilities(string metric, string where)
        => new($"{metric} needs probabilities, but the candidate does not have {where}.");

    public static void CheckScores(ReadOnlySpan<float> scores)
    {
        if (!TensorPrimitives.IsFiniteAll(scores))
            throw new InvalidOperationException("A score is NaN or infinite.");
    }
}

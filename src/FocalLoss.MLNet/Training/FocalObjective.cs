using System.Runtime.CompilerServices;

namespace FocalMlNet.Training;

/// <summary>The focal loss with class weights as the solver sees it.</summary>
/// <param name="loss">The loss.</param>
/// <param name="positiveWeight">Class weight of the positives, on top of the loss's alpha.</param>
/// <param name="negativeWeight">Class weight of the negatives.</param>
internal sealed class FocalObjective(FocalLoss loss, double positiveWeight, double negativeWeight) : IClassObjective
{
    private readonly BinaryFocal.Spans _weighted = new(
        loss.Gamma, loss.Gamma, positiveWeight * loss.Weights.Positive, negativeWeight * loss.Weights.Negative);

    public int OutputCount => 1;

    public double TailRate => 1 + loss.Gamma;

    /// <summary>The class probability of a score that minimises the loss.</summary>
    public FocalPosterior Posterior => FocalPosterior.WithClassWeights(loss.Gamma, ClassWeight(1), ClassWeight(0));

    /// <summary>The score that minimises the loss if every row gets the same one.</summary>
    /// <param name="positives">The summed example weight of the positives, above 0.</param>
    /// <param name="negatives">The summed example weight of the negatives, above 0.</param>
    public double BestConstantScore(double positives, double negatives)
        => loss.BestConstantScore(positives * positiveWeight, negatives * negativeWeight);

    public double Evaluate(ReadOnlySpan<float> scores, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, Span<float> slopes)
        => _weighted.SumAndDerivatives(scores, labels, weights, slopes);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Curvatures(ReadOnlySpan<float> scores, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, Span<float> curvatures)
    {
        loss.Spans.SecondDerivatives(scores, labels, curvatures);
        for (var i = 0; i < curvatures.Length; i++)
            curvatures[i] = (float)(weights[i] * (labels[i] > 0 ? positiveWeight : negativeWeight) * curvatures[i]);
    }

    public double ClassWeight(float label)
        => label > 0 ? positiveWeight * loss.Weights.Positive : negativeWeight * loss.Weights.Negative;
}

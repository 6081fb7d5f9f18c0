namespace FocalMlNet.Training;

/// <summary>The focal loss with class weights as the solver sees it.</summary>
/// <param name="loss">The loss.</param>
/// <param name="positiveWeight">Class weight of the positives, on top of the loss's alpha.</param>
/// <param name="negativeWeight">Class weight of the negatives.</param>
internal sealed class FocalObjective(FocalLoss loss, double positiveWeight, double negativeWeight) : IClassObjective
{
    private readonly BinaryFocalBatch _batch = new(
        loss.Gamma, loss.Gamma, positiveWeight * (loss.Alpha ?? 1), negativeWeight * (1 - loss.Alpha ?? 1), smoothing: 0);

    public int OutputCount => 1;

    public double TailRate => 1 + loss.Gamma;

    /// <summary>The class probability of a score that minimises the loss.</summary>
    public FocalPosterior Posterior => new(loss.Gamma, ClassWeight(0), ClassWeight(1));

    /// <summary>The score that minimises the loss if every row gets the same one.</summary>
    /// <param name="positives">The summed example weight of the positives, above 0.</param>
    /// <param name="negatives">The summed example weight of the negatives, above 0.</param>
    public double BestConstantScore(double positives, double negatives)
        => loss.BestConstantScore(positives * positiveWeight, negatives * negativeWeight);

    public double Evaluate(ReadOnlySpan<float> scores, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, Span<float> slopes)
        => _batch.SumAndDerivatives(scores, labels, weights, slopes);

    public void Curvatures(ReadOnlySpan<float> scores, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, Span<float> curvatures)
    {
        for (var i = 0; i < scores.Length; i++)
            curvatures[i] = (float)(
                weights[i] * (labels[i] > 0 ? positiveWeight : negativeWeight) * loss.SecondDerivative(scores[i], labels[i]));
    }

    public double ClassWeight(float label) => label > 0 ? positiveWeight * (loss.Alpha ?? 1) : negativeWeight * (1 - loss.Alpha ?? 1);
}

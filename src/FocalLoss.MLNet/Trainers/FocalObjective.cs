using FocalMlNet.Optimization;

namespace FocalMlNet.Trainers;

/// <summary>The weighted mean focal loss over the rows of the training data, as a function of their scores.</summary>
internal sealed class FocalObjective : IObjective
{
    private readonly FocalLoss _loss;
    private readonly bool[] _labels;
    private readonly float[] _weights;

    /// <param name="loss">The loss.</param>
    /// <param name="labels">True for the positive class.</param>
    /// <param name="exampleWeights">Example weights, not all zero. The mean is taken with them.</param>
    /// <param name="positiveWeight">Class weight of the positives: a factor of their loss.</param>
    /// <param name="negativeWeight">Class weight of the negatives.</param>
    public FocalObjective(FocalLoss loss, bool[] labels, float[] exampleWeights, double positiveWeight, double negativeWeight)
    {
        _loss = loss;
        _labels = labels;
        _weights = new float[labels.Length];
        var total = exampleWeights.Sum(w => (double)w);
        for (var i = 0; i < labels.Length; i++)
            _weights[i] = (float)(exampleWeights[i] / total * (labels[i] ? positiveWeight : negativeWeight));
    }

    public ReadOnlySpan<float> RowWeights => _weights;

    public void Derivatives(ReadOnlySpan<int> rows, ReadOnlySpan<float> scores, Span<float> derivatives)
    {
        for (var i = 0; i < rows.Length; i++)
            derivatives[i] = _loss.Derivative(scores[i], Label(rows[i]));
    }

    public double Loss(ReadOnlySpan<float> scores)
    {
        double sum = 0;
        for (var i = 0; i < scores.Length; i++)
            sum += _weights[i] * _loss.Loss(scores[i], Label(i));
        return sum;
    }

    private float Label(int row) => _labels[row] ? 1 : 0;
}

namespace FocalMlNet.Calibration;

/// <summary>
/// Scores in bounded memory, however many there are: the weight and the mean of those that share sign, exponent and the first bits of the fraction. A bin is at
/// most 1/512 of its score wide. As it keeps the mean, the error of a smooth sum is of second order in that: for the scores a focal loss
/// gives the mean probability is right to about 1e-5 of itself.
/// </summary>
internal sealed class ScoreHistogram
{
    /// <summary>Bits of a float that are left away: 9 of the fraction's 23 stay.</summary>
    private const int Dropped = 14;

    private readonly double[] _weights = new double[1 << (32 - Dropped)];
    private readonly double[] _sums = new double[1 << (32 - Dropped)];

    /// <summary>Takes scores and the weight of each. The result depends on the order only by rounding.</summary>
    public void Add(ReadOnlySpan<float> scores, ReadOnlySpan<float> weights)
    {
        for (var i = 0; i < scores.Length; i++)
        {
            var bin = BitConverter.SingleToUInt32Bits(scores[i]) >> Dropped;
            _weights[bin] += weights[i];
            _sums[bin] += weights[i] * (double)scores[i];
        }
    }

    /// <summary>A point for each bin with a weight above 0.</summary>
    /// <exception cref="InvalidOperationException">A score of an example with weight is NaN or infinite.</exception>
    public ScorePoints ToPoints()
    {
        var used = Enumerable.Range(0, _weights.Length).Where(bin => _weights[bin] > 0 || double.IsNaN(_sums[bin])).ToArray();
        double[] scores = [.. used.Select(bin => _sums[bin] / _weights[bin])];
        if (!Array.TrueForAll(scores, double.IsFinite))
            throw new InvalidOperationException("A score of a training row is not finite: the features are too large for single precision. Normalise them first.");
        return new(scores, [.. used.Select(bin => _weights[bin])]);
    }
}

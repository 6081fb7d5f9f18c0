using System.Numerics.Tensors;
using System.Runtime.CompilerServices;

namespace FocalMlNet.Calibration;

/// <summary>
/// Scores in bounded memory, however many there are: the weight and the mean of those that share a bin. The bin of a score z has the sign
/// of z, and the exponent and the first bits of the fraction of |z| + 1 as a float, so it is at most (|z| + 1) / 512 wide; beyond ±1023,
/// where a score is certain whatever it is, there is one for all. As a bin keeps its mean, the error of a smooth sum is of second order in
/// its width: for the scores a focal loss gives the mean probability is right to a few 1e-5 of itself.
/// </summary>
internal sealed class ScoreHistogram
{
    /// <summary>Bits of a float that are left away: 9 of the fraction's 23 stay.</summary>
    private const int Dropped = 14;
    private const uint PositiveBits = 0x7FFFFFFF;
    private const uint BitsOfOne = 0x3F800000;

    /// <summary>Powers of two that have bins of their own.</summary>
    private const int Octaves = 10;

    /// <summary>Bins of one sign, the last one for all that is larger.</summary>
    private const int Half = (Octaves << (23 - Dropped)) + 1;

    private readonly double[] _weights = new double[2 * Half];
    private readonly double[] _sums = new double[2 * Half];

    /// <summary>Takes scores and the weight of each. The result depends on the order only by rounding.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Add(ReadOnlySpan<float> scores, ReadOnlySpan<float> weights)
    {
        for (var i = 0; i < scores.Length; i++)
        {
            var place = Math.Min((int)(((BitConverter.SingleToUInt32Bits(Math.Abs(scores[i]) + 1) & PositiveBits) - BitsOfOne) >> Dropped),
                Half - 1);
            var bin = scores[i] < 0 ? Half + place : place;
            _weights[bin] += weights[i];
            _sums[bin] += weights[i] * (double)scores[i];
        }
    }

    /// <summary>Takes all that another one has.</summary>
    public void Add(ScoreHistogram other)
    {
        TensorPrimitives.Add<double>(_weights, other._weights, _weights);
        TensorPrimitives.Add<double>(_sums, other._sums, _sums);
    }

    /// <summary>A point for each bin with a weight above 0.</summary>
    public ScorePoints ToPoints()
    {
        var used = Enumerable.Range(0, _weights.Length).Where(bin => _weights[bin] > 0).ToArray();
        return new([.. used.Select(bin => _sums[bin] / _weights[bin])], [.. used.Select(bin => _weights[bin])]);
    }
}

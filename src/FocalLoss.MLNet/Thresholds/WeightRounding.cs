namespace FocalMlNet.Thresholds;

/// <summary>What rounding can make of sums of example weights, and comparisons that do not mind it.</summary>
internal static class WeightRounding
{
    /// <summary>Relative error of a weight that was rounded to a Single.</summary>
    private const double OfSingle = 1.0 / (1 << 24);

    /// <summary>Many times that of a few operations in double precision.</summary>
    private const double OfArithmetic = 1e-14;

    /// <summary>From here on not every whole number is a Single.</summary>
    private const float LargestExact = 1 << 24;

    /// <summary>The relative error that sums of these weights may have: whole numbers are what they were meant to be.</summary>
    public static double OfSums(ReadOnlySpan<float> weights)
    {
        foreach (var weight in weights)
        {
            if (weight >= LargestExact || weight != MathF.Floor(weight))
                return OfSingle;
        }

        return OfArithmetic;
    }

    /// <summary>
    /// Whether part / (part + rest) is above a target (1), below it (-1) or, but for rounding errors of the two numbers, the target (0). It
    /// is 1, and 0, without a rest, and without a part, only.
    /// </summary>
    public static int CompareShare(double part, double rest, double target, double rounding)
    {
        var (excess, lack) = ((1 - target) * part, target * rest);
        var difference = excess - lack;
        return Math.Abs(difference) <= rounding * (excess + lack) ? 0 : Math.Sign(difference);
    }
}

namespace FocalMlNet.Evaluation;

/// <summary>Bins of rows of similar probability: <see cref="CalibrationBinning"/> says which.</summary>
/// <param name="Count">The number of bins.</param>
/// <param name="OfRow">The bin of each row.</param>
internal sealed record CalibrationBins(int Count, int[] OfRow)
{
    public static CalibrationBins Of(float[] probabilities, CalibrationBinning binning, int count)
    {
        // All upper ends but the last, which no probability is above.
        var ends = binning == CalibrationBinning.EqualWidth ? EqualWidth(count) : EqualMass(probabilities, count);
        return new CalibrationBins(count, Array.ConvertAll(probabilities, p => EndsBelow(ends, p)));
    }

    /// <summary>One point for each bin that has rows.</summary>
    public static IReadOnlyList<ReliabilityPoint> Curve(BinSums[] sums)
    {
        var total = sums.Sum(s => s.Weight);
        return [.. sums.Where(s => s.Weight > 0)
            .Select(s => new ReliabilityPoint(s.Probability / s.Weight, s.Positives / s.Weight, s.Weight / total))];
    }

    private static double[] EqualWidth(int count) => [.. Enumerable.Range(1, count - 1).Select(b => b * (1.0 / count))];

    private static double[] EqualMass(float[] probabilities, int count)
    {
        float[] sorted = [.. probabilities];
        Array.Sort(sorted);
        return [.. Enumerable.Range(1, count - 1).Select(b => (double)sorted[(int)((long)b * (sorted.Length - 1) / count)])];
    }

    /// <summary>How many of the ends are below a probability.</summary>
    private static int EndsBelow(double[] ends, double probability)
    {
        int low = 0, high = ends.Length;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (ends[middle] < probability)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}

/// <summary>The weight of the rows of a bin, of the positives among them, and their weighted probabilities.</summary>
internal struct BinSums
{
    public double Weight, Positives, Probability;

    /// <summary>By how much the summed probabilities are off the positives.</summary>
    public readonly double Error => Math.Abs(Probability - Positives);

    /// <summary>Σ over the bins |deviation in the one - deviation in the other|, where a deviation is a share of all rows.</summary>
    public static double Distance(BinSums[] bins, BinSums[] others)
    {
        var (total, ofOthers) = (bins.Sum(bin => bin.Weight), others.Sum(bin => bin.Weight));
        return bins.Zip(others, (a, b) => Math.Abs((a.Probability - a.Positives) / total - (b.Probability - b.Positives) / ofOthers)).Sum();
    }

    public void Add(double weight, double probability, bool isPositive)
    {
        Weight += weight;
        Positives += weight * (isPositive ? 1 : 0);
        Probability += weight * probability;
    }
}

namespace FocalMlNet.Evaluation;

/// <summary>
/// The bootstrap (Efron and Tibshirani, "An Introduction to the Bootstrap", 1993): figures of rows that are drawn with replacement
/// (<see cref="RowResampling"/>), of which their standard errors are taken.
/// </summary>
internal static class Bootstrap
{
    /// <summary>Gives the values of all figures if each row counts as often as told.</summary>
    public delegate double[] Statistic(ReadOnlySpan<byte> repeats);

    /// <summary>The figures of each resample, the same on any number of threads.</summary>
    /// <param name="classes">The class of each row.</param>
    /// <param name="classCount">The number of classes.</param>
    /// <param name="statistic">Computes the figures.</param>
    /// <param name="options">How many resamples, at least 2, on how many threads.</param>
    public static double[][] Values(int[] classes, int classCount, Statistic statistic, EvaluationOptions options)
    {
        var resampling = new RowResampling(classes, classCount);
        var values = new double[options.BootstrapResamples][];
        Parallel.For(0, values.Length, options.Parallel, () => new byte[classes.Length], (r, _, repeats) =>
        {
            resampling.Draw(options.Seed ?? 0, r, repeats);
            values[r] = statistic(repeats);
            return repeats;
        }, _ => { });
        return values;
    }

    /// <summary>The variance of a figure over the resamples; NaN if it is NaN in one.</summary>
    public static double Variance(double[][] values, Func<double[], double> figure)
    {
        // About the first value: of what is the same in all resamples nothing is left, whatever the rounding of a mean.
        var origin = figure(values[0]);
        double sum = 0, squares = 0;
        foreach (var ofResample in values)
        {
            var distance = figure(ofResample) - origin;
            sum += distance;
            squares += distance * distance;
        }

        return Math.Max(squares - sum * (sum / values.Length), 0) / (values.Length - 1);
    }

    /// <summary>The value of a figure that a share q of the resamples do not exceed, on the line between the neighbours.</summary>
    public static double Quantile(double[][] values, Func<double[], double> figure, double q)
    {
        var sorted = Array.ConvertAll(values, ofResample => figure(ofResample));
        Array.Sort(sorted);
        var place = q * (sorted.Length - 1);
        var below = (int)place;
        if (below + 1 >= sorted.Length)
            return sorted[^1];
        // Not a (1 - t) + b t: of two equal numbers that may be another one.
        var (low, high) = (sorted[below], sorted[below + 1]);
        return Math.Min(low + (place - below) * (high - low), high);
    }

    /// <summary>The interval of a figure.</summary>
    /// <exception cref="InvalidOperationException">There are no intervals.</exception>
    public static ConfidenceInterval IntervalOf(ConfidenceInterval[] intervals, int figure) => intervals.Length > 0 ? intervals[figure]
        : throw new InvalidOperationException("BootstrapResamples = 0, but it should be at least 2 for confidence intervals: see "
            + "EvaluationOptions.");
}

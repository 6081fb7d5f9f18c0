namespace FocalMlNet.Evaluation;

/// <summary>
/// Confidence intervals of shares by the binomial distribution: those of Clopper and Pearson ("The use of confidence or fiducial limits
/// illustrated in the case of the binomial", 1934), in which a row may count for more or less than one (Korn and Graubard, "Confidence
/// intervals for proportions with small expected number of positive counts estimated from survey data", 1998). They hold what they promise
/// for few rows, and at shares of 0 and 1.
/// </summary>
/// <param name="level">The confidence level, in (0; 1).</param>
internal readonly struct ShareInterval(double level)
{
    /// <summary>
    /// With so many rows of either kind the normal distribution gives the ends to a thousandth of their distance, and the beta function
    /// takes long.
    /// </summary>
    private const double ManyRows = 1e5;

    /// <summary>With more of the one kind than this, and few of the other, only the few matter.</summary>
    private const double MostOthers = 1e7;

    private readonly double _tail = (1 - level) / 2;

    /// <summary>The interval of a share of so many rows, which need not be a whole number; without rows it is [0; 1].</summary>
    public ConfidenceInterval Of(double share, double rows)
    {
        if (!(rows > 0))
            return double.IsNaN(rows) ? new(double.NaN, double.NaN) : new(0, 1);
        if (double.IsInfinity(rows))
            return new(share, share);
        var (hits, others) = (share * rows, (1 - share) * rows);
        if (hits > ManyRows && others > ManyRows)
        {
            var distance = Math.Sqrt(share / rows * (1 - share)) * Distributions.StudentTwoSidedQuantile(2 * _tail, ManyRows);
            return new(Math.Max(share - distance, 0), Math.Min(share + distance, 1));
        }

        var low = hits > 0 ? Quantile(hits, others + 1) : 0;
        var high = others > 0 ? 1 - Quantile(others, hits + 1) : 1;
        // Where the rows are many, the ends come as near to the share as the rounding of either.
        return new(Math.Min(low, share), Math.Max(high, share));
    }

    /// <summary>The interval of the share of some rows among these and others.</summary>
    public ConfidenceInterval Of(EffectiveRows some, EffectiveRows others)
        => Of(some.Weight > 0 ? some.Weight / (some.Weight + others.Weight) : 0, (some + others).Count);

    /// <summary>
    /// The interval of a figure with a least and a largest value: the share of the way that it has gone is taken for one of as many rows as
    /// have its variance.
    /// </summary>
    /// <param name="value">The figure.</param>
    /// <param name="variance">The square of its standard error.</param>
    /// <param name="least">The least value.</param>
    /// <param name="most">The largest value.</param>
    /// <param name="mostRows">
    /// The most rows it can be worth: for a figure at its best, which has no variance in any resample, there is nothing else to go by.
    /// </param>
    /// <param name="unseen">
    /// By how much one more row may raise the figure, of a kind that the data happens not to have. The upper end is that of the figure with
    /// this row (Fay and Feuer, "Confidence intervals for directly standardized rates: a method based on the gamma distribution", 1997).
    /// Null: a row that counts as much as those that are worth the variance.
    /// </param>
    public ConfidenceInterval OfVariance(
        double value, double variance, double least, double most, double mostRows = double.PositiveInfinity, double? unseen = null)
    {
        if (double.IsNaN(value))
            return new(value, value);
        var range = most - least;
        var (share, rows) = Worth(value, variance);
        var (low, high) = Of(share, rows);
        if (unseen is { } added)
        {
            var (more, worth) = Worth(Math.Min(value + added, most), variance + added * added);
            var (hits, others) = (more * worth, (1 - more) * worth);
            high = hits > ManyRows && others > ManyRows ? Of(more, worth).High
                : others > 0 && hits > 0 ? 1 - Quantile(others, hits) : more;
        }

        return new(Math.Min(least + range * low, value), Math.Max(least + range * high, value));

        (double Share, double Rows) Worth(double figure, double itsVariance)
        {
            var way = Math.Clamp((figure - least) / range, 0, 1);
            // Of 0 / 0 the most is known.
            return (way, way * (1 - way) * range * range / itsVariance is var n && n < mostRows ? n : mostRows);
        }
    }

    /// <summary>
    /// The interval of a mean of independent figures, of their intervals (Zou and Donner, "Construction of confidence limits about effect
    /// measures: a general approach", 2008).
    /// </summary>
    public static ConfidenceInterval OfMean(IReadOnlyCollection<(double Value, ConfidenceInterval Interval)> figures)
    {
        double sum = 0, below = 0, above = 0;
        foreach (var (value, (low, high)) in figures)
        {
            sum += value;
            below += (value - low) * (value - low);
            above += (high - value) * (high - value);
        }

        return new((sum - Math.Sqrt(below)) / figures.Count, (sum + Math.Sqrt(above)) / figures.Count);
    }

    /// <summary>The same for the product of two shares.</summary>
    public static ConfidenceInterval OfProduct((double Value, ConfidenceInterval Interval) a, (double Value, ConfidenceInterval Interval) b)
    {
        var product = a.Value * b.Value;
        return new(
            Math.Max(product - Distance(a.Value - a.Interval.Low, b.Value - b.Interval.Low), 0),
            Math.Min(product + Distance(a.Interval.High - a.Value, b.Interval.High - b.Value), 1));

        double Distance(double ofA, double ofB) => Math.Sqrt(ofA * b.Value * ofA * b.Value + a.Value * ofB * a.Value * ofB);
    }

    /// <summary>The lower end of a beta variable.</summary>
    private double Quantile(double a, double b)
    {
        // Odds are in proportion to a / b: those of a smaller number of many rows are moved.
        var (fewerA, fewerB) = (Math.Min(a, MostOthers), Math.Min(b, MostOthers));
        var x = Distributions.BetaQuantile(fewerA, fewerB, _tail);
        return a == fewerA && b == fewerB ? x : x * (a / fewerA) / (x * (a / fewerA) + (1 - x) * (b / fewerB));
    }
}

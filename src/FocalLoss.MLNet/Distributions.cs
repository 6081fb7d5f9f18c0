namespace FocalMlNet;

/// <summary>The distribution functions that intervals and tests need, each a form of the regularised incomplete beta function.</summary>
internal static class Distributions
{
    /// <summary>From here on Stirling's series with four terms has all digits of a double.</summary>
    private const double LargeForStirling = 16;

    /// <summary>Two steps of a double at 1: a product that is rounded need not come nearer.</summary>
    private const double Epsilon = 4.5e-16;

    /// <summary>
    /// I_x(a, b) = ∫₀ˣ t^(a-1) (1-t)^(b-1) dt / B(a, b): the probability that a beta variable is at most x. Relative error about 1e-13.
    /// </summary>
    /// <param name="a">Above 0.</param>
    /// <param name="b">Above 0.</param>
    /// <param name="x">In [0; 1].</param>
    public static double RegularizedBeta(double a, double b, double x) => RegularizedBeta(a, b, x, 1 - x);

    /// <summary>The x with I_x(a, b) = <paramref name="probability"/>.</summary>
    /// <param name="a">Above 0.</param>
    /// <param name="b">Above 0.</param>
    /// <param name="probability">In (0; 1).</param>
    public static double BetaQuantile(double a, double b, double probability)
    {
        const double Least = 1e-100;
        bool IsBelow(double x) => RegularizedBeta(a, b, x) < probability;
        double low = a / (a + b), high = 1;
        while (!IsBelow(low))
        {
            if (low < Least)
                return 0;
            (low, high) = (low / 16, low);
        }

        return Bisection.Find(low, high, from => 1e-15 * from, IsBelow);
    }

    /// <summary>P(|T| ≥ |t|) of Student's t: the p value of a two-sided test.</summary>
    /// <param name="t">Finite or infinite; NaN gives NaN.</param>
    /// <param name="degreesOfFreedom">ν, above 0.</param>
    public static double StudentTwoSided(double t, double degreesOfFreedom)
    {
        if (double.IsNaN(t) || double.IsInfinity(t))
            return double.IsNaN(t) ? t : 0;
        // x = ν / (ν + t²), with 1 - x by itself: for a small t nothing would be left of it.
        var ratio = t / Math.Sqrt(degreesOfFreedom);
        return RegularizedBeta(degreesOfFreedom / 2, .5, 1 / (1 + ratio * ratio), 1 / (1 + 1 / (ratio * ratio)));
    }

    /// <summary>The t above 0 with P(|T| ≥ t) = <paramref name="probability"/>.</summary>
    /// <param name="probability">In (0; 1].</param>
    /// <param name="degreesOfFreedom">ν, above 0.</param>
    public static double StudentTwoSidedQuantile(double probability, double degreesOfFreedom)
    {
        var high = 1.0;
        while (StudentTwoSided(high, degreesOfFreedom) > probability && high < 1e300)
            high *= 2;
        return Bisection.Find(0, high, low => 1e-15 * low, t => StudentTwoSided(t, degreesOfFreedom) > probability);
    }

    private static double RegularizedBeta(double a, double b, double x, double y)
    {
        if (x <= 0 || y <= 0)
            return x <= 0 ? 0 : 1;
        // The fraction converges fast below the mean; above it, the other tail is small, and is taken from 1.
        return x <= (a + 1) / (a + b + 2) ? Density(a, b, x, y) * Fraction(a, b, x) / a : 1 - Density(b, a, y, x) * Fraction(b, a, y) / b;
    }

    /// <summary>
    /// x^a y^b / B(a, b), by way of deviances, as the logarithms of gamma functions would cancel most of their digits for large a and b
    /// (Loader, "Fast and accurate computation of binomial probabilities", 2000).
    /// </summary>
    private static double Density(double a, double b, double x, double y)
    {
        var n = a + b;
        var exponent = StirlingError(n) - StirlingError(a) - StirlingError(b) - Deviance(a, n * x) - Deviance(b, n * y);
        return Math.Sqrt(a / n * b / (2 * Math.PI)) * Math.Exp(exponent);
    }

    /// <summary>k ln(k / m) + m - k.</summary>
    private static double Deviance(double k, double m)
    {
        // With v = (k - m) / (k + m): k ln(k / m) = 2 k (v + v³/3 + v⁵/5 + ...), and k - m = v (k + m).
        var v = (k - m) / (k + m);
        if (Math.Abs(v) > .1)
            return k * Math.Log(k / m) + m - k;
        double sum = (k - m) * v, term = 2 * k * v;
        for (var j = 3; ; j += 2)
        {
            term *= v * v;
            var next = sum + term / j;
            if (next == sum)
                return sum;
            sum = next;
        }
    }

    /// <summary>ln Γ(z) - [(z - ½) ln z - z + ½ ln 2π]: what Stirling's formula is off by.</summary>
    private static double StirlingError(double z)
    {
        double sum = 0;
        for (; z < LargeForStirling; z++)
            sum += (z + .5) * Math.Log((z + 1) / z) - 1;
        var s = 1 / (z * z);
        return sum + (1.0 / 12 - s * (1.0 / 360 - s * (1.0 / 1260 - s * (1.0 / 1680 - s / 1188)))) / z;
    }

    /// <summary>
    /// The continued fraction of the incomplete beta function (Abramowitz and Stegun 26.5.8) by the modified method of Lentz. Between the
    /// mean and the ends it takes about √max(a, b) terms.
    /// </summary>
    private static double Fraction(double a, double b, double x)
    {
        const double Tiny = 1e-300;
        double c = 1, d = 1 / NotZero(1 - (a + b) * x / (a + 1)), value = d;
        for (var m = 1; m < 100_000; m++)
        {
            Step(m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)));
            var factor = Step(-(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)));
            if (Math.Abs(factor - 1) <= Epsilon)
                break;
        }

        return value;

        double Step(double coefficient)
        {
            d = 1 / NotZero(1 + coefficient * d);
            c = NotZero(1 + coefficient / c);
            value *= c * d;
            return c * d;
        }

        static double NotZero(double u) => Math.Abs(u) < Tiny ? Tiny : u;
    }
}

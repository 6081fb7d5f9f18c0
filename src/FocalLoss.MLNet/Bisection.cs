namespace FocalMlNet;

/// <summary>Finds where a condition ceases to hold by halving an interval.</summary>
internal static class Bisection
{
    /// <summary>The middle of what is left of an interval when it is short enough, or no number lies between its ends.</summary>
    /// <param name="low">Here the condition holds, or nowhere.</param>
    /// <param name="high">Here it does not hold, or everywhere.</param>
    /// <param name="tolerance">How long an interval with this lower end may be in the end.</param>
    /// <param name="holds">The condition: from some point on it does not hold.</param>
    public static double Find(double low, double high, Func<double, double> tolerance, Func<double, bool> holds)
    {
        while (high - low > tolerance(low))
        {
            var middle = (low + high) / 2;
            if (middle <= low || middle >= high)
                break;
            if (holds(middle))
                low = middle;
            else
                high = middle;
        }

        return (low + high) / 2;
    }

    /// <summary>A tolerance in proportion to the number that is looked for; below 1 it is that of 1.</summary>
    public static Func<double, double> Relative(double tolerance) => low => tolerance * Math.Max(1, Math.Abs(low));
}

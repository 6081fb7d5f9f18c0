namespace FocalMlNet.Report.Tests.Page;

/// <summary>
/// The intervals of the page, written again in another way: exact limits by sums of binomial probabilities, and the sum of shares by Zou
/// and Donner ("Construction of confidence limits about effect measures: a general approach", 2008) with the correlations of a multinomial.
/// </summary>
internal static class CostIntervals
{
    private static readonly Dictionary<(int, int), (double Low, double High)> Known = [];

    /// <summary>Limits of Clopper and Pearson at 95 % for k of n.</summary>
    public static (double Low, double High) Exact(int k, int n)
    {
        lock (Known)
        {
            if (!Known.TryGetValue((k, n), out var limits))
            {
                limits = (k == 0 ? 0 : Solve(p => 1 - AtMost(k - 1, n, p) - .025), k == n ? 1 : Solve(p => .025 - AtMost(k, n, p)));
                Known.Add((k, n), limits);
            }

            return limits;
        }

        // Where a function that grows is 0.
        static double Solve(Func<double, double> function)
        {
            double low = 0, high = 1;
            for (var i = 0; i < 60; i++)
            {
                var middle = (low + high) / 2;
                (low, high) = function(middle) < 0 ? (middle, high) : (low, middle);
            }

            return (low + high) / 2;
        }
    }

    /// <summary>The interval of what 1,000 rows cost, of counts that add up to the rows and the cost of each.</summary>
    public static (double Value, double Low, double High) Of(int[] counts, double[] costs)
    {
        var n = counts.Sum();
        var largest = Array.IndexOf(counts, counts.Max());
        var others = Enumerable.Range(0, counts.Length).Where(i => i != largest).ToArray();
        double Share(int i) => counts[i] / (double)n;
        double Factor(int i) => 1000 * (costs[i] - costs[largest]);
        var value = 1000 * costs[largest] + others.Sum(i => Factor(i) * Share(i));
        return (value, value - Distance(upper: false), value + Distance(upper: true));

        double Distance(bool upper)
        {
            var sum = 0.0;
            foreach (var i in others)
            {
                foreach (var j in others)
                    sum += Correlation(i, j) * Way(i, upper) * Way(j, upper);
            }

            return Math.Sqrt(Math.Max(sum, 0));
        }

        // From the value to the end, with the sign of the change of the share.
        double Way(int i, bool upper)
        {
            var (low, high) = Exact(counts[i], n);
            var end = Factor(i) > 0 == upper ? high : low;
            return Math.Abs(Factor(i)) * (end - Share(i)) * (Factor(i) > 0 == upper ? 1 : -1) * Math.Sign(Factor(i));
        }

        double Correlation(int i, int j)
            => i == j ? 1 : -Math.Sqrt(Share(i) * Share(j) / ((1 - Share(i)) * (1 - Share(j))));
    }

    private static double AtMost(int k, int n, double p)
    {
        // Each probability follows from the one before; in logarithms, as the first may be too small for a number.
        double log = n * Math.Log(1 - p), odds = Math.Log(p / (1 - p)), sum = 0;
        for (var i = 0; i <= k; i++)
        {
            sum += Math.Exp(log);
            log += odds + Math.Log((n - i) / (i + 1.0));
        }

        return Math.Min(sum, 1);
    }
}

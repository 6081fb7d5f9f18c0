using FocalMlNet.Splits;

namespace FocalMlNet.Evaluation;

/// <summary>
/// The percentile bootstrap (Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13), stratified: each resample draws
/// as many rows of a class with replacement as there are. A resample has random numbers of its own, so that the result does not depend on
/// threads.
/// </summary>
internal static class Bootstrap
{
    /// <summary>Gives the values of all figures if each row counts as often as told.</summary>
    public delegate double[] Statistic(ReadOnlySpan<int> repeats);

    /// <summary>An interval for each figure.</summary>
    /// <param name="classes">The class of each row.</param>
    /// <param name="classCount">The number of classes.</param>
    /// <param name="statistic">Computes the figures.</param>
    /// <param name="options">How many resamples, on how many threads.</param>
    public static ConfidenceInterval[] Intervals(int[] classes, int classCount, Statistic statistic, EvaluationOptions options)
    {
        // Where each row is if the rows of a class lie together.
        var groups = new RowGroups(classes, classCount);
        var places = new int[classes.Length];
        for (var place = 0; place < places.Length; place++)
            places[groups.Rows[place]] = place;

        var resamples = new double[options.BootstrapResamples][];
        Parallel.For(0, resamples.Length, options.Parallel, () => (OfClass: new int[classes.Length], OfRow: new int[classes.Length]),
            (r, _, repeats) =>
        {
            var random = new SplitMix(((ulong)(uint)(options.Seed ?? 0) << 32) | (uint)r);
            // Counted where the rows of a class lie together, then brought into the order of the rows.
            Array.Clear(repeats.OfClass);
            for (var k = 0; k < classCount; k++)
                Draw(ref random, repeats.OfClass.AsSpan(groups.Range(k)));
            for (var i = 0; i < places.Length; i++)
                repeats.OfRow[i] = repeats.OfClass[places[i]];
            resamples[r] = statistic(repeats.OfRow);
            return repeats;
        }, _ => { });

        return [.. Enumerable.Range(0, resamples[0].Length).Select(figure =>
        {
            var values = Array.ConvertAll(resamples, r => r[figure]);
            Array.Sort(values);
            return new ConfidenceInterval(
                Quantile(values, (1 - options.ConfidenceLevel) / 2), Quantile(values, (1 + options.ConfidenceLevel) / 2));
        })];
    }

    /// <summary>The interval of a figure.</summary>
    /// <exception cref="InvalidOperationException">There are no intervals.</exception>
    public static ConfidenceInterval IntervalOf(ConfidenceInterval[] intervals, int figure) => intervals.Length > 0 ? intervals[figure]
        : throw new InvalidOperationException("BootstrapResamples = 0, but it should be at least 1 for confidence intervals: see "
            + "EvaluationOptions.");

    /// <summary>Draws as many rows as there are, and counts how often each comes.</summary>
    private static void Draw(ref SplitMix random, Span<int> repeats)
    {
        for (var i = 0; i < repeats.Length; i++)
            repeats[random.Next(repeats.Length)]++;
    }

    /// <summary>The value at place q (n - 1) of n sorted ones, counted from 0, on the line between the neighbours.</summary>
    private static double Quantile(double[] sorted, double q)
    {
        var place = q * (sorted.Length - 1);
        var below = (int)place;
        if (below + 1 >= sorted.Length)
            return sorted[^1];
        // Not a (1 - t) + b t: of two equal numbers that may be another one, and the lower end of an interval above the upper.
        var (low, high) = (sorted[below], sorted[below + 1]);
        return Math.Min(low + (place - below) * (high - low), high);
    }

    /// <summary>Small and fast random numbers (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).</summary>
    private struct SplitMix(ulong seed)
    {
        private ulong _state = Mix(seed);

        /// <summary>A number in [0; count).</summary>
        public int Next(int count)
        {
            _state += 0x9E3779B97F4A7C15;
            return (int)Math.BigMul(Mix(_state), (ulong)count, out _);
        }

        private static ulong Mix(ulong z)
        {
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }
}

namespace FocalMlNet.Evaluation;

/// <summary>
/// The percentile bootstrap (Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13), stratified: each resample draws as many rows of a class with
/// replacement as there are. A resample has random numbers of its own, so that the result does not depend on threads.
/// </summary>
internal static class Bootstrap
{
    /// <summary>Gives the values of all figures if each row counts as often as told.</summary>
    public delegate double[] Statistic(ReadOnlySpan<int> repeats);

    /// <summary>An interval for each figure.</summary>
    public static ConfidenceInterval[] Intervals(bool[] labels, Statistic statistic, EvaluationOptions options)
    {
        var positives = labels.Count(label => label);
        var resamples = new double[options.BootstrapResamples][];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.NumberOfThreads ?? Environment.ProcessorCount };
        Parallel.For(0, resamples.Length, parallel, () => (OfClass: new int[labels.Length], OfRow: new int[labels.Length]), (r, _, repeats) =>
        {
            var random = new SplitMix(((ulong)(uint)options.Seed << 32) | (uint)r);
            // First those of the positives, then those of the negatives: counted where they lie close together, then brought into the order of the rows.
            Array.Clear(repeats.OfClass);
            Draw(ref random, repeats.OfClass.AsSpan(0, positives));
            Draw(ref random, repeats.OfClass.AsSpan(positives));
            var (positive, negative) = (0, positives);
            for (var i = 0; i < labels.Length; i++)
                repeats.OfRow[i] = repeats.OfClass[labels[i] ? positive++ : negative++];
            resamples[r] = statistic(repeats.OfRow);
            return repeats;
        }, _ => { });

        return [.. Enumerable.Range(0, resamples[0].Length).Select(figure =>
        {
            var values = Array.ConvertAll(resamples, r => r[figure]);
            Array.Sort(values);
            return new ConfidenceInterval(Quantile(values, (1 - options.ConfidenceLevel) / 2), Quantile(values, (1 + options.ConfidenceLevel) / 2));
        })];
    }

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
        return below + 1 < sorted.Length ? double.Lerp(sorted[below], sorted[below + 1], place - below) : sorted[^1];
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

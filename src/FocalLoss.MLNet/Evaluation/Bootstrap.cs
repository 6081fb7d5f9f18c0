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
        int[][] classes = [RowsOf(labels, true), RowsOf(labels, false)];
        var resamples = new double[options.BootstrapResamples][];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.NumberOfThreads ?? Environment.ProcessorCount };
        Parallel.For(0, resamples.Length, parallel, () => new int[labels.Length], (r, _, repeats) =>
        {
            Array.Clear(repeats);
            var random = new SplitMix(((ulong)(uint)options.Seed << 32) | (uint)r);
            foreach (var rows in classes)
            {
                for (var i = 0; i < rows.Length; i++)
                    repeats[rows[random.Next(rows.Length)]]++;
            }

            resamples[r] = statistic(repeats);
            return repeats;
        }, _ => { });

        return [.. Enumerable.Range(0, resamples[0].Length).Select(figure =>
        {
            var values = Array.ConvertAll(resamples, r => r[figure]);
            Array.Sort(values);
            return new ConfidenceInterval(Quantile(values, (1 - options.ConfidenceLevel) / 2), Quantile(values, (1 + options.ConfidenceLevel) / 2));
        })];
    }

    private static int[] RowsOf(bool[] labels, bool label) => [.. Enumerable.Range(0, labels.Length).Where(i => labels[i] == label)];

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

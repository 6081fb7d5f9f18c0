namespace FocalMlNet.Optimization;

/// <summary>
/// Centre and unit of columns in which a few values lie far out. Mean and deviation are those of the far values then, and in them all
/// others are as good as equal: such a column gets the median and the median distance from it of some of its rows instead.
/// </summary>
internal static class RobustScale
{
    private const int MostRows = 512;

    private const int Bins = 64;

    /// <summary>A deviation this many times as large as the typical distance is that of far values.</summary>
    private const double FarDeviation = 8;

    /// <summary>The standard deviation of a normal distribution in median distances.</summary>
    private const double PerMedianDistance = 1.4826;

    /// <summary>Coordinates with another centre and unit of the columns with far values.</summary>
    /// <param name="scaling">Coordinates around the means, in units of the deviations.</param>
    /// <param name="rows">Rows to look at, in memory.</param>
    public static Scaling Corrected(Scaling scaling, RowMatrix rows)
    {
        var (chosen, mean, scale) = (rows.Spread(MostRows), scaling.Mean.ToArray(), scaling.Scale.ToArray());
        ParallelLoop.For(mean.Length, rows.Parallel, j =>
        {
            if (scale[j] == 0)
                return;
            double[] values = [.. chosen.Select(row => (double)row[j])];
            // Most columns have no far values: then half of the rows are nowhere that near to each other.
            var near = Math.Sqrt(2) / (FarDeviation * PerMedianDistance * scale[j]);
            if (!MayHoldHalf(values, mean[j], near))
                return;
            Array.Sort(values);
            var median = values[values.Length / 2];
            for (var i = 0; i < values.Length; i++)
                values[i] = Math.Abs(values[i] - median);
            Array.Sort(values);
            // Most values may be the median itself, as the zeros of a sparse column are: then the others tell the unit.
            var varied = values.AsSpan(values.AsSpan().LastIndexOf(0) + 1);
            if (varied.IsEmpty)
                return;
            var unit = PerMedianDistance * varied[varied.Length / 2] * Math.Sqrt((double)varied.Length / values.Length);
            if (1 / scale[j] <= FarDeviation * unit || !double.IsNormal((float)(1 / unit)))
                return;
            (mean[j], scale[j]) = (median, 1 / unit);
        });
        return new Scaling(mean, scale, scaling.OutputCount);
    }

    /// <summary>Whether half of some values may be within a distance of one of them; there need be no such one.</summary>
    private static bool MayHoldHalf(double[] values, double centre, double distance)
    {
        // What is so near to each other lies in a bin of twice the distance or in two neighbours; those far out share the last ones.
        Span<int> bins = stackalloc int[Bins];
        bins.Clear();
        foreach (var value in values)
            bins[(int)Math.Clamp(Math.Floor((value - centre) / (2 * distance)) + Bins / 2, 0, Bins - 1)]++;
        for (var b = 1; b < Bins; b++)
        {
            if (2 * (bins[b - 1] + bins[b]) >= values.Length)
                return true;
        }

        return false;
    }
}

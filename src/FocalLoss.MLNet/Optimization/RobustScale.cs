namespace FocalMlNet.Optimization;

/// <summary>
/// Centre and unit of columns in which a few values lie far out. Mean and deviation are those of the far values then, and in them all
/// others are as good as equal: such a column gets the median and the median distance from it of some of its rows instead.
/// </summary>
internal static class RobustScale
{
    private const int MostRows = 512;

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
            Array.Sort(values);
            var median = values[values.Length / 2];
            // Most columns have no far values: then half of the rows are not that near to the median.
            var near = Math.Sqrt(2) / (FarDeviation * PerMedianDistance * scale[j]);
            if (values[values.Length / 4] < median - near && values[values.Length - 1 - values.Length / 4] > median + near)
                return;
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
}


using System.Globalization;

namespace FocalMlNet.Bench;

/// <summary>The two data sets below data/: numbers, and the class in the last column.</summary>
internal static class RealData
{
    /// <summary>58,000 × 9, .29 % positives.</summary>
    public static DenseExample[] Shuttle() => Read("shuttle.csv", "Fpv.Open");

    /// <summary>9,822 × 85, 6.0 % positives.</summary>
    public static DenseExample[] Coil2000() => Read("coil2000.csv", "1");

    private static DenseExample[] Read(string file, string positive)
        => [.. File.ReadLines(Path.Combine(Results.RepositoryFolder(), "data", file)).Skip(1).Select(line => line.Split(','))
            .Select(cells => new DenseExample
        {
            Label = string.Equals(cells[^1], positive, StringComparison.Ordinal),
            Features = [.. cells[..^1].Select(cell => float.Parse(cell, CultureInfo.InvariantCulture))],
        })];
}

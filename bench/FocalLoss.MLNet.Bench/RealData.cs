using FocalMlNet.Data;

namespace FocalMlNet.Bench;

/// <summary>The two data sets below data/ that are numbers alone.</summary>
internal static class RealData
{
    /// <summary>58,000 × 9, .29 % positives.</summary>
    public static DenseExample[] Shuttle() => Read("shuttle.csv", DataFile.ShuttlePositive);

    /// <summary>9,822 × 85, 6.0 % positives.</summary>
    public static DenseExample[] Coil2000() => Read("coil2000.csv.gz", "1");

    /// <summary>The rows of a file, in its order.</summary>
    public static IEnumerable<(string Class, float[] Numbers)> Read(string file)
        => DataFile.Read(Path.Combine(Results.RepositoryFolder(), "data", file));

    private static DenseExample[] Read(string file, string positive) => [.. Read(file).Select(
        row => new DenseExample { Label = string.Equals(row.Class, positive, StringComparison.Ordinal), Features = row.Numbers })];
}

using System.Globalization;
using System.IO.Compression;

namespace FocalMlNet.Data;

/// <summary>
/// Reads the files of this folder that hold numbers, with the class in the last column; for the tests and the benchmarks.
/// </summary>
internal static class DataFile
{
    /// <summary>The classes of shuttle.csv by name; <see cref="ShuttlePositive"/> is the rare one, 171 of 58,000 rows.</summary>
    public static readonly string[] ShuttleClasses = ["Bpv.Close", "Bpv.Open", "Bypass", "Fpv.Close", "Fpv.Open", "High", "Rad.Flow"];

    public const string ShuttlePositive = "Fpv.Open";

    /// <summary>The rows in the order of the file.</summary>
    /// <param name="path">A file with a header line, compressed if its name ends so.</param>
    public static IEnumerable<(string Class, float[] Numbers)> Read(string path)
        => Lines(path).Skip(1).Select(line => line.Split(',')).Select(
            cells => (cells[^1], cells[..^1].Select(cell => float.Parse(cell, CultureInfo.InvariantCulture)).ToArray()));

    /// <summary>The lines of a file, compressed if its name ends so.</summary>
    public static IEnumerable<string> Lines(string path)
    {
        using var file = File.OpenRead(path);
        using Stream text = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
        using var reader = new StreamReader(text);
        while (reader.ReadLine() is { } line)
            yield return line;
    }
}

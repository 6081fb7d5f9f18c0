
using System.Globalization;

namespace FocalMlNet.Tests;

/// <summary>tests/ModelConsumer: a program of somebody who has ML.NET but not this library.</summary>
internal static class ModelConsumer
{
    /// <summary>What the program prints, a line for each row, when it has loaded a model.</summary>
    public static string[] Score(string modelFile, IEnumerable<float[]> rows, DirectoryInfo folder)
    {
        var rowFile = Path.Combine(folder.FullName, "rows.txt");
        File.WriteAllLines(rowFile, rows.Select(features => string.Join(' ', features.Select(Bits))));

        var result = TestPrograms.Run("ModelConsumer", modelFile, rowFile);

        Assert.True(result.ExitCode == 0, result.Errors);
        return result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }

    /// <summary>The line of a row of two classes.</summary>
    public static string Line(float score, float probability, bool predictedLabel) => $"{Bits(score)} {Bits(probability)} {predictedLabel}";

    public static string Bits(float value) => BitConverter.SingleToUInt32Bits(value).ToString("x8", CultureInfo.InvariantCulture);
}

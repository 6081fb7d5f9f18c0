using System.Globalization;

namespace FocalMlNet.Tests;

/// <summary>tests/ModelConsumer: a program of somebody who has ML.NET but not this library.</summary>
internal static class ModelConsumer
{
    /// <summary>What the program gives for each row when it has loaded a model.</summary>
    public static IReadOnlyList<(float Score, float Probability, bool PredictedLabel)> Score(string modelFile, IEnumerable<Row> rows, DirectoryInfo folder)
    {
        var rowFile = Path.Combine(folder.FullName, "rows.txt");
        File.WriteAllLines(rowFile, rows.Select(row => string.Join(' ', row.Features.Select(x => BitConverter.SingleToUInt32Bits(x).ToString("x8", CultureInfo.InvariantCulture)))));

        var result = TestPrograms.Run("ModelConsumer", modelFile, rowFile);

        Assert.True(result.ExitCode == 0, result.Errors);
        return [.. result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(line => line.Split(' ')).Select(cells => (Single(cells[0]), Single(cells[1]), bool.Parse(cells[2])))];
    }

    private static float Single(string bits) => BitConverter.UInt32BitsToSingle(uint.Parse(bits, NumberStyles.HexNumber, CultureInfo.InvariantCulture));
}

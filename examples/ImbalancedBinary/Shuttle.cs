using Microsoft.ML.Data;

namespace ImbalancedBinary;

/// <summary>A row of data/shuttle.csv.</summary>
internal sealed class ShuttleRow
{
    [LoadColumn(0, 8), VectorType(9), ColumnName("Features")]
    public float[] Sensors { get; set; } = [];

    [LoadColumn(9)]
    public string Class { get; set; } = "";
}

internal static class Shuttle
{
    /// <summary>Looks for data/shuttle.csv in this folder and those above it, then above the program.</summary>
    public static string Find()
    {
        foreach (var start in new[] { Directory.GetCurrentDirectory(), AppContext.BaseDirectory })
        {
            for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
            {
                var file = Path.Combine(folder.FullName, "data", "shuttle.csv");
                if (File.Exists(file))
                    return file;
            }
        }

        throw new FileNotFoundException($"data/shuttle.csv is neither in '{Directory.GetCurrentDirectory()}' nor in a folder above it.");
    }
}

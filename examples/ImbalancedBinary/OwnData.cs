using Microsoft.ML.Data;

namespace ImbalancedBinary;

/// <summary>A row of data/shuttle.csv.</summary>
internal sealed class ShuttleRow
{
    [LoadColumn(0, 8), VectorType(9)]
    public float[] Features { get; set; } = [];

    [LoadColumn(9)]
    public string Class { get; set; } = "";
}

/// <summary>Where the data is.</summary>
internal static class OwnData
{
    /// <summary>
    /// What <c>focal train</c> is asked for: --data names its file, --output its --out, and all other options are its own. Without --data
    /// it is the Shuttle file, whose column V2 nearly tells the class by itself.
    /// </summary>
    public static string[] TrainArguments(string[] args)
    {
        if (args is ["--help" or "-h" or "-?"])
            return ["train", "--help"];
        List<string> rest = [.. args.Select(arg => arg == "--output" ? "--out" : arg)];
        var at = rest.IndexOf("--data");
        if (at >= 0 && at + 1 < rest.Count)
        {
            var file = rest[at + 1];
            rest.RemoveRange(at, 2);
            return ["train", file, .. rest];
        }

        string[] label = rest.Contains("--label") ? [] : ["--label", "Class"];
        return ["train", Shuttle(), "--keep", "V2", "--out", "artifacts", .. label, .. rest];
    }

    /// <summary>data/shuttle.csv in the current folder or one above, or where this program was built.</summary>
    public static string Shuttle()
    {
        foreach (var start in new[] { Directory.GetCurrentDirectory(), AppContext.BaseDirectory })
        {
            for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
            {
                if (Path.Combine(folder.FullName, "data", "shuttle.csv") is var file && File.Exists(file))
                    return file;
            }
        }

        throw new FileNotFoundException("data/shuttle.csv is neither in the current folder nor in one above it.");
    }
}


using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using Microsoft.ML;

namespace FocalMlNet.Bench;

/// <summary>A page of results in Markdown below bench/results, with what they were measured on.</summary>
internal sealed class Results
{
    private readonly List<string> _lines = [];

    public Results(string title)
    {
        Add($"# {title}");
        Add("");
        Add(string.Create(CultureInfo.InvariantCulture, $"Measured {DateTime.UtcNow:yyyy-MM-dd} on {Processor()}, "
            + $"{Environment.ProcessorCount} cores, vectors of {8 * Vector<byte>.Count} bits, "
            + $"{RuntimeInformation.OSDescription}; {RuntimeInformation.FrameworkDescription}; Microsoft.ML {MLNetVersion()}."));
        Add("");
    }

    /// <summary>Writes a line to the page and to the console.</summary>
    public void Add(string line)
    {
        _lines.Add(line);
        Console.WriteLine(line);
    }

    /// <summary>Writes a table.</summary>
    public void AddTable(IReadOnlyList<string> head, IEnumerable<IReadOnlyList<string>> rows)
    {
        Add($"| {string.Join(" | ", head)} |");
        // The first column holds names, the others numbers.
        Add($"|---|{string.Concat(Enumerable.Repeat("---:|", head.Count - 1))}");
        foreach (var row in rows)
            Add($"| {string.Join(" | ", row)} |");
        Add("");
    }

    /// <summary>Writes a bar and whether a measured value, to be small, is met.</summary>
    public void AddBar(string bar, double measured, double most)
        => Add(string.Create(
            CultureInfo.InvariantCulture,
            $"- Bar: {bar}. Measured {measured:0.####e+0} against {most:0.####e+0}: {(measured <= most ? "met" : "**missed**")}."));

    /// <summary>Writes the page to bench/results/<paramref name="name"/>.md of the repository the program is in.</summary>
    public void Save(string name)
    {
        var results = Directory.CreateDirectory(Path.Combine(RepositoryFolder(), "bench", "results"));
        File.WriteAllText(Path.Combine(results.FullName, name + ".md"), string.Join('\n', _lines).TrimEnd() + "\n");
    }

    /// <summary>The folder of the repository that the program is in.</summary>
    public static string RepositoryFolder()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "FocalMlNet.sln")))
            folder = folder.Parent;
        return folder?.FullName
            ?? throw new InvalidOperationException("The program is not in a folder of the repository: there is no place for the results.");
    }

    private static string MLNetVersion() => typeof(MLContext).Assembly.GetName().Version!.ToString(3) is var assembly
        && System.Diagnostics.FileVersionInfo.GetVersionInfo(typeof(MLContext).Assembly.Location).ProductVersion is { } product
            ? product.Split('+')[0]
            : assembly;

    private static string Processor()
    {
        const string Linux = "/proc/cpuinfo";
        var model = File.Exists(Linux)
            ? File.ReadLines(Linux).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal)) : null;
        return model?.Split(':')[1].Trim() ?? Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER")
            ?? RuntimeInformation.ProcessArchitecture.ToString();
    }
}

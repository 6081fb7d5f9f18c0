using System.Diagnostics;
using System.Globalization;
using System.Text;
using FocalMlNet.Tool.Commands;
using FocalMlNet.Tool.Printing;

namespace FocalMlNet.Tool.Tests;

/// <summary>What the command printed and how it ended.</summary>
internal sealed record Result(int ExitCode, string Output, string Errors);

/// <summary>The command in this process or in one of its own, and a folder to work in.</summary>
public abstract class Focal : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("focal-tool-");

    protected string Folder => _folder.FullName;

    public void Dispose()
    {
        _folder.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    protected string In(string name) => Path.Combine(Folder, name);

    internal static Result Run(params string[] arguments)
    {
        using StringWriter output = new(CultureInfo.InvariantCulture), errors = new(CultureInfo.InvariantCulture);
        var code = CommandLine.Run(arguments, Terminal.Plain(output, errors));
        return new(code, output.ToString(), errors.ToString());
    }

    internal static Process Start(IReadOnlyDictionary<string, string>? environment, params string[] arguments)
    {
        var host = Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet";
        var start = new ProcessStartInfo(host) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        start.ArgumentList.Add(typeof(Program).Assembly.Location);
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }

    internal static Result RunProcess(IReadOnlyDictionary<string, string>? environment, params string[] arguments)
    {
        using var process = Start(environment, arguments);
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new(process.ExitCode, output, errors.Result);
    }

    protected string Write(string content, string name = "data.csv")
    {
        File.WriteAllText(In(name), content);
        return In(name);
    }

    /// <summary>
    /// Columns x1, x2, kind and y: two numbers, of which the first tells a fifth of the rows, the positives, from the others; a text; yes
    /// or no.
    /// </summary>
    protected string WriteTable(Action<List<string[]>>? change = null, char delimiter = ',', int rowCount = 60, string name = "data.csv")
    {
        var random = new Random(1);
        string Number(double mean) => (mean + random.NextDouble()).ToString("F3", CultureInfo.InvariantCulture);
        var rows = Enumerable.Range(0, rowCount)
            .Select(i => new[] { Number(i % 5 == 0 ? .7 : 0), Number(0), "abc"[random.Next(3)].ToString(), i % 5 == 0 ? "yes" : "no" })
            .ToList();
        change?.Invoke(rows);

        var text = new StringBuilder();
        foreach (var row in rows.Prepend(["x1", "x2", "kind", "y"]))
            text.AppendJoin(delimiter, row).Append('\n');
        return Write(text.ToString(), name);
    }

    /// <summary>Lines may break anywhere between words.</summary>
    internal static void AssertPrints(Result result, string text)
        => Assert.Contains(
            text, string.Join(' ', result.Output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);

    internal static void AssertSuccess(Result result) => Assert.Equal((0, ""), (result.ExitCode, result.Errors));

    /// <summary>One line on standard error, exit code 2 and nothing that was not there before.</summary>
    internal void AssertError(Func<Result> run, params IEnumerable<string> messages)
    {
        string[] before = [.. Directory.GetFileSystemEntries(Folder, "*", SearchOption.AllDirectories).Order()];

        var result = run();

        Assert.Equal(2, result.ExitCode);
        Assert.Equal("", result.Output);
        Assert.Single(result.Errors.TrimEnd('\n', '\r').Split('\n'));
        Assert.StartsWith("Error: ", result.Errors, StringComparison.Ordinal);
        Assert.All(messages, message => Assert.Contains(message, result.Errors, StringComparison.Ordinal));
        Assert.Equal<string>(before, [.. Directory.GetFileSystemEntries(Folder, "*", SearchOption.AllDirectories).Order()]);
    }
}

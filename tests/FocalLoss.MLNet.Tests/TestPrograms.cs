
using System.Diagnostics;
using System.Reflection;

namespace FocalMlNet.Tests;

/// <summary>What a program printed and how it ended.</summary>
internal sealed record ProgramResult(int ExitCode, string Output, string Errors);

/// <summary>Runs the programs that are built with the tests, and knows where the repository is.</summary>
internal static class TestPrograms
{
    public static string RepositoryRoot => Metadata("RepositoryRoot");

    /// <summary>Starts a program whose output is to be read.</summary>
    public static Process Start(string name, params string[] arguments)
        => StartDotnet(Environment.CurrentDirectory, [Metadata(name), .. arguments]);

    /// <summary>Starts a command of dotnet, or a program, in a folder.</summary>
    public static Process StartDotnet(string folder, params string[] arguments) => Process.Start(StartInfo(folder, arguments))!;

    private static ProcessStartInfo StartInfo(string folder, string[] arguments)
    {
        var start = new ProcessStartInfo(
            Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        return start;
    }

    /// <summary>Starts these tests with one method of theirs, with some more variables; its output is to be read.</summary>
    public static Process StartTest(string method, params (string Name, string Value)[] variables)
    {
        var start = StartInfo(Environment.CurrentDirectory, [typeof(TestPrograms).Assembly.Location, "-method", method]);
        start.RedirectStandardError = false;
        foreach (var (name, value) in variables)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    public static ProgramResult Run(string name, params string[] arguments) => RunIn(Environment.CurrentDirectory, name, arguments);

    public static ProgramResult RunIn(string folder, string name, params string[] arguments)
    {
        using var process = StartDotnet(folder, [Metadata(name), .. arguments]);
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new ProgramResult(process.ExitCode, output, errors.Result);
    }

    private static string Metadata(string key)
        => typeof(TestPrograms).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == key).Value!;
}

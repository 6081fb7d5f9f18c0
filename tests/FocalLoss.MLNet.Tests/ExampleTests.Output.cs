
using System.Runtime.InteropServices;
using Microsoft.ML;

namespace FocalMlNet.Tests;

/// <summary>What becomes of the file that the example writes.</summary>
public sealed partial class ExampleTests
{
    [Theory]
    [InlineData("a long name", "cannot be written")]
    [InlineData("a long folder", "cannot be written")]
    [InlineData("below a file", "cannot be written")]
    [InlineData("a link to the data", "is the data file")]
    [InlineData("the data in a linked folder", "is the data file")]
    [InlineData("a folder that takes no files", "cannot be written")]
    [InlineData("a device", "is a device")]
    [InlineData("a link to itself", "cannot be written")]
    public void An_output_that_cannot_be_written_is_an_error_before_anything_is_fitted(string kind, string message)
    {
        Assert.SkipWhen(kind == "a device" && OperatingSystem.IsWindows(), "There are no such files on Windows.");
        Assert.SkipWhen(kind == "a folder that takes no files" && !Directory.Exists("/proc"), "Root may write in every folder here.");
        var data = WriteTable();
        var before = File.ReadAllText(data);
        using var elsewhere = new TemporaryFolder();
        string In(string name) => Path.Combine(elsewhere.Path, name);
        var output = kind switch
        {
            "a long name" => In(new string('x', 300)),
            "a long folder" => In(Path.Combine("new", new string('x', 300), "model.zip")),
            "below a file" => Path.Combine(data, "model.zip"),
            "a link to the data" => File.CreateSymbolicLink(In("link.zip"), data).FullName,
            "the data in a linked folder" => Path.Combine(Directory.CreateSymbolicLink(In("link"), _folder.FullName).FullName, "data.csv"),
            "a folder that takes no files" => "/proc/focal/model.zip",
            "a device" => "/dev/null",
            _ => File.CreateSymbolicLink(In("itself"), In("itself")).FullName,
        };
        var there = Directory.GetFileSystemEntries(elsewhere.Path);

        AssertError(RunTo(output, data), "--output", message);

        Assert.Equal(before, File.ReadAllText(data));
        Assert.Equal(there, Directory.GetFileSystemEntries(elsewhere.Path));
    }

    [Fact]
    public void A_read_only_output_file_stays_as_it_is()
    {
        using var elsewhere = new TemporaryFolder();
        var file = Path.Combine(elsewhere.Path, "model.zip");
        File.WriteAllText(file, "precious");
        File.SetAttributes(file, FileAttributes.ReadOnly);

        AssertError(RunTo(file, WriteTable()), "--output", "is read-only");

        Assert.Equal("precious", File.ReadAllText(file));
        File.SetAttributes(file, FileAttributes.Normal);
    }

    [Fact]
    public void A_link_stays_and_what_it_points_to_is_replaced()
    {
        using var elsewhere = new TemporaryFolder();
        var (target, link) = (Path.Combine(elsewhere.Path, "target.zip"), Path.Combine(elsewhere.Path, "link.zip"));
        File.WriteAllText(target, "old");
        File.CreateSymbolicLink(link, target);

        var result = RunTo(link, WriteTable());

        Assert.Equal((0, ""), (result.ExitCode, result.Errors));
        Assert.Equal(target, new FileInfo(link).LinkTarget);
        Assert.NotNull(new MLContext().Model.Load(target, out _));
        Assert.Equal(2, Directory.GetFileSystemEntries(elsewhere.Path).Length);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(15)]
    public void A_signal_leaves_the_whole_file_or_none_and_nothing_else(int signal)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There are no signals on Windows.");
        using var elsewhere = new TemporaryFolder();
        var output = Path.Combine(elsewhere.Path, "model.zip");
        using (var process = TestPrograms.Start("ImbalancedBinary", ArgumentsFor(output, WriteTable())))
        {
            // Nobody waits for what it prints: it is little.
            string? first;
            do
                first = process.StandardOutput.ReadLine();
            while (first is not null && !first.Contains("Conclusion", StringComparison.Ordinal));
            // As soon as a file is there, under whatever name.
            while (!process.HasExited && Directory.GetFiles(elsewhere.Path).Length == 0)
                Thread.Yield();
            _ = Kill(process.Id, signal);
            process.WaitForExit();
        }

        Assert.DoesNotContain(Directory.GetFiles(elsewhere.Path), file => file != output);
        if (File.Exists(output))
            Assert.NotNull(new MLContext().Model.Load(output, out _));
    }

    private static ProgramResult RunTo(string output, string data) => TestPrograms.Run("ImbalancedBinary", ArgumentsFor(output, data));

    private static string[] ArgumentsFor(string output, string data)
        => ["--data", data, "--label", "y", "--positive", "yes", "--rank", "10", "--output", output];

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Kill(int process, int signal);

    private sealed class TemporaryFolder : IDisposable
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("focal-example-");

        public string Path => _folder.FullName;

        public void Dispose() => _folder.Delete(recursive: true);
    }
}

using System.Runtime.InteropServices;
using Microsoft.ML;

namespace FocalMlNet.Tool.Tests;

/// <summary>What becomes of the files that the command writes.</summary>
public sealed class OutputTests : Focal
{
    [Theory]
    [InlineData("a long name", "cannot be written")]
    [InlineData("a long folder", "cannot be written")]
    [InlineData("below a file", "cannot be written")]
    [InlineData("the data", "is the file that is read")]
    [InlineData("a link to the data", "is the file that is read")]
    [InlineData("the data in a linked folder", "is the file that is read")]
    [InlineData("a folder that takes no files", "cannot be written")]
    [InlineData("a device", "is a device")]
    [InlineData("a folder", "is a folder")]
    [InlineData("a link to itself", "cannot be written")]
    public void An_output_that_cannot_be_written_is_an_error_before_anything_is_read(string kind, string message)
    {
        Assert.SkipWhen(kind == "a device" && OperatingSystem.IsWindows(), "There are no such files on Windows.");
        Assert.SkipWhen(kind == "a folder that takes no files" && !Directory.Exists("/proc"), "Root may write in every folder here.");
        var data = WriteTable(name: "data.zip");
        var before = File.ReadAllText(data);
        Directory.CreateDirectory(In("there"));
        string There(string name) => Path.Combine(In("there"), name);
        var output = kind switch
        {
            "a long name" => There(new string('x', 300) + ".zip"),
            "a long folder" => There(Path.Combine("new", new string('x', 300), "model.zip")),
            "below a file" => Path.Combine(data, "model.zip"),
            "the data" => data,
            "a link to the data" => File.CreateSymbolicLink(There("link.zip"), data).FullName,
            "the data in a linked folder" => Path.Combine(Directory.CreateSymbolicLink(There("link"), Folder).FullName, "data.zip"),
            "a folder that takes no files" => "/proc/focal/model.zip",
            "a device" => "/dev/null.zip",
            "a folder" => Directory.CreateDirectory(There("model.zip")).FullName,
            _ => File.CreateSymbolicLink(There("itself.zip"), There("itself.zip")).FullName,
        };

        AssertError(() => Run("train", data, "--label", "y", "--quick", "--out", output), "--out", message);

        Assert.Equal(before, File.ReadAllText(data));
    }

    [Fact]
    public void A_read_only_file_stays_as_it_is()
    {
        var file = Write("precious", "model.zip");
        File.SetAttributes(file, FileAttributes.ReadOnly);
        var data = WriteTable();

        AssertError(() => Run("train", data, "--label", "y", "--quick", "--out", file), "--out", "is read-only");

        Assert.Equal("precious", File.ReadAllText(file));
        File.SetAttributes(file, FileAttributes.Normal);
    }

    [Fact]
    public void A_link_stays_and_what_it_points_to_is_replaced()
    {
        var target = Write("old", "target.zip");
        File.CreateSymbolicLink(In("link.zip"), target);

        AssertSuccess(Run("train", WriteTable(), "--label", "y", "--quick", "--out", In("link.zip")));

        Assert.Equal(target, new FileInfo(In("link.zip")).LinkTarget);
        Assert.NotNull(new MLContext().Model.Load(target, out _));
    }

    [Fact]
    public void An_error_late_in_the_work_leaves_what_was_there_before()
    {
        Directory.CreateDirectory(In("out"));
        var model = Write("old model", "out/model.zip");
        // The last row is wrong: most of the file has been read by then.
        var data = WriteTable(rows => rows[^1][1] = "3o");

        AssertError(() => Run("train", data, "--label", "y", "--quick", "--out", In("out")), "line 61");

        Assert.Equal("old model", File.ReadAllText(model));
    }

    [Theory]
    [InlineData(1, "tuning")]
    [InlineData(2, "tuning")]
    [InlineData(15, "tuning")]
    [InlineData(2, "writing")]
    [InlineData(2, "scoring")]
    public void A_signal_leaves_whole_files_or_none_and_nothing_else(int signal, string when)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There are no signals on Windows.");
        var data = WriteTable();
        string[] arguments = ["train", data, "--label", "y", "--out", In("out"), "--quick"];
        string[] whole = ["model.onnx", "model.zip", "report.html"];
        if (when == "scoring")
        {
            AssertSuccess(Run("train", data, "--label", "y", "--quick", "--out", In("model.zip")));
            var large = WriteTable(rowCount: 200_000, name: "large.csv");
            arguments = ["score", In("model.zip"), large, "--out", In("out/scored.csv")];
            whole = ["scored.csv"];
        }

        using (var process = Start(null, arguments))
        {
            if (when == "tuning")
            {
                string? line;
                do
                    line = process.StandardOutput.ReadLine();
                while (line is not null && !line.Contains("Tuning", StringComparison.Ordinal));
            }
            else
            {
                // As soon as a file is there that stays, under whatever name.
                while (!process.HasExited && !HasFile(In("out")))
                    Thread.Yield();
            }

            _ = Kill(process.Id, signal);
            process.WaitForExit();
        }

        string[] left = Directory.Exists(In("out")) ? [.. Directory.GetFiles(In("out")).Select(f => Path.GetFileName(f)).Order()] : [];
        if (left.Length > 0)
            Assert.Equal(whole, left);
        else
            Assert.False(Directory.Exists(In("out")));
    }

    /// <summary>
    /// Whether a folder has a file with anything in it; one that the command tries out may go while it is looked at.
    /// </summary>
    private static bool HasFile(string folder)
    {
        try
        {
            return Directory.Exists(folder) && new DirectoryInfo(folder).GetFiles().Any(file => file.Length > 0);
        }
        catch (IOException)
        {
            return false;
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Kill(int process, int signal);
}

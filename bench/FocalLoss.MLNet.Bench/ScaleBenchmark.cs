using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;

namespace FocalMlNet.Bench;

/// <summary>
/// Up to 100,000,000 rows with a memory budget of 1 GiB, each number of rows in a process of its own: seconds and bytes of each part of the
/// fit, peak memory, and what the disk does with a plain file beside it.
/// </summary>
internal static class ScaleBenchmark
{
    /// <summary>How this program is called: alone, or with numbers of rows.</summary>
    public const string Command = "scale";

    /// <summary>How it is called for one fit.</summary>
    public const string FitCommand = "scale-fit";

    private const int Features = 30;
    private const long Budget = 1L << 30;
    private const double MostPeak = 1.5 * (1L << 30);
    private const long ProbeBytes = 4_000_000_000;
    private static readonly long Memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
    private static readonly long[] AllRows = [1_000_000, 10_000_000, 100_000_000];

    public static void Run(IReadOnlyList<long> rowCounts)
    {
        var results = new Results($"Scale: rows × {Features} from a generated view, MemoryBudget 1 GiB");
        results.Add("Default options but for the budget; each number of rows once, in a fresh process. What exceeds the budget is in a "
            + "temporary file. Rows are made as they are read, by as many cursors as there are cores. The runtime counts on "
            + $"{FitBenchmark.Number(Memory / (double)(1L << 30), 1)} GiB of memory: three quarters of the limit in a "
            + "control group that has one, which then is for the page cache, too.");
        results.Add("");
        results.Add(Disk());
        results.Add("");
        List<(long Rows, ScaleRun Run)> runs = [];
        foreach (var rows in rowCounts.Count > 0 ? rowCounts : AllRows)
        {
            runs.Add((rows, ScaleRun.Parse(OwnProcess.Run(FitCommand, rows.ToString(CultureInfo.InvariantCulture)))));
            // The log counts as written, too.
            var written = runs[^1].Run.Written is > 1e6 and var bytes ? bytes : 0;
            results.Add($"## {Rows(rows)} rows");
            results.Add("");
            results.Add($"The matrix has {Gigabytes(rows * (4.0 * Features + 8))} GB, of which {Gigabytes(written)} GB are in the file.");
            results.Add("");
            results.AddTable(
                ["part of the fit", "seconds", "read from the file, GB", "readings of the whole file", "million rows/s"],
                runs[^1].Run.Parts.Select((part, i) => (string[])
                [
                    Name(i, runs[^1].Run.Parts.Count), FitBenchmark.Seconds(part.Seconds), Gigabytes(part.Bytes),
                    written > 0 ? FitBenchmark.Number(part.Bytes / written) : "",
                    FitBenchmark.Number(rows / part.Seconds / 1e6, 1),
                ]));
        }

        results.Add("## All");
        results.Add("");
        results.AddTable(
            ["rows", "seconds", "of it reading the view", "evaluations", "peak resident memory, MiB"],
            runs.Select(one => (string[])
            [
                Rows(one.Rows), FitBenchmark.Number(one.Run.Parts.Sum(part => part.Seconds), 1),
                FitBenchmark.Number(one.Run.Reading, 1), $"{one.Run.Parts.Count - 2}", FitBenchmark.Number(one.Run.Peak / (1 << 20), 0),
            ]));
        results.AddBar("peak resident memory below 1.5 GiB (of it)", runs.Max(one => one.Run.Peak) / MostPeak, 1);
        // What the file is read from: the page cache or, if a control group leaves little for one, the disk.
        results.Save(Memory > MostPeak * 2 ? "scale" : "scale-limited");
    }

    /// <summary>
    /// One fit in this process; prints the peak of resident memory, the bytes that were written, and seconds and bytes read of each part:
    /// reading the view, up to the first evaluation, each one after, and the rest.
    /// </summary>
    public static void FitHere(long rows)
    {
        var view = new GeneratedView(rows, Features);
        List<(double Seconds, long Read)> marks = [];
        var start = Stopwatch.GetTimestamp();
        var (firstRead, firstWritten) = Transferred();
        void Mark() => marks.Add((Stopwatch.GetElapsedTime(start).TotalSeconds, Transferred().Read - firstRead));
        var marked = 0;
        view.Ended = () =>
        {
            // The last cursor's end is what counts.
            lock (marks)
            {
                if (marked++ > 0)
                    marks.Clear();
                Mark();
            }
        };
        var options = new FocalSgdBinaryTrainer.Options { MemoryBudget = Budget, Progress = new Immediate(Mark) };
        new MLContext(seed: 1).BinaryClassification.Trainers.FocalSgd(options with { Log = Console.Error.WriteLine }).Fit(view);
        Mark();
        using var process = Process.GetCurrentProcess();
        List<double> numbers = [process.PeakWorkingSet64, Transferred().Written - firstWritten];
        var (seconds, bytes) = (0.0, 0L);
        foreach (var mark in marks)
        {
            numbers.AddRange([mark.Seconds - seconds, mark.Read - bytes]);
            (seconds, bytes) = mark;
        }

        Console.Write(string.Join(' ', numbers.Select(number => number.ToString(CultureInfo.InvariantCulture))));
    }

    /// <summary>Bytes that this process has read from and written to files so far, page cache included; 0 where that is not told.</summary>
    private static (long Read, long Written) Transferred()
    {
        const string Linux = "/proc/self/io";
        if (!File.Exists(Linux))
            return (0, 0);
        var lines = File.ReadAllLines(Linux);
        return (Value("rchar:"), Value("wchar:"));

        long Value(string name) => long.Parse(
            lines.First(line => line.StartsWith(name, StringComparison.Ordinal))[name.Length..], CultureInfo.InvariantCulture);
    }

    /// <summary>What a plain file of some bytes takes, written through to the disk and read.</summary>
    private static string Disk()
    {
        var file = Path.GetTempFileName();
        try
        {
            var buffer = new byte[1 << 20];
            new Random(1).NextBytes(buffer);
            var start = Stopwatch.GetTimestamp();
            double written, flushed, read;
            using (var stream = new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.None, 0))
            {
                for (var left = ProbeBytes; left > 0; left -= buffer.Length)
                    stream.Write(buffer, 0, (int)Math.Min(left, buffer.Length));
                written = Rate();
                stream.Flush(flushToDisk: true);
                flushed = Rate();
            }

            start = Stopwatch.GetTimestamp();
            using (var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.None, 0, FileOptions.SequentialScan))
            {
                while (stream.Read(buffer) > 0)
                {
                    // Only read.
                }

                read = Rate();
            }

            return $"A plain file of {Gigabytes(ProbeBytes)} GB beside it: written at {Gigabytes(written)} GB/s ({Gigabytes(flushed)} "
                + $"until it is on the disk), read again at once, as fits do, at {Gigabytes(read)} GB/s. How much of that the page cache "
                + "does depends on the memory that is free.";

            double Rate() => ProbeBytes / Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static string Name(int part, int count)
    {
        if (part == 0)
            return "reading the view, writing the file";
        if (part == count - 1)
            return "look at the end, calibration, model";
        return part == 1 ? "moments, draw, steps on a sample, evaluation 1" : $"evaluation {part}, and the steps before it";
    }

    private static string Rows(long rows) => rows.ToString("n0", CultureInfo.InvariantCulture);

    private static string Gigabytes(double bytes) => FitBenchmark.Number(bytes / 1e9);
}

/// <summary>What a fit took.</summary>
/// <param name="Peak">Resident memory at most, bytes.</param>
/// <param name="Written">Bytes of the file.</param>
/// <param name="Parts">Seconds and bytes read of each part.</param>
internal sealed record ScaleRun(double Peak, double Written, IReadOnlyList<(double Seconds, double Bytes)> Parts)
{
    /// <summary>Seconds of reading the view.</summary>
    public double Reading => Parts[0].Seconds;

    /// <param name="numbers">What the process printed.</param>
    public static ScaleRun Parse(double[] numbers)
        => new(numbers[0], numbers[1], [.. numbers.Skip(2).Chunk(2).Select(part => (part[0], part[1]))]);
}

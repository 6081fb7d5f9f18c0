
using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Bench;

/// <summary>
/// A text file larger than the memory budget: resident memory and quality beside a fit that keeps the matrix. Each fit has a process of its
/// own.
/// </summary>
internal static class StreamBenchmark
{
    /// <summary>How this program is called for one fit.</summary>
    public const string FitCommand = "stream-fit";

    private const int Rows = 10_000_000;
    private const int Features = 30;
    private const long Budget = 256L << 20;

    public static void Run()
    {
        var results = new Results("Streaming: 10,000,000 × 30 from a text file, MemoryBudget 256 MiB");
        var file = Path.GetTempFileName();
        try
        {
            Write(file, new SkewedData(Rows, Features, .01));
            results.Add($"The file has {FitBenchmark.Megabytes(new FileInfo(file).Length)} MB, the matrix would have "
                + $"{FitBenchmark.Megabytes(Rows * (4L * Features + 8))} MB. Each fit runs once, in a process of its own, with default "
                + "options but for the budget.");
            results.Add("");
            var (streamed, inMemory) = (Fit(file, Budget), Fit(file, long.MaxValue));
            results.AddTable(
                ["MemoryBudget", "seconds", "peak resident memory, MiB", "AUPRC on 200,000 other rows"],
                [Row("256 MiB", streamed), Row("none", inMemory)]);
            results.AddBar("peak resident memory under 700 MiB", streamed[1] / (1 << 20), 700);
            results.AddBar("AUPRC within .005 of that in memory", Math.Abs(streamed[2] - inMemory[2]), .005);
        }
        finally
        {
            File.Delete(file);
        }

        results.Save("stream");

        static string[] Row(string name, double[] fit)
            => [name, FitBenchmark.Number(fit[0], 1), FitBenchmark.Number(fit[1] / (1 << 20), 0), FitBenchmark.Number(fit[2], 4)];
    }

    /// <summary>One fit in this process; prints seconds, the peak of resident memory when it was done, and AUPRC.</summary>
    public static void FitHere(string file, long budget)
    {
        var mlContext = new MLContext(seed: 1);
        var view = mlContext.Data.LoadFromTextFile(
            file, [new("Label", DataKind.Boolean, 0), new("Features", DataKind.Single, 1, Features)], separatorChar: ',');
        var start = Stopwatch.GetTimestamp();
        var model = mlContext.BinaryClassification.Trainers.FocalSgd(new FocalSgdBinaryTrainer.Options { MemoryBudget = budget }).Fit(view)
            .Model.SubModel;
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        using var process = Process.GetCurrentProcess();
        var peak = process.PeakWorkingSet64;
        var test = new SkewedData(200_000, Features, .01, Seed: 1001).Cached(mlContext);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{seconds} {peak} {LinearFit.AveragePrecisionOf(model, test)}"));
    }

    private static double[] Fit(string file, long budget)
        => OwnProcess.Run(FitCommand, file, budget.ToString(CultureInfo.InvariantCulture));

    private static void Write(string file, SkewedData data)
    {
        using var writer = new StreamWriter(file, append: false, System.Text.Encoding.ASCII, 1 << 20);
        Span<char> number = stackalloc char[16];
        foreach (var row in data.DenseRows())
        {
            writer.Write(row.Label ? '1' : '0');
            foreach (var value in row.Features)
            {
                writer.Write(',');
                value.TryFormat(number, out var length, "f2", CultureInfo.InvariantCulture);
                writer.Write(number[..length]);
            }

            writer.Write('\n');
        }
    }
}

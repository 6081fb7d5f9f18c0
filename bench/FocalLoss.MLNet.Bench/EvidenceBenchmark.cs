using System.Diagnostics;
using Microsoft.ML;

namespace FocalMlNet.Bench;

/// <summary>
/// When focal loss helps tabular data: lines, kernel lines, trees and a tuning over all of them, on ten tasks. What is measured is added to
/// a file for each task, and not measured again, so that a run can be done in parts; the page is made from all that is there.
/// </summary>
internal static class EvidenceBenchmark
{
    /// <summary>The command.</summary>
    public const string Command = "evidence";

    private const int Repeats = 5;

    /// <summary>Measures what has not been measured, and writes the page.</summary>
    public static void Run() => Run([], Repeats);

    /// <summary>Measures what has not been measured of some tasks, and writes the page of all.</summary>
    /// <param name="only">How the names of those to measure begin; none for all.</param>
    /// <param name="repeats">How often the rows are halved; 0 to write the page alone.</param>
    /// <returns>The exit status of the program.</returns>
    public static int Run(string[] only, int repeats)
    {
        if (Array.Find(only, name => !Array.Exists(EvidenceData.All, set => set.Data.BeginsWith(name))) is { } unknown)
        {
            var names = string.Join("; ", EvidenceData.All.Select(set => set.Data.Name));
            Console.Error.WriteLine($"No task's name begins with '{unknown}'. There are: {names}.");
            return 2;
        }

        for (var repeat = 0; repeat < repeats; repeat++)
        {
            foreach (var set in EvidenceData.All.Where(set => only.Length == 0 || only.Any(set.Data.BeginsWith)))
                Measure(set, repeat);
        }

        EvidencePage.Of([.. EvidenceData.All.Select(set => new EvidenceTask(set, Measured(set))).Where(task => task.Halves > 1)])
            .Save("evidence");
        return 0;
    }

    private static string FileOf(EvidenceData set)
        => Path.Combine(Results.RepositoryFolder(), "bench", "results", "evidence", set.FileName + ".csv");

    private static EvidenceResult[] Measured(EvidenceData set)
        => File.Exists(FileOf(set)) ? [.. File.ReadLines(FileOf(set)).Skip(1).Select(EvidenceResult.Parse)] : [];

    /// <summary>Halves the rows: each half trains, and the other judges.</summary>
    private static void Measure(EvidenceData set, int repeat)
    {
        var contestants = Enumerable.Range(0, EvidenceContest.Names.Length);
        var missing = Enumerable.Range(2 * repeat, 2)
            .SelectMany(half => contestants.Select(contestant => (Half: half, Contestant: contestant)))
            .Except(Measured(set).Select(result => (result.Half, result.Contestant))).ToLookup(of => of.Half, of => of.Contestant);
        if (missing.Count == 0)
            return;
        var rows = set.Rows();
        var fold = MixedData.Deal([.. rows.Select(row => row.Label ? "1" : "0")], 2, seed: repeat);
        var writing = new Lock();
        Parallel.ForEach(missing, of =>
        {
            var half = of.Key;
            var mlContext = new MLContext(seed: 1);
            var train = EvidenceData.View(mlContext, [.. rows.Where((_, i) => fold[i] != half % 2)]);
            var test = EvidenceData.View(mlContext, [.. rows.Where((_, i) => fold[i] == half % 2)]);
            var contest = new EvidenceContest(mlContext, set);
            List<EvidenceResult> results = [];
            foreach (var contestant in of)
            {
                var clock = Stopwatch.StartNew();
                var (model, taken) = contest.Fit(contestant, train);
                results.Add(EvidenceResult.Of(half, contestant, mlContext, model.Transform(test), clock.Elapsed.TotalSeconds, taken));
                Console.Error.WriteLine($"{DateTime.UtcNow:HH:mm:ss} {set.Data.Name}: {results[^1]}");
            }

            lock (writing)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(FileOf(set))!);
                if (!File.Exists(FileOf(set)))
                    File.WriteAllText(FileOf(set), EvidenceResult.Head + "\n");
                File.AppendAllLines(FileOf(set), results.Select(result => result.ToString()));
            }
        });
    }
}

using System.Globalization;
using System.Reflection;
using System.Runtime.Loader;

namespace FocalMlNet.Bench;

/// <summary>
/// Two versions of this library in one process, in turns: this one and one whose benchmarks have been built elsewhere, such as in a
/// worktree of the commit before. ML.NET is the same for both.
/// </summary>
internal static class CompareBenchmark
{
    /// <summary>
    /// How this program is called: with the folder of the other version's FocalLoss.MLNet.Bench.dll, and part of a name or none.
    /// </summary>
    public const string Command = "compare";

    private const int Rounds = 15;

    /// <summary>A run of less than this is repeated until it takes as long.</summary>
    private const double ShortestSeconds = .05;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2.5);

    public static void Run(string folder, string partOfName)
    {
        var results = new Results("This version beside another, one process, in turns");
        results.Add($"Seconds, medians of {Rounds} rounds after a warm-up; the ratio is the median of those within a round, in brackets "
            + "the middle half of them.");
        results.Add("");
        var (before, now) = (new OtherVersion(Path.GetFullPath(folder)).Work(), OwnWork.All());
        List<string[]> rows = [];
        foreach (var (name, make) in now.Where(work => work.Key.Contains(partOfName, StringComparison.OrdinalIgnoreCase)))
        {
            if (!before.TryGetValue(name, out var makeBefore))
                continue;
            var (runBefore, run) = (makeBefore(), make());
            // Both as often: a number of its own would count in the ratio, as it is taken before all is compiled.
            var times = Times(runBefore);
            Contestant[] both = [new("before", Repeated(runBefore, times)), new("now", Repeated(run, times))];
            Contest.Run(both, Rounds, WarmUp);
            double[] ratios = [.. both[0].Seconds.Zip(both[1].Seconds, (then, here) => here / then).Order()];
            rows.Add([name, Seconds(both[0]), Seconds(both[1]),
                string.Create(CultureInfo.InvariantCulture,
                    $"{ratios[Rounds / 2]:0.000} ({ratios[Rounds / 4]:0.00} to {ratios[Rounds - 1 - Rounds / 4]:0.00})")]);
            Console.WriteLine(string.Join(" | ", rows[^1]));
        }

        results.AddTable(["Work", "before", "now", "ratio"], rows);
        results.Save("compare");
    }

    private static string Seconds(Contestant contestant) => contestant.MedianSeconds.ToString("0.0000", CultureInfo.InvariantCulture);

    private static int Times(Action run)
    {
        for (var i = 0; i < 3; i++)
            run();
        var start = System.Diagnostics.Stopwatch.GetTimestamp();
        run();
        return Math.Max(1, (int)(ShortestSeconds / System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalSeconds));
    }

    private static Action Repeated(Action run, int times) => () =>
    {
        for (var i = 0; i < times; i++)
            run();
    };

    private sealed class OtherVersion(string folder) : AssemblyLoadContext
    {
        public Dictionary<string, Func<Action>> Work()
        {
            var assembly = LoadFromAssemblyPath(Path.Combine(folder, "FocalLoss.MLNet.Bench.dll"));
            var all = assembly.GetType(typeof(OwnWork).FullName!)?.GetMethod(nameof(OwnWork.All), BindingFlags.Public | BindingFlags.Static)
                ?? throw new InvalidOperationException($"The benchmarks in {folder} have no {nameof(OwnWork)}.");
            return (Dictionary<string, Func<Action>>)all.Invoke(null, null)!;
        }

        protected override Assembly? Load(AssemblyName assemblyName)
        {
            var file = Path.Combine(folder, assemblyName.Name + ".dll");
            return assemblyName.Name!.StartsWith("FocalLoss.MLNet", StringComparison.Ordinal) && File.Exists(file)
                ? LoadFromAssemblyPath(file) : null;
        }
    }
}

using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Runtime.Loader;
using Microsoft.ML;

namespace FocalMlNet.Bench;

/// <summary>
/// What a program feels that fits once or a few times: the first fits of a fresh process, before the runtime has optimised what runs often.
/// </summary>
internal static class ColdBenchmark
{
    /// <summary>
    /// How this program is called: alone, or with the folder of another version's FocalLoss.MLNet.dll, and a number of processes.
    /// </summary>
    public const string Command = "cold";

    /// <summary>How it is called for the fits of one process: with the folder of a version, or a name of a stock trainer.</summary>
    public const string FitCommand = "cold-fit";

    public const int Processes = 7;
    private const int Fits = 8;
    private const int OtherFits = 3;
    private const int SteadyFrom = 6;
    private const double MostOfSecond = 1.3;
    private static readonly SkewedData Data = new(800_000, 30, .01);
    private static readonly SkewedData Fewer = Data with { RowCount = 500_000 };

    public static void Run(string? otherFolder, int processes = Processes)
    {
        var results = new Results("Cold: the first fits of a fresh process");
        results.Add($"Seconds, medians of {processes} processes each, in turns: fits 1 to {Fits} of {Data.RowCount:N0} × "
            + $"{Data.FeatureCount} cached rows, default options, then of {Fewer.RowCount:N0} rows. \"Second / steady\" is the second fit by the mean of fits "
            + $"{SteadyFrom} to {Fits}, median of those within a process.");
        results.Add("");
        List<(string Name, string What)> contestants = [(LinearFit.Ours, AppContext.BaseDirectory)];
        if (otherFolder is not null)
            contestants.Add(($"{LinearFit.Ours} before", Path.GetFullPath(otherFolder)));
        contestants.Add((LinearFit.StockLbfgs, LinearFit.StockLbfgs));
        var seconds = contestants.ToDictionary(one => one.Name, _ => new List<double[]>(), StringComparer.Ordinal);
        for (var i = 0; i < processes; i++)
        {
            foreach (var (name, what) in contestants)
                seconds[name].Add(OwnProcess.Run(FitCommand, what));
        }

        results.AddTable(
            ["", .. Enumerable.Range(1, Fits).Select(fit => $"{fit}"), "second / steady",
                .. Enumerable.Range(1, OtherFits).Select(fit => $"{fit} of fewer rows")],
            contestants.Select(one => (string[])[one.Name, .. Row(seconds[one.Name])]));
        var (own, stock) = (seconds[LinearFit.Ours], seconds[LinearFit.StockLbfgs]);
        results.AddBar("second fit at most 1.3 times the steady state", Median(own, SecondBySteady), MostOfSecond);
        if (otherFolder is not null)
        {
            var before = seconds[$"{LinearFit.Ours} before"];
            results.AddBar("first fit no slower than before", Median(own, First), Median(before, First));
            results.Add(Ratio("Steady state by that before", Median(own, Steady) / Median(before, Steady)));
        }

        results.Add(Ratio("First fit by that of L-BFGS", Median(own, First) / Median(stock, First)));
        results.Save("cold");
    }

    /// <summary>The fits of this process; prints the seconds of each.</summary>
    public static void FitHere(string what)
    {
        var mlContext = new MLContext(seed: 1);
        IDataView[] views = [Data.Cached(mlContext), Fewer.Cached(mlContext)];
        var fit = Trainer(mlContext, what);
        List<string> seconds = [];
        foreach (var (view, count) in views.Zip((int[])[Fits, OtherFits]))
        {
            for (var i = 0; i < count; i++)
            {
                GC.Collect();
                var start = Stopwatch.GetTimestamp();
                fit(view);
                seconds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds.ToString("0.00000", CultureInfo.InvariantCulture));
            }
        }

        Console.Write(string.Join(' ', seconds));
    }

    /// <summary>Of each version the same way, the one that was built with this program too.</summary>
    private static Action<IDataView> Trainer(MLContext mlContext, string what)
    {
        var trainers = mlContext.BinaryClassification.Trainers;
        if (string.Equals(what, LinearFit.StockLbfgs, StringComparison.Ordinal))
            return view => trainers.LbfgsLogisticRegression().Fit(view);
        var assembly = new AssemblyLoadContext(what).LoadFromAssemblyPath(Path.Combine(what, "FocalLoss.MLNet.dll"));
        var options = assembly.GetType("FocalMlNet.FocalSgdBinaryTrainer+Options", throwOnError: true)!;
        var make = assembly.GetType("Microsoft.ML.FocalLossCatalog", throwOnError: true)!
            .GetMethod("FocalSgd", [trainers.GetType(), options])!;
        return view =>
        {
            var trainer = make.Invoke(null, [trainers, Activator.CreateInstance(options)])!;
            trainer.GetType().GetMethod("Fit", [typeof(IDataView)])!.Invoke(trainer, BindingFlags.DoNotWrapExceptions, null, [view], null);
        };
    }

    private static IEnumerable<string> Row(List<double[]> seconds)
    {
        return [.. Enumerable.Range(0, Fits).Select(At), Number(Median(seconds, SecondBySteady)),
            .. Enumerable.Range(Fits, OtherFits).Select(At)];

        string At(int fit) => Number(Median(seconds, one => one[fit]));
    }

    private static string Ratio(string what, double ratio) => $"- {what}: {Number(ratio)}.";

    private static string Number(double value) => value.ToString("0.000", CultureInfo.InvariantCulture);

    private static double First(double[] seconds) => seconds[0];

    private static double Steady(double[] seconds) => seconds[(SteadyFrom - 1)..Fits].Average();

    private static double SecondBySteady(double[] seconds) => seconds[1] / Steady(seconds);

    private static double Median(List<double[]> seconds, Func<double[], double> value)
    {
        double[] sorted = [.. seconds.Select(value).Order()];
        return (sorted[sorted.Length / 2] + sorted[(sorted.Length - 1) / 2]) / 2;
    }
}

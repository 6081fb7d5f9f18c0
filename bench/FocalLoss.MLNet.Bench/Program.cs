using System.Globalization;
using FocalMlNet.Bench;

if (args is [StreamBenchmark.FitCommand, var file, var budget])
{
    StreamBenchmark.FitHere(file, long.Parse(budget, CultureInfo.InvariantCulture));
    return 0;
}

if (args is [CompareBenchmark.Command, var folder, .. var part])
{
    CompareBenchmark.Run(folder, part.FirstOrDefault(""));
    return 0;
}

if (args is [ColdBenchmark.FitCommand, var what])
{
    ColdBenchmark.FitHere(what);
    return 0;
}

if (args is [ColdBenchmark.Command, var other, .. var count])
{
    ColdBenchmark.Run(other, count.Length > 0 ? int.Parse(count[0], CultureInfo.InvariantCulture) : ColdBenchmark.Processes);
    return 0;
}

if (args is [TorchBenchmark.Command, .. var shapes])
{
    TorchBenchmark.Run(shapes);
    return 0;
}

if (args is [ScaleBenchmark.FitCommand, var rows])
{
    ScaleBenchmark.FitHere(long.Parse(rows, CultureInfo.InvariantCulture));
    return 0;
}

if (args is [ScaleBenchmark.Command, .. var rowCounts])
{
    ScaleBenchmark.Run([.. rowCounts.Select(count => long.Parse(count, CultureInfo.InvariantCulture))]);
    return 0;
}

Dictionary<string, Action> benchmarks = new(StringComparer.Ordinal)
{
    ["losses"] = LossBenchmark.Run,
    ["fit-dense"] = FitBenchmark.Dense,
    ["fit-uncached"] = FitBenchmark.Uncached,
    ["fit-rare"] = FitBenchmark.Rare,
    ["fit-sparse"] = FitBenchmark.Sparse,
    ["shapes"] = ShapesBenchmark.Run,
    ["choice"] = ChoiceBenchmark.Run,
    ["defaults-many"] = DefaultsManyBenchmark.Run,
    ["epoch"] = EpochBenchmark.Run,
    ["kernel"] = KernelBenchmark.Run,
    ["trainers"] = TrainersBenchmark.Run,
    ["alternatives"] = AlternativesBenchmark.Run,
    ["growth"] = GrowthBenchmark.Run,
    ["calibration"] = CalibrationBenchmark.Run,
    ["calibration-cost"] = CalibrationBenchmark.Cost,
    ["stream"] = StreamBenchmark.Run,
    [ColdBenchmark.Command] = () => ColdBenchmark.Run(null),
    ["evaluation"] = EvaluationBenchmark.Run,
    ["report"] = ReportBenchmark.Run,
    ["coverage"] = CoverageBenchmark.Run,
    ["multiclass-fit"] = MulticlassBenchmark.Fit,
    ["multiclass-growth"] = MulticlassBenchmark.Growth,
    ["multiclass-folds"] = MulticlassFolds.Run,
    ["reweighted-optima"] = ReweightedOptimaBenchmark.Run,
    ["defaults"] = DefaultsBenchmark.Run,
    [DefaultsGammaBenchmark.Command] = DefaultsGammaBenchmark.Run,
    ["reweighted"] = ReweightedBenchmark.Run,
    ["tuning"] = TuningBenchmark.Small,
    ["tuning-large"] = TuningBenchmark.Large,
    [TuningRuleBenchmark.Command] = TuningRuleBenchmark.Run,
    [EvidenceBenchmark.Command] = EvidenceBenchmark.Run,
};

// Part of a measurement that is long: some tasks, with a number of repeats, such as "evidence wine,adult 2".
if (args is [EvidenceBenchmark.Command, var tasks, var repeats])
{
    return EvidenceBenchmark.Run(
        tasks.Split(',', StringSplitOptions.RemoveEmptyEntries), int.Parse(repeats, CultureInfo.InvariantCulture));
}

// Other draws than those of the page: "tuning-rule 2000".
if (args is [TuningRuleBenchmark.Command, var seed] && !benchmarks.ContainsKey(seed))
{
    TuningRuleBenchmark.Run(int.Parse(seed, CultureInfo.InvariantCulture));
    return 0;
}

// A quick look at some data sets, such as "defaults glass,ecoli".
if (args is ["defaults", var sets] && !benchmarks.ContainsKey(sets))
    return DefaultsBenchmark.RunSome(sets.Split(','));
if (args is [DefaultsGammaBenchmark.Command, var someSets] && !benchmarks.ContainsKey(someSets))
    return DefaultsGammaBenchmark.RunSome(someSets.Split(','));

if (args.FirstOrDefault(arg => !benchmarks.ContainsKey(arg)) is { } unknown)
{
    Console.Error.WriteLine($"'{unknown}' is no benchmark. There are: {string.Join(", ", benchmarks.Keys)}; without a name all are run.");
    return 2;
}

foreach (var name in args.Length > 0 ? args : [.. benchmarks.Keys])
    benchmarks[name]();
return 0;

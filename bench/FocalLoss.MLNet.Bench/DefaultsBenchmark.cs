using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Trainers;

namespace FocalMlNet.Bench;

/// <summary>
/// What default options are worth on data sets of 214 to 10,000 rows: log-loss and average precision on rows that training has not seen,
/// beside the stock trainers at their defaults, on the same folds.
/// </summary>
internal static class DefaultsBenchmark
{
    public const int Repeats = 5;
    public const int Folds = 5;

    private const int Ours = 2, Balanced = 3, Given = 4;

    private static readonly string[] Trainers =
        ["`LbfgsLogisticRegression`", "`SgdCalibrated`", "`FocalSgd`", "`FocalSgd`, balanced", "`FocalSgd`, L2 = 1e-7"];

    private static readonly string[] MulticlassTrainers =
    [
        "`LbfgsMaximumEntropy`", "`OneVersusAll(SgdCalibrated)`", "`FocalSgd`, softmax", "`FocalSgd`, softmax, balanced",
        "`FocalSgd`, one-versus-all",
    ];

    /// <summary>The sets with two classes.</summary>
    public static readonly MixedData[] Sets =
    [
        new("german", "german.csv.gz", label => label is "2")
        {
            Nominal =
            [
                "status", "history", "purpose", "savings", "employment", "personal", "debtors", "property", "plans", "housing", "job",
                "telephone", "foreign",
            ],
        },
        new("ionosphere", "ionosphere.csv.gz", label => label is "b"),
        new("ecoli, imU", "ecoli.csv.gz", label => label is "imU"),
        new("glass, 7", "glass.csv.gz", label => label is "7"),
        new("wine, ≤ 4", "winequality-white.csv.gz", label => Number(label) <= 4),
        new("wine, ≥ 8", "winequality-white.csv.gz", label => Number(label) >= 8),
        new("page-blocks, not text", "page-blocks.csv.gz", label => label is not "1"),
        new("satimage, 4", "satimage.csv.gz", label => label is "4"),
        new("ai4i2020", "ai4i2020.csv.gz", label => label is "1") { Nominal = ["Type"], Ignored = ["UDI", "Product ID"] },
        new("coil2000", "coil2000.csv.gz", label => label is "1") { Nominal = ["STYPE", "MOSHOOFD"] },
    ];

    private static readonly MixedData[] MulticlassSets =
    [
        new("glass, 6 classes", "glass.csv.gz", _ => false),
        new("page-blocks, 5 classes", "page-blocks.csv.gz", _ => false),
    ];

    /// <summary>Measures all sets, and saves the page.</summary>
    public static void Run() => Measure([]).Save("defaults");

    /// <summary>Measures some sets for a quick look.</summary>
    /// <param name="only">How the names of those to measure begin.</param>
    /// <returns>The exit status of the program.</returns>
    public static int RunSome(string[] only) => RunSome(only, [.. Sets, .. MulticlassSets], () => Measure(only));

    /// <summary>Measures some of all sets, if there are such.</summary>
    /// <param name="only">How the names of those to measure begin.</param>
    /// <param name="all">All that could be measured.</param>
    /// <param name="measure">Measures.</param>
    /// <returns>The exit status of the program.</returns>
    public static int RunSome(string[] only, MixedData[] all, Action measure)
    {
        if (Array.Find(only, name => !Array.Exists(all, set => set.BeginsWith(name))) is { } unknown)
        {
            var names = string.Join("; ", all.Select(set => set.Name));
            Console.Error.WriteLine($"No data set's name begins with '{unknown}'. There are: {names}.");
            return 2;
        }

        measure();
        return 0;
    }

    private static Results Measure(string[] only)
    {
        var results = new Results("Defaults on small and middling data");
        results.Add($"{Repeats} × {Folds} stratified folds, the same for all trainers, each at its defaults but for what its name says "
            + "(the stock ones on one thread, since what `SgdCalibrated` learns depends on their number). Numbers standardised and codes "
            + "one-hot, both by the training folds. Log-loss in nats; AP is average precision. The better one: of "
            + "`LbfgsLogisticRegression` (L) and `SgdCalibrated` (S) that with the less mean log-loss, or the greater mean AP. Differences "
            + $"are paired, ± their standard error over the {Repeats * Folds} folds; the repeats use the same rows, so the true error is "
            + "somewhat larger. In bold: worse than the better one by more than two of these (log-loss: and by 3 %).");
        results.Add("");
        var plain = Part(results, kernel: false, only);
        var mapped = Part(results, kernel: true, only);
        if (plain.Length > 0)
            Bars(results, [(plain, "plain", 1.01), (mapped, "kernel", .9)]);
        return results;
    }

    /// <summary>Plain features or kernel features: the tables of all sets.</summary>
    private static DefaultsCell[] Part(Results results, bool kernel, string[] only)
    {
        bool IsWanted(MixedData set) => only.Length == 0 || only.Any(set.BeginsWith);
        results.Add(kernel ? "## 200 random Fourier features (`ApproximatedKernelMap`, Gaussian, γ = .5)" : "## Plain features");
        results.Add("");
        DefaultsCell[] cells = [.. Sets.Where(IsWanted).Select(set => Measure(set, kernel, OfTwo))];
        Ratios(results, cells, Trainers);
        Means(results, "log-loss", cells, Trainers, cell => cell.LogLosses);
        Means(results, "AP", cells, Trainers, cell => cell.AveragePrecisions);
        DefaultsCell[] ofSeveral = [.. MulticlassSets.Where(IsWanted).Select(set => Measure(set, kernel, OfSeveral, isMulticlass: true))];
        if (ofSeveral.Length > 0)
            Means(results, "log-loss", ofSeveral, MulticlassTrainers, cell => cell.LogLosses);
        return cells;
    }

    private static DefaultsCell Measure(
        MixedData set, bool kernel, Func<MLContext, IEstimator<ITransformer>[]> trainersOf, bool isMulticlass = false)
        => Measure(set, kernel, Trainers.Length, (mlContext, _) => trainersOf(mlContext), isMulticlass);

    /// <summary>Fits trainers on all folds of a set, and evaluates each on the rows that are left out.</summary>
    /// <param name="set">The set.</param>
    /// <param name="kernel">Whether with kernel features.</param>
    /// <param name="trainerCount">The number of trainers.</param>
    /// <param name="trainersOf">Makes them for a context and a number of training rows; the two stock ones first.</param>
    /// <param name="isMulticlass">Whether of all classes.</param>
    /// <returns>What each got on each fold.</returns>
    public static DefaultsCell Measure(
        MixedData set, bool kernel, int trainerCount, Func<MLContext, int, IEstimator<ITransformer>[]> trainersOf,
        bool isMulticlass = false)
    {
        var rows = set.Read();
        string[] classes = [.. rows.Select(row => row.Class).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        string[] labels = [.. rows.Select(row => isMulticlass ? row.Class : set.IsPositive(row.Class) ? "1" : "0")];
        var cell = new DefaultsCell(trainerCount, Repeats * Folds)
        {
            Name = set.Name,
            RowCount = rows.Length,
            FeatureCount = set.FeatureCount(rows, kernel),
            PositiveCount = labels.Count(label => label is "1"),
        };
        Parallel.For(0, Repeats * Folds, job =>
        {
            var (repeat, test) = (job / Folds, job % Folds);
            var mlContext = new MLContext(seed: 1 + repeat);
            var fold = MixedData.Deal(labels, Folds, seed: repeat);
            var views = set.Views(
                mlContext, [.. rows.Where((_, i) => fold[i] != test)], [.. rows.Where((_, i) => fold[i] == test)], classes, kernel);
            var trainers = trainersOf(mlContext, fold.Count(part => part != test));
            for (var trainer = 0; trainer < trainers.Length; trainer++)
            {
                var scored = trainers[trainer].Fit(views.Train).Transform(views.Test);
                if (isMulticlass)
                {
                    cell.LogLosses[trainer][job] = mlContext.MulticlassClassification.EvaluateImbalanced(scored, "Class").LogLoss;
                    continue;
                }

                var metrics = mlContext.BinaryClassification.EvaluateImbalanced(scored);
                cell.LogLosses[trainer][job] = metrics.LogLoss;
                cell.AveragePrecisions[trainer][job] = metrics.AveragePrecision;
            }
        });
        return cell;
    }

    private static IEstimator<ITransformer>[] OfTwo(MLContext mlContext)
    {
        var trainers = mlContext.BinaryClassification.Trainers;
        FocalSgdBinaryTrainer Focal(FocalSgdBinaryTrainer.Options options) => trainers.FocalSgd(options);
        return
        [
            .. Stock(mlContext),
            Focal(new() { NumberOfThreads = 1 }),
            Focal(new() { NumberOfThreads = 1, ClassWeighting = ClassWeighting.Balanced }),
            Focal(new() { NumberOfThreads = 1, L2Regularization = 1e-7 }),
        ];
    }

    /// <summary>The stock trainers at their defaults.</summary>
    public static IEstimator<ITransformer>[] Stock(MLContext mlContext)
    {
        var trainers = mlContext.BinaryClassification.Trainers;
        return
        [
            trainers.LbfgsLogisticRegression(new LbfgsLogisticRegressionBinaryTrainer.Options { NumberOfThreads = 1 }),
            trainers.SgdCalibrated(new SgdCalibratedTrainer.Options { NumberOfThreads = 1 }),
        ];
    }

    private static IEstimator<ITransformer>[] OfSeveral(MLContext mlContext)
    {
        const string Label = "Class";
        var (trainers, binary) = (mlContext.MulticlassClassification.Trainers, mlContext.BinaryClassification.Trainers);
        FocalSgdMulticlassTrainer Focal(MulticlassFormulation formulation, ClassWeighting weighting) => trainers.FocalSgd(
            new FocalSgdMulticlassTrainer.Options
            {
                LabelColumnName = Label,
                NumberOfThreads = 1,
                Formulation = formulation,
                ClassWeighting = weighting,
            });
        var stock = new SgdCalibratedTrainer.Options { NumberOfThreads = 1, LabelColumnName = Label };
        return
        [
            trainers.LbfgsMaximumEntropy(new LbfgsMaximumEntropyMulticlassTrainer.Options { LabelColumnName = Label, NumberOfThreads = 1 }),
            trainers.OneVersusAll(binary.SgdCalibrated(stock), Label),
            Focal(MulticlassFormulation.Softmax, ClassWeighting.None),
            Focal(MulticlassFormulation.Softmax, ClassWeighting.Balanced),
            Focal(MulticlassFormulation.OneVersusAll, ClassWeighting.None),
        ];
    }

    /// <summary>The table of two classes: what the bars are about.</summary>
    private static void Ratios(Results results, DefaultsCell[] cells, string[] trainers)
    {
        if (cells.Length == 0)
            return;
        results.AddTable(
            [
                "data", "rows × features", "positives", "log-loss of the better one", $"{trainers[Ours]} / it", "difference",
                $"{trainers[Balanced]} / it", $"{trainers[Given]} / it", "AP of the better one", $"{trainers[Ours]} - it",
            ],
            cells.Select(cell => (string[])
            [
                cell.Name,
                string.Create(CultureInfo.InvariantCulture, $"{cell.RowCount:n0} × {cell.FeatureCount}"),
                string.Create(CultureInfo.InvariantCulture, $"{cell.PositiveCount} ({(double)cell.PositiveCount / cell.RowCount:0.0 %})"),
                $"{Text(cell.BetterLogLoss.Mean)} ({trainers[cell.BetterLogLoss.Trainer].Trim('`')[0]})",
                Marked(Text(cell.Ratio(Ours), "0.000"), cell.IsWorse(Ours)),
                WithError(cell.LogLossDifferences(Ours)),
                Marked(Text(cell.Ratio(Balanced), "0.000"), cell.IsWorse(Balanced)),
                Marked(Text(cell.Ratio(Given), "0.000"), cell.IsWorse(Given)),
                $"{Text(cell.BetterPrecision.Mean, "0.000")} ({trainers[cell.BetterPrecision.Trainer].Trim('`')[0]})",
                Marked(WithError(cell.PrecisionDifferences(Ours)), cell.IsLower(Ours)),
            ]));
    }

    private static void Means(Results results, string measure, DefaultsCell[] cells, string[] trainers, Func<DefaultsCell, double[][]> of)
        => results.AddTable(
            [$"{measure}, mean", .. trainers],
            cells.Select(cell => (string[])[cell.Name, .. of(cell).Select(values => Text(values.Average()))]));

    private static void Bars(Results results, (DefaultsCell[] Cells, string Name, double MostRatio)[] parts)
    {
        results.Add("## Bars");
        results.Add("");
        foreach (var (cells, name, most) in parts)
        {
            results.AddBar(
                $"{name}: geometric mean of log-loss / better one at most {Text(most, "0.00")}", GeometricMean(cells, Ours), most);
            results.AddBar($"{name}: the same with balanced weights at most 1.15", GeometricMean(cells, Balanced), 1.15);
            results.AddBar(
                $"{name}: no log-loss worse by both 3 % and two paired standard errors{Names(cells, cell => cell.IsWorse(Ours))}",
                cells.Count(cell => cell.IsWorse(Ours)), 0);
            results.AddBar(
                $"{name}: no average precision lower by two paired standard errors{Names(cells, cell => cell.IsLower(Ours))}",
                cells.Count(cell => cell.IsLower(Ours)), 0);
        }
    }

    private static string Names(DefaultsCell[] cells, Predicate<DefaultsCell> isMeant)
        => cells.Where(cell => isMeant(cell)).Select(cell => cell.Name).ToArray() is { Length: > 0 } names
            ? $" (here: {string.Join("; ", names)})"
            : "";

    private static double GeometricMean(DefaultsCell[] cells, int trainer)
        => Math.Exp(cells.Average(cell => Math.Log(cell.Ratio(trainer))));

    private static double Number(string label) => double.Parse(label, CultureInfo.InvariantCulture);

    /// <summary>A text, in bold if it is bad news.</summary>
    public static string Marked(string text, bool isBad) => isBad ? $"**{text}**" : text;

    /// <summary>A number with four decimals, or as said.</summary>
    public static string Text(double value, string format = "0.0000") => value.ToString(format, CultureInfo.InvariantCulture);

    /// <summary>The mean of some differences, with sign, and its standard error.</summary>
    public static string WithError(double[] differences)
    {
        // Adding 0 takes the sign off a zero, which would be printed before that of the format.
        var mean = Math.Round(differences.Average(), 4) + 0.0;
        return $"{Text(mean, "+0.0000;-0.0000")} ± {Text(DefaultsCell.StandardError(differences))}";
    }
}

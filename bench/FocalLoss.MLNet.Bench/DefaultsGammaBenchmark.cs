using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Trainers;

namespace FocalMlNet.Bench;

/// <summary>
/// What γ and the penalty can reach on the sets and folds of <see cref="DefaultsBenchmark"/>: with the penalty that the trainer chooses
/// and, where γ = 2 misses a bar with it, with each of a grid.
/// </summary>
internal static class DefaultsGammaBenchmark
{
    public const string Command = "defaults-gamma";

    private const int StockCount = 2;

    private static readonly double[] Gammas = [0, .25, .5, 1, 1.5, 2];

    /// <summary>From 1e-9 to 1, in small steps where penalties differ most.</summary>
    private static readonly double[] Penalties =
    [
        .. Enumerable.Range(-18, 11).Select(half => Math.Pow(10, half / 2.0)),
        .. Enumerable.Range(-39, 40).Select(tenth => Math.Pow(10, tenth / 10.0)),
    ];

    /// <summary>The sets on which γ = 2 with the chosen penalty misses a bar.</summary>
    private static readonly string[] Searched = ["ecoli, imU", "wine, ≤ 4", "wine, ≥ 8", "satimage, 4", "ai4i2020"];

    /// <summary>What else tells causes apart: the parts of what is minimised, and how far it is minimised.</summary>
    private static readonly (string Name, Func<MLContext, int, IEstimator<ITransformer>> Make)[] Causes =
    [
        ("L-BFGS, L1 = 0", (ml, _) => Lbfgs(ml, l1: 0, l2: 1)),
        ("L-BFGS, L2 = 0", (ml, _) => Lbfgs(ml, l1: 1, l2: 0)),
        ("L-BFGS, L1 = L2 = 0", (ml, _) => Lbfgs(ml, l1: 0, l2: 0)),
        ("L-BFGS, tolerance 1e-10", (ml, _) => Lbfgs(ml, l1: 1, l2: 1, tolerance: 1e-10f)),
        ("γ = 0, λ = 1 / n", (ml, rows) => Focal(ml, new() { Gamma = 0, L2Regularization = 1.0 / rows })),
        ("γ = 2, λ = 1 / n", (ml, rows) => Focal(ml, new() { Gamma = 2, L2Regularization = 1.0 / rows })),
        ("γ = 2, chosen λ, tolerance 1e-8", (ml, _) => Focal(ml, new() { Gamma = 2, ConvergenceTolerance = 1e-8 })),
    ];

    /// <summary>Measures all sets, and saves the page.</summary>
    public static void Run() => Measure([]).Save(Command);

    /// <summary>Measures some sets for a quick look.</summary>
    /// <param name="only">How the names of those to measure begin.</param>
    /// <returns>The exit status of the program.</returns>
    public static int RunSome(string[] only) => DefaultsBenchmark.RunSome(only, DefaultsBenchmark.Sets, () => Measure(only));

    private static Results Measure(string[] only)
    {
        var results = new Results("What γ and the penalty can reach on small and middling data");
        results.Add("Sets, folds, stock trainers and the better one of these as in [defaults.md](defaults.md): mean log-loss divided by "
            + "its, mean average precision (AP) less its, ± a paired standard error over "
            + $"{DefaultsBenchmark.Repeats * DefaultsBenchmark.Folds} folds. In bold: a bar is missed (AP lower by two of these; log-loss "
            + "worse by two of them and by 3 %).");
        results.Add("");
        bool IsWanted(MixedData set) => only.Length == 0 || only.Any(set.BeginsWith);
        MixedData[] sets = [.. DefaultsBenchmark.Sets.Where(IsWanted)];
        GammaCell[] plain = [.. sets.Select(set => Measure(set, kernel: false))];
        Chosen(results, "Plain features, the penalty chosen by the trainer", plain);
        Grid(results, [.. plain.Where(of => of.IsSearched)]);
        Reasons(results, [.. plain.Where(of => of.IsSearched)]);
        Chosen(results, "200 random Fourier features, the penalty chosen by the trainer",
            [.. sets.Select(set => Measure(set, kernel: true))]);
        return results;
    }

    private static GammaCell Measure(MixedData set, bool kernel)
    {
        var isSearched = !kernel && Searched.Contains(set.Name);
        var chosen = Gammas.ToDictionary(gamma => gamma, _ => new ConcurrentBag<double>());
        IEstimator<ITransformer>[] Trainers(MLContext mlContext, int rows)
        {
            var stock = DefaultsBenchmark.Stock(mlContext);
            var byChoice = Gammas.Select(gamma => Focal(
                mlContext, new() { Gamma = gamma, Completed = outcome => chosen[gamma].Add(outcome.L2Regularization) }));
            if (!isSearched)
                return [.. stock, .. byChoice];
            var given = Gammas.SelectMany(gamma => Penalties.Select(
                penalty => Focal(mlContext, new() { Gamma = gamma, L2Regularization = penalty })));
            return [.. stock, .. byChoice, .. given, .. Causes.Select(cause => cause.Make(mlContext, rows))];
        }

        var count = StockCount + Gammas.Length + (isSearched ? Gammas.Length * Penalties.Length + Causes.Length : 0);
        var cell = DefaultsBenchmark.Measure(set, kernel, count, Trainers);
        return new(cell, isSearched, [.. Gammas.Select(gamma => Math.Exp(chosen[gamma].Average(Math.Log)))]);
    }

    private static void Chosen(Results results, string title, GammaCell[] cells)
    {
        results.Add($"## {title}");
        results.Add("");
        int[] choices = [.. Enumerable.Range(0, Gammas.Length).Select(Choice)];
        void Table(string measure, Func<DefaultsCell, int, string> text, Func<DefaultsCell, int, bool> isMissed) => results.AddTable(
            [measure, .. Gammas.Select(gamma => $"γ = {Number(gamma)}")],
            [
                .. cells.Select(of => (string[])[of.Cell.Name, .. choices.Select(trainer => text(of.Cell, trainer))]),
                ["bars missed", .. choices.Select(trainer => Number(cells.Count(of => isMissed(of.Cell, trainer))))],
            ]);

        Table("AP - it", Precision, (cell, trainer) => cell.IsLower(trainer));
        Table("log-loss / it", LogLoss, (cell, trainer) => cell.IsWorse(trainer));
    }

    private static void Grid(Results results, GammaCell[] cells)
    {
        if (cells.Length == 0)
            return;
        results.Add("## Plain features, the best penalty in hindsight");
        results.Add("");
        results.Add("λ from 1e-9 to 1, by factors of √10 up to 1e-4 and of 1.26 above, the best for the mean over all folds: better than "
            + "any rule could choose. The last column: λ of the grid that meet both bars, with the greatest AP among them. "
            + "Chosen λ: geometric mean.");
        results.Add("");
        results.AddTable(
            [
                "data, γ", "chosen λ", "AP - it", "log-loss / it", "λ best for AP", "AP - it", "λ best for log-loss", "log-loss / it",
                "λ that meet both bars",
            ],
            cells.SelectMany(of => Enumerable.Range(0, Gammas.Length).Select(g => Row(of, g))));
        foreach (var of in cells)
            results.Add(Conclusion(of.Cell.Name, of.Cell));
        if (cells.Length > 1)
            results.Add(Conclusion("all of these", [.. cells.Select(of => of.Cell)]));
        results.Add("");
    }

    private static string[] Row(GammaCell of, int gamma)
    {
        var cell = of.Cell;
        var all = Enumerable.Range(0, Penalties.Length);
        var byPrecision = all.MaxBy(p => cell.AveragePrecisions[Given(gamma, p)].Average());
        var byLogLoss = all.MinBy(p => cell.LogLosses[Given(gamma, p)].Average());
        return
        [
            $"{cell.Name}, {Number(Gammas[gamma])}",
            Number(of.ChosenPenalties[gamma]), Precision(cell, Choice(gamma)), LogLoss(cell, Choice(gamma)),
            Number(Penalties[byPrecision]), Precision(cell, Given(gamma, byPrecision)),
            Number(Penalties[byLogLoss]), LogLoss(cell, Given(gamma, byLogLoss)),
            WithPrecision(cell, gamma),
        ];
    }

    /// <summary>The penalties of the grid with which no bar is missed.</summary>
    private static int[] Meeting(DefaultsCell cell, int gamma)
        => [.. Enumerable.Range(0, Penalties.Length).Where(p => MeetsBoth(cell, Given(gamma, p)))];

    private static bool MeetsBoth(DefaultsCell cell, int trainer) => !cell.IsLower(trainer) && !cell.IsWorse(trainer);

    private static string WithPrecision(DefaultsCell cell, int gamma)
    {
        var meeting = Meeting(cell, gamma);
        if (meeting.Length == 0)
            return "none";
        var best = meeting.Select(p => Given(gamma, p)).MaxBy(trainer => cell.AveragePrecisions[trainer].Average());
        return $"{Range(meeting)} ({Precision(cell, best)})";
    }

    /// <summary>Penalties that follow each other are told by the first and the last.</summary>
    private static string Range(int[] penalties)
    {
        // Less their places these are equal as long as none is missing.
        var runs = penalties.Select((penalty, i) => (penalty, Run: penalty - i)).GroupBy(of => of.Run, of => Number(Penalties[of.penalty]));
        return string.Join("; ", runs.Select(run => run.ToArray() is [var first, .., var last] ? $"{first} … {last}" : run.Single()));
    }

    private static string Conclusion(string name, params DefaultsCell[] cells)
    {
        string Those(Func<DefaultsCell, int, bool> meets)
        {
            int[] indices = [.. Enumerable.Range(0, Gammas.Length).Where(g => Array.TrueForAll(cells, cell => meets(cell, g)))];
            return indices.Length > 0 ? $"γ of {string.Join("; ", indices.Select(g => Number(Gammas[g])))}" : "no γ";
        }

        return $"- {name}: with the best λ of the grid both bars are met by {Those((cell, g) => Meeting(cell, g).Length > 0)}, "
            + $"with the chosen one by {Those((cell, g) => MeetsBoth(cell, Choice(g)))}.";
    }

    private static void Reasons(Results results, GammaCell[] cells)
    {
        if (cells.Length == 0)
            return;
        results.Add("## Plain features, parts and precision of what is minimised");
        results.Add("");
        results.Add("L-BFGS: `LbfgsLogisticRegression`, with L1 = L2 = 1 by default, both on sums over the n training rows: "
            + "its L2 is λ = 1 / n.");
        results.Add("");
        var first = StockCount + Gammas.Length * (1 + Penalties.Length);
        (string Name, int Trainer)[] columns =
        [
            ("L-BFGS", 0), .. Causes.Select((cause, i) => (cause.Name, first + i)),
            .. new[] { 0, Gammas.Length - 1 }.Select(g => ($"γ = {Number(Gammas[g])}, chosen λ", Choice(g))),
        ];
        void Table(string measure, Func<DefaultsCell, double[][]> values) => results.AddTable(
            [$"{measure}, mean", .. columns.Select(column => column.Name)],
            cells.Select(of => (string[])
                [of.Cell.Name, .. columns.Select(column => DefaultsBenchmark.Text(values(of.Cell)[column.Trainer].Average()))]));
        Table("AP", cell => cell.AveragePrecisions);
        Table("log-loss", cell => cell.LogLosses);
    }

    private static string Precision(DefaultsCell cell, int trainer)
        => DefaultsBenchmark.Marked(DefaultsBenchmark.WithError(cell.PrecisionDifferences(trainer)), cell.IsLower(trainer));

    private static string LogLoss(DefaultsCell cell, int trainer)
    {
        var error = DefaultsCell.StandardError(cell.LogLossDifferences(trainer)) / cell.BetterLogLoss.Mean;
        var text = $"{DefaultsBenchmark.Text(cell.Ratio(trainer), "0.000")} ± {DefaultsBenchmark.Text(error, "0.000")}";
        return DefaultsBenchmark.Marked(text, cell.IsWorse(trainer));
    }

    private static int Choice(int gamma) => StockCount + gamma;

    private static int Given(int gamma, int penalty) => StockCount + Gammas.Length + gamma * Penalties.Length + penalty;

    private static FocalSgdBinaryTrainer Focal(MLContext mlContext, FocalSgdBinaryTrainer.Options options)
        => mlContext.BinaryClassification.Trainers.FocalSgd(options with { NumberOfThreads = 1 });

    private static LbfgsLogisticRegressionBinaryTrainer Lbfgs(MLContext mlContext, float l1, float l2, float tolerance = 1e-7f)
        => mlContext.BinaryClassification.Trainers.LbfgsLogisticRegression(new LbfgsLogisticRegressionBinaryTrainer.Options
        {
            NumberOfThreads = 1,
            L1Regularization = l1,
            L2Regularization = l2,
            OptimizationTolerance = tolerance,
        });

    private static string Number(double value) => value.ToString("g2", CultureInfo.InvariantCulture);

    /// <summary>A set with one kind of features.</summary>
    /// <param name="Cell">The stock trainers, those with a chosen penalty and, if searched, those of the grid and the causes.</param>
    /// <param name="IsSearched">Whether the grid was tried.</param>
    /// <param name="ChosenPenalties">What was chosen for each γ: geometric mean over the folds.</param>
    private sealed record GammaCell(DefaultsCell Cell, bool IsSearched, double[] ChosenPenalties);
}

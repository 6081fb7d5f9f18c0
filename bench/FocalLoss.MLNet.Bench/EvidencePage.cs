using System.Globalization;

namespace FocalMlNet.Bench;

/// <summary>The page of the evidence: what was measured, paired differences, bars.</summary>
internal static class EvidencePage
{
    private const int TunedOverAll = EvidenceContest.TunedOverAll;

    private static readonly int[] Tuned =
        [EvidenceContest.TunedLine, EvidenceContest.TunedKernel, TunedOverAll, EvidenceContest.BestOverAll];

    /// <summary>The page of some tasks.</summary>
    public static Results Of(EvidenceTask[] tasks)
    {
        var results = new Results("When focal loss helps tabular data");
        results.Add("Each task's rows are halved at random, with its share of positives in each half, again and again; each half trains "
            + "once and is held out once. Whatever is fitted, normaliser, one-hot map, kernel map, tuning folds, sees the training half "
            + "alone. Means over the held-out halves. What the contestants are, and what follows, is in "
            + "[docs/evidence.md](../../docs/evidence.md); the figures of each half are in [evidence](evidence).");
        results.Add("");
        results.AddTable(
            ["task", "rows", "positives", "halves"],
            tasks.Select(task => (string[])[task.Data.Data.Name, .. Counts(task.Data), Text(task.Halves, "0")]));
        Measure(results, "Average precision", tasks, r => r.AveragePrecision, isHigherBetter: true, "0.000");
        Measure(results, "Log-loss, nats", tasks, r => r.LogLoss, isHigherBetter: false, "0.0000");
        Measure(results, "Brier score", tasks, r => r.Brier, isHigherBetter: false, "0.0000");
        Measure(
            results, "Profit per 1,000 rows, where a missed positive costs 20 and a false alert 1, at the threshold 1/21", tasks,
            r => r.Profit, isHigherBetter: true, "0.0");
        Measure(
            results, "Seconds of the training, on one thread of a machine with other work", tasks, r => r.Seconds, isHigherBetter: null,
            "0.00");
        Taken(results, tasks);
        results.Add("## What γ = 2 adds");
        results.Add("");
        results.Add("Average precision of `FocalSgd` with γ = 2 minus the same with γ = 0, and log-loss of the first by that of the "
            + "second. ± is the corrected standard error of the paired difference; in bold what is beyond two of them.");
        results.Add("");
        results.AddTable(
            ["task", "AP, no weights", "AP, balanced", "log-loss, no weights", "log-loss, balanced"],
            [.. tasks.Select(task => Gain(task.Data.Data.Name, [task])), Gain("all", tasks)]);
        Pooled(results, "tuned over all", tasks, TunedOverAll);
        Pooled(results, "best over all", tasks, EvidenceContest.BestOverAll);
        Pooled(results, "tuned line", tasks, EvidenceContest.TunedLine);
        Calibrator(results, tasks);
        Bars(results, tasks);
        return results;
    }

    private static string[] Counts(EvidenceData data)
    {
        var rows = data.Rows();
        var positives = rows.Count(row => row.Label);
        return
        [
            Text(rows.Length, "n0") + (data.SampleSize is null ? "" : ", drawn"),
            $"{Text(positives, "n0")} ({Text((double)positives / rows.Length, "0.0 %")})",
        ];
    }

    private static void Measure(
        Results results, string name, EvidenceTask[] tasks, Func<EvidenceResult, double> measure, bool? isHigherBetter, string format)
    {
        results.Add($"## {name}");
        results.Add("");
        results.AddTable(["task", .. EvidenceContest.Main.Select(c => EvidenceContest.Names[c])], tasks.Select(task =>
        {
            double[] means = [.. EvidenceContest.Main.Select(c => task.Mean(c, measure))];
            var best = isHigherBetter is { } higher ? higher ? means.Max() : means.Min() : double.NaN;
            return (string[])[task.Data.Data.Name, .. means.Select(mean => Marked(Text(mean, format), mean == best))];
        }));
    }

    /// <summary>What the tuned ones took, and how often.</summary>
    private static void Taken(Results results, EvidenceTask[] tasks)
    {
        results.Add("## What was taken");
        results.Add("");
        results.AddTable(
            ["task", .. Tuned.Select(c => EvidenceContest.Names[c])],
            tasks.Select(task => (string[])
            [
                task.Data.Data.Name,
                .. Tuned.Select(c => string.Join(
                    "; ", task.Of(c).GroupBy(r => r.Taken.Split(", λ")[0], StringComparer.Ordinal).OrderByDescending(g => g.Count())
                        .Select(g => string.Create(CultureInfo.InvariantCulture, $"{g.Count()} × {g.Key}")))),
            ]));
    }

    private static string[] Gain(string name, EvidenceTask[] tasks)
    {
        const int Plain = 0, Balanced = 1;
        string Precision(int weighting)
        {
            var pooled = PooledDifference.Of(
                tasks, EvidenceContest.Focal + weighting, EvidenceContest.GammaZero + weighting, r => r.AveragePrecision);
            return Difference(pooled.Mean, pooled.StandardError);
        }

        string LogLoss(int weighting) => Text(
            Math.Exp(tasks.Average(task => Math.Log(
                task.Mean(EvidenceContest.Focal + weighting, r => r.LogLoss)
                / task.Mean(EvidenceContest.GammaZero + weighting, r => r.LogLoss)))), "0.000");
        return [name, Precision(Plain), Precision(Balanced), LogLoss(Plain), LogLoss(Balanced)];
    }

    /// <summary>A contestant beside all others.</summary>
    private static void Pooled(Results results, string name, EvidenceTask[] tasks, int one)
    {
        results.Add($"## `{name}` beside the others");
        results.Add("");
        results.Add($"Of average precision the paired difference, `{name}` minus the other, its mean over the tasks with corrected "
            + "standard error and 95 % interval; the tasks in which it is lower, and higher, by more than two standard errors; log-loss by "
            + "that of the other, geometric mean; the difference of the profit per 1,000 rows.");
        results.Add("");
        results.AddTable(
            ["beside", "average precision", "95 % interval", "lower", "higher", "log-loss, ratio", "profit"],
            EvidenceContest.Main.Where(c => c != one).Select(other =>
            {
                var pooled = PooledDifference.Of(tasks, one, other, r => r.AveragePrecision);
                var profit = PooledDifference.Of(tasks, one, other, r => r.Profit);
                return (string[])
                [
                    EvidenceContest.Names[other], Difference(pooled.Mean, pooled.StandardError),
                    $"[{Text(pooled.Mean - pooled.Reach, "+0.0000;-0.0000")}; {Text(pooled.Mean + pooled.Reach, "+0.0000;-0.0000")}]",
                    Text(tasks.Count(task => IsLower(task, one, other)), "0"), Text(tasks.Count(task => IsLower(task, other, one)), "0"),
                    Text(Math.Exp(tasks.Average(t => Math.Log(t.Mean(one, r => r.LogLoss) / t.Mean(other, r => r.LogLoss)))), "0.000"),
                    Difference(profit.Mean, profit.StandardError, "0.0"),
                ];
            }));
    }

    private static void Bars(Results results, EvidenceTask[] tasks)
    {
        results.Add("## Bars");
        results.Add("");
        results.Add("1. Average precision, `tuned over all` minus each single one, all tasks: lower end of the 95 % interval above -.005.");
        results.Add("");
        results.AddTable(["beside", "lower end", "bar 1"], EvidenceContest.Singles.Select(single =>
        {
            var pooled = PooledDifference.Of(tasks, TunedOverAll, single, r => r.AveragePrecision);
            var low = pooled.Mean - pooled.Reach;
            return (string[])[EvidenceContest.Names[single], Text(low, "+0.0000;-0.0000"), Verdict(low > -.005)];
        }));
        results.Add("2. Each task: log-loss of `tuned over all` at most 1.02 times that of the single one with the least.");
        results.Add("3. Each task: average precision of `tuned over all` at most two standard errors below that of L-BFGS.");
        results.Add("");
        results.AddTable(["task", "least log-loss", "ratio", "bar 2", "AP to L-BFGS", "bar 3"], tasks.Select(task =>
        {
            var ratio = Ratio(task, TunedOverAll);
            var precision = task.Difference(TunedOverAll, EvidenceContest.Logistic, r => r.AveragePrecision);
            return (string[])
            [
                task.Data.Data.Name, EvidenceContest.Names[task.LeastLogLoss], Text(ratio, "0.000"), Verdict(ratio <= 1.02),
                Difference(precision.Mean, precision.StandardError), Verdict(!IsLower(task, TunedOverAll, EvidenceContest.Logistic)),
            ];
        }));
    }

    /// <summary>Log-loss by that of the contestant that has the least.</summary>
    private static double Ratio(EvidenceTask task, int contestant)
        => task.Mean(contestant, r => r.LogLoss) / task.Mean(task.LeastLogLoss, r => r.LogLoss);

    /// <summary>What the calibrator of the tuning adds.</summary>
    private static void Calibrator(Results results, EvidenceTask[] tasks)
    {
        results.Add("## What the calibrator adds");
        results.Add("");
        results.Add("`tuned over all` with the probabilities that the chosen candidate has itself, and as it is: with a calibrator where "
            + "the tuning found that this has less log-loss out of fold by more than one standard error. Ratio: to the single one with "
            + "the least log-loss.");
        results.Add("");
        results.AddTable(
            ["task", "halves", "calibrated", "own log-loss", "log-loss", "own ratio", "ratio", "own profit per 1,000 rows", "profit"],
            tasks.Select(task => (string[])
            [
                task.Data.Data.Name, Text(task.Halves, "0"),
                Text(task.Of(EvidenceContest.OwnProbabilities).Count(
                    r => !r.Taken.EndsWith(EvidenceContest.AsItIs, StringComparison.Ordinal)), "0"),
                Text(task.Mean(EvidenceContest.OwnProbabilities, r => r.LogLoss), "0.0000"),
                Text(task.Mean(TunedOverAll, r => r.LogLoss), "0.0000"), Text(Ratio(task, EvidenceContest.OwnProbabilities), "0.000"),
                Text(Ratio(task, TunedOverAll), "0.000"), Text(task.Mean(EvidenceContest.OwnProbabilities, r => r.Profit), "0.0"),
                Text(task.Mean(TunedOverAll, r => r.Profit), "0.0"),
            ]));
    }

    private static string Verdict(bool isMet) => isMet ? "met" : "**missed**";

    private static bool IsLower(EvidenceTask task, int one, int other)
        => task.Difference(one, other, r => r.AveragePrecision) is var d && d.Mean < -2 * d.StandardError;

    private static string Difference(double mean, double error, string format = "0.0000")
        => Marked($"{Text(mean, $"+{format};-{format}")} ± {Text(error, format)}", Math.Abs(mean) > 2 * error);

    private static string Marked(string text, bool isMarked) => isMarked ? $"**{text}**" : text;

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}

namespace FocalMlNet.Report.Tests.Page;

/// <summary>Content of a page that no model was needed for: scores are normal in log-odds, counts and curves are plainly counted.</summary>
internal static class MadeUp
{
    private static readonly string[] Names =
        ["Focal loss, γ = 2, balanced", "Plain logistic regression", "FastTree, 200 trees", "LightGBM", "Weighted logistic regression"];

    public static ReportContent Content(
        int models = 3, int rows = 8000, double prevalence = .02, int maxSteps = 2000, int seed = 1, bool probabilities = true)
    {
        Random random = new(seed);
        var labels = Enumerable.Range(0, rows).Select(i => i < rows * prevalence).ToArray();
        var (positives, negatives) = (labels.Count(l => l), labels.Count(l => !l));
        var made = Enumerable.Range(0, models).Select(i => Model(
            Names[i % Names.Length], labels, random, 3.2 - .35 * i, prevalence, maxSteps, probabilities)).ToList();
        return new()
        {
            Title = "Shuttle: is the valve open?",
            Answer =
            [
                "“Focal loss, γ = 2, balanced” finds 83 % of the positives with 4 false alerts for each 10 that are right.",
                "Its average precision is .71 (.64 to .77). Plain logistic regression has .62: the difference is real (.09, .04 to .13).",
                "At the costs below it saves 241 for each 1,000 rows, against doing nothing (198 to 270). No tree ensemble is better.",
            ],
            ThresholdNote = "Thresholds chosen on these rows look a little better than they are.",
            Worries =
            [
                "There are 160 positives: figures of recall are certain to about 6 points.",
                "Probabilities above .5 are too low: of rows at .7 about .85 were positive.",
            ],
            Rows = rows,
            Positives = positives,
            Negatives = negatives,
            EffectivePositives = positives,
            EffectiveNegatives = negatives,
            IsWeighted = false,
            Costs = new(0, -1, -20, 0),
            Models = made,
            Chosen = 0,
            Differences = new(["compared with", "metric", "difference", "95 % interval", "p (Holm)"],
            [
                ["Plain logistic regression", "average precision", "+0.089", "0.041 – 0.134", "0.0004"],
                ["Plain logistic regression", "log-loss", "−0.0121", "−0.0160 – −0.0081", "<0.0001"],
                ["FastTree, 200 trees", "average precision", "+0.012", "−0.021 – 0.046", "0.48"],
            ]),
            Candidates = new(["candidate", "mean", "difference", "standard error", "folds", "seconds"],
            [
                ["γ = 2, balanced", "0.712", "", "", "5", "1.2"], ["γ = 0, no weights", "0.640", "−0.072", "0.014", "5", "0.9"],
                ["FastTree", "0.701", "−0.011", "0.012", "5", "14.0"],
            ], 0),
            Features = new("Weights times the spread of the column: by how much a usual difference in the feature moves the log-odds.",
                [.. Enumerable.Range(0, 9).Select(i => new KeyValuePair<string, double>(
                    i == 2 ? "a rather long name of a column that does not fit into the space there is" : $"Sensor {i + 1}",
                    (9 - i) * (i % 3 == 1 ? -.21 : .23)))], 14),
            HardestRows = new(
                ["row", "actual", "probability", "loss"], [["1834", "positive", "0.0008", "7.1"], ["77", "negative", "0.998", "6.2"]]),
            LossShare = new(["below 10 %", "10 to 50 %", "50 to 90 %", "90 to 99 %", "above 99 %"], [.004, .012, .05, .2, .734], [0, 2],
                [[.35, .28, .19, .12, .06], [.58, .33, .08, .01, 0]]),
            Provenance =
            [
                new("Data", "shuttle.csv, 58,000 rows"), new("Split", "75 % training, 25 % test, stratified, seed 1"),
                new("Versions", "FocalLoss.MLNet 0.1.0, Microsoft.ML 5.0.1, .NET 10.0"), new("Made", "2026-11-26 12:00 UTC"),
            ],
        };
    }

    private static ModelContent Model(
        string name, bool[] labels, Random random, double apart, double prevalence, int maxSteps, bool probabilities)
    {
        var prior = Math.Log(prevalence / (1 - prevalence));
        // The log-odds of two normal distributions of variance 1 that are so far apart.
        var scores = labels.Select(label => prior + apart * ((label ? apart / 2 : -apart / 2) + Normal(random))).ToArray();
        var values = Array.ConvertAll(scores, s => probabilities ? (float)(1 / (1 + Math.Exp(-s))) : (float)s);
        var order = Enumerable.Range(0, labels.Length).OrderByDescending(i => values[i]).ToArray();
        int positives = labels.Count(l => l), negatives = labels.Length - positives, tp = 0, fp = 0;
        List<StepContent> all = [new(probabilities ? 1 : values[order[0]] + 1, 0, 0)];
        for (var k = 0; k < order.Length; k++)
        {
            if (labels[order[k]]) tp++; else fp++;
            if (k + 1 < order.Length && values[order[k + 1]] < values[order[k]])
                all.Add(new((float)(((double)values[order[k]] + values[order[k + 1]]) / 2), tp, fp));
        }

        all.Add(new(probabilities ? 0 : values[order[^1]] - 1, tp, fp));
        // Where they are too many: all while positives are found, then fewer.
        var every = Math.Max(1, (all.Count + maxSteps - 2) / (maxSteps - 1));
        var steps = all.Where((_, k) => k == 0 || k == all.Count - 1 || k % every == 0).ToList();
        int At(Func<StepContent, double> worth) => Enumerable.Range(0, steps.Count).MaxBy(k => worth(steps[k]));
        var band = Enumerable.Range(0, 51).Select(i => i / 50.0).ToArray();
        CurveContent Curve(Func<StepContent, double> x, Func<StepContent, double> y, bool skipFirst = false)
        {
            var kept = steps.Skip(skipFirst ? 1 : 0).ToList();
            double Value(double at) => kept.FirstOrDefault(s => x(s) >= at) is { } found ? y(found) : y(kept[^1]);
            return new(
                [.. kept.Select(x)], [.. kept.Select(y)], band,
                [.. band.Select(at => Math.Max(0, Value(at) - .05))], [.. band.Select(at => Math.Min(1, Value(at) + .05))]);
        }

        var groups = order.Reverse().Chunk(labels.Length / 12).Where(c => c.Length > 20).Select(chunk =>
        {
            var (mean, share) = (chunk.Average(i => (double)values[i]), chunk.Average(i => labels[i] ? 1.0 : 0));
            var error = 2 * Math.Sqrt((share * (1 - share) + .5 / chunk.Length) / chunk.Length);
            return new ReliabilityContent(mean, share, Math.Max(0, share - error), Math.Min(1, share + error), chunk.Length);
        }).ToList();
        const int bins = 40;
        var edges = Enumerable.Range(0, bins + 1).Select(b => -12 + 20.0 * b / bins)
            .Select(z => probabilities ? 1 / (1 + Math.Exp(-z)) : z).ToArray();
        if (probabilities)
            (edges[0], edges[^1]) = (0, 1);
        double[] InBins(bool label) => [.. Enumerable.Range(0, bins).Select(b => (double)Enumerable.Range(0, labels.Length)
            .Count(i => labels[i] == label && values[i] > edges[b] && values[i] <= edges[b + 1]))];
        return new()
        {
            Name = name,
            HasProbabilities = probabilities,
            Metrics =
            [
                new("average precision", .712, .641, .774), new("AUROC", .981, .972, .989), new("log-loss", .0412, .0371, .0455),
                new("Brier score", .0101, .0089, .0113),
            ],
            Steps = steps,
            Policies =
            [
                new("lowest cost on these rows", At(s => 20 * s.TruePositives - s.FalsePositives)),
                new("highest F1 score", At(s => 2 * s.TruePositives / (positives + s.TruePositives + s.FalsePositives))),
                new("recall of 80 %", steps.FindIndex(s => s.TruePositives >= .8 * positives)),
                new("precision of 80 %", steps.FindLastIndex(
                    s => s.TruePositives >= .8 * (s.TruePositives + s.FalsePositives) && s.TruePositives > 0)),
            ],
            OwnThreshold = Enumerable.Range(0, steps.Count).MinBy(k => Math.Abs(steps[k].Threshold - (probabilities ? .5 : 0))),
            PrecisionRecall = Curve(s => s.TruePositives / positives, s => s.TruePositives / (s.TruePositives + s.FalsePositives), true),
            Roc = Curve(s => s.FalsePositives / negatives, s => s.TruePositives / positives),
            Gain = Curve(s => (s.TruePositives + s.FalsePositives) / labels.Length, s => s.TruePositives / positives),
            Reliability = probabilities ? groups : [],
            Histogram = new(edges, InBins(true), InBins(false)),
        };
    }

    private static double Normal(Random random)
        => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}

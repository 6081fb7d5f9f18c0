using System.Globalization;
using FocalMlNet.Evaluation;

namespace FocalMlNet.Bench;

/// <summary>How often the confidence intervals of an evaluation hold the truth, which is known, as the rows are drawn from it.</summary>
internal static class CoverageBenchmark
{
    private const int Resamples = 300;

    /// <summary>Normal scores of both classes, the positives' higher by some standard deviations.</summary>
    /// <param name="Rows">The number of rows.</param>
    /// <param name="Prevalence">The probability of a positive.</param>
    /// <param name="Shift">How much higher the positives' mean is.</param>
    /// <param name="Threshold">Called positive is a score above it.</param>
    /// <param name="Draws">How many samples.</param>
    private sealed record Cell(int Rows, double Prevalence, double Shift, double Threshold, int Draws)
    {
        public double LogOdds => Math.Log(Prevalence / (1 - Prevalence)) - Shift * Shift / 2;

        /// <summary>The probability of a positive, and what the model says it is: it is too sure of itself.</summary>
        public (double True, double Said) Probability(double z)
        {
            var logit = LogOdds + Shift * z;
            return (1 / (1 + Math.Exp(-logit)), 1 / (1 + Math.Exp(-1.2 * logit)));
        }

        public ScoredRows Draw(int seed)
        {
            var random = new Random(seed);
            bool[] labels = [.. Enumerable.Range(0, Rows).Select(_ => random.NextDouble() < Prevalence)];
            if (labels.All(y => y) || !labels.Any(y => y))
                return Draw(seed + 1_000_003);
            return Of([.. labels.Select(y => Normal(random) + (y ? Shift : 0))], labels, [.. labels.Select(_ => 1f)]);
        }

        public ScoredRows Of(double[] z, bool[] labels, float[] weights) => ScoredRows.Of(
            [.. z.Select(v => (float)v)], labels, weights, [.. z.Select(v => (float)Probability(v).Said)],
            [.. z.Select(v => v > Threshold)]);
    }

    public static void Run()
    {
        var results = new Results("Coverage of confidence intervals");
        results.Add("How often 95 % intervals hold the truth, in percent, and in brackets their mean width. Scores of both classes are "
            + "normal, those of the positives higher by a shift in standard deviations; rows are drawn with the prevalence as the "
            + "probability of a positive; "
            + $"{Resamples} resamples each. The probabilities are too sure by a factor of 1.2 in the logit.");
        results.Add("");
        Binary(results, "20 positives expected",
            [new(2000, .01, 1, 3, 500), new(2000, .01, 2.5, 2.5, 500), new(200, .1, 1, 2.2, 1000), new(200, .1, 2.5, 2, 1000),
            new(200, .1, 3.5, 2, 1000)]);
        Binary(results, "50 and 200 positives, and 20 negatives, expected",
            [new(1000, .05, 1.5, 1.5, 1000), new(2000, .1, 2, 1.5, 1000), new(4000, .05, 1, 2.5, 1000), new(200, .9, 1, 0, 1000),
            new(200, .9, 2.5, 1, 1000)]);
        PValues(results);
        results.Save("coverage");
    }

    private static void Binary(Results results, string title, Cell[] cells)
    {
        var metrics = Enum.GetValues<BinaryMetric>();
        var columns = cells.Select(cell => Coverage(cell, metrics)).ToArray();
        results.AddTable(
            [title, .. cells.Select(c => string.Create(CultureInfo.InvariantCulture, $"{c.Rows} rows, {c.Prevalence}, shift {c.Shift}"))],
            metrics.Select((metric, m) => (string[])[$"{metric}", .. columns.Select(c => c[m])]));
    }

    /// <summary>Two models that see the same signal through noise of the same size: how many p values are below a number.</summary>
    private static void PValues(Results results)
    {
        const int Draws = 1000;
        double[] bounds = [.01, .05, .1, .2, .5];
        List<string[]> lines = [];
        foreach (var (rows, prevalence) in new[] { (200, .1), (1000, .05), (1000, .2) })
        {
            CostMatrix costs = CostMatrix.OfMissCost(20);
            var values = new ModelComparison<ImbalancedBinaryMetrics>[Draws];
            Parallel.For(0, Draws, draw =>
            {
                var random = new Random(draw);
                bool[] labels = [.. Enumerable.Range(0, rows).Select(i => i < 2 ? i == 0 : random.NextDouble() < prevalence)];
                double[] signal = [.. labels.Select(y => (y ? 2 : 0) + Normal(random))];
                float[] ones = [.. labels.Select(_ => 1f)];
                EvaluationOptions options = new() { BootstrapResamples = Resamples, NumberOfThreads = 1, Seed = draw };
                ComparedBinaryScores Model(string name)
                {
                    float[] scores = [.. signal.Select(z => (float)(z + .5 * Normal(random) - 2.5))];
                    return new(name, ScoredRows.Of(scores, labels, ones, [.. scores.Select(z => 1 / (1 + MathF.Exp(-z)))],
                        [.. scores.Select(z => z > -1)]), costs, options);
                }

                values[draw] = Comparison.Compared<ImbalancedBinaryMetrics>([Model("a"), Model("b")], costs, options);
            });
            foreach (var metric in Enum.GetValues<ComparisonMetric>())
            {
                var p = values.Select(v => v.Difference("a", "b", metric).PValue).ToArray();
                lines.Add([string.Create(CultureInfo.InvariantCulture, $"{metric}, {rows} rows, {prevalence}"),
                    .. bounds.Select(bound => (100.0 * p.Count(v => v < bound) / Draws).ToString("F1", CultureInfo.InvariantCulture))]);
            }
        }

        results.Add("Two equally good models, compared: how many of 1000 p values (not adjusted), in percent, are below a number.");
        results.Add("");
        results.AddTable(["", .. bounds.Select(b => string.Create(CultureInfo.InvariantCulture, $"{b}"))], lines);
    }

    private static string[] Coverage(Cell cell, BinaryMetric[] metrics)
    {
        var truth = Truth(cell);
        var held = new int[metrics.Length];
        var widths = new double[metrics.Length];
        Lock guard = new();
        Parallel.For(0, cell.Draws, draw =>
        {
            var rows = cell.Draw(draw);
            var evaluation = BinaryEvaluation.Of(rows, new() { BootstrapResamples = Resamples, NumberOfThreads = 1, Seed = draw });
            var calibrationError = TrueCalibrationError(cell, rows);
            lock (guard)
            {
                for (var m = 0; m < metrics.Length; m++)
                {
                    var (low, high) = evaluation.Interval(metrics[m]);
                    var value = metrics[m] == BinaryMetric.ExpectedCalibrationError ? calibrationError : truth[metrics[m]];
                    held[m] += low - 1e-9 <= value && value <= high + 1e-9 ? 1 : 0;
                    widths[m] += high - low;
                }
            }
        });
        return [.. metrics.Select((_, m) => string.Create(CultureInfo.InvariantCulture,
            $"{100.0 * held[m] / cell.Draws:F1} ({widths[m] / cell.Draws:F3})"))];
    }

    /// <summary>The metrics of the population: rows at small steps of z, weighted by their density.</summary>
    private static ImbalancedBinaryMetrics Truth(Cell cell)
    {
        double[] z = [.. Grid()];
        return BinaryEvaluation.Of(
            cell.Of([.. z, .. z], [.. z.Select(_ => true), .. z.Select(_ => false)],
                [.. z.Select(v => (float)(cell.Prevalence * Density(v - cell.Shift))),
                .. z.Select(v => (float)((1 - cell.Prevalence) * Density(v)))]),
            new());
    }

    /// <summary>A standard normal number (Box and Muller).</summary>
    private static double Normal(Random random)
        => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private static IEnumerable<double> Grid() => Enumerable.Range(0, 12001).Select(i => -5 + i * .001);

    private static double Density(double z) => Math.Exp(-z * z / 2) / Math.Sqrt(2 * Math.PI);

    /// <summary>The calibration error of the population in the bins of the data.</summary>
    private static double TrueCalibrationError(Cell cell, ScoredRows rows)
    {
        const int Bins = 10;
        float[] sorted = [.. rows.Scores.Order()];
        float[] ends = [.. Enumerable.Range(1, Bins - 1).Select(b => sorted[b * (sorted.Length - 1) / Bins])];
        var sums = new double[Bins];
        foreach (var z in Grid())
        {
            var density = .001 * (cell.Prevalence * Density(z - cell.Shift) + (1 - cell.Prevalence) * Density(z));
            var (right, said) = cell.Probability(z);
            sums[ends.Count(end => end < z)] += density * (said - right);
        }

        return sums.Sum(Math.Abs);
    }
}

using System.Globalization;
using Microsoft.ML;

namespace FocalMlNet.Bench;

/// <summary>What TuneImbalanced takes where γ and class weights change nothing, and where focal loss gains what was built in.</summary>
internal static class TuningRuleBenchmark
{
    private const int Draws = 100;

    /// <summary>Clusters of width .7 in a plane, for which neither cross-entropy nor class weights find the line that ranks best.</summary>
    private static readonly (bool Label, float X, float Y, double Share)[] Clusters =
    [
        (false, 1.8f, 5.4f, .061), (false, 6.1f, 1.8f, .779), (false, -3.8f, -3.3f, .01), (true, -1.3f, -1.7f, .064),
        (true, 7.3f, -3.2f, .086),
    ];

    /// <summary>The command.</summary>
    public const string Command = "tuning-rule";

    /// <summary>The rule was made with the draws of seeds 0 to 99 in view: others judge it.</summary>
    private const int FirstSeed = 1000;

    public static void Run() => Run(FirstSeed);

    /// <param name="firstSeed">Of the draws.</param>
    public static void Run(int firstSeed)
    {
        var results = new Results("What a tuning takes: the simplest candidate within one standard error of the best");
        results.Add(FormattableString.Invariant(
            $"{Draws} draws each, of seeds {firstSeed} to {firstSeed + Draws - 1}, `TuneImbalanced` with its defaults: 5 folds, γ of ")
            + "0, .5, 1, 2, 3, 5, three class weightings, a path of penalties, average precision. (The rule was made when the draws of "
            + "seeds 0 to 99 had been seen.)");
        results.Add("");
        results.Add("## Where γ and class weights change nothing");
        results.Add("");
        results.Add("Labels are drawn from a logistic model of 8 features, which is what every candidate estimates.");
        results.Add("");
        var worst = Draws;
        List<string[]> rows = [];
        foreach (var (count, rate) in new[] { (500, .2), (2000, .05), (2000, .2), (8000, .02) })
        {
            var taken = Tune(firstSeed, seed => new SkewedData(0, 8, 0).View(new MLContext(), Logistic(count, rate, seed)));
            var (plain, weighted, focal) = Counts(taken);
            worst = Math.Min(worst, plain);
            rows.Add([$"{count:n0} rows, about {rate:p0} positives", $"{plain}", $"{weighted}", $"{focal}"]);
        }

        results.AddTable(["data", "γ = 0, no weights", "γ = 0, weights", "γ > 0"], rows);
        results.AddBar($"something else than γ = 0 without weights in at most {Draws / 10} of {Draws}", Draws - worst, Draws / 10.0);
        results.Add("");
        results.Add("## Where focal loss gains");
        results.Add("");
        results.Add("Five clusters in a plane, two of them positive. t is by how much the best line with γ = 0, with whatever class "
            + "weights, is behind the best candidate, in corrected standard errors: the median over the draws.");
        results.Add("");
        rows.Clear();
        var (found, atLeastFive) = (Draws, false);
        foreach (var count in new[] { 500, 1000, 2000, 5000 })
        {
            var taken = Tune(firstSeed, seed => new SkewedData(0, 2, 0).View(new MLContext(), Mixture(count, seed)));
            var (plain, weighted, focal) = Counts(taken);
            var ratios = taken.Select(result =>
            {
                var best = result.Candidates.Where(c => c.Gamma == 0 && c.DroppedAfter is null).MaxBy(c => c.Mean)!;
                var gain = -best.DifferenceToBest;
                return (Gain: gain, T: gain > 0 ? gain / best.DifferenceStandardError : 0);
            }).ToArray();
            var t = ratios.Select(r => r.T).Order().ElementAt(Draws / 2);
            if (t >= 5 && !atLeastFive)
                (found, atLeastFive) = (focal, true);
            rows.Add(
            [
                $"{count:n0} rows", Number(ratios.Average(r => r.Gain), 4), Number(t, 1), $"{plain}", $"{weighted}", $"{focal}",
            ]);
        }

        results.AddTable(["data", "mean gain", "t", "γ = 0, no weights", "γ = 0, weights", "γ > 0"], rows);
        results.AddBar($"a gain of five standard errors is missed in at most {Draws / 10} of {Draws}", Draws - found, Draws / 10.0);
        results.Save("tuning-rule");
    }

    /// <summary>Rows whose label is drawn from a logistic model.</summary>
    public static DenseExample[] Logistic(int count, double rate, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            float[] x = [.. Enumerable.Range(0, 8).Select(_ => (float)Normal(random))];
            var z = Math.Log(rate / (1 - rate)) - .5 + x[0] + .5 * x[1] - .5 * x[2];
            return new DenseExample { Label = random.NextDouble() < 1 / (1 + Math.Exp(-z)), Features = x };
        })];
    }

    private static DenseExample[] Mixture(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            var u = random.NextDouble();
            var at = 0;
            while (at < Clusters.Length - 1 && (u -= Clusters[at].Share) >= 0)
                at++;
            var (label, x, y, _) = Clusters[at];
            return new DenseExample { Label = label, Features = [x + .7f * (float)Normal(random), y + .7f * (float)Normal(random)] };
        })];
    }

    private static double Normal(Random random)
        => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private static BinaryTuningResult[] Tune(int firstSeed, Func<int, IDataView> draw)
        => [.. Enumerable.Range(firstSeed, Draws).Select(seed => new MLContext().BinaryClassification.TuneImbalanced(draw(seed)))];

    private static (int Plain, int Weighted, int Focal) Counts(BinaryTuningResult[] results)
    {
        var focal = results.Count(result => result.Chosen.Gamma > 0);
        var plain = results.Count(result => result.Chosen.Gamma == 0 && result.Chosen.ClassWeighting == ClassWeighting.None);
        return (plain, results.Length - plain - focal, focal);
    }

    private static string Number(double value, int digits)
        => value.ToString("f" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}

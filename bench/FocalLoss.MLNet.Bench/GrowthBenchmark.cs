
using System.Globalization;
using Microsoft.ML;

namespace FocalMlNet.Bench;

/// <summary>How the time for a fit grows with the rows and with the features.</summary>
internal static class GrowthBenchmark
{
    private const int Rounds = 3;
    private static readonly int[] RowCounts = [10_000, 100_000, 1_000_000, 10_000_000];
    private static readonly int[] FeatureCounts = [10, 100, 1000, 10_000];
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(1);

    public static void Run()
    {
        var results = new Results("Growth: seconds for `Fit` of `FocalSgd` at its defaults, 1 % positives, cached view");
        results.Add($"The median of {Rounds} fits after a warm-up. The exponent is the slope of a straight line through the logarithms: "
            + "1 is in proportion.");
        results.Add("");
        Table(results, "rows, 30 features", RowCounts.Select(rows => (rows, new SkewedData(rows, 30, .01))));
        Table(results, "features, 20,000 rows", FeatureCounts.Select(features => (features, new SkewedData(20_000, features, .01))));
        results.Save("growth");
    }

    private static void Table(Results results, string what, IEnumerable<(int Size, SkewedData Data)> sizes)
    {
        List<(double Size, double Seconds)> points = [];
        List<string[]> rows = [];
        foreach (var (size, data) in sizes)
        {
            var mlContext = new MLContext(seed: 1);
            var view = data.Cached(mlContext);
            var passes = 0;
            Contestant read = new("read", () => LinearFit.ForEach(view, static (bool _, in Microsoft.ML.Data.VBuffer<float> _) => { }));
            Contestant fit = new("fit", () =>
            {
                passes = 0;
                mlContext.BinaryClassification.Trainers.FocalSgd(
                    new FocalSgdBinaryTrainer.Options { Progress = new Immediate(() => passes++) }).Fit(view);
            });
            Contest.Run([read, fit], Rounds, WarmUp);
            points.Add((size, fit.MedianSeconds));
            rows.Add(
            [
                size.ToString("n0", CultureInfo.InvariantCulture), FitBenchmark.Seconds(fit.MedianSeconds),
                    FitBenchmark.Seconds(read.MedianSeconds), $"{passes}",
                FitBenchmark.Number(fit.MedianSeconds / ((double)data.RowCount * data.FeatureCount) * 1e9),
            ]);
        }

        results.AddTable([what, "fit, s", "one pass of the view's cursor, s", "quasi-Newton steps", "fit, ns per value"], rows);
        results.Add($"Exponent over all {what.Split(',')[0]}: {FitBenchmark.Number(Slope(points))}; over the last two decades: "
            + $"{FitBenchmark.Number(Slope(points[^3..]))}.");
        results.Add("");
    }

    /// <summary>The slope of the least-squares line through the logarithms.</summary>
    private static double Slope(List<(double Size, double Seconds)> points)
    {
        var (x, y) = (points.ConvertAll(p => Math.Log(p.Size)), points.ConvertAll(p => Math.Log(p.Seconds)));
        var (meanX, meanY) = (x.Average(), y.Average());
        return x.Zip(y, (a, b) => (a - meanX) * (b - meanY)).Sum() / x.Sum(a => (a - meanX) * (a - meanX));
    }
}

using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;

namespace FocalMlNet.Bench;

/// <summary>How long the decision page takes once models are compared, and how large it is.</summary>
internal static class ReportBenchmark
{
    private const double BarSeconds = 5, BarBytes = 1_500_000;
    private static readonly int[] RowCounts = [10_000, 100_000, 1_000_000];
    private static readonly int[] ModelCounts = [1, 3, 5];

    public static void Run()
    {
        var mlContext = new MLContext(seed: 1);
        var results = new Results("The decision page");
        results.Add("Scored rows in a cached view, 1 % positives, almost all scores distinct. Seconds for `new DecisionReport(comparison)` "
            + "and `Save`, once after a run to warm up; the comparison before it is not counted.");
        results.Add("");
        var folder = Directory.CreateTempSubdirectory("report").FullName;
        List<string[]> table = [];
        double seconds = 0, bytes = 0;
        Page(mlContext, 10_000, 1, folder);
        foreach (var rows in RowCounts)
        {
            foreach (var models in ModelCounts)
            {
                var page = Page(mlContext, rows, models, folder);
                (seconds, bytes) = (Math.Max(seconds, page.Make + page.Save), Math.Max(bytes, page.Bytes));
                table.Add(
                [
                    rows.ToString("N0", CultureInfo.InvariantCulture), Text(models, "0"), Text(page.Make, "0.00"), Text(page.Save, "0.00"),
                    Text(page.Bytes, "N0"),
                ]);
            }
        }

        Directory.Delete(folder, recursive: true);
        results.AddTable(["rows", "models", "make, s", "save, s", "bytes"], table);
        results.AddBar("the page in under 5 seconds, also of 1,000,000 rows and 5 models", seconds, BarSeconds);
        results.AddBar("below 1.5 MB", bytes, BarBytes);
        results.Save("report");
    }

    private static (double Make, double Save, double Bytes) Page(MLContext mlContext, int rows, int models, string folder)
    {
        var view = mlContext.Data.Cache(mlContext.Data.LoadFromEnumerable(Rows(rows)));
        var compared = Enumerable.Range(1, models).Select(i => ($"Model {i}", (ITransformer)mlContext.Transforms
            .CopyColumns("Score", $"Score{i}").Append(mlContext.Transforms.CopyColumns("Probability", $"Probability{i}"))
            .Append(mlContext.Transforms.CopyColumns("PredictedLabel", "Predicted")).Fit(view)));
        var comparison = mlContext.BinaryClassification.CompareImbalanced(
            view, compared, options: new EvaluationOptions { BootstrapResamples = 20 });
        var path = Path.Combine(folder, "report.html");
        var watch = Stopwatch.StartNew();
        DecisionReport report = new(comparison);
        var make = watch.Elapsed.TotalSeconds;
        report.Save(path);
        return (make, watch.Elapsed.TotalSeconds - make, new FileInfo(path).Length);
    }

    private static IEnumerable<Row> Rows(int count)
    {
        var random = new Random(1);
        for (var i = 0; i < count; i++)
        {
            var label = random.NextDouble() < .01;
            double Score() => -4.6 + 2.5 * ((label ? 1.25 : -1.25) + Normal(random));
            var (a, b, c, d, e) = (Score(), Score(), Score(), Score(), Score());
            yield return new()
            {
                Label = label,
                Score1 = (float)a,
                Score2 = (float)b,
                Score3 = (float)c,
                Score4 = (float)d,
                Score5 = (float)e,
                Probability1 = Probability(a),
                Probability2 = Probability(b),
                Probability3 = Probability(c),
                Probability4 = Probability(d),
                Probability5 = Probability(e),
            };
        }
    }

    private static float Probability(double score) => (float)(1 / (1 + Math.Exp(-score)));

    private static double Normal(Random random)
        => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private static string Text(double number, string format) => number.ToString(format, CultureInfo.InvariantCulture);

    private sealed class Row
    {
        public bool Label { get; init; }

        public bool Predicted { get; init; }

        public float Score1 { get; init; }

        public float Score2 { get; init; }

        public float Score3 { get; init; }

        public float Score4 { get; init; }

        public float Score5 { get; init; }

        public float Probability1 { get; init; }

        public float Probability2 { get; init; }

        public float Probability3 { get; init; }

        public float Probability4 { get; init; }

        public float Probability5 { get; init; }
    }
}

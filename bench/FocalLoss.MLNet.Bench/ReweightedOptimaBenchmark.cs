
using System.Globalization;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Trainers;

namespace FocalMlNet.Bench;

/// <summary>
/// How near re-weighted L-BFGS comes to the minima of the focal loss that an independent program found (Reference/optima.json of the
/// tests), and in how many fits. Quality only: it may be run on a machine that does other things.
/// </summary>
internal static class ReweightedOptimaBenchmark
{
    public static void Run()
    {
        var results = new Results("FocalReweighted over L-BFGS against the minima of the focal loss");
        results.Add("Standardised features, no L1, an L2 penalty of 1e-4 on the mean loss (in ML.NET's L-BFGS 1e-4 times the number of "
            + "rows). Excess: (objective - minimum) / minimum, penalty included.");
        results.Add("");
        Dictionary<string, DenseExample[]> data = new(StringComparer.Ordinal)
        {
            ["shuttle: Class == Fpv.Open"] = Standardised(RealData.Shuttle()),
            ["coil2000: CARAVAN == 1"] = Standardised(RealData.Coil2000()),
        };
        var file = Path.Combine(Results.RepositoryFolder(), "tests", "FocalLoss.MLNet.Tests", "Reference", "optima.json");
        using var optima = JsonDocument.Parse(File.ReadAllText(file));
        results.AddTable(
            ["data", "γ", "alpha", "excess", "fits"],
            optima.RootElement.GetProperty("binary").EnumerateArray()
                .Select(optimum => Row(data[optimum.GetProperty("data").GetString()!], optimum)));
        results.Save("reweighted-optima");
    }

    private static string[] Row(DenseExample[] rows, JsonElement optimum)
    {
        var mlContext = new MLContext(seed: 1);
        var view = mlContext.Data.Cache(new SkewedData(rows.Length, rows[0].Features.Length, .01).View(mlContext, rows));
        double? alpha = optimum.GetProperty("alpha") is { ValueKind: JsonValueKind.Number } given ? given.GetDouble() : null;
        var (gamma, l2, least) =
            (optimum.GetProperty("gamma").GetDouble(), optimum.GetProperty("l2").GetDouble(), optimum.GetProperty("objective").GetDouble());
        var rounds = new Counter();
        var model = mlContext.BinaryClassification.Trainers.FocalReweighted(
            w => mlContext.BinaryClassification.Trainers.LbfgsLogisticRegression(new LbfgsLogisticRegressionBinaryTrainer.Options
            {
                ExampleWeightColumnName = w,
                L1Regularization = 0,
                L2Regularization = (float)(l2 * rows.Length),
            }),
            new FocalReweightedOptions { Gamma = gamma, Alpha = alpha, Progress = rounds }).Fit(view).Model.SubModel;
        var excess = (LinearFit.Objective(model, view, new FocalLoss(gamma, alpha), l2) - least) / least;
        return
        [
            optimum.GetProperty("data").GetString()!.Split(':')[0],
            gamma.ToString(CultureInfo.InvariantCulture),
            alpha?.ToString(CultureInfo.InvariantCulture) ?? "none",
            excess.ToString("0.#e+0", CultureInfo.InvariantCulture),
            rounds.Count.ToString(CultureInfo.InvariantCulture),
        ];
    }

    /// <summary>The features with mean 0 and population standard deviation 1 over all rows, as the reference has them.</summary>
    private static DenseExample[] Standardised(DenseExample[] rows)
    {
        for (var j = 0; j < rows[0].Features.Length; j++)
        {
            var mean = rows.Average(row => (double)row.Features[j]);
            var deviation = Math.Sqrt(rows.Average(row => (row.Features[j] - mean) * (row.Features[j] - mean)));
            foreach (var row in rows)
                row.Features[j] = (float)((row.Features[j] - mean) / deviation);
        }

        return rows;
    }

    private sealed class Counter : IProgress<FocalReweightingRound>
    {
        public int Count { get; private set; }

        public void Report(FocalReweightingRound value) => Count = value.Round;
    }
}

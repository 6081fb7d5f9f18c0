using FocalMlNet.Evaluation;
using Microsoft.ML;

namespace FocalMlNet.Report.Tests.Content;

/// <summary>A row with two features that tell something, and one that does not.</summary>
public sealed class DrawnRow
{
    public bool Label { get; set; }

    public float Near { get; set; }

    public float Far { get; set; }

    public float Noise { get; set; }

    public float Weight { get; set; } = 1;

    public string Note { get; set; } = "";
}

/// <summary>Rows with a seed, models on them, and comparisons.</summary>
internal static class DrawnRows
{
    public static readonly MLContext MlContext = new(1);

    public static DrawnRow[] Of(int count, double share, int seed, double distance = 1.5, Func<Random, float>? weight = null)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            var label = i < Math.Round(count * share);
            return new DrawnRow
            {
                Label = label,
                Near = (float)(Normal(random) + (label ? distance : 0)),
                Far = (float)(10 * (Normal(random) + (label ? distance / 2 : 0))),
                Noise = (float)Normal(random),
                Weight = weight?.Invoke(random) ?? 1,
                Note = FormattableString.Invariant($"row {i}"),
            };
        }).OrderBy(_ => random.Next())];
    }

    public static IDataView View(IEnumerable<DrawnRow> rows) => MlContext.Data.LoadFromEnumerable(rows);

    public static IEstimator<ITransformer> Features(params string[] columns)
        => MlContext.Transforms.Concatenate("Features", columns.Length == 0 ? ["Near", "Far", "Noise"] : columns);

    public static ModelComparison<ImbalancedBinaryMetrics> Compare(
        IDataView test, IEnumerable<(string, ITransformer)> models, string? weight = null, CostMatrix? costs = null, int resamples = 50)
        => MlContext.BinaryClassification.CompareImbalanced(
            test, models, exampleWeightColumnName: weight, costs: costs, options: new() { BootstrapResamples = resamples });

    /// <summary>A comparison of what is given as probabilities; of scores without them, where none are.</summary>
    public static ModelComparison<ImbalancedBinaryMetrics> Compared(
        bool[] labels, float[]? probabilities, float[]? scores = null, float[]? weights = null, float own = .5f)
    {
        weights ??= Array.ConvertAll(labels, _ => 1f);
        var called = probabilities is null ? Array.ConvertAll(scores!, z => z > own) : Array.ConvertAll(probabilities, p => p > own);
        var rows = ScoredRows.Of(scores ?? probabilities!, labels, weights, probabilities, called);
        EvaluationOptions options = new() { BootstrapResamples = 50 };
        return Comparison.Compared([new ComparedBinaryScores("Given", rows, null, options)], null, options);
    }

    public static ReportContent Content(ModelComparison<ImbalancedBinaryMetrics> comparison, DecisionReportOptions? options = null)
        => BinaryContent.Of(comparison, options ?? new());

    public static double Normal(Random random)
        => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    /// <summary>Labels of probabilities that are true.</summary>
    public static (bool[] Labels, float[] Probabilities) Calibrated(int count, int seed, double middle = -3, double spread = 1.5)
    {
        var random = new Random(seed);
        var (labels, probabilities) = (new bool[count], new float[count]);
        for (var i = 0; i < count; i++)
        {
            probabilities[i] = (float)(1 / (1 + Math.Exp(-(middle + spread * Normal(random)))));
            labels[i] = random.NextDouble() < probabilities[i];
        }

        return (labels, probabilities);
    }

    public static ConfusionCounts Counts(IDataView scored, string? weight = null)
        => MlContext.BinaryClassification.EvaluateImbalanced(
            scored, probabilityColumnName: scored.Schema.GetColumnOrNull("Probability")?.Name, exampleWeightColumnName: weight)
            .ConfusionCounts;
}


using System.Text.Json;
using FocalMlNet.Evaluation;

namespace FocalMlNet.Tests.Evaluation;

/// <summary>Reference/metrics.json: inputs, and what scikit-learn makes of them (make_metrics.py).</summary>
internal static class MetricVectors
{
    public const double Tolerance = 1e-12;

    private static readonly JsonElement Root =
        JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Reference", "metrics.json"))).RootElement;

    public static JsonElement Generated => Root.GetProperty("generated")[0];

    public static IEnumerable<string> Names(string kind)
        => Root.GetProperty(kind).EnumerateArray().Select(c => c.GetProperty("name").GetString()!);

    public static JsonElement Case(string kind, string name)
        => Root.GetProperty(kind).EnumerateArray().Single(c => c.GetProperty("name").GetString() == name);

    public static ScoredRows Rows(JsonElement binary) => ScoredRows.Of(
        Floats(binary, "scores"), Booleans(binary, "labels"), Weights(binary), Floats(binary, "probabilities"),
        Booleans(binary, "predicted"));

    public static float[] Floats(JsonElement element, string name)
        => [.. element.GetProperty(name).EnumerateArray().Select(v => (float)v.GetDouble())];

    public static bool[] Booleans(JsonElement element, string name)
        => [.. element.GetProperty(name).EnumerateArray().Select(v => v.GetInt32() == 1)];

    public static float[] Weights(JsonElement element) => element.GetProperty("weights").ValueKind == JsonValueKind.Null
        ? [.. element.GetProperty("labels").EnumerateArray().Select(_ => 1f)]
        : Floats(element, "weights");

    public static double[] Doubles(JsonElement element) => [.. element.EnumerateArray().Select(v => v.GetDouble())];

    public static double[][] Table(JsonElement element, string name) => [.. element.GetProperty(name).EnumerateArray().Select(Doubles)];

    public static EvaluationOptions Options(JsonElement vector) => new()
    {
        Gamma = vector.GetProperty("gamma").GetDouble(),
        Alpha = vector.TryGetProperty("alpha", out var alpha) && alpha.ValueKind == JsonValueKind.Number ? alpha.GetDouble() : null,
        CalibrationBinCount = vector.GetProperty("bins").GetInt32(),
        CalibrationBinning = vector.GetProperty("equalMass").GetBoolean() ? CalibrationBinning.EqualMass : CalibrationBinning.EqualWidth,
    };

    public static void AssertTable(double[][] expected, IEnumerable<double[]> actual)
    {
        double[][] rows = [.. actual];
        Assert.Equal(expected.Length, rows.Length);
        for (var i = 0; i < rows.Length; i++)
        {
            for (var j = 0; j < rows[i].Length; j++)
                Assert.Equal(expected[i][j], rows[i][j], Tolerance);
        }
    }
}

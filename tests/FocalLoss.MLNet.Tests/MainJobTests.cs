using System.Globalization;
using FocalMlNet.Data;
using FocalMlNet.Tests.StockModels;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Tests;

/// <summary>examples/ImbalancedBinary without arguments, as the README has it run.</summary>
public sealed class MainJobTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("focal-main-job-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void The_main_job_tells_what_its_saved_models_do_on_the_rows_that_it_kept()
    {
        var result = TestPrograms.RunIn(_folder.FullName, "ImbalancedBinary");

        Assert.True(result.ExitCode == 0, result.Errors);
        string[] lines = result.Output.TrimEnd().Split('\n');
        Assert.All(lines, line => Assert.InRange(line.Length, 0, 80));
        string File(string name) => Path.Combine(_folder.FullName, "artifacts", name);
        Assert.Contains("model.zip", lines[^1], StringComparison.Ordinal);
        Assert.True(System.IO.File.Exists(File("report.html")));

        // The same rows again, scored by the file.
        var mlContext = new MLContext(seed: 2);
        var definition = SchemaDefinition.Create(typeof(Row));
        definition["Features"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, 9);
        var data = mlContext.Data.LoadFromEnumerable(
            DataFile.Read(Path.Combine(AppContext.BaseDirectory, "data", "shuttle.csv"))
                .Select(row => new Row { Label = row.Class == DataFile.ShuttlePositive, Features = row.Numbers }).ToArray(),
            definition);
        var test = mlContext.Data.StratifiedTrainTestSplit(data, "Label", testFraction: .2, seed: 1).TestSet;
        var scored = mlContext.Model.Load(File("model.zip"), out _).Transform(test);
        var metrics = mlContext.BinaryClassification.EvaluateImbalanced(scored);
        var counts = metrics.ConfusionCounts;
        string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
        Assert.Contains(Line($": AUPRC {metrics.AveragePrecision:F3} ["), lines[^3], StringComparison.Ordinal);
        Assert.StartsWith("Gain   AUPRC +0.", lines[^2], StringComparison.Ordinal);
        Assert.EndsWith(
            Line($"; {counts.TruePositives} of 34 faults, {counts.FalsePositives} false alerts"), lines[^2], StringComparison.Ordinal);

        using var graph = OnnxGraph.Load(File("model.onnx"));
        using var found = graph.Run([.. test.GetColumn<float[]>("Features")]);
        float[] expected = [.. scored.GetColumn<float>("Probability")];
        float[] inOnnx = found.Of<float>("Probability");
        Assert.Equal(expected.Length, inOnnx.Length);
        for (var i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], inOnnx[i], 1e-5f);
    }

    private sealed class Row
    {
        public bool Label { get; set; }

        public float[] Features { get; set; } = [];
    }
}

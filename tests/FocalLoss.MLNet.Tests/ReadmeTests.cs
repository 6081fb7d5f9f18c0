using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Tests;

/// <summary>The code in the README compiles here and runs, and is the code in the README.</summary>
public sealed class ReadmeTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("focal-");

    [Fact]
    public void The_code_of_the_README_runs()
    {
        var dataFile = Path.Combine(AppContext.BaseDirectory, "data", "shuttle.csv");
        var modelFile = Path.Combine(_folder.FullName, "model.zip");

        // README
        var mlContext = new MLContext(seed: 1);
        var rows = mlContext.Data.LoadFromTextFile<ShuttleRow>(dataFile, separatorChar: ',', hasHeader: true);
        var isFault = new Dictionary<string, bool> { ["Fpv.Open"] = true };
        var data = mlContext.Transforms.Conversion.MapValue("Label", isFault, "Class").Fit(rows).Transform(rows);

        var pipeline = mlContext.Transforms.NormalizeMeanVariance("Features", fixZero: false)
            .Append(mlContext.BinaryClassification.Trainers.FocalSgd(new FocalSgdBinaryTrainer.Options
            {
                Gamma = 2,
                ClassWeighting = ClassWeighting.Balanced,
            }));
        var model = pipeline.Fit(data);
        mlContext.Model.Save(model, rows.Schema, modelFile);
        // END

        var loaded = mlContext.Model.Load(modelFile, out _);
        var scored = mlContext.Data.CreateEnumerable<Scored>(loaded.Transform(data), reuseRowObject: false).ToArray();
        Assert.Equal((58_000, 171), (scored.Length, scored.Count(r => r.Label)));
        Assert.True(Rows.AveragePrecision(scored) > .4);
        // At prediction time there is no label.
        Assert.Equal(scored[0].Score, loaded.Transform(rows).GetColumn<float>("Score").First());
    }

    [Fact]
    public void The_README_shows_that_code()
    {
        var readme = File.ReadAllText(Path.Combine(TestPrograms.RepositoryRoot, "README.md"));
        Assert.Contains(DocumentedCode.Of("ReadmeTests.cs", "// README", indent: 8), readme, StringComparison.Ordinal);
        Assert.Contains(DocumentedCode.Of("ReadmeTests.cs", "// README class", indent: 4), readme, StringComparison.Ordinal);
    }

    [Fact]
    public void The_commands_of_the_README_are_those_CI_runs()
    {
        var readme = File.ReadAllText(Path.Combine(TestPrograms.RepositoryRoot, "README.md"));
        var script = File.ReadAllLines(Path.Combine(TestPrograms.RepositoryRoot, ".ci", "run"));
        foreach (var command in new[] { "dotnet run --project examples/ImbalancedBinary -c Release", "dotnet test" })
        {
            Assert.Contains(command, readme, StringComparison.Ordinal);
            Assert.Contains(script, line => line.StartsWith(command, StringComparison.Ordinal));
        }
    }

    public void Dispose() => _folder.Delete(recursive: true);

    // README class
    public sealed class ShuttleRow
    {
        [LoadColumn(0, 8), VectorType(9)]
        public float[] Features { get; set; } = [];

        [LoadColumn(9)]
        public string Class { get; set; } = "";
    }

    // END
}

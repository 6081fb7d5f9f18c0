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
        var pageFile = Path.Combine(_folder.FullName, "report.html");

        // README
        var mlContext = new MLContext(seed: 1);
        var trainers = mlContext.BinaryClassification.Trainers;
        var rows = mlContext.Data.LoadFromTextFile<ShuttleRow>(dataFile, separatorChar: ',', hasHeader: true);
        var isFault = new Dictionary<string, bool> { ["Fpv.Open"] = true };
        var data = mlContext.Transforms.Conversion.MapValue("Label", isFault, "Class").Fit(rows).Transform(rows);
        var (train, test) = mlContext.Data.StratifiedTrainTestSplit(data, testFraction: .2, seed: 1);

        var tuned = mlContext.BinaryClassification.TuneImbalanced(train, new BinaryTuningOptions
        {
            Preparation = mlContext.Transforms.NormalizeMeanVariance("Features", fixZero: false),
            Candidates = [new TuningCandidate("trees", weight => trainers.FastTree(exampleWeightColumnName: weight))],
        });
        mlContext.Model.Save(tuned.Model, rows.Schema, modelFile);

        var plain = trainers.LbfgsLogisticRegression().Fit(train);
        var comparison = mlContext.BinaryClassification.CompareImbalanced(test, [("tuned", tuned.Model), ("logistic regression", plain)]);
        new DecisionReport(comparison, new() { Tuning = tuned, Baseline = "logistic regression" }).Save(pageFile);
        // END

        var loaded = mlContext.Model.Load(modelFile, out _);
        var scored = mlContext.Data.CreateEnumerable<Scored>(loaded.Transform(data), reuseRowObject: false).ToArray();
        Assert.Equal((58_000, 171), (scored.Length, scored.Count(r => r.Label)));
        Assert.True(Rows.AveragePrecision(scored) > .9);
        Assert.Contains("logistic regression", File.ReadAllText(pageFile), StringComparison.Ordinal);
        // At prediction time there is no label.
        Assert.Equal(scored[0].Score, loaded.Transform(rows).GetColumn<float>("Score").First());
    }

    [Fact]
    public void The_trainer_of_the_README_compiles()
    {
        var mlContext = new MLContext(seed: 1);

        // README trainer
        var focal = mlContext.BinaryClassification.Trainers.FocalSgd(new FocalSgdBinaryTrainer.Options
        {
            Gamma = 2,
            ClassWeighting = ClassWeighting.Balanced,
        });
        // END

        Assert.NotNull(focal);
    }

    [Fact]
    public void The_README_shows_that_code()
    {
        var readme = File.ReadAllText(Path.Combine(TestPrograms.RepositoryRoot, "README.md"));
        Assert.Contains(DocumentedCode.Of("ReadmeTests.cs", "// README", indent: 8), readme, StringComparison.Ordinal);
        Assert.Contains(DocumentedCode.Of("ReadmeTests.cs", "// README trainer", indent: 8), readme, StringComparison.Ordinal);
        Assert.Contains(DocumentedCode.Of("ReadmeTests.cs", "// README class", indent: 4), readme, StringComparison.Ordinal);
    }

    [Fact]
    public void The_code_of_the_package_README_runs()
    {
        var data = Rows.View(new MLContext(seed: 1), Rows.Gaussian(1500, positiveRate: .1));
        var modelFile = Path.Combine(_folder.FullName, "model.zip");

        var mlContext = new MLContext(seed: 1);
        var (train, test) = mlContext.Data.StratifiedTrainTestSplit(data, testFraction: .2);

        // What decisions bring in: to look at an alert costs 4, a positive that nobody looks at 150.
        var costs = new CostMatrix(truePositive: -4, falsePositive: -4, falseNegative: -150);

        var result = mlContext.BinaryClassification.TuneImbalanced(train, new BinaryTuningOptions
        {
            Preparation = mlContext.Transforms.NormalizeMeanVariance("Features", fixZero: false),
            Profit = costs,
        });
        Console.WriteLine(result);

        var scored = result.Model.Transform(test);
        Console.WriteLine(mlContext.BinaryClassification.EvaluateImbalanced(scored));
        mlContext.Model.Save(result.Model, data.Schema, modelFile);

        Assert.Equal(300, test.GetRowCount());
        Assert.Equal(.2 * data.GetColumn<bool>("Label").Count(label => label), test.GetColumn<bool>("Label").Count(label => label), 1.0);
        // Two Gaussians of one width are what lines are right for: most positives are found at these costs.
        Assert.InRange(mlContext.BinaryClassification.EvaluateImbalanced(scored).Recall, .8, 1);
        Assert.Equal(
            scored.GetColumn<float>("Probability"), mlContext.Model.Load(modelFile, out _).Transform(test).GetColumn<float>("Probability"));
        DocumentedCode.AssertIsInTests("src/FocalLoss.MLNet/PACKAGE.md", "ReadmeTests.cs");
    }

    [Fact]
    public void The_package_README_names_types_that_are_there_and_has_the_sections_of_those_of_ML_NET()
    {
        string[] lines = File.ReadAllLines(Path.Combine(TestPrograms.RepositoryRoot, "src", "FocalLoss.MLNet", "PACKAGE.md"));

        Assert.Equal(
            [
                "About", "Key Features", "How to Use", "Main Types", "Additional Documentation", "Related Packages",
                "Feedback & Contributing",
            ],
            lines.Where(line => line.StartsWith("## ", StringComparison.Ordinal)).Select(line => line[3..]));
        string[] types =
            [.. lines.SelectMany(line => line.Split('`')).Where(word => word.StartsWith("FocalMlNet.", StringComparison.Ordinal))];
        Assert.Equal(12, types.Length);
        Assert.All(types, type => Assert.True(typeof(FocalLoss).Assembly.GetType(type) is { IsPublic: true }, type));
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

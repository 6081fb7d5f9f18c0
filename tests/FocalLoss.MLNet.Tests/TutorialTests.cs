using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Tests;

/// <summary>The code of docs/tutorial.md compiles here and runs.</summary>
public sealed class TutorialTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("focal-tutorial-");

    [Fact]
    public void All_code_of_the_tutorial_is_here() => DocumentedCode.AssertIsInTests("docs/tutorial.md", "TutorialTests.cs");

    [Fact]
    public void The_code_of_the_tutorial_runs_and_its_page_says_what_comes_out()
    {
        var page = File.ReadAllText(Path.Combine(TestPrograms.RepositoryRoot, "docs", "tutorial.md"));
        var dataFile = Path.Combine(_folder.FullName, "ai4i2020.csv");
        var modelFile = Path.Combine(_folder.FullName, "model.zip");
        var (pageFile, pictureFolder) = (Path.Combine(_folder.FullName, "page.html"), Path.Combine(_folder.FullName, "pictures"));
        File.WriteAllLines(dataFile, Data.DataFile.Lines(Path.Combine(TestPrograms.RepositoryRoot, "data", "ai4i2020.csv.gz")));

        var mlContext = new MLContext(seed: 1);
        TextLoader.Column[] columns =
        [
            new("Quality", DataKind.String, 2),
            new("Measured", DataKind.Single, 3, 7),
            new("Label", DataKind.Boolean, 8),
        ];
        var machines = mlContext.Data.LoadFromTextFile(dataFile, columns, separatorChar: ',', hasHeader: true);

        var (train, test) = mlContext.Data.StratifiedTrainTestSplit(machines, testFraction: .3, seed: 1);
        Console.WriteLine($"{train.GetRowCount()} machines to learn from, of which {train.GetColumn<bool>("Label").Count(l => l)} "
            + $"have failed; {test.GetRowCount()} to judge by, of which {test.GetColumn<bool>("Label").Count(l => l)} have");

        var costs = new CostMatrix(truePositive: -200, falsePositive: -200, falseNegative: -5000, trueNegative: 0);
        Console.WriteLine(costs);

        var features = mlContext.Transforms.Categorical.OneHotEncoding("Quality")
            .Append(mlContext.Transforms.Concatenate("Features", "Quality", "Measured"));
        var scaled = features.Append(mlContext.Transforms.NormalizeMeanVariance("Features", fixZero: false));
        var plain = scaled.Append(mlContext.BinaryClassification.Trainers.LbfgsLogisticRegression()).Fit(train);
        var plainAtCosts = mlContext.BinaryClassification.WithThreshold(plain, costs.BayesThreshold!.Value);

        var trainers = mlContext.BinaryClassification.Trainers;
        var result = mlContext.BinaryClassification.TuneImbalanced(train, new BinaryTuningOptions
        {
            Preparation = scaled,
            Candidates = TuningCandidate.Grid(
                "trees", "leaves", [8, 20],
                (w, leaves) => features.Append(trainers.FastTree(exampleWeightColumnName: w, numberOfLeaves: leaves))),
            Profit = costs,
        });
        Console.WriteLine(result);

        var comparison = mlContext.BinaryClassification.CompareImbalanced(
            test, [("tuned", result.Model), ("plain, ½", plain), ("plain, costs", plainAtCosts)], costs: costs);
        foreach (var (name, metrics, _) in comparison.Models)
        {
            var counts = metrics.ConfusionCounts;
            Console.WriteLine($"{name,-12}  {counts.TruePositives,2} faults found, {counts.FalseNegatives,2} missed, "
                + $"{counts.FalsePositives,3} false alerts: {1000 * costs.ProfitPerRow(counts):F0} € for 1,000 machines");
        }

        var gain = comparison.Difference("tuned", "plain, costs", ComparisonMetric.Profit);
        Console.WriteLine($"{1000 * gain.Difference:F0} € [{1000 * gain.Interval.Low:F0}; {1000 * gain.Interval.High:F0}] better "
            + $"than logistic regression, p = {gain.AdjustedPValue:G2}");
        Console.WriteLine($"without a model {1000 * comparison.WithoutModel(ComparisonMetric.Profit):F0} €");

        foreach (var group in comparison.Models[0].Metrics.ReliabilityCurve)
            Console.WriteLine($"it says {group.MeanProbability,6:P1}, and {group.PositiveRate,6:P1} fail");

        foreach (var hard in mlContext.BinaryClassification.HardExamples(
            result.Model.Transform(test), top: 3, scoreColumnName: "Probability", scoresAreProbabilities: true))
            Console.WriteLine($"row {hard.Row}: label {hard.Label}, which had a probability of {hard.Probability:P2}");

        var report = new DecisionReport(comparison, new()
        {
            Title = "Which machines to look at",
            Model = "tuned",
            Baseline = "plain, costs",
            Tuning = result,
        });
        Console.WriteLine(report);
        report.Save(pageFile);
        report.SavePictures(pictureFolder);

        mlContext.Model.Save(result.Model, machines.Schema, modelFile);
        var model = new MLContext().Model.Load(modelFile, out _);
        var alerts = model.Transform(machines).GetColumn<bool>("PredictedLabel").Count(alert => alert);
        Console.WriteLine($"{alerts} alerts for all machines");

        Assert.Contains("Which machines to look at", File.ReadAllText(pageFile), StringComparison.Ordinal);
        foreach (var picture in new[] { "cost.svg", "precision-recall.svg", "reliability.svg" })
            Assert.True(File.Exists(Path.Combine(pictureFolder, picture)), picture);
        // The tree's own figures may differ in the last digits from machine to machine; what the page says of them may not.
        var labels = File.ReadLines(dataFile).Skip(1).Count(line => line.EndsWith(",1", StringComparison.Ordinal));
        Assert.Contains($"{labels} of 10,000", page, StringComparison.Ordinal);
        Assert.Contains(costs.ToString().TrimEnd(), page, StringComparison.Ordinal);
        var failed = test.GetColumn<bool>("Label").Count(label => label);
        Assert.Contains($"{train.GetRowCount()} machines to learn from, of which {labels - failed} have failed; {test.GetRowCount()} to "
            + $"judge by, of which {failed} have", page, StringComparison.Ordinal);
        Assert.StartsWith("trees", result.Chosen.Name, StringComparison.Ordinal);
        var profits = comparison.Models.Select(model => model.Metrics.ConfusionCounts).Select(counts =>
            (-200 * (counts.TruePositives + counts.FalsePositives) - 5000 * counts.FalseNegatives) / 3000).ToArray();
        for (var i = 0; i < 3; i++)
            Assert.Equal(profits[i], comparison.Value(comparison.Models[i].Name, ComparisonMetric.Profit), 1e-9);
        // The threshold halves the costs, and so do the trees.
        Assert.True(profits[2] > .6 * profits[1] && profits[0] > .6 * profits[2] && gain.Interval.Low > 0);
        Assert.Equal(-5000.0 * failed / 3000, comparison.WithoutModel(ComparisonMetric.Profit), 1e-9);
        Assert.All(comparison.Models[0].Metrics.ReliabilityCurve, group => Assert.Equal(group.MeanProbability, group.PositiveRate, .06));
        Assert.Equal(result.Model.Transform(machines).GetColumn<bool>("PredictedLabel").Count(alert => alert), alerts);
    }

    public void Dispose() => _folder.Delete(recursive: true);
}

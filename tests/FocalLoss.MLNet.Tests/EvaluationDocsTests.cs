using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Tests;

/// <summary>The code of docs/evaluation.md compiles here and runs, and is the code in the page.</summary>
public sealed class EvaluationDocsTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("focal-");

    [Fact]
    public void The_code_runs()
    {
        var mlContext = new MLContext(seed: 1);
        var (rest, testRows) = Rows.StratifiedSplit(Rows.Gaussian(6000, positiveRate: .05), seed: 1);
        var (trainRows, tuneRows) = Rows.StratifiedSplit(rest, seed: 2);
        var (train, tune, test) = (Rows.View(mlContext, trainRows), Rows.View(mlContext, tuneRows), Rows.View(mlContext, testRows));
        var modelFile = Path.Combine(_folder.FullName, "model.zip");

        // threshold
        var pipeline = mlContext.Transforms.NormalizeMeanVariance("Features", fixZero: false)
            .Append(mlContext.BinaryClassification.Trainers.FocalSgd(gamma: 2));
        var model = pipeline.Fit(train);

        // On rows the model has not seen, and which will not be used to judge it:
        var choice = mlContext.BinaryClassification.ChooseThreshold(model.Transform(tune), ThresholdPolicy.ReachRecall(.8));
        Console.WriteLine($"alert above {choice.Probability:F4}: precision {choice.ConfusionCounts.Precision:F3} at recall {choice.ConfusionCounts.Recall:F3}");

        var tuned = mlContext.BinaryClassification.WithThreshold(model, choice.Probability);
        mlContext.Model.Save(tuned, train.Schema, modelFile);
        // END

        // evaluate
        var metrics = mlContext.BinaryClassification.EvaluateImbalanced(tuned.Transform(test), options: new EvaluationOptions { BootstrapResamples = 1000 });
        var (low, high) = metrics.Interval(BinaryMetric.AveragePrecision);
        Console.WriteLine($"AUPRC {metrics.AveragePrecision:F3} [{low:F3}; {high:F3}], a model that knows nothing has {metrics.Prevalence:F3}");
        Console.WriteLine($"precision {metrics.Precision:F3}, recall {metrics.Recall:F3}, log-loss {metrics.LogLoss:F4} nats");
        Console.WriteLine($"precision at recall .9: {metrics.PrecisionAtRecall(.9):F3}");
        // END

        Assert.True(choice.ConfusionCounts.Recall >= .8);
        Assert.True(low < metrics.AveragePrecision && metrics.AveragePrecision < high);
        Assert.True(metrics.Prevalence < low);
        var loaded = mlContext.BinaryClassification.EvaluateImbalanced(mlContext.Model.Load(modelFile, out _).Transform(test));
        Assert.Equal(metrics.ConfusionCounts, loaded.ConfusionCounts);
    }

    [Fact]
    public void The_code_for_several_classes_runs()
    {
        var mlContext = new MLContext(seed: 1);
        var data = mlContext.Data.LoadFromEnumerable(Enumerable.Range(0, 300).Select(i => new Part { State = i % 50 == 0 ? "broken" : i % 7 == 0 ? "worn" : "sound", Features = [i % 50 == 0 ? 3 : i % 7 == 0 ? 1.5f : .01f * (i % 90)] }));

        // classes
        var pipeline = mlContext.Transforms.Conversion.MapValueToKey("Label", "State")
            .Append(mlContext.MulticlassClassification.Trainers.LbfgsMaximumEntropy());
        var metrics = mlContext.MulticlassClassification.EvaluateImbalanced(pipeline.Fit(data).Transform(data));
        foreach (var one in metrics.Classes)
            Console.WriteLine($"{one.Name}: {one.Weight} rows, recall {one.Recall:F2}, AUPRC {one.AveragePrecision:F2}");
        Console.WriteLine($"macro F1 {metrics.MacroF1Score:F3}, balanced accuracy {metrics.BalancedAccuracy:F3}");
        // END

        Assert.Equal(["broken", "sound", "worn"], metrics.Classes.Select(c => c.Name).Order(StringComparer.Ordinal));
        Assert.True(metrics.MacroAveragePrecision > .5);
    }

    [Theory]
    [InlineData("// threshold")]
    [InlineData("// evaluate")]
    [InlineData("// classes")]
    public void The_page_shows_that_code(string start)
        => Assert.Contains(DocumentedCode.Of("EvaluationDocsTests.cs", start, indent: 8),
            File.ReadAllText(Path.Combine(TestPrograms.RepositoryRoot, "docs", "evaluation.md")), StringComparison.Ordinal);

    public void Dispose() => _folder.Delete(recursive: true);

    private sealed class Part
    {
        public string State { get; set; } = "";

        [VectorType(1)]
        public float[] Features { get; set; } = [];
    }
}

using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;

namespace FocalMlNet.Tests;

/// <summary>The code of the pages in docs/ compiles here and runs, and is the code in the pages.</summary>
public sealed class DocsTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("focal-");

    [Theory]
    [InlineData("docs/calibration.md")]
    [InlineData("docs/evaluation.md")]
    [InlineData("docs/guide.md")]
    [InlineData("docs/losses.md")]
    [InlineData("docs/multiclass.md")]
    [InlineData("docs/tuning.md")]
    public void All_code_of_a_page_is_here(string page) => DocumentedCode.AssertIsInTests(page, "DocsTests.cs");

    [Fact]
    public void Code_of_a_page_that_is_not_here_would_be_seen()
        => Assert.ThrowsAny<Exception>(() => DocumentedCode.AssertIsInTests("docs/guide.md", "ReadmeTests.cs"));

    /// <summary>A file that is named without a folder is in the one that was named before it.</summary>
    [Fact]
    public void Every_file_that_the_architecture_names_is_there()
    {
        var source = Path.Combine(TestPrograms.RepositoryRoot, "src", "FocalLoss.MLNet");
        var page = File.ReadAllText(Path.Combine(TestPrograms.RepositoryRoot, "docs", "architecture.md"));
        string[] names = [.. System.Text.RegularExpressions.Regex.Matches(page, @"`(?<name>[\w./]+\.cs)`")
            .Select(match => match.Groups["name"].Value)];
        var folder = "";
        foreach (var name in names)
        {
            folder = Path.GetDirectoryName(name) is { Length: > 0 } own ? own : folder;
            var file = Path.Combine(source, folder, Path.GetFileName(name));
            Assert.True(File.Exists(file), $"{file} is not there.");
        }

        Assert.True(names.Length > 30);
        // And every folder is in the table.
        foreach (var path in Directory.EnumerateFiles(source, "*.cs", SearchOption.AllDirectories))
        {
            var first = Path.GetRelativePath(source, path).Split(Path.DirectorySeparatorChar)[0];
            if (first is not ("bin" or "obj") && !first.EndsWith(".cs", StringComparison.Ordinal))
                Assert.Contains($"`{first}`", page, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_code_of_evaluation_runs()
    {
        var mlContext = new MLContext(seed: 1);
        var data = Rows.View(mlContext, Rows.Gaussian(6000, positiveRate: .05));
        var modelFile = Path.Combine(_folder.FullName, "model.zip");

        var (rest, test) = mlContext.Data.StratifiedTrainTestSplit(data, testFraction: .2, seed: 1);
        var (train, tune) = mlContext.Data.StratifiedTrainTestSplit(rest, testFraction: .25, seed: 2);

        var trainer = mlContext.BinaryClassification.Trainers.FocalSgd();
        var folds = mlContext.BinaryClassification.CrossValidateImbalanced(rest, trainer, numberOfFolds: 5);
        Console.WriteLine($"AUPRC {folds.Mean(BinaryMetric.AveragePrecision):F3} ± "
            + $"{folds.StandardError(BinaryMetric.AveragePrecision):F3}");

        var pipeline = mlContext.Transforms.NormalizeMeanVariance("Features", fixZero: false)
            .Append(mlContext.BinaryClassification.Trainers.FocalSgd(gamma: 2));
        var model = pipeline.Fit(train);

        // On rows the model has not seen, and which will not be used to judge it:
        var choice = mlContext.BinaryClassification.ChooseThreshold(model.Transform(tune), ThresholdPolicy.ReachRecall(.8));
        Console.WriteLine($"alert above {choice.Probability:F4}: precision {choice.ConfusionCounts.Precision:F3} at recall "
            + $"{choice.ConfusionCounts.Recall:F3}");

        var tuned = mlContext.BinaryClassification.WithThreshold(model, choice.Probability);
        mlContext.Model.Save(tuned, train.Schema, modelFile);

        var metrics = mlContext.BinaryClassification.EvaluateImbalanced(
            tuned.Transform(test), options: new EvaluationOptions { BootstrapResamples = 1000 });
        var (low, high) = metrics.Interval(BinaryMetric.AveragePrecision);
        Console.WriteLine($"AUPRC {metrics.AveragePrecision:F3} [{low:F3}; {high:F3}], a model that knows nothing has "
            + $"{metrics.Prevalence:F3}");
        Console.WriteLine($"precision {metrics.Precision:F3}, recall {metrics.Recall:F3}, log-loss {metrics.LogLoss:F4} nats");
        Console.WriteLine($"precision at recall .9: {metrics.PrecisionAtRecall(.9):F3}");

        var plain = mlContext.BinaryClassification.Trainers.LbfgsLogisticRegression().Fit(train);
        var comparison = mlContext.BinaryClassification.CompareImbalanced(
            test, [("focal", tuned), ("plain", plain)], costs: CostMatrix.OfMissCost(20));
        Console.WriteLine(comparison);
        var difference = comparison.Difference("focal", "plain", ComparisonMetric.AveragePrecision);
        Console.WriteLine($"AUPRC differs by {difference.Difference:F3} [{difference.Interval.Low:F3}; {difference.Interval.High:F3}], "
            + $"p = {difference.AdjustedPValue:F3}");

        Assert.Equal(metrics.AveragePrecision, comparison.Value("focal", ComparisonMetric.AveragePrecision));
        Assert.True(choice.ConfusionCounts.Recall >= .8);
        Assert.True(low < metrics.AveragePrecision && metrics.AveragePrecision < high);
        Assert.True(metrics.Prevalence < low);
        Assert.Equal((1200, 1200, 3600), (test.GetRowCount(), tune.GetRowCount(), train.GetRowCount()));
        Assert.InRange(folds.Mean(BinaryMetric.AveragePrecision), low, high);
        var loaded = mlContext.BinaryClassification.EvaluateImbalanced(mlContext.Model.Load(modelFile, out _).Transform(test));
        Assert.Equal(metrics.ConfusionCounts, loaded.ConfusionCounts);
    }

    [Fact]
    public void The_code_of_evaluation_by_time_runs()
    {
        var mlContext = new MLContext(seed: 1);
        var data = mlContext.Data.LoadFromEnumerable(Rows.Gaussian(2000, positiveRate: .1).Select((row, i) => new TimedRow
        {
            Time = new DateTime(2024, 1, 1).AddHours(i * 37 % 2000),
            Label = row.Label,
            Features = row.Features,
        }).ToArray());
        var trainer = mlContext.BinaryClassification.Trainers.FocalSgd();

        var (past, newest) = mlContext.Data.TimeOrderedTrainTestSplit(data, "Time", testFraction: .2, gap: TimeSpan.FromDays(7));
        var foldsInTime = mlContext.Data.TimeOrderedCrossValidationSplit(past, "Time", gap: TimeSpan.FromDays(7), labelColumnName: "Label");
        var inTime = mlContext.BinaryClassification.CrossValidateImbalanced(foldsInTime, trainer);

        // An hour a row: the gap takes 7 · 24 rows.
        Assert.Equal((1600 - 168, 400), (past.GetRowCount(), newest.GetRowCount()));
        Assert.Equal(5, inTime.Folds.Count);
        Assert.InRange(inTime.Mean(BinaryMetric.AreaUnderRocCurve), .85, 1);
    }

    [Fact]
    public void The_code_of_evaluation_for_several_classes_runs()
    {
        var mlContext = new MLContext(seed: 1);
        var data = mlContext.Data.LoadFromEnumerable(
            Enumerable.Range(0, 300)
            .Select(i => new Part
            {
                State = i % 50 == 0 ? "broken" : i % 7 == 0 ? "worn" : "sound",
                Features = [i % 50 == 0 ? 3 : i % 7 == 0 ? 1.5f : .01f * (i % 90)]
            }));

        var pipeline = mlContext.Transforms.Conversion.MapValueToKey("Label", "State")
            .Append(mlContext.MulticlassClassification.Trainers.LbfgsMaximumEntropy());
        var scored = pipeline.Fit(data).Transform(data);
        var metrics = mlContext.MulticlassClassification.EvaluateImbalanced(
            scored, options: new EvaluationOptions { BootstrapResamples = 1000 });
        foreach (var one in metrics.Classes)
            Console.WriteLine($"{one.Name}: {one.Weight} rows, recall {one.Recall:F2}, at least {one.Intervals!.Recall.Low:F2}, AUPRC "
                + $"{one.AveragePrecision:F2}");
        var (low, high) = metrics.Interval(MulticlassMetric.MacroF1Score);
        Console.WriteLine($"macro F1 {metrics.MacroF1Score:F3} [{low:F3}; {high:F3}], balanced accuracy {metrics.BalancedAccuracy:F3}");

        Assert.Equal(["broken", "sound", "worn"], metrics.Classes.Select(c => c.Name).Order(StringComparer.Ordinal));
        Assert.True(metrics.MacroAveragePrecision > .5);
        Assert.InRange(metrics.MacroF1Score, low, high);
    }

    [Fact]
    public void The_code_of_tuning_runs()
    {
        var mlContext = new MLContext(seed: 1);
        var data = Rows.View(mlContext, Rows.Gaussian(1500, positiveRate: .1));
        var (train, test) = mlContext.Data.StratifiedTrainTestSplit(data, seed: 1);
        var modelFile = Path.Combine(_folder.FullName, "tuned.zip");

        var trainers = mlContext.BinaryClassification.Trainers;
        var result = mlContext.BinaryClassification.TuneImbalanced(train, new BinaryTuningOptions
        {
            Preparation = mlContext.Transforms.NormalizeMeanVariance("Features", fixZero: false),
            Candidates =
            [
                new TuningCandidate("FastTree", w => trainers.FastTree(exampleWeightColumnName: w)),
                new TuningCandidate("balanced trees", w => trainers.FastTree(exampleWeightColumnName: w))
                {
                    ClassWeighting = ClassWeighting.Balanced,
                },
            ],
            ThresholdPolicy = ThresholdPolicy.ReachRecall(.8),
            TimeBudget = TimeSpan.FromMinutes(10),
        });
        Console.WriteLine(result);
        mlContext.Model.Save(result.Model, train.Schema, modelFile);
        var metrics = mlContext.BinaryClassification.EvaluateImbalanced(result.Model.Transform(test));

        // Two Gaussians of one width are what logistic regression is right for.
        Assert.Equal((0, ClassWeighting.None), (result.Chosen.Gamma, result.Chosen.ClassWeighting));
        Assert.InRange(metrics.Recall, .6, 1);
        var loaded = mlContext.BinaryClassification.EvaluateImbalanced(mlContext.Model.Load(modelFile, out _).Transform(test));
        Assert.Equal(metrics.ConfusionCounts, loaded.ConfusionCounts);
    }

    [Fact]
    public void The_code_of_calibration_runs()
    {
        // Calibration = Focal
        var calibrated = new FocalSgdBinaryTrainer.Options { ClassWeighting = ClassWeighting.Balanced };
        // Platt scaling on a tenth of the rows
        var heldOut = new FocalSgdBinaryTrainer.Options { Calibration = CalibrationMethod.Platt };
        // the score that minimises the loss
        var raw = new FocalSgdBinaryTrainer.Options { Calibration = CalibrationMethod.None };

        // the exact curve
        double probability = new FocalPosterior(gamma: 2, alpha: .75).Probability(score: -1.5);

        Assert.Equal(CalibrationMethod.Focal, calibrated.Calibration);
        var mlContext = new MLContext(seed: 1);
        var rows = Rows.Gaussian(2000);
        var view = Rows.View(mlContext, rows);
        var prevalence = rows.Average(row => row.Label ? 1.0 : 0);
        double MeanProbability(FocalSgdBinaryTrainer.Options options)
            => Rows.Score(mlContext, mlContext.BinaryClassification.Trainers.FocalSgd(options).Fit(view), view)
                .Average(row => (double)row.Probability);
        Assert.Equal(prevalence, MeanProbability(calibrated), .001);
        Assert.Equal(prevalence, MeanProbability(heldOut), .03);
        Assert.True(MeanProbability(raw) > 1.5 * prevalence);
        // The score is where the expected loss, η FL(z) + (1 - η) FL(-z) with the weights .75 and .25, is least.
        var loss = new FocalLoss(2, .75);
        double Slope(double z) => (Expected(z + 1e-4) - Expected(z - 1e-4)) / 2e-4;
        double Expected(double z) => probability * loss.ExactLoss(z, 1) + (1 - probability) * loss.ExactLoss(z, 0);
        Assert.Equal(0, Slope(-1.5), 1e-7);
    }

    [Fact]
    public void The_code_of_the_guide_runs()
    {
        var mlContext = new MLContext(seed: 1);
        var (train, test) =
            mlContext.Data.StratifiedTrainTestSplit(Rows.View(mlContext, Rows.Gaussian(3000, positiveRate: .05)), testFraction: .4);
        var graphFile = Path.Combine(_folder.FullName, "model.onnx");

        var balanced = mlContext.Transforms.BalanceClasses("Weight", "Label")
            .Append(mlContext.BinaryClassification.Trainers.LbfgsLogisticRegression(exampleWeightColumnName: "Weight"));

        var scoring = new TransformerChain<ITransformer>([.. balanced.Fit(train).Where(step => step is not ClassBalancingTransformer)]);

        var focal = mlContext.BinaryClassification.Trainers.FocalReweighted(
            w => mlContext.BinaryClassification.Trainers.LbfgsLogisticRegression(exampleWeightColumnName: w), gamma: 2);

        var fewer = mlContext.Data.Undersample(train, ratio: .25, seed: 1);
        var model = mlContext.BinaryClassification.Trainers.LbfgsLogisticRegression().Fit(fewer);
        var corrected = mlContext.BinaryClassification.CorrectPrior(model, fewer.LogOddsShift);

        var scored = corrected.Transform(test);
        foreach (var hard in mlContext.BinaryClassification.HardExamples(scored, top: 20))
            Console.WriteLine($"row {hard.Row}: label {hard.Label}, which has probability {hard.Probability:F4}, loss {hard.Loss:F2}");

        using var scoringGraph = new MemoryStream();
        mlContext.Model.ConvertToOnnx(scoring, mlContext.Transforms.SelectColumns("Features").Fit(test).Transform(test), scoringGraph);
        Assert.True(scoringGraph.Length > 0);
        using (var graph = File.Create(graphFile))
            mlContext.Model.ConvertToOnnx(corrected, test, graph, "Score", "Probability", "PredictedLabel");

        Assert.NotEqual(0, new FileInfo(graphFile).Length);
        foreach (var ranked in new[] { balanced.Fit(train).Transform(test), focal.Fit(train).Transform(test), scored })
            Assert.InRange(mlContext.BinaryClassification.EvaluateImbalanced(ranked).AreaUnderRocCurve, .85, 1);
        Assert.Equal(.05, mlContext.BinaryClassification.EvaluateImbalanced(scored).Prevalence, .01);
        Assert.InRange(scored.GetColumn<float>("Probability").Average(), .035f, .065f);
        Assert.InRange(model.Transform(test).GetColumn<float>("Probability").Average(), .13f, .25f);
    }

    [Fact]
    public void The_code_of_losses_runs()
    {
        float[] scores = [.5f, -1, 2, -3];
        float[] labels = [1, 1, 0, 0];

        var loss = new FocalLoss(gamma: 2, alpha: .25);
        double one = loss.Loss(.5f, 1);                                       // 0.0168933726
        double mean = loss.Mean(scores, labels);

        float[] losses = new float[4], derivatives = new float[4];
        loss.LossesAndDerivatives(scores, labels, losses, derivatives);       // many at once, nothing allocated

        Assert.Equal(0.0168933726, one, 1e-9);
        Assert.Equal(one, losses[0], 1e-7);
        Assert.Equal(losses.Average(), mean, 1e-7);
        Assert.Equal(scores.Zip(labels, (z, y) => loss.Derivative(z, y)), derivatives, (x, y) => Math.Abs(x - y) < 1e-6f);
    }

    [Fact]
    public void The_code_of_multiclass_runs()
    {
        var mlContext = new MLContext(seed: 1);
        var random = new Random(1);
        var data = mlContext.Data.LoadFromEnumerable(Enumerable.Range(0, 300).Select(i => new Flower
        {
            Kind = i % 30 == 0 ? "rare" : i % 3 == 0 ? "known" : "common",
            Length = (i % 30 == 0 ? 4 : 1) + .3f * random.NextSingle(),
            Width = (i % 3 == 0 ? 2 : 1) + .3f * random.NextSingle(),
        }).ToArray());

        var pipeline = mlContext.Transforms.Conversion.MapValueToKey("Label", "Kind")
            .Append(mlContext.Transforms.Concatenate("Features", "Length", "Width"))
            .Append(mlContext.Transforms.NormalizeMeanVariance("Features"))
            .Append(mlContext.MulticlassClassification.Trainers.FocalSgd(new FocalSgdMulticlassTrainer.Options
            {
                ClassWeighting = ClassWeighting.Balanced,
            }))
            .Append(mlContext.Transforms.Conversion.MapKeyToValue("PredictedLabel"));

        var scored = pipeline.Fit(data).Transform(data);
        Assert.Equal(scored.GetColumn<string>("Kind"), scored.GetColumn<string>("PredictedLabel"));

        var train = scored;
        var model = mlContext.MulticlassClassification.Trainers.FocalSgd().Fit(train);
        var softmax = (MaximumEntropyModelParameters)model.Model;
        VBuffer<float>[] weights = [];
        softmax.GetWeights(ref weights, out var classCount);
        float[] biases = [.. softmax.GetBiases()];
        Assert.Equal((3, 3, 2), (classCount, biases.Length, weights[0].Length));
        Assert.Equal(0, biases.Average(), 1e-5);
        Assert.Equal(0, weights.Average(own => own.GetItemOrDefault(0)), 1e-5);

        mlContext.MulticlassClassification.Trainers.OneVersusAll(
            mlContext.BinaryClassification.Trainers.SgdNonCalibrated(lossFunction: new FocalLoss(gamma: 2)));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private sealed class TimedRow
    {
        public DateTime Time { get; set; }

        public bool Label { get; set; }

        [VectorType(3)]
        public float[] Features { get; set; } = [];
    }

    private sealed class Part
    {
        public string State { get; set; } = "";

        [VectorType(1)]
        public float[] Features { get; set; } = [];
    }

    private sealed class Flower
    {
        public string Kind { get; set; } = "";

        public float Length { get; set; }

        public float Width { get; set; }
    }
}

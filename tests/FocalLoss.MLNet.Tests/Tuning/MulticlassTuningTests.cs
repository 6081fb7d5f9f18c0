using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;

namespace FocalMlNet.Tests.Tuning;

/// <summary>What a tuning of several classes finds is what a loop over folds with this library's other tools finds.</summary>
public sealed class MulticlassTuningTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    [Theory]
    [InlineData(MulticlassFormulation.Softmax)]
    [InlineData(MulticlassFormulation.OneVersusAll)]
    public void Candidates_are_worth_what_they_are_in_a_cross_validation(MulticlassFormulation formulation)
    {
        var data = View(600);
        LbfgsMaximumEntropyMulticlassTrainer Lbfgs(string? w) => _mlContext.MulticlassClassification.Trainers.LbfgsMaximumEntropy(
            new LbfgsMaximumEntropyMulticlassTrainer.Options { ExampleWeightColumnName = w, NumberOfThreads = 1 });
        var result = _mlContext.MulticlassClassification.TuneImbalanced(data, new()
        {
            Formulation = formulation,
            Gammas = [0, 2],
            ClassWeightings = [ClassWeighting.Balanced],
            L2Regularizations = [1e-2],
            Candidates = [new("L-BFGS", Lbfgs)],
            Races = false,
        });
        Assert.Equal(5, result.Candidates.Count);
        foreach (var candidate in result.Candidates)
        {
            IEstimator<ITransformer> trainer = candidate.Gamma is null ? Lbfgs(null)
                : _mlContext.MulticlassClassification.Trainers.FocalSgd(new FocalSgdMulticlassTrainer.Options
                {
                    Formulation = formulation,
                    Gamma = candidate.Gamma.Value,
                    ClassWeighting = candidate.ClassWeighting!,
                    L2Regularization = candidate.L2Regularization,
                    ConvergenceTolerance = 1e-7,
                });
            var folds = _mlContext.MulticlassClassification.CrossValidateImbalanced(data, trainer, numberOfFolds: 5, seed: 0);
            Assert.Equal(folds.Mean(MulticlassMetric.MacroAveragePrecision), candidate.Mean, 1e-3);
            Assert.Equal(folds.Mean(MulticlassMetric.LogLoss), candidate.LogLoss, 2e-3);
        }

        // What was found out of fold can be evaluated, and the options make the model.
        var metrics = _mlContext.MulticlassClassification.EvaluateImbalanced(result.OutOfFold);
        Assert.InRange(metrics.MacroAveragePrecision, result.Chosen.Mean - .05, result.Chosen.Mean + .05);
        Assert.Equal(600, metrics.RowCount);
        var again = _mlContext.MulticlassClassification.Trainers.FocalSgd(result.TrainerOptions!).Fit(data).Transform(data);
        Assert.Equal(Scores(again), Scores(result.Model.Transform(data)));
    }

    [Fact]
    public void The_result_does_not_depend_on_threads_and_prints()
    {
        var data = View(400);
        var (one, three) = (Of(1), Of(3));
        Assert.Equal(one.Candidates.Select(c => (c.Name, c.Mean, c.LogLoss)), three.Candidates.Select(c => (c.Name, c.Mean, c.LogLoss)));
        Assert.All(one.ToString().Split('\n'), line => Assert.True(line.Length <= 80, line));

        MulticlassTuningResult Of(int threads)
            => _mlContext.MulticlassClassification.TuneImbalanced(data, new() { NumberOfThreads = threads, Gammas = [0, 2] });
    }

    /// <summary>By hand: a decision for the class with the highest expected gain.</summary>
    [Fact]
    public void Profit_is_that_of_the_best_decisions()
    {
        double[,] gains = { { 0, -1, -1 }, { -5, 0, -1 }, { -20, -3, 0 } };
        var result = _mlContext.MulticlassClassification.TuneImbalanced(View(500), new()
        {
            Profit = new(gains),
            Gammas = [0],
            ClassWeightings = [ClassWeighting.None],
            L2Regularizations = [.01],
        });
        var rows = _mlContext.Data.CreateEnumerable<OutOfFold>(result.OutOfFold, reuseRowObject: false).ToArray();
        var profits = rows.GroupBy(row => row.Fold).Select(fold => fold.Average(row =>
        {
            double[] expected = [.. Enumerable.Range(0, 3).Select(
                call => Enumerable.Range(0, 3).Sum(actual => row.Score[actual] * gains[actual, call]))];
            return gains[row.Label - 1, Array.IndexOf(expected, expected.Max())];
        }));
        Assert.Equal(profits.Average(), result.Chosen.Mean, 1e-6);
    }

    [Fact]
    public void What_is_for_another_number_of_classes_is_refused()
    {
        var catalog = _mlContext.MulticlassClassification;
        Assert.Contains("ClassWeightings[0] has 2 weights, but label column 'Label' has 3 classes.", Assert.Throws<ArgumentException>(
            () => catalog.TuneImbalanced(View(100), new() { ClassWeightings = [ClassWeighting.Custom(1, 2)] })).Message,
            StringComparison.Ordinal);
        Assert.Contains("Profit is for 2 classes, but label column 'Label' has 3.", Assert.Throws<ArgumentException>(
            () => catalog.TuneImbalanced(View(100), new() { Profit = CostMatrix.OfMissCost(2) })).Message, StringComparison.Ordinal);
    }

    private IDataView View(int count)
    {
        var random = new Random(1);
        ClassRow[] rows = [.. Enumerable.Range(0, count).Select(i =>
        {
            var k = i % 20 < 13 ? 0 : i % 20 < 18 ? 1 : 2;
            return new ClassRow
            {
                Label = $"class {k}",
                Features = [(float)Rows.Normal(random) + 1.5f * k, (float)Rows.Normal(random) + (k == 1 ? 1 : 0)],
            };
        })];
        var view = _mlContext.Data.LoadFromEnumerable(rows);
        return _mlContext.Transforms.Conversion.MapValueToKey("Label").Fit(view).Transform(view);
    }

    private float[] Scores(IDataView scored)
        => [.. _mlContext.Data.CreateEnumerable<OutOfFoldScore>(scored, reuseRowObject: false).SelectMany(row => row.Score)];

    private sealed class ClassRow
    {
        public string Label { get; set; } = "";

        [VectorType(2)]
        public float[] Features { get; set; } = [];
    }

    private sealed class OutOfFold
    {
        public int Fold { get; set; }

        [KeyType(3)]
        public uint Label { get; set; }

        [VectorType(3)]
        public float[] Score { get; set; } = [];
    }

    private sealed class OutOfFoldScore
    {
        [VectorType(3)]
        public float[] Score { get; set; } = [];
    }
}

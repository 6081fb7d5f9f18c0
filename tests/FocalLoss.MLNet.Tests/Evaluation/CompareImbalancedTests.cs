using FocalMlNet.Evaluation;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Tests.Evaluation;

public sealed class CompareImbalancedTests
{
    private static readonly ComparisonMetric[] Metrics = Enum.GetValues<ComparisonMetric>();

    private readonly MLContext _mlContext = new(seed: 1);

    [Fact]
    public void A_better_model_is_told_from_a_worse_one_and_equal_ones_are_not_told_apart()
    {
        var data = View(2000, seed: 1);
        var comparison = Compare(data, [("good", Model("Good")), ("bad", Model("Bad")), ("again", Model("Good"))]);

        foreach (var metric in new[] { ComparisonMetric.AveragePrecision, ComparisonMetric.LogLoss, ComparisonMetric.BrierScore })
        {
            var sign = metric == ComparisonMetric.AveragePrecision ? 1 : -1;
            var difference = comparison.Difference("good", "bad", metric);
            Assert.True(sign * difference.Difference > 0);
            Assert.True(difference.AdjustedPValue < .01);
            Assert.False(difference.Interval.Low <= 0 && 0 <= difference.Interval.High);
            Assert.Equal(comparison.Value("good", metric) - comparison.Value("bad", metric), difference.Difference);
            var equal = comparison.Difference("again", "good", metric);
            Assert.Equal((0, 1, 1), (equal.Difference, equal.PValue, equal.AdjustedPValue));
            Assert.Equal(new(0, 0), equal.Interval);
            var turned = comparison.Difference("bad", "good", metric);
            Assert.Equal((-difference.Difference, -difference.Interval.High), (turned.Difference, turned.Interval.Low));
        }
    }

    [Fact]
    public void Each_model_has_the_metrics_and_intervals_that_it_has_alone()
    {
        var data = View(300, seed: 2);
        var options = new EvaluationOptions { BootstrapResamples = 50, Seed = 4 };
        var comparison = Compare(data, [("good", Model("Good")), ("bad", Model("Bad"))], options: options);

        foreach (var (model, column) in new[] { ("good", "Good"), ("bad", "Bad") })
        {
            var alone = _mlContext.BinaryClassification.EvaluateImbalanced(Model(column).Transform(data), options: options);
            var compared = comparison.Models.Single(m => m.Name == model).Metrics;
            foreach (var metric in Enum.GetValues<BinaryMetric>())
                Assert.Equal(alone[metric], compared[metric]);
            Assert.Equal(alone.Interval(BinaryMetric.Recall), compared.Interval(BinaryMetric.Recall));
            Assert.Equal(alone.AveragePrecision, comparison.Value(model, ComparisonMetric.AveragePrecision));
        }
    }

    [Fact]
    public void Profit_is_that_of_the_calls_and_the_best_that_of_the_probabilities()
    {
        var data = View(500, seed: 3);
        CostMatrix costs = new(truePositive: 10, falsePositive: -1, falseNegative: -5, trueNegative: .5);
        var comparison = Compare(data, [("good", Model("Good"))], costs);

        var rows = _mlContext.Data.CreateEnumerable<Example>(data, false).ToArray();
        double Profit(double threshold) => rows.Average(row => (row.Label, Probability(row.Good) > threshold) switch
        {
            (true, true) => 10,
            (false, true) => -1,
            (true, false) => -5,
            _ => .5,
        });
        Assert.Equal(Profit(.5), comparison.Value("good", ComparisonMetric.Profit), 1e-9);
        // 1.5 / 16.5.
        Assert.Equal(Profit(1 / 11.0), comparison.Value("good", ComparisonMetric.BestDecisionProfit), 1e-9);
        var positives = rows.Average(row => row.Label ? 1.0 : 0);
        Assert.Equal(Math.Max(positives * 10 - (1 - positives), positives * -5 + (1 - positives) * .5),
            comparison.WithoutModel(ComparisonMetric.Profit), 1e-9);
        Assert.Equal(positives, comparison.WithoutModel(ComparisonMetric.AveragePrecision), 1e-9);
        Assert.Equal(positives * (1 - positives), comparison.WithoutModel(ComparisonMetric.BrierScore), 1e-9);
        Assert.Equal(-positives * Math.Log(positives) - (1 - positives) * Math.Log(1 - positives),
            comparison.WithoutModel(ComparisonMetric.LogLoss), 1e-9);
    }

    [Fact]
    public void A_model_without_probabilities_takes_part_in_what_it_can()
    {
        var comparison = Compare(
            View(300, seed: 4), [("full", Model("Good")), ("scores", Model("Bad", hasProbabilities: false))], CostMatrix.OfMissCost(20));

        Assert.Equal([true, false], comparison.Models.Select(m => m.HasProbabilities));
        Assert.All(Metrics, metric => Assert.Equal(
            metric is ComparisonMetric.LogLoss or ComparisonMetric.BrierScore or ComparisonMetric.BestDecisionProfit,
            double.IsNaN(comparison.Difference("full", "scores", metric).PValue)));
    }

    [Fact]
    public void The_same_seed_gives_the_same_on_any_number_of_threads()
    {
        string Text(int threads, int seed) => string.Join(";", Compare(
            View(200, seed: 5), [("a", Model("Good")), ("b", Model("Bad"))], CostMatrix.OfMissCost(3),
            new() { BootstrapResamples = 40, NumberOfThreads = threads, Seed = seed }).Differences);

        Assert.Equal(Text(1, 1), Text(5, 1));
        Assert.NotEqual(Text(1, 1), Text(1, 2));
    }

    /// <summary>
    /// Two models that see the same signal through noise of the same size: under the null .05, .2 and .5 of the p values are below these
    /// numbers; three standard deviations of 400 draws are .033, .06 and .075.
    /// </summary>
    [Fact]
    public void P_values_of_equally_good_models_are_uniform()
    {
        List<double> ranking = [], squares = [];
        for (var draw = 0; draw < 400; draw++)
        {
            var rows = Examples(400, 100 + draw, noise: 1).ToArray();
            float[] ones = [.. rows.Select(_ => 1f)];
            bool[] labels = [.. rows.Select(row => row.Label)];
            ScoredRows Of(Func<Example, float> score) => ScoredRows.Of([.. rows.Select(score)], labels, ones,
                [.. rows.Select(row => Probability(score(row)))], [.. rows.Select(row => score(row) > 0)]);
            var comparison = Comparison.Compared<ImbalancedBinaryMetrics>(
                [new ComparedBinaryScores("a", Of(r => r.Good), null, Few(draw)),
                new ComparedBinaryScores("b", Of(r => r.Bad), null, Few(draw))],
                null, Few(draw));
            ranking.Add(comparison.Difference("a", "b", ComparisonMetric.AveragePrecision).PValue);
            squares.Add(comparison.Difference("a", "b", ComparisonMetric.BrierScore).PValue);
        }

        foreach (var values in new[] { ranking, squares })
        {
            Assert.Equal(.05, values.Count(p => p < .05) / 400.0, .035);
            Assert.Equal(.2, values.Count(p => p < .2) / 400.0, .065);
            Assert.Equal(.5, values.Count(p => p < .5) / 400.0, .08);
        }

        static EvaluationOptions Few(int seed) => new() { BootstrapResamples = 60, Seed = seed };
    }

    /// <summary>By hand: 4 · .01 = .04; 3 · .02 = .06; 2 · .03 = .06; .5; NaN is no test.</summary>
    [Fact]
    public void Holm_multiplies_by_the_tests_that_are_left()
    {
        Assert.Equal([.5, .04, double.NaN, .06, .06], Holm.Adjusted([.5, .01, double.NaN, .03, .02]).Select(p => Math.Round(p, 12)));
        Assert.Equal([1, 1], Holm.Adjusted([.6, .9]));
    }

    [Fact]
    public void Few_rows_that_agree_prove_no_more_than_a_test_of_signs()
        => Assert.Equal(1 / 16.0, new PairedTest(4, 5, .95).Of(1, 0).PValue);

    [Fact]
    public void Several_classes_are_compared_too()
    {
        var random = new Random(1);
        var data = _mlContext.Data.LoadFromEnumerable(Enumerable.Range(0, 600).Select(i =>
        {
            var k = random.NextDouble() < .1 ? 2 : random.Next(2);
            return new ClassExample
            {
                Label = $"{"abc"[k]}",
                Good = [.. Enumerable.Range(0, 3).Select(j => (j == k ? 2 : 0) + random.NextSingle())],
                Bad = [.. Enumerable.Range(0, 3).Select(j => (j == k ? .3f : 0) + random.NextSingle())],
            };
        }).ToArray());
        var trainer = _mlContext.Transforms.Conversion.MapValueToKey("Key", "Label")
            .Append(_mlContext.MulticlassClassification.Trainers.LbfgsMaximumEntropy("Key", "Features"));
        ITransformer Fitted(string column) => _mlContext.Transforms.CopyColumns("Features", column).Append(trainer).Fit(data);
        CostMatrix costs = new(new double[,] { { 0, -1, -1 }, { -1, 0, -1 }, { -20, -20, 0 } });

        var comparison = _mlContext.MulticlassClassification.CompareImbalanced(
            data, [("good", Fitted("Good")), ("bad", Fitted("Bad"))], costs: costs, options: new() { BootstrapResamples = 100 });

        foreach (var metric in Metrics)
        {
            var sign = metric is ComparisonMetric.LogLoss or ComparisonMetric.BrierScore ? -1 : 1;
            Assert.True(sign * comparison.Difference("good", "bad", metric).Difference > 0, $"{metric}");
            Assert.True(comparison.Difference("good", "bad", metric).AdjustedPValue < .01, $"{metric}");
        }

        foreach (var model in comparison.Models)
        {
            Assert.Equal(costs.ProfitPerRow(model.Metrics.ConfusionMatrix), comparison.Value(model.Name, ComparisonMetric.Profit), 1e-9);
            Assert.True(
                comparison.Value(model.Name, ComparisonMetric.BestDecisionProfit) >= comparison.Value(model.Name, ComparisonMetric.Profit));
        }

        Assert.Equal(1 / 3.0, comparison.WithoutModel(ComparisonMetric.AveragePrecision), 1e-12);
    }

    [Fact]
    public void It_prints_within_80_columns()
    {
        var text = Compare(View(300, seed: 6),
            [("a name of more than twenty-eight letters", Model("Good")), ("another very long name", Model("Bad"))],
            new(-1e99, -1e100, -1.5e99, 1)).ToString();

        Assert.All(text.Split('\n'), line => Assert.InRange(line.Length, 0, 80));
        Assert.All(
            ["AveragePrecision", "Profit", "no model", "p (Holm)", "a name of more than twenty-eight letters - another very long name"],
            words => Assert.Contains(words, text, StringComparison.Ordinal));
    }

    [Fact]
    public void Bad_input_is_one_error_that_names_the_model()
    {
        var data = View(300, seed: 7);
        void Refused<T>(string start, (string, ITransformer)[] models, CostMatrix? costs = null, EvaluationOptions? options = null)
            where T : Exception
            => Assert.StartsWith(start, Assert.Throws<T>(() => Compare(data, models, costs, options)).Message, StringComparison.Ordinal);
        var good = Model("Good");
        Refused<ArgumentException>("models has 0 elements, but it should have at least 1.", []);
        Refused<ArgumentException>("models has the name a more than once, but each should have its own.", [("a", good), ("a", good)]);
        Refused<ArgumentException>("models has one that is called ''", [("", good)]);
        Refused<ArgumentException>("models has one that is called 'x' and is null", [("x", null!)]);
        Refused<ArgumentException>("costs has 3 classes", [("a", good)], new(new double[3, 3]));
        Refused<ArgumentOutOfRangeException>("BootstrapResamples = 0, but it should be at least 2.", [("a", good)], options: new());
        Refused<InvalidOperationException>("Model 'b': The score column 'Score' is missing.",
            [("a", good), ("b", _mlContext.Transforms.CopyColumns("Other", "Good").Fit(data))]);
        // A model that leaves rows out, and one that has other labels.
        var fewer = _mlContext.Transforms.CustomMapping<Example, Weighted>(
            (row, weighted) => weighted.Weight = row.Good < -3 ? 0 : 1, null).Fit(data);
        var all = _mlContext.Transforms.CustomMapping<Example, Weighted>((_, weighted) => weighted.Weight = 1, null).Fit(data);
        var error = Assert.Throws<InvalidOperationException>(() => _mlContext.BinaryClassification.CompareImbalanced(
            data, [("a", all.Append(good)), ("b", fewer.Append(good))], exampleWeightColumnName: "Weight"));
        Assert.StartsWith("Model 'b' scores ", error.Message, StringComparison.Ordinal);
        var turned = _mlContext.Transforms.CopyColumns("Label", "Turned").Fit(data);
        Refused<InvalidOperationException>("Model 'b' has label ", [("a", good), ("b", turned.Append(good))]);
    }

    private static float Probability(float score) => 1 / (1 + MathF.Exp(-score));

    private static IEnumerable<Example> Examples(int count, int seed, float noise)
    {
        var random = new Random(seed);
        for (var i = 0; i < count; i++)
        {
            var label = i < 5 || random.NextDouble() < .1;
            float Normal() => (float)(random.NextDouble() + random.NextDouble() + random.NextDouble() + random.NextDouble() - 2);
            var signal = (label ? 1.5f : 0) + Normal() - 2.5f;
            yield return new()
            {
                Label = label,
                Turned = i % 50 == 0 ? !label : label,
                Good = signal + noise * Normal(),
                Bad = signal + (noise == 0 ? 3 : noise) * Normal(),
            };
        }
    }

    private IDataView View(int count, int seed) => _mlContext.Data.LoadFromEnumerable(Examples(count, seed, noise: 0).ToArray());

    private TransformerChain<ITransformer> Model(string column, bool hasProbabilities = true)
    {
        var scores = _mlContext.Transforms.Expression("Score", "x => x", column);
        var calls = _mlContext.Transforms.Expression("PredictedLabel", "x => x > 0", "Score");
        var probabilities = _mlContext.Transforms.Expression("Probability", "x => 1 / (1 + exp(-x))", "Score");
        var chain = new EstimatorChain<ITransformer>().Append<ITransformer>(scores).Append<ITransformer>(calls);
        return (hasProbabilities ? chain.Append<ITransformer>(probabilities) : chain).Fit(View(10, 1));
    }

    private ModelComparison<ImbalancedBinaryMetrics> Compare(
        IDataView data, (string, ITransformer)[] models, CostMatrix? costs = null, EvaluationOptions? options = null)
        => _mlContext.BinaryClassification.CompareImbalanced(
            data, models, costs: costs, options: options ?? new() { BootstrapResamples = 200 });

    private sealed class Example
    {
        public bool Label { get; set; }

        public bool Turned { get; set; }

        public float Good { get; set; }

        public float Bad { get; set; }
    }

    private sealed class Weighted
    {
        public float Weight { get; set; }
    }

    private sealed class ClassExample
    {
        public string Label { get; set; } = "";

        [VectorType(3)]
        public float[] Good { get; set; } = [];

        [VectorType(3)]
        public float[] Bad { get; set; } = [];
    }
}

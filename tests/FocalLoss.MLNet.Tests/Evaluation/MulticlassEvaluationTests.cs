using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Tests.Evaluation;

public sealed class MulticlassEvaluationTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    public static TheoryData<string> Cases => [.. MetricVectors.Names("multiclass")];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_metric_is_that_of_scikit_learn(string name)
    {
        var vector = MetricVectors.Case("multiclass", name);
        var count = vector.GetProperty("classes").GetInt32();
        var scores = MetricVectors.Floats(vector, "scores").Chunk(count).ToArray();
        var weights = MetricVectors.Weights(vector);
        int[] labels = [.. vector.GetProperty("labels").EnumerateArray().Select(l => l.GetInt32())];

        var metrics = _mlContext.MulticlassClassification.EvaluateImbalanced(
            View([.. labels.Select((label, i) => new ScoredRow { Label = (uint)label, Score = scores[i], Weight = weights[i] })], count),
            exampleWeightColumnName: "Weight", options: MetricVectors.Options(vector));

        foreach (var value in vector.GetProperty("values").EnumerateObject())
        {
            var actual = metrics[Enum.Parse<MulticlassMetric>(value.Name)];
            Assert.True(Math.Abs(value.Value.GetDouble() - actual) <= MetricVectors.Tolerance,
                $"{value.Name} is {actual:R}, not {value.Value}");
            Assert.Equal(actual, (double)typeof(ImbalancedMulticlassMetrics).GetProperty(value.Name)!.GetValue(metrics)!);
        }

        Assert.Equal(Enum.GetNames<MulticlassMetric>().Length, vector.GetProperty("values").EnumerateObject().Count());
        MetricVectors.AssertTable(MetricVectors.Table(vector, "confusion"), metrics.ConfusionMatrix.Select(row => row.ToArray()));
        var averagePrecisions = vector.GetProperty("averagePrecision").EnumerateArray()
            .Select(v => v.ValueKind == System.Text.Json.JsonValueKind.Null ? double.NaN : v.GetDouble());
        MetricVectors.AssertTable(
            [MetricVectors.Doubles(vector.GetProperty("precision")), MetricVectors.Doubles(vector.GetProperty("recall")),
            MetricVectors.Doubles(vector.GetProperty("f1")), [.. averagePrecisions]],
            [[.. metrics.Classes.Select(c => c.Precision)], [.. metrics.Classes.Select(c => c.Recall)],
            [.. metrics.Classes.Select(c => c.F1Score)], [.. metrics.Classes.Select(c => c.AveragePrecision)]]);
        Assert.Equal(weights.Count(w => w > 0), metrics.RowCount);
    }

    [Fact]
    public void A_scored_pipeline_has_the_names_of_its_classes()
    {
        var rows = Texts(("common", 0), ("common", .1f), ("rare", 2), ("common", .2f), ("rare", 2.1f));
        var model = _mlContext.Transforms.Conversion.MapValueToKey("Label", "Text")
            .Append(_mlContext.MulticlassClassification.Trainers.LbfgsMaximumEntropy(l1Regularization: 0, l2Regularization: .01f))
                .Fit(rows);
        // In other data the keys may come in another order: a label finds its score by name.
        var other = Texts(("rare", 1.9f), ("common", .3f));
        var keys = _mlContext.Transforms.Conversion.MapValueToKey("Label", "Text").Fit(other);

        var metrics = _mlContext.MulticlassClassification.EvaluateImbalanced(model.Transform(rows));
        var byText = _mlContext.MulticlassClassification.EvaluateImbalanced(model.Transform(other), "Text");
        var byOtherKey = _mlContext.MulticlassClassification.EvaluateImbalanced(keys.Transform(model.Transform(other)));

        Assert.Equal(["common", "rare"], metrics.Classes.Select(c => c.Name));
        Assert.Equal([3, 2], metrics.Classes.Select(c => c.Weight));
        Assert.Equal(1, metrics.MacroRecall);
        Assert.Equal((1, 1), (byText.Accuracy, byOtherKey.Accuracy));
        Assert.Equal(byText.LogLoss, byOtherKey.LogLoss);
    }

    [Fact]
    public void Classes_of_numbers_are_named_and_found_by_them()
    {
        var rows = Numbers((7, 0), (7, .1f), (3, 2), (7, .2f), (3, 2.1f), (5, 4), (5, 4.1f));
        var model = _mlContext.Transforms.Conversion.MapValueToKey("Label", "Number")
            .Append(_mlContext.MulticlassClassification.Trainers.LbfgsMaximumEntropy(l1Regularization: 0, l2Regularization: .001f))
                .Fit(rows);
        // Here the first key is 5, and there are two.
        var other = Numbers((5, 3.9f), (7, .3f));
        var keys = _mlContext.Transforms.Conversion.MapValueToKey("Label", "Number").Fit(other);

        var metrics = _mlContext.MulticlassClassification.EvaluateImbalanced(model.Transform(rows));
        var byOtherKey = _mlContext.MulticlassClassification.EvaluateImbalanced(keys.Transform(model.Transform(other)));

        Assert.Equal(["7", "3", "5"], metrics.Classes.Select(c => c.Name));
        Assert.Equal([3, 2, 2], metrics.Classes.Select(c => c.Weight));
        Assert.Equal([1, 0, 1], byOtherKey.Classes.Select(c => c.Weight));
        Assert.Equal((1, 1), (metrics.Accuracy, byOtherKey.Accuracy));
    }

    /// <summary>Four rows of keys 1 to 4 with the scores (.6, .4) of two classes: by hand.</summary>
    [Fact]
    public void A_class_that_training_has_not_seen_is_one_whose_rows_are_all_errors()
    {
        var metrics = _mlContext.MulticlassClassification.EvaluateImbalanced(
            View([.. Enumerable.Range(0, 4).Select(k => new ScoredRow { Label = (uint)k, Score = [.6f, .4f] })], 2, keyCount: 4));

        Assert.Equal([("0", true), ("1", true), ("2", false), ("3", false)], metrics.Classes.Select(c => (c.Name, c.HasScore)));
        Assert.Equal((4, 0), (metrics.RowCount, metrics.RowsWithoutLabel));
        Assert.Equal((.25, .25), (metrics.Accuracy, metrics.BalancedAccuracy));
        // Precision of class 0 is 1 of 4, recall 1.
        Assert.Equal((.25 / 4, .4 / 4), (metrics.MacroPrecision, metrics.MacroF1Score));
        Assert.All(metrics.Classes, c => Assert.Equal(.25, c.AveragePrecision));
        Assert.Equal((-Math.Log(.6) - Math.Log(.4) + 2 * 23 * Math.Log(2)) / 4, metrics.LogLoss, 1e-6);
        Assert.Equal((2 * .16 + 2 * .36 + 2 * (.36 + .16 + 1)) / 4, metrics.BrierScore, 1e-6);
        Assert.Equal([[1, 0, 0, 0], [1, 0, 0, 0], [1, 0, 0, 0], [1, 0, 0, 0]], metrics.ConfusionMatrix.Select(row => row.ToArray()));
    }

    [Fact]
    public void It_has_the_metrics_of_a_class_with_probability_0_everywhere()
    {
        var random = new Random(1);
        ScoredRow[] rows = [.. Enumerable.Range(0, 300).Select(i => new ScoredRow
        {
            Label = (uint)random.Next(3), Score = [.2f + .6f * random.NextSingle(), 0, 0], Weight = i % 4,
        })];
        foreach (var row in rows)
            row.Score[1] = 1 - row.Score[0];
        EvaluationOptions options = new() { BootstrapResamples = 50 };
        var expected = _mlContext.MulticlassClassification.EvaluateImbalanced(
            View(rows, 3), exampleWeightColumnName: "Weight", options: options);
        foreach (var row in rows)
            row.Score = row.Score[..2];

        var actual = _mlContext.MulticlassClassification.EvaluateImbalanced(
            View(rows, 2, keyCount: 3), exampleWeightColumnName: "Weight", options: options);

        // Probabilities are moved away from 0 by 1.2e-7 for their logarithms.
        Assert.All(Enum.GetValues<MulticlassMetric>(), metric => Assert.Equal(expected[metric], actual[metric], 2e-6));
        Assert.Equal(expected.ConfusionMatrix, actual.ConfusionMatrix);
        // That no row is given to the class is certain, and not a thing of these rows.
        Assert.Equal(
            expected.Classes.Select(c => c.Name != "2" ? c
                : c with { HasScore = false, Intervals = c.Intervals! with { Precision = new(0, 0) } }), actual.Classes);
    }

    [Fact]
    public void A_pipeline_is_evaluated_on_a_class_that_it_has_not_seen_and_its_rows_are_counted()
    {
        var rows = Texts(("a", 0), ("b", 1), ("a", .2f), ("b", .8f));
        var model = _mlContext.Transforms.Conversion.MapValueToKey("Label", "Text")
            .Append(_mlContext.MulticlassClassification.Trainers.LbfgsMaximumEntropy(l1Regularization: 0, l2Regularization: .01f))
            .Fit(rows);
        var scored = model.Transform(Texts(("a", 0), ("c", 1), ("b", .9f), ("", .9f), ("c", 0)));

        // By the text, what is no class of the model is an error of it.
        var byText = _mlContext.MulticlassClassification.EvaluateImbalanced(scored, "Text");
        Assert.Equal([("a", 1, true), ("b", 1, true), ("c", 2, false)], byText.Classes.Select(c => (c.Name, c.Weight, c.HasScore)));
        Assert.Equal((4, 1, .5), (byText.RowCount, byText.RowsWithoutLabel, byText.Accuracy));

        // By the key that the pipeline has made of it, it is missing, as it is to ML.NET's own evaluation.
        var byKey = _mlContext.MulticlassClassification.EvaluateImbalanced(scored);
        Assert.Equal((2, 3, 1), (byKey.RowCount, byKey.RowsWithoutLabel, byKey.Accuracy));
        Assert.Equal(_mlContext.MulticlassClassification.Evaluate(scored).MicroAccuracy, byKey.Accuracy);

        // The same for keys of other data, which find their scores by name.
        var keys = _mlContext.Transforms.Conversion.MapValueToKey("Label", "Text").Fit(scored).Transform(scored);
        var byOtherKeys = _mlContext.MulticlassClassification.EvaluateImbalanced(keys);
        Assert.Equal(byText.Classes, byOtherKeys.Classes);
        Assert.Equal(byText.LogLoss, byOtherKeys.LogLoss);
    }

    [Fact]
    public void A_column_that_is_no_label_of_the_model_is_an_error()
    {
        var rows = Texts(("a", 0), ("b", 1), ("a", .2f), ("b", .8f));
        var model = _mlContext.Transforms.Conversion.MapValueToKey("Label", "Text")
            .Append(_mlContext.MulticlassClassification.Trainers.LbfgsMaximumEntropy()).Fit(rows);
        string Error(params (string, float)[] others) => Assert.Throws<InvalidOperationException>(
            () => _mlContext.MulticlassClassification.EvaluateImbalanced(model.Transform(Texts(others)), "Text")).Message;
        Assert.Equal(
            "Label column 'Text' has no row with one of the 2 classes of the scores, 'a' being the first; it has 'x'. "
            + "Is it the label of this model?",
            Error(("x", 0), ("y", 1)));
        Assert.Equal(
            "Label column 'Text' has '1000' in row 1001, after 1000 others that are none of the 2 classes of the scores: "
            + "is it the label of this model?",
            Error([("a", 0), .. Enumerable.Range(0, 1100).Select(i => ($"{i}", 0f))]));
        Assert.Equal("Label column 'Text' is missing in all 2 rows with a weight above 0.", Error(("", 0), ("", 1)));
    }

    /// <summary>
    /// The stock softmax e^(z - ln Σ e^z) takes both in single precision: of z = -100,001.28, -100,000 and much less, the logarithm is
    /// rounded to 128ths. Divided by their sum such scores still are probabilities.
    /// </summary>
    [Fact]
    public void Probabilities_of_scores_far_out_are_divided_by_their_sum()
    {
        var metrics = _mlContext.MulticlassClassification.EvaluateImbalanced(
            View([new() { Label = 1, Score = [.21796136f, .784909f, 0] }, new() { Label = 0, Score = [.99f, 0, 0] }], 3));
        Assert.Equal((-Math.Log(.784909 / (.21796136 + .784909)) + 0) / 2, metrics.LogLoss, 1e-6);
        Assert.Throws<InvalidOperationException>(
            () => _mlContext.MulticlassClassification.EvaluateImbalanced(View([new() { Label = 1, Score = [.2f, .75f, 0] }], 3)));
    }

    [Fact]
    public void Scores_that_are_no_probabilities_need_to_be_said_so()
    {
        var view = View([new() { Label = 0, Score = [3, 1] }, new() { Label = 1, Score = [-4, 1] }], 2);

        var message = Assert.Throws<InvalidOperationException>(() => _mlContext.MulticlassClassification.EvaluateImbalanced(view)).Message;
        var metrics = _mlContext.MulticlassClassification.EvaluateImbalanced(view, scoresAreProbabilities: false);

        Assert.StartsWith("The scores of row 0 are [3, 1], but they should be probabilities", message, StringComparison.Ordinal);
        Assert.Equal(1, metrics.Accuracy);
        Assert.Equal(
            [MulticlassMetric.LogLoss, MulticlassMetric.BrierScore, MulticlassMetric.ExpectedCalibrationError, MulticlassMetric.FocalLoss],
            Enum.GetValues<MulticlassMetric>().Where(metric => double.IsNaN(metrics[metric])));
    }

    /// <summary>
    /// 40 of 50 rows of the first class are found: Clopper and Pearson's interval (mpmath 1.3, from sums of binomial probabilities).
    /// </summary>
    [Fact]
    public void The_interval_of_a_recall_is_that_of_the_binomial_distribution()
    {
        var metrics = Threefold(new() { BootstrapResamples = 4000, Seed = 3 });

        var interval = metrics.Classes[0].Intervals!.Recall;
        Assert.Equal(0.66281689161651, interval.Low, 1e-12);
        Assert.Equal(0.89969776252743, interval.High, 1e-12);
        // All rows of the last class are found: p^n = .025.
        var all = metrics.Classes[2];
        Assert.Equal(Math.Pow(.025, 1 / all.Weight), all.Intervals!.Recall.Low, 1e-12);
        Assert.Equal(1, all.Intervals.Recall.High);
    }

    [Fact]
    public void Intervals_contain_the_value_of_these_data_and_do_not_depend_on_threads()
    {
        var metrics = Threefold(new() { BootstrapResamples = 300, NumberOfThreads = 1 });
        var onMore = Threefold(new() { BootstrapResamples = 300, NumberOfThreads = 5 });
        foreach (var metric in Enum.GetValues<MulticlassMetric>())
        {
            var interval = metrics.Interval(metric);
            // Not of the calibration error: a resample adds noise to the noise that is there.
            if (metric != MulticlassMetric.ExpectedCalibrationError)
                Assert.InRange(metrics[metric], interval.Low, interval.High);
            Assert.True(interval.Low < interval.High, $"{metric}");
            Assert.Equal(interval, onMore.Interval(metric));
        }

        foreach (var one in metrics.Classes)
        {
            Assert.InRange(one.Precision, one.Intervals!.Precision.Low, one.Intervals.Precision.High);
            Assert.InRange(one.Recall, one.Intervals.Recall.Low, one.Intervals.Recall.High);
            Assert.InRange(one.F1Score, one.Intervals.F1Score.Low, one.Intervals.F1Score.High);
            Assert.InRange(one.AveragePrecision, one.Intervals.AveragePrecision.Low, one.Intervals.AveragePrecision.High);
        }

        Assert.Equal(metrics.Classes, onMore.Classes);
    }

    [Fact]
    public void Two_classes_have_the_intervals_of_binary_evaluation()
    {
        var random = new Random(4);
        float[] scores = [.. Enumerable.Range(0, 300).Select(i => (float)(.1 + .5 * random.NextDouble() + (i % 5 == 0 ? .3 : 0)))];
        bool[] labels = [.. scores.Select((_, i) => i % 5 == 0)];
        EvaluationOptions options = new() { BootstrapResamples = 200, Seed = 5 };
        float[] ones = [.. scores.Select(_ => 1f)];
        var binary = FocalMlNet.Evaluation.BinaryEvaluation.Of(
            FocalMlNet.Evaluation.ScoredRows.Of(scores, labels, ones, scores, [.. scores.Select(p => p > .5f)]), options);

        // Class 0 are the positives.
        var several = FocalMlNet.Evaluation.MulticlassEvaluation.Of(
            new(["positive", "negative"], [.. scores.SelectMany(p => (float[])[p, 1 - p])], [.. labels.Select(y => y ? 0 : 1)], ones),
            true, options);

        Assert.Equal(binary.AveragePrecision, several.Classes[0].AveragePrecision, 1e-12);
        Assert.Equal(2 * binary.BrierScore, several.BrierScore, 1e-6);
        Assert.Equal(binary.FocalLoss, several.FocalLoss, 1e-6);
        // Each draws its own rows of the same class sizes: the ends agree but for chance.
        var (expected, actual) = (binary.Interval(BinaryMetric.AveragePrecision), several.Classes[0].Intervals!.AveragePrecision);
        Assert.Equal(expected.Low, actual.Low, .02);
        Assert.Equal(expected.High, actual.High, .02);
    }

    [Fact]
    public void Without_a_bootstrap_there_are_no_intervals_and_an_alpha_is_refused()
    {
        var metrics = Threefold(new());
        Assert.All(metrics.Classes, one => Assert.Null(one.Intervals));
        Assert.Contains("BootstrapResamples = 0",
            Assert.Throws<InvalidOperationException>(() => metrics.Interval(MulticlassMetric.Accuracy)).Message, StringComparison.Ordinal);
        Assert.StartsWith("Alpha is the weight of the positives of two classes",
            Assert.Throws<ArgumentException>(() => Threefold(new() { Alpha = .5 })).Message, StringComparison.Ordinal);
        Assert.StartsWith("Gamma = -1", Assert.Throws<ArgumentOutOfRangeException>(() => Threefold(new() { Gamma = -1 })).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Bad_input_is_one_clear_error()
    {
        Assert.Equal("The data has no rows with a weight above 0.", Error<InvalidOperationException>(View([], 2)));
        Assert.Equal("Column 'Score' has NaN in row 0, but it should be finite.",
            Error<InvalidOperationException>(View([new() { Label = 1, Score = [float.NaN, 1] }], 2)));
        Assert.Equal("Label column 'Label' is missing in all 1 rows with a weight above 0.",
            Error<InvalidOperationException>(View([new() { Label = 2, Score = [.5f, .5f] }], 2)));
        Assert.StartsWith("The score column 'No' is missing.",
            Error<ArgumentOutOfRangeException>(View([new() { Label = 1, Score = [.5f, .5f] }], 2), score: "No"), StringComparison.Ordinal);
        Assert.StartsWith("The label column 'Weight' is of type Single, but it should be a key of UInt32 or text.",
            Error<ArgumentOutOfRangeException>(View([new() { Label = 1, Score = [.5f, .5f] }], 2), label: "Weight"),
            StringComparison.Ordinal);
        Assert.StartsWith("The label column 'Text' is text, but the score column 'Score' has no names",
            Error<ArgumentOutOfRangeException>(View([new() { Label = 1, Score = [.5f, .5f] }], 2), label: "Text"),
            StringComparison.Ordinal);
    }

    /// <summary>50, 100 and 20 rows; 40 of the first are found, 70 of the second, all of the last.</summary>
    private ImbalancedMulticlassMetrics Threefold(EvaluationOptions options)
    {
        var random = new Random(2);
        return _mlContext.MulticlassClassification.EvaluateImbalanced(View([.. Enumerable.Range(0, 170).Select(i =>
        {
            var label = i < 50 ? 0 : i < 150 ? 1 : 2;
            var given = i < 50 ? (i < 40 ? 0 : 1) : i < 150 ? (i < 120 ? 1 : 2) : 2;
            var high = .5f + .4f * random.NextSingle();
            float[] scores = [(1 - high) / 2, (1 - high) / 2, (1 - high) / 2];
            scores[given] = high;
            return new ScoredRow { Label = (uint)label, Score = scores };
        })], 3), options: options);
    }

    private string Error<T>(IDataView view, string label = "Label", string score = "Score")
        where T : Exception
        => Assert.Throws<T>(() => _mlContext.MulticlassClassification.EvaluateImbalanced(view, label, score)).Message;

    private IDataView View(ScoredRow[] rows, int classCount, int? keyCount = null)
    {
        var definition = SchemaDefinition.Create(typeof(ScoredRow));
        definition[nameof(ScoredRow.Label)].ColumnType = new KeyDataViewType(typeof(uint), keyCount ?? classCount);
        definition[nameof(ScoredRow.Score)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, classCount);
        return _mlContext.Data.LoadFromEnumerable(rows, definition);
    }

    private IDataView Texts(params (string Text, float X)[] rows)
        => _mlContext.Data.LoadFromEnumerable(rows.Select(r => new TextRow { Text = r.Text, Features = [r.X] }).ToList());

    private IDataView Numbers(params (int Number, float X)[] rows)
        => _mlContext.Data.LoadFromEnumerable(rows.Select(r => new NumberRow { Number = r.Number, Features = [r.X] }).ToList());

    private sealed class NumberRow
    {
        public int Number { get; set; }

        [VectorType(1)]
        public float[] Features { get; set; } = [];
    }

    private sealed class ScoredRow
    {
        /// <summary>Counted from 0, as in a user's class; one too many is missing.</summary>
        public uint Label { get; set; }

        public float[] Score { get; set; } = [];

        public float Weight { get; set; } = 1;

        public string Text { get; set; } = "";
    }

    private sealed class TextRow
    {
        public string Text { get; set; } = "";

        [VectorType(1)]
        public float[] Features { get; set; } = [];
    }
}

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
            exampleWeightColumnName: "Weight");

        foreach (var value in vector.GetProperty("values").EnumerateObject())
        {
            var actual = metrics[Enum.Parse<MulticlassMetric>(value.Name)];
            Assert.True(Math.Abs(value.Value.GetDouble() - actual) <= MetricVectors.Tolerance, $"{value.Name} is {actual:R}, not {value.Value}");
            Assert.Equal(actual, (double)typeof(ImbalancedMulticlassMetrics).GetProperty(value.Name)!.GetValue(metrics)!);
        }

        Assert.Equal(Enum.GetNames<MulticlassMetric>().Length, vector.GetProperty("values").EnumerateObject().Count());
        MetricVectors.AssertTable(MetricVectors.Table(vector, "confusion"), metrics.ConfusionMatrix.Select(row => row.ToArray()));
        var averagePrecisions = vector.GetProperty("averagePrecision").EnumerateArray().Select(v => v.ValueKind == System.Text.Json.JsonValueKind.Null ? double.NaN : v.GetDouble());
        MetricVectors.AssertTable(
            [MetricVectors.Doubles(vector.GetProperty("precision")), MetricVectors.Doubles(vector.GetProperty("recall")), MetricVectors.Doubles(vector.GetProperty("f1")), [.. averagePrecisions]],
            [[.. metrics.Classes.Select(c => c.Precision)], [.. metrics.Classes.Select(c => c.Recall)], [.. metrics.Classes.Select(c => c.F1Score)], [.. metrics.Classes.Select(c => c.AveragePrecision)]]);
        Assert.Equal(weights.Count(w => w > 0), metrics.RowCount);
    }

    [Fact]
    public void A_scored_pipeline_has_the_names_of_its_classes()
    {
        var rows = Texts(("common", 0), ("common", .1f), ("rare", 2), ("common", .2f), ("rare", 2.1f));
        var model = _mlContext.Transforms.Conversion.MapValueToKey("Label", "Text")
            .Append(_mlContext.MulticlassClassification.Trainers.LbfgsMaximumEntropy(l1Regularization: 0, l2Regularization: .01f)).Fit(rows);
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
            .Append(_mlContext.MulticlassClassification.Trainers.LbfgsMaximumEntropy(l1Regularization: 0, l2Regularization: .001f)).Fit(rows);
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

    [Fact]
    public void A_label_that_is_no_class_of_the_model_is_an_error()
    {
        var rows = Texts(("a", 0), ("b", 1), ("a", .2f), ("b", .8f));
        var model = _mlContext.Transforms.Conversion.MapValueToKey("Label", "Text")
            .Append(_mlContext.MulticlassClassification.Trainers.LbfgsMaximumEntropy()).Fit(rows);
        var scored = model.Transform(Texts(("a", 0), ("c", 1)));

        Assert.Equal("Label column 'Text' has 'c' in row 1, but it should be one of the 2 classes of the scores.",
            Assert.Throws<InvalidOperationException>(() => _mlContext.MulticlassClassification.EvaluateImbalanced(scored, "Text")).Message);
        Assert.Equal("Label column 'Label' has a missing label in row 1, but it should be one of the 2 classes of the scores.",
            Assert.Throws<InvalidOperationException>(() => _mlContext.MulticlassClassification.EvaluateImbalanced(scored)).Message);
    }

    [Fact]
    public void Scores_that_are_no_probabilities_need_to_be_said_so()
    {
        var view = View([new() { Label = 0, Score = [3, 1] }, new() { Label = 1, Score = [-4, 1] }], 2);

        var message = Assert.Throws<InvalidOperationException>(() => _mlContext.MulticlassClassification.EvaluateImbalanced(view)).Message;
        var metrics = _mlContext.MulticlassClassification.EvaluateImbalanced(view, scoresAreProbabilities: false);

        Assert.StartsWith("The scores of row 0 are [3, 1], but they should be probabilities", message, StringComparison.Ordinal);
        Assert.Equal((1, double.NaN), (metrics.Accuracy, metrics.LogLoss));
    }

    [Fact]
    public void Bad_input_is_one_clear_error()
    {
        Assert.Equal("The data has no rows with a weight above 0.", Error<InvalidOperationException>(View([], 2)));
        Assert.Equal("Column 'Score' has NaN in row 0, but it should be finite.", Error<InvalidOperationException>(View([new() { Label = 1, Score = [float.NaN, 1] }], 2)));
        Assert.Equal("Label column 'Label' has a missing label in row 0, but it should be one of the 2 classes of the scores.",
            Error<InvalidOperationException>(View([new() { Label = 2, Score = [.5f, .5f] }], 2)));
        Assert.StartsWith("The label column 'Label' has 3 classes and the score column 'Score' 2 scores without names, but they should be as many.",
            Error<ArgumentOutOfRangeException>(View([new() { Label = 1, Score = [.5f, .5f] }], 2, keyCount: 3)), StringComparison.Ordinal);
        Assert.StartsWith("The score column 'No' is missing.", Error<ArgumentOutOfRangeException>(View([new() { Label = 1, Score = [.5f, .5f] }], 2), score: "No"), StringComparison.Ordinal);
        Assert.StartsWith("The label column 'Weight' is of type Single, but it should be a key of UInt32 or text.",
            Error<ArgumentOutOfRangeException>(View([new() { Label = 1, Score = [.5f, .5f] }], 2), label: "Weight"), StringComparison.Ordinal);
        Assert.StartsWith("The label column 'Text' is text, but the score column 'Score' has no names",
            Error<ArgumentOutOfRangeException>(View([new() { Label = 1, Score = [.5f, .5f] }], 2), label: "Text"), StringComparison.Ordinal);
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

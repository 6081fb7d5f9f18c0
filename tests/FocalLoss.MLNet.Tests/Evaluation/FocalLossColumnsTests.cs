
using FocalMlNet.Tests.Weighting;
using FocalMlNet.Views;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Tests.Evaluation;

public sealed class FocalLossColumnsTests : IDisposable
{
    private readonly MLContext _mlContext = new(seed: 1);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("focal-");

    [Fact]
    public void Loss_and_weight_are_those_of_the_formula()
    {
        // γ = 2 at score 0: ¼ ln 2, and ½ (½ + ln 2); alpha = .75 for the positive row, .25 for the other.
        var view = View(new(true, 0), new(false, 0), new(true, 50), new(false, 50));
        var transformed = _mlContext.Transforms.FocalLoss("Loss", gamma: 2, alpha: .75).Fit(view).Transform(view);
        float[] losses = [.. transformed.GetColumn<float>("Loss")], weights = [.. transformed.GetColumn<float>("LossWeight")];
        Assert.Equal(.75 * .25 * Math.Log(2), losses[0], 1e-7);
        Assert.Equal(.25 * .25 * Math.Log(2), losses[1], 1e-7);
        Assert.Equal(.75 * .5 * (.5 + Math.Log(2)), weights[0], 1e-7);
        Assert.Equal(.25 * .5 * (.5 + Math.Log(2)), weights[1], 1e-7);
        // Far on the right side next to nothing is left; far on the wrong side the loss is α |score| and the weight α.
        Assert.InRange(losses[2], 0, 1e-40);
        Assert.Equal(.25 * 50, losses[3], 1e-5);
        Assert.Equal(.25, weights[3], 1e-6);
    }

    [Fact]
    public void A_row_without_a_score_has_no_loss_and_an_infinite_score_a_finite_one()
    {
        var view = View(new(true, float.NaN), new(true, float.PositiveInfinity), new(true, float.NegativeInfinity));
        var transformed = _mlContext.Transforms.FocalLoss("Loss").Fit(view).Transform(view);
        Assert.Equal([float.NaN, 0, float.MaxValue], transformed.GetColumn<float>("Loss"));
        Assert.Equal([float.NaN, 0, 1], transformed.GetColumn<float>("LossWeight"));
    }

    [Fact]
    public void The_conventions_of_ML_NET_hold()
    {
        var view = View([.. Enumerable.Range(0, 300).Select(i => new Answer(i % 3 == 0, i / 50f - 3))]);
        var estimator = _mlContext.Transforms.FocalLoss("Loss");
        TransformChecks.SchemasAgree(estimator, view);
        TransformChecks.CursorsAgree(estimator.Fit(view).Transform(view), "Loss");
        TransformChecks.CursorsAgree(estimator.Fit(view).Transform(view), "LossWeight");
    }

    [Fact]
    public void It_follows_a_trainer_in_a_pipeline()
    {
        var view = Rows.View(_mlContext, Rows.Gaussian(500));
        var pipeline = _mlContext.BinaryClassification.Trainers.FocalSgd().Append(_mlContext.Transforms.FocalLoss("Loss"));
        var transformed = pipeline.Fit(view).Transform(view);
        var expected = transformed.GetColumn<float>("Score")
            .Zip(transformed.GetColumn<bool>("Label"), (z, y) => new FocalLoss(2).Loss(z, y ? 1 : 0));
        Assert.All(expected.Zip(transformed.GetColumn<float>("Loss")),
            pair => Assert.Equal(pair.First, pair.Second, 1e-6 * (1 + pair.First)));
    }

    [Fact]
    public void It_reads_nothing_before_it_is_asked_to()
    {
        var reads = 0;
        var view = Rows.View(_mlContext, Rows.Gaussian(50), () => reads++);
        var transformed = _mlContext.Transforms.FocalLoss("Loss", scoreColumnName: "Weight").Fit(view).Transform(view);
        _ = transformed.Schema;
        Assert.Equal(0, reads);
        _ = transformed.GetColumn<float>("Loss").ToArray();
        Assert.Equal(1, reads);
    }

    [Fact]
    public void It_says_that_it_cannot_be_saved()
    {
        var view = View(new Answer(true, 0));
        var transformer = _mlContext.Transforms.FocalLoss("Loss").Fit(view);
        var error = Assert.Throws<NotSupportedException>(
            () => _mlContext.Model.Save(transformer, view.Schema, Path.Combine(_folder.FullName, "model.zip")));
        Assert.Contains("leave FocalLoss out of the pipeline that is saved", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Nope", "Score", "The label column 'Nope' is missing. The input has: Label, Score.")]
    [InlineData("Label", "Nope", "The score column 'Nope' is missing. The input has: Label, Score.")]
    [InlineData("Score", "Score", "The label column 'Score' is of type Single, but it should be Boolean, a key of UInt32 or text.")]
    [InlineData("Label", "Label", "The score column 'Label' is of type Boolean, but it should be Single.")]
    public void A_column_that_is_missing_or_of_the_wrong_type_is_refused(string label, string score, string message)
    {
        var view = View(new Answer(true, 0));
        TransformChecks.BothRefuse(_mlContext.Transforms.FocalLoss("Loss", label, score), view, message);
        var error = Assert.Throws<ArgumentOutOfRangeException>(
            () => _mlContext.BinaryClassification.HardExamples(view, 1, label, score));
        Assert.StartsWith(
            message.Replace(", a key of UInt32 or text", "", StringComparison.Ordinal), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bad_arguments_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => _mlContext.Transforms.FocalLoss("Loss", gamma: -1));
        Assert.Throws<ArgumentException>(() => _mlContext.Transforms.FocalLoss(""));
        var error = Assert.Throws<ArgumentOutOfRangeException>(
            () => _mlContext.BinaryClassification.HardExamples(View(new Answer(true, 0)), 0));
        Assert.StartsWith("top = 0, but it should be at least 1.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Hard_examples_come_the_hardest_first_and_the_earlier_of_equal_ones()
    {
        var view = View(new(true, 1), new(false, 3), new(true, -2), new(true, float.NaN), new(false, -5), new(true, -3));
        var hard = _mlContext.BinaryClassification.HardExamples(view, 3);
        Assert.Equal([1, 5, 2], hard.Select(h => h.Row));
        Assert.Equal("False", hard[0].Label);
        Assert.Equal(1 - .952574127, hard[0].Probability, 1e-9);
        // σ(3) = .952574: q² (-ln p) with p = 1 - .952574.
        Assert.Equal(.952574127 * .952574127 * 3.048587352, hard[0].Loss, 1e-6);
        Assert.Equal([1, 5, 2, 0, 4], _mlContext.BinaryClassification.HardExamples(view, 100).Select(h => h.Row));
    }

    [Fact]
    public void Mislabelled_rows_are_among_the_hardest()
    {
        var rows = Rows.Gaussian(2000, positiveRate: .3);
        foreach (var row in rows)
            row.Features[0] *= 4;
        // Two rows deep in the other class.
        rows[100] = new Row { Label = true, Features = [-12, 0, 0] };
        rows[1500] = new Row { Label = false, Features = [20, 0, 0] };
        var view = Rows.View(_mlContext, rows);
        var scored = _mlContext.BinaryClassification.Trainers.FocalSgd().Fit(view).Transform(view);
        Assert.Equal([100, 1500], _mlContext.BinaryClassification.HardExamples(scored, 2).Select(h => h.Row).Order());
    }

    [Fact]
    public void Probabilities_of_two_classes_give_what_their_logits_give()
    {
        float[] logits = [-9, -2, -.3f, 0, 1.5f, 8];
        var view = View([.. logits.Select((z, i) => new Answer(i % 2 == 0, z))]);
        var shares = View([.. logits.Select((z, i) => new Answer(i % 2 == 0, (float)(1 / (1 + Math.Exp(-(double)z)))))]);
        var (ofLogits, ofShares) = (Losses(_mlContext.Transforms.FocalLoss("Loss", alpha: .3), view),
            Losses(_mlContext.Transforms.FocalLoss("Loss", scoresAreProbabilities: true, alpha: .3), shares));
        Assert.All(ofLogits.Zip(ofShares), pair => Assert.Equal(pair.First, pair.Second, 1e-3 * pair.First));
        Assert.Equal(_mlContext.BinaryClassification.HardExamples(view, 6).Select(h => h.Row),
            _mlContext.BinaryClassification.HardExamples(shares, 6, scoresAreProbabilities: true).Select(h => h.Row));
        var error = Assert.Throws<InvalidOperationException>(
            () => _mlContext.BinaryClassification.HardExamples(view, 6, scoresAreProbabilities: true));
        Assert.Equal("Column 'Score' has -9 in row 0, but it should be in [0; 1].", error.Message);
    }

    /// <summary>By hand: of logits 1, 2, 3 the softmax is .0900, .2447, .6652.</summary>
    [Theory]
    [InlineData(false, new[] { 1f, 2, 3 })]
    [InlineData(true, new[] { .09003057f, .24472847f, .66524096f })]
    [InlineData(null, new[] { .09003057f, .24472847f, .66524096f })]
    public void Of_several_classes_logits_and_probabilities_give_the_loss_of_the_formula(bool? areProbabilities, float[] scores)
    {
        double[] p = [.09003057317, .24472847106, .66524095577];
        var view = Several(3, (1, scores), (2, scores), (3, scores), (0, scores), (1, [float.NaN, 0, 1]));
        var transformed = _mlContext.Transforms.FocalLoss("Loss", scoresAreProbabilities: areProbabilities).Fit(view).Transform(view);
        float[] losses = [.. transformed.GetColumn<float>("Loss")], weights = [.. transformed.GetColumn<float>("LossWeight")];
        for (var k = 0; k < 3; k++)
        {
            Assert.Equal((1 - p[k]) * (1 - p[k]) * -Math.Log(p[k]), losses[k], 2e-6);
            Assert.Equal((1 - p[k]) * (1 - p[k] - 2 * p[k] * Math.Log(p[k])), weights[k], 2e-6);
        }

        // A row without a label, and one without a score.
        Assert.Equal([float.NaN, float.NaN], losses[3..]);
        var hard = _mlContext.MulticlassClassification.HardExamples(view, 9, scoresAreProbabilities: areProbabilities ?? true);
        Assert.Equal([0, 1, 2], hard.Select(h => h.Row));
        Assert.Equal(["0", "1", "2"], hard.Select(h => h.Label));
        Assert.All(hard.Zip(p), pair => Assert.Equal(pair.Second, pair.First.Probability, 1e-6));
    }

    [Fact]
    public void The_mean_of_the_column_is_the_metric_also_where_a_class_has_no_score()
    {
        var random = new Random(3);
        var rows = Enumerable.Range(0, 50).Select(i =>
        {
            var scores = new float[] { random.Next(0, 5), random.Next(1, 5), random.Next(0, 3) };
            return ((uint)random.Next(1, 5), scores.Select(s => s / scores.Sum()).ToArray());
        }).ToArray();
        var view = Several(4, rows);
        var metrics = _mlContext.MulticlassClassification.EvaluateImbalanced(view);
        var losses = Losses(_mlContext.Transforms.FocalLoss("Loss"), view);
        Assert.Equal(4, metrics.Classes.Count);
        Assert.Equal(metrics.FocalLoss, losses.Average(loss => (double)loss), 1e-6 * metrics.FocalLoss);
    }

    [Fact]
    public void Logits_of_any_size_give_a_loss()
    {
        var view = Several(
            4, (1, [1e30f, 1, 2]), (2, [1e30f, 1, 2]), (3, [0, 0, float.PositiveInfinity]), (1, [0, 0, float.PositiveInfinity]),
            (1, [float.NegativeInfinity, 0, 0]), (4, [0, 0, 0]));
        var losses = Losses(_mlContext.Transforms.FocalLoss("Loss", scoresAreProbabilities: false), view);
        Assert.Equal([0, 1e30f, 0, float.MaxValue, float.MaxValue], losses[..5]);
        // A class without a score has probability 2^-23.
        Assert.Equal(23 * Math.Log(2), losses[5], 1e-4);
    }

    [Fact]
    public void The_conventions_of_ML_NET_hold_for_several_classes_too()
    {
        var view = Several(3, [.. Enumerable.Range(0, 300).Select(i => ((uint)i % 4, new[] { i % 7 / 6f, 1 - i % 7 / 6f, 0 }))]);
        var estimator = _mlContext.Transforms.FocalLoss("Loss");
        TransformChecks.SchemasAgree(estimator, view);
        TransformChecks.CursorsAgree(estimator.Fit(view).Transform(view), "LossWeight");
    }

    [Fact]
    public void Of_several_classes_bad_input_is_one_clear_error()
    {
        var logits = Several(3, (1, [1, 2, 3]));
        Assert.StartsWith("The scores of row 0 are [1, 2, 3], but they should be probabilities: in [0; 1], with sum 1.",
            Assert.Throws<InvalidOperationException>(() => _mlContext.MulticlassClassification.HardExamples(logits, 1)).Message,
            StringComparison.Ordinal);
        var estimator = _mlContext.Transforms.FocalLoss("Loss", alpha: .5);
        var shape = TransformChecks.ShapeOf(logits);
        foreach (var attempt in new Action[] { () => estimator.Fit(logits), () => estimator.GetOutputSchema(shape) })
        {
            Assert.StartsWith("Alpha is the weight of the positives of two classes",
                Assert.Throws<ArgumentException>(attempt).Message, StringComparison.Ordinal);
        }

        TransformChecks.BothRefuse(_mlContext.Transforms.FocalLoss("Loss", scoreColumnName: "Label"), logits,
            "The score column 'Label' is of type Key<UInt32");
        Assert.StartsWith("The label column 'Label' is of type Boolean, but it should be a key of UInt32 or text.",
            Assert.Throws<ArgumentOutOfRangeException>(
                () => _mlContext.MulticlassClassification.HardExamples(View(new Answer(true, 1)), 1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Hard_examples_of_text_labels_are_found_by_the_names_of_the_scores()
    {
        var rows = MulticlassRows.Gaussian(400, classes: 3);
        var texts = _mlContext.Data.LoadFromEnumerable(
            rows.Select((row, i) => i == 77 ? new TextAnswer { Text = "c1", Features = [9, 0, 0] }
                : new TextAnswer { Text = $"c{row.Label}", Features = row.Features }),
            SchemaDefinition.Create(typeof(TextAnswer)));
        var model = _mlContext.Transforms.Conversion.MapValueToKey("Label", "Text")
            .Append(_mlContext.MulticlassClassification.Trainers.FocalSgd()).Fit(texts);
        var hardest = _mlContext.MulticlassClassification.HardExamples(model.Transform(texts), 1, "Text")[0];
        Assert.Equal((77, "c1"), (hardest.Row, hardest.Label));
        Assert.InRange(hardest.Probability, 0, .05);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static float[] Losses(FocalLossColumnsEstimator estimator, IDataView view)
        => [.. estimator.Fit(view).Transform(view).GetColumn<float>("Loss")];

    /// <summary>Rows with a key from 1, 0 for none, and three scores.</summary>
    private static TinyView Several(int classes, params (uint Key, float[] Scores)[] rows) => new(
        new TinyColumn<uint>("Label", new KeyDataViewType(typeof(uint), classes), null, [.. rows.Select(row => row.Key)]),
        new TinyColumn<VBuffer<float>>("Score", new VectorDataViewType(NumberDataViewType.Single, 3), null,
            [.. rows.Select(row => new VBuffer<float>(3, row.Scores))]));

    private IDataView View(params Answer[] rows) => _mlContext.Data.LoadFromEnumerable(rows);

    private sealed class Answer(bool label, float score)
    {
        public bool Label { get; set; } = label;

        public float Score { get; set; } = score;
    }

    private sealed class TextAnswer
    {
        public string Text { get; set; } = "";

        [VectorType(3)]
        public float[] Features { get; set; } = [];
    }
}

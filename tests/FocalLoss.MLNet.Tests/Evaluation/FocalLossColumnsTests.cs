
using FocalMlNet.Tests.Weighting;
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
    [InlineData("Score", "Score", "The label column 'Score' is of type Single, but it should be Boolean.")]
    [InlineData("Label", "Label", "The score column 'Label' is of type Boolean, but it should be Single.")]
    public void A_column_that_is_missing_or_of_the_wrong_type_is_refused(string label, string score, string message)
    {
        var view = View(new Answer(true, 0));
        TransformChecks.BothRefuse(_mlContext.Transforms.FocalLoss("Loss", label, score), view, message);
        Assert.StartsWith(message,
            Assert.Throws<ArgumentOutOfRangeException>(() => _mlContext.Data.HardExamples(view, 1, label, score)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Bad_arguments_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => _mlContext.Transforms.FocalLoss("Loss", gamma: -1));
        Assert.Throws<ArgumentException>(() => _mlContext.Transforms.FocalLoss(""));
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => _mlContext.Data.HardExamples(View(new Answer(true, 0)), 0));
        Assert.StartsWith("top = 0, but it should be at least 1.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Hard_examples_come_the_hardest_first_and_the_earlier_of_equal_ones()
    {
        var view = View(new(true, 1), new(false, 3), new(true, -2), new(true, float.NaN), new(false, -5), new(true, -3));
        var hard = _mlContext.Data.HardExamples(view, 3);
        Assert.Equal([1, 5, 2], hard.Select(h => h.Row));
        Assert.Equal((false, 3f), (hard[0].Label, hard[0].Score));
        // σ(3) = .952574: q² (-ln p) with p = 1 - .952574.
        Assert.Equal(.952574127 * .952574127 * 3.048587352, hard[0].Loss, 1e-6);
        Assert.Equal([1, 5, 2, 0, 4], _mlContext.Data.HardExamples(view, 100).Select(h => h.Row));
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
        Assert.Equal([100, 1500], _mlContext.Data.HardExamples(scored, 2).Select(h => h.Row).Order());
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private IDataView View(params Answer[] rows) => _mlContext.Data.LoadFromEnumerable(rows);

    private sealed class Answer(bool label, float score)
    {
        public bool Label { get; set; } = label;

        public float Score { get; set; } = score;
    }
}

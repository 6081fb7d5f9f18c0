using Microsoft.ML;
using Microsoft.ML.Data;
using LinearModel = Microsoft.ML.Calibrators.CalibratedModelParametersBase<
    Microsoft.ML.Trainers.LinearBinaryModelParameters, Microsoft.ML.Calibrators.PlattCalibrator>;

namespace FocalMlNet.Tests;

/// <summary>Arguments and data far beyond what makes sense: the right answer or the right words.</summary>
public sealed class ExtremeNumbersTests
{
    private readonly MLContext _mlContext = new(1);

    [Theory]
    [InlineData(1e39, "1E+39")]
    [InlineData(-101, "-101")]
    [InlineData(double.NaN, "NaN")]
    public void A_shift_that_no_resampling_makes_is_refused(double shift, string text)
    {
        var catalog = _mlContext.BinaryClassification;
        var model = catalog.Trainers.FocalSgd().Fit(View());
        var chain = new TransformerChain<BinaryPredictionTransformer<LinearModel>>(model);
        foreach (var correct in new Action[]
        {
            () => catalog.CorrectPrior(model, shift), () => catalog.CorrectPrior<LinearModel>(model, shift),
            () => catalog.CorrectPrior(chain, shift), () => catalog.CorrectPrior<LinearModel>(chain, shift),
        })
        {
            var error = Assert.Throws<ArgumentOutOfRangeException>(correct);
            Assert.Equal($"logOddsShift = {text}, but it should be in [-100; 100]. (Parameter 'logOddsShift')", error.Message);
        }
    }

    [Theory]
    [InlineData(1.1e30f, "1.1E+30")]
    [InlineData(float.MaxValue, "3.4028235E+38")]
    public void An_example_weight_beyond_single_precision_is_refused(float weight, string text)
    {
        var rows = Rows.Gaussian(50);
        rows[7].Weight = weight;
        var (view, binary) = (Rows.View(_mlContext, rows), _mlContext.BinaryClassification);
        foreach (var fit in new Action[]
        {
            () => binary.Trainers.FocalSgd(exampleWeightColumnName: "Weight").Fit(view),
            () => binary.Trainers.FocalReweighted(
                w => binary.Trainers.SgdCalibrated(exampleWeightColumnName: w), exampleWeightColumnName: "Weight").Fit(view),
            () => _mlContext.Transforms.BalanceClasses("W", exampleWeightColumnName: "Weight").Fit(view),
        })
        {
            var error = Assert.Throws<InvalidOperationException>(fit);
            Assert.Equal($"Column 'Weight' has weight {text} in row 7, but it should be in [0; 1E+30].", error.Message);
        }
    }

    [Theory]
    [InlineData(1.1e30, "1.1E+30")]
    [InlineData(9e-31, "9E-31")]
    public void A_class_weight_beyond_single_precision_is_refused(double weight, string text)
    {
        (string Name, Action Make)[] places =
        [
            ("weights[1]", () => ClassWeighting.Custom(1, weight)), ("classWeights[0]", () => _ = new SoftmaxFocalLoss(2, [weight, 1])),
            ("classWeights[1]", () => _ = new OneVersusAllFocalLoss(2, [0, weight])),
        ];
        foreach (var (name, make) in places)
        {
            var error = Assert.Throws<ArgumentOutOfRangeException>(make);
            Assert.Equal($"{name} = {text}, but it should be 0 or in [1E-30; 1E+30]. (Parameter '{name}')", error.Message);
        }
    }

    [Fact]
    public void Class_frequencies_as_far_apart_as_doubles_go_give_finite_weights()
        => Assert.All(ClassWeighting.Balanced.FromCounts([double.Epsilon, double.MaxValue]), w => Assert.True(double.IsFinite(w)));

    [Theory]
    [InlineData(0.0)]
    [InlineData(2.0)]
    [InlineData(50.0)]
    public void An_infinite_score_is_a_certain_class(double gamma)
    {
        var (binary, softmax) = (new FocalPosterior(gamma, .3), new SoftmaxFocalPosterior(gamma, [1, 2, 3]));
        Assert.Equal((1, 0), (binary.Probability(double.PositiveInfinity), binary.Probability(double.NegativeInfinity)));
        Assert.Equal([0, 1, 0], Of(1e299, double.PositiveInfinity, 5));
        Assert.Equal([1, 0, 0], Of(5, double.NegativeInfinity, double.NegativeInfinity));
        // Equal infinities are equal scores: what is left are the weights.
        var ofInfinities = Of(double.PositiveInfinity, double.PositiveInfinity, double.PositiveInfinity);
        Assert.Equal(Of(4, 4, 4), ofInfinities, (a, b) => Math.Abs(a - b) < 1e-12);
        Assert.All(Of(1, double.NaN, 2), p => Assert.Equal(double.NaN, p));

        double[] Of(params double[] scores)
        {
            softmax.Probabilities(scores, scores);
            return scores;
        }
    }

    [Fact]
    public void As_many_threads_as_anybody_likes_are_no_more_cursors_than_make_sense()
    {
        var rows = View();
        var view = _mlContext.Transforms.NormalizeMinMax("Features").Fit(rows).Transform(rows);
        var options = new FocalSgdBinaryTrainer.Options { NumberOfThreads = int.MaxValue };
        var trainer = _mlContext.BinaryClassification.Trainers.FocalSgd(options);
        Assert.Equal(2, trainer.Fit(view).Model.SubModel.Weights.Count);
    }

    [Fact]
    public void A_score_that_is_no_number_has_no_weight_for_any_gamma()
    {
        foreach (var gamma in new[] { 0, 2.0 })
        {
            var view = _mlContext.Data.LoadFromEnumerable([new Answer(true, float.NaN), new Answer(false, float.NegativeInfinity)]);
            var added = _mlContext.Transforms.FocalLoss("L", gamma: gamma).Fit(view).Transform(view);
            // An infinitely right row: for log-loss, too, it counts as any other, and for γ above 0 it does not count.
            Assert.Equal([float.NaN, gamma == 0 ? 1 : 0], added.GetColumn<float>("LWeight"));
            Assert.Equal([float.NaN, 0], added.GetColumn<float>("L"));
        }
    }

    [Fact]
    public void A_score_that_is_no_number_has_no_loss_though_the_other_class_has_no_share_in_it()
    {
        var loss = new FocalLoss(2);
        Assert.Equal(double.NaN, loss.Loss(float.NaN, 1));
        Assert.Equal((float.NaN, float.NaN), (loss.Derivative(float.NaN, 1), loss.SecondDerivative(float.NaN, 1)));
    }

    private IDataView View() => Rows.View(_mlContext, Rows.Gaussian(200, features: 2));

    private sealed class Answer(bool label, float score)
    {
        public bool Label { get; set; } = label;

        public float Score { get; set; } = score;
    }
}


using FocalMlNet.StockModels;
using Microsoft.ML;
using Microsoft.ML.Calibrators;

namespace FocalMlNet.Tests.StockModels;

public sealed class ScoreThresholdTests : IDisposable
{
    private readonly MLContext _mlContext = new(seed: 1);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("focal-");

    [Theory]
    [InlineData(.5, 0)]
    [InlineData(.25, -1.0986123)] // -ln 3
    [InlineData(.999, 6.906755)] // ln 999
    [InlineData(1e-9, -20.723266)]
    public void It_is_the_logit_of_the_probability_for_a_plain_sigmoid(double probability, double score)
        => Assert.Equal(score, ScoreThreshold.Of(Sigmoid, probability), 2e-5);

    [Fact]
    public void A_score_is_above_it_exactly_if_its_probability_is_above_the_given_one()
    {
        var random = new Random(7);
        for (var trial = 0; trial < 1000; trial++)
        {
            var probability = trial % 3 == 0 ? random.NextDouble() : Sigmoid((float)(random.NextDouble() * 60 - 40));
            var threshold = ScoreThreshold.Of(Sigmoid, probability);
            Assert.True(Sigmoid(threshold) <= probability);
            Assert.True(Sigmoid(MathF.BitIncrement(threshold)) > probability || probability == 1);
        }
    }

    [Fact]
    public void With_1_nothing_is_positive_and_with_0_all_that_has_a_probability()
    {
        Assert.Equal(float.MaxValue, ScoreThreshold.Of(Sigmoid, 1));
        Assert.Equal(0, Sigmoid(ScoreThreshold.Of(Sigmoid, 0)));
        Assert.Equal(float.Epsilon, Sigmoid(MathF.BitIncrement(ScoreThreshold.Of(Sigmoid, 0))));
    }

    [Fact]
    public void The_model_calls_positive_what_has_a_probability_above_the_threshold()
    {
        var view = Rows.View(_mlContext, Rows.Gaussian(800));
        var model = _mlContext.BinaryClassification.Trainers.FocalSgd().Fit(view);
        var probabilities = Rows.Score(_mlContext, model, view).Select(r => r.Probability).Distinct().Order().ToArray();
        // At each of some probabilities that occur, where one float more or less makes a difference.
        for (var i = 0; i < probabilities.Length; i += 50)
        {
            var changed = _mlContext.BinaryClassification.WithThreshold(model, probabilities[i]);
            Assert.All(Rows.Score(_mlContext, changed, view), row => Assert.Equal(row.Probability > probabilities[i], row.PredictedLabel));
        }
    }

    [Fact]
    public void A_chosen_threshold_survives_save_and_load_in_a_program_that_has_only_ML_NET()
    {
        var rows = Rows.Gaussian(1500, features: 5);
        var view = Rows.View(_mlContext, rows);
        var model = _mlContext.Transforms.NormalizeMeanVariance("Features", fixZero: false)
            .Append(_mlContext.BinaryClassification.Trainers.FocalSgd()).Fit(view);
        var choice = _mlContext.BinaryClassification.ChooseThreshold(model.Transform(view), ThresholdPolicy.ReachRecall(.9));
        var changed = _mlContext.BinaryClassification.WithThreshold(model, choice.Probability);
        var modelFile = Path.Combine(_folder.FullName, "model.zip");
        _mlContext.Model.Save(changed, view.Schema, modelFile);

        var output = ModelConsumer.Score(modelFile, rows.Select(r => r.Features), _folder);

        var expected = Rows.Score(_mlContext, model, view);
        Assert.Equal(expected.Select(r => ModelConsumer.Line(r.Score, r.Probability, r.Probability > choice.Probability)), output);
        Assert.NotEqual(expected.Select(r => ModelConsumer.Line(r.Score, r.Probability, r.PredictedLabel)), output);
        Assert.Equal(choice.ConfusionCounts.AlertRate,
            output.Average(line => line.EndsWith($"{true}", StringComparison.Ordinal) ? 1.0 : 0), 1e-12);
    }

    [Fact]
    public void EvaluateImbalanced_judges_the_changed_threshold()
    {
        var view = Rows.View(_mlContext, Rows.Gaussian(1500));
        var model = _mlContext.BinaryClassification.Trainers.LbfgsLogisticRegression().Fit(view);
        var choice = _mlContext.BinaryClassification.ChooseThreshold(model.Transform(view), ThresholdPolicy.MaximizeMatthewsCorrelation);

        var metrics = _mlContext.BinaryClassification.EvaluateImbalanced(
            _mlContext.BinaryClassification.WithThreshold(model, choice.Probability).Transform(view));

        Assert.Equal(choice.ConfusionCounts, metrics.ConfusionCounts);
        Assert.Equal(choice.Value, metrics.MatthewsCorrelation);
        Assert.True(choice.Value > _mlContext.BinaryClassification.EvaluateImbalanced(model.Transform(view)).MatthewsCorrelation);
    }

    [Fact]
    public void A_calibrator_of_its_own_slope_and_offset_is_inverted()
    {
        // Calibrated by Platt on the scores: neither slope -1 nor offset 0.
        var view = Rows.View(_mlContext, Rows.Gaussian(800));
        var model = _mlContext.BinaryClassification.Trainers.AveragedPerceptron().Fit(view);
        IPredictionTransformer<PlattCalibrator> calibrated = _mlContext.BinaryClassification.Calibrators.Platt().Fit(model.Transform(view));
        var platt = calibrated.Model;

        var threshold = ScoreThreshold.Of(platt.PredictProbability, .3);

        Assert.NotEqual((-1, 0), (platt.Slope, platt.Offset));
        Assert.Equal((Math.Log(1 / .3 - 1) - platt.Offset) / platt.Slope, threshold, 1e-5 * Math.Abs(threshold) + 1e-6);
    }

    [Fact]
    public void A_model_without_a_calibrator_is_refused()
    {
        var model = _mlContext.BinaryClassification.Trainers.AveragedPerceptron().Fit(Rows.View(_mlContext, Rows.Gaussian(50)));

        var error = Assert.Throws<ArgumentException>(() => _mlContext.BinaryClassification.WithThreshold(model, .3));

        Assert.Contains("LinearBinaryModelParameters without a Platt calibrator", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-.01)]
    [InlineData(1.01)]
    [InlineData(double.NaN)]
    public void A_threshold_is_a_probability(double probability)
    {
        var model = _mlContext.BinaryClassification.Trainers.FocalSgd().Fit(Rows.View(_mlContext, Rows.Gaussian(50)));

        var error = Assert.Throws<ArgumentOutOfRangeException>(() => _mlContext.BinaryClassification.WithThreshold(model, probability));

        Assert.Contains("but it should be in [0; 1]", error.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static float Sigmoid(float score) => (float)(1 / (1 + Math.Exp(-(double)score)));
}

using Microsoft.ML;
using Microsoft.ML.Trainers;

namespace FocalMlNet.Tests.Evaluation;

/// <summary>Data that was scored before has columns that look like those of a model, and are none of it.</summary>
public sealed class InputColumnsTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    /// <summary>A probability that is the label.</summary>
    private IDataView Scored => _mlContext.Transforms.CustomMapping<LabelRow, ScoredRow>(
        (row, scored) =>
            (scored.Score, scored.Probability, scored.PredictedLabel) = (row.Label ? 1 : 0, row.Label ? 1 : 0, row.Label), null)
        .Fit(Data).Transform(Data);

    private IDataView Data { get; } = Rows.View(new MLContext(), Rows.Gaussian(400, positiveRate: .3));

    private BinaryClassificationCatalog Binary => _mlContext.BinaryClassification;

    private LinearSvmTrainer Svm => Binary.Trainers.LinearSvm();

    [Fact]
    public void A_cross_validation_takes_none_of_the_inputs()
    {
        var error = Assert.Throws<InvalidOperationException>(() => Binary.CrossValidateImbalanced(Scored, Svm, numberOfFolds: 2));
        Assert.Equal("The model adds no column 'Probability': the one that there is was in its input.", error.Message);
        Assert.True(double.IsNaN(Binary.CrossValidateImbalanced(Scored, Svm, numberOfFolds: 2, probabilityColumnName: null)
            .Mean(BinaryMetric.LogLoss)));
        var own = Binary.CrossValidateImbalanced(Scored, Binary.Trainers.FocalSgd(), numberOfFolds: 2);
        Assert.Equal(
            Binary.CrossValidateImbalanced(Data, Binary.Trainers.FocalSgd(), numberOfFolds: 2).Mean(BinaryMetric.LogLoss),
            own.Mean(BinaryMetric.LogLoss), 1e-6);
        error = Assert.Throws<InvalidOperationException>(() => Binary.CrossValidateImbalanced(
            Scored, _mlContext.Transforms.NormalizeMinMax("Features"), numberOfFolds: 2, probabilityColumnName: null));
        Assert.StartsWith("The model adds no column 'Score'", error.Message, StringComparison.Ordinal);
        var splits = _mlContext.Data.StratifiedCrossValidationSplit(Scored, numberOfFolds: 2)
            .Select(split => new TimeOrderedSplit(split.TrainSet, split.TestSet)).ToArray();
        Assert.Throws<InvalidOperationException>(() => Binary.CrossValidateImbalanced(splits, Svm));
    }

    [Fact]
    public void A_comparison_takes_none_of_the_inputs()
    {
        var comparison = Binary.CompareImbalanced(
            Scored, [("SVM", Svm.Fit(Data)), ("line", Binary.Trainers.FocalSgd().Fit(Data))]);
        Assert.Equal([false, true], comparison.Models.Select(model => model.HasProbabilities));
        var error = Assert.Throws<InvalidOperationException>(() => Binary.CompareImbalanced(
            Scored, [("none", _mlContext.Transforms.NormalizeMinMax("Features").Fit(Data))]));
        Assert.Equal("Model 'none': The model adds no column 'Score': the one that there is was in its input.", error.Message);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_evaluation_and_a_threshold_refuse_what_was_there_before_a_stock_model(bool hasScore)
    {
        var before = hasScore ? Scored : _mlContext.Transforms.DropColumns("Score", "PredictedLabel").Fit(Scored).Transform(Scored);
        var scored = Svm.Fit(Data).Transform(before);
        const string Message = "Column 'Probability' is not of the model that made 'Score': it was in its input.";
        Assert.StartsWith(Message, Assert.Throws<InvalidOperationException>(
            () => Binary.EvaluateImbalanced(scored)).Message, StringComparison.Ordinal);
        Assert.StartsWith(Message, Assert.Throws<InvalidOperationException>(
            () => Binary.ChooseThreshold(scored, ThresholdPolicy.MaximizeF())).Message, StringComparison.Ordinal);
        Assert.True(double.IsNaN(Binary.EvaluateImbalanced(scored, probabilityColumnName: null).LogLoss));
    }

    /// <summary>Wherever the columns of a model lie, and wherever they come from, they are taken.</summary>
    [Fact]
    public void What_is_of_the_model_is_taken_in_any_order()
    {
        Assert.True(Binary.EvaluateImbalanced(Scored).LogLoss < 1e-5);
        var line = Binary.Trainers.FocalSgd().Fit(Data).Transform(Scored);
        var expected = Binary.EvaluateImbalanced(line).LogLoss;
        var reversed = _mlContext.Transforms.SelectColumns("Probability", "PredictedLabel", "Score", "Label").Fit(line).Transform(line);
        Assert.Equal(expected, Binary.EvaluateImbalanced(reversed).LogLoss);
        var calibrated = Svm.Append(Binary.Calibrators.Platt()).Fit(Data).Transform(Scored);
        Assert.InRange(Binary.EvaluateImbalanced(calibrated).LogLoss, .1, .7);
    }

    private sealed class LabelRow
    {
        public bool Label { get; set; }
    }

    private sealed class ScoredRow
    {
        public float Score { get; set; }

        public float Probability { get; set; }

        public bool PredictedLabel { get; set; }
    }
}

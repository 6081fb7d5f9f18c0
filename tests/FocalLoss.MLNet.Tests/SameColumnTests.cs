
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Tests;

/// <summary>One column named for two purposes, for each pair of them: an error that names both, or the one whose type says no.</summary>
public sealed class SameColumnTests
{
    private const string NeedsFeatures = "but it should be Vector<Single> of known size.";

    private readonly MLContext _mlContext = new(1);
    private readonly IDataView _view;

    public SameColumnTests()
    {
        var rows = _mlContext.Data.LoadFromEnumerable(Enumerable.Range(0, 40).Select(i => new ScoredRow(i % 4 == 0, (i % 7 + 1) / 9f)));
        _view = _mlContext.Transforms.Conversion.MapValueToKey("Key", "Text").Fit(rows).Transform(rows);
    }

    [Fact]
    public void Training_says_which_column_is_of_the_wrong_type()
    {
        var (binary, multiclass) = (_mlContext.BinaryClassification, _mlContext.MulticlassClassification);
        (string Message, Action Fit)[] pairs =
        [
            ("The feature column 'Label' is of type Boolean, " + NeedsFeatures,
                () => binary.Trainers.FocalSgd("Label", "Label").Fit(_view)),
            ("The weight column 'Label' is of type Boolean, but it should be Single.",
                () => binary.Trainers.FocalSgd("Label", "Features", "Label").Fit(_view)),
            ("The weight column 'Features' is of type Vector<Single, 2>, but it should be Single.",
                () => binary.Trainers.FocalSgd("Label", "Features", "Features").Fit(_view)),
            ("The feature column 'Key' is of type Key<UInt32, 0-1>, " + NeedsFeatures,
                () => multiclass.Trainers.FocalSgd("Key", "Key").Fit(_view)),
            ("The weight column 'Key' is of type Key<UInt32, 0-1>, but it should be Single.",
                () => multiclass.Trainers.FocalSgd("Key", "Features", "Key").Fit(_view)),
            ("The weight column 'Features' is of type Vector<Single, 2>, but it should be Single.",
                () => multiclass.Trainers.FocalSgd("Key", "Features", "Features").Fit(_view)),
            ("The weight column 'Label' is of type Boolean, but it should be Single.",
                () => binary.Trainers.FocalReweighted(
                    w => binary.Trainers.SgdCalibrated(exampleWeightColumnName: w), exampleWeightColumnName: "Label").Fit(_view)),
            ("The weight column 'Label' is of type Boolean, but it should be Single.",
                () => _mlContext.Transforms.BalanceClasses("W", exampleWeightColumnName: "Label").Fit(_view)),
        ];
        foreach (var (message, fit) in pairs)
            Assert.StartsWith(message, Assert.Throws<ArgumentOutOfRangeException>(fit).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Evaluation_splits_and_added_columns_refuse_one_column_in_two_parts()
    {
        var binary = _mlContext.BinaryClassification;
        (string Name, string Value, string Other, Action Call)[] pairs =
        [
            ("predictedLabelColumnName", "Label", "labelColumnName",
                () => binary.EvaluateImbalanced(_view, predictedLabelColumnName: "Label")),
            ("predictedLabelColumnName", "PredictedLabel", "labelColumnName", () => binary.EvaluateImbalanced(_view, "PredictedLabel")),
            ("exampleWeightColumnName", "Score", "scoreColumnName",
                () => binary.EvaluateImbalanced(_view, exampleWeightColumnName: "Score")),
            ("exampleWeightColumnName", "Probability", "probabilityColumnName",
                () => binary.EvaluateImbalanced(_view, exampleWeightColumnName: "Probability")),
            ("exampleWeightColumnName", "Probability", "probabilityColumnName",
                () => binary.ChooseThreshold(_view, ThresholdPolicy.MaximizeF(), exampleWeightColumnName: "Probability")),
            ("samplingKeyColumnName", "Text", "labelColumnName",
                () => _mlContext.Data.StratifiedTrainTestSplit(_view, "Text", samplingKeyColumnName: "Text")),
            ("samplingKeyColumnName", "Key", "labelColumnName",
                () => _mlContext.Data.StratifiedCrossValidationSplit(_view, "Key", samplingKeyColumnName: "Key")),
            ("samplingKeyColumnName", "Label", "labelColumnName",
                () => binary.CrossValidateImbalanced(_view, binary.Trainers.FocalSgd(), samplingKeyColumnName: "Label")),
            ("outputColumnName", "Label", "labelColumnName", () => _mlContext.Transforms.FocalLoss("Label")),
            ("outputColumnName", "Score", "scoreColumnName", () => _mlContext.Transforms.FocalLoss("Score")),
            ("outputColumnName", "ExampleWeight", "scoreColumnName",
                () => _mlContext.Transforms.FocalLoss("Example", scoreColumnName: "ExampleWeight")),
        ];
        foreach (var (name, value, other, call) in pairs)
        {
            var error = Assert.Throws<ArgumentException>(call);
            Assert.Equal($"{name} = {value}, but it should be another column than {other}. (Parameter '{name}')", error.Message);
        }
    }

    [Fact]
    public void A_score_may_be_the_probability()
        => Assert.Equal(40, _mlContext.BinaryClassification.EvaluateImbalanced(_view, scoreColumnName: "Probability").RowCount);

    [Fact]
    public void The_prior_of_a_model_whose_feature_column_is_named_Label_is_corrected()
    {
        var transforms = _mlContext.Transforms;
        var copies = transforms.CopyColumns("IsPositive", "Label").Append(transforms.CopyColumns("Label", "Features"));
        var renamed = copies.Fit(_view).Transform(_view);
        var model = _mlContext.BinaryClassification.Trainers.FocalSgd("IsPositive", "Label").Fit(renamed);
        var corrected = _mlContext.BinaryClassification.CorrectPrior(model, 1);
        Assert.Equal("Label", corrected.FeatureColumnName);
        Assert.Equal(model.Model.SubModel.Bias - 1, corrected.Model.SubModel.Bias, 1e-5f);
        Assert.Equal(model.Model.SubModel.Weights, corrected.Model.SubModel.Weights);
    }

    private sealed class ScoredRow(bool label, float score)
    {
        public bool Label { get; set; } = label;

        public string Text { get; set; } = label ? "a" : "b";

        public float Score { get; set; } = score;

        public float Probability { get; set; } = score;

        public bool PredictedLabel { get; set; } = score > .5;

        [VectorType(2)]
        public float[] Features { get; set; } = [score, label ? 1 : 0];
    }
}

using FocalMlNet.Views;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Tests.Columns;

/// <summary>A weight that cannot be used means the same to all who read weights, and they say so in the same words.</summary>
public sealed class WeightReaderTests
{
    private const string W = "Weight";

    private readonly MLContext _mlContext = new(seed: 1);

    [Theory]
    [InlineData(-1f, "-1")]
    [InlineData(2e30f, "2E+30")]
    [InlineData(float.PositiveInfinity, "Infinity")]
    [InlineData(float.NaN, "NaN")]
    public void A_weight_that_cannot_be_used_is_named_with_its_row_by_everyone(float weight, string text)
    {
        var view = View(weight);
        List<Action> readers =
        [
            () => _mlContext.Transforms.BalanceClasses("W", exampleWeightColumnName: W).Fit(view),
            () => _mlContext.BinaryClassification.Trainers.FocalReweighted(
                w => _mlContext.BinaryClassification.Trainers.LbfgsLogisticRegression(exampleWeightColumnName: w),
                exampleWeightColumnName: W).Fit(view),
            () => _mlContext.BinaryClassification.EvaluateImbalanced(view, exampleWeightColumnName: W),
            () => _mlContext.BinaryClassification.ChooseThreshold(view, ThresholdPolicy.MaximizeF(), exampleWeightColumnName: W),
            () => _mlContext.MulticlassClassification.EvaluateImbalanced(view, "Key", "Scores", W),
        ];
        // Training leaves out what it cannot use, and counts it: a missing weight as a missing feature.
        if (!float.IsNaN(weight))
        {
            readers.Add(() => Train(view));
            readers.Add(() => _mlContext.MulticlassClassification.Trainers.FocalSgd("Key", exampleWeightColumnName: W).Fit(view));
        }

        Assert.All(readers, read => Assert.Equal(
            $"Column 'Weight' has weight {text} in row 2, but it should be in [0; 1E+30].",
            Assert.Throws<InvalidOperationException>(read).Message));
    }

    [Fact]
    public void Training_leaves_a_row_of_missing_weight_out_and_counts_it()
        => Assert.Contains("1 of 6 rows", string.Join('\n', Train(View(float.NaN))), StringComparison.Ordinal);

    private List<string> Train(IDataView view)
    {
        List<string> log = [];
        _mlContext.BinaryClassification.Trainers.FocalSgd(new FocalSgdBinaryTrainer.Options
        {
            ExampleWeightColumnName = W,
            L2Regularization = .01,
            Log = log.Add,
        }).Fit(view);
        return log;
    }

    /// <summary>Six rows that anyone can read, scored, with a given weight in row 2.</summary>
    private static TinyView View(float weight)
    {
        bool[] labels = [true, false, true, false, true, false];
        return new TinyView(
            new TinyColumn<bool>("Label", BooleanDataViewType.Instance, null, labels),
            new TinyColumn<uint>("Key", new KeyDataViewType(typeof(uint), 2), null, [.. labels.Select(y => y ? 2u : 1u)]),
            new TinyColumn<float>(W, NumberDataViewType.Single, null, 1, 1, weight, 1, 1, 1),
            new TinyColumn<VBuffer<float>>("Features", new VectorDataViewType(NumberDataViewType.Single, 1), null,
                [.. labels.Select((_, i) => new VBuffer<float>(1, [i]))]),
            new TinyColumn<float>("Score", NumberDataViewType.Single, null, 1, 2, 3, 4, 5, 6),
            new TinyColumn<float>("Probability", NumberDataViewType.Single, null, .1f, .2f, .3f, .4f, .5f, .6f),
            new TinyColumn<bool>("PredictedLabel", BooleanDataViewType.Instance, null, labels),
            new TinyColumn<VBuffer<float>>("Scores", new VectorDataViewType(NumberDataViewType.Single, 2), null,
                [.. labels.Select(_ => new VBuffer<float>(2, [.5f, .5f]))]));
    }
}

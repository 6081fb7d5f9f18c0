
using FocalMlNet.StockModels;
using Microsoft.ML;
using Microsoft.ML.Calibrators;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;

namespace FocalMlNet.Tests.StockModels;

public sealed class StockModelTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    /// <summary>Features in units of 1e-31 to 1e-38 have weights of 1e31 to 1e38; those of a hashed text may be denormal.</summary>
    [Theory]
    [InlineData(1f, .5f)]
    [InlineData(1f, 0f)]
    [InlineData(1f, -1e-30f)]
    [InlineData(1e-3f, -7.25f)]
    [InlineData(1e-20f, -1e-9f)]
    [InlineData(1e-38f, 3f)]
    [InlineData(1e-43f, 1e-43f)]
    [InlineData(3e4f, 1e6f)]
    [InlineData(1e12f, -3e-3f)]
    [InlineData(1e28f, 1e-9f)]
    [InlineData(1e31f, -2.9564428f)]
    [InlineData(1e33f, 0f)]
    [InlineData(1e36f, -2.9564428f)]
    [InlineData(1e36f, 1e-12f)]
    [InlineData(1e38f, 40f)]
    [InlineData(3.4e38f, -700f)]
    [InlineData(3.4e38f, 0f)]
    public void The_model_has_the_given_weights_and_bias_to_the_bit(float scale, float bias)
    {
        var random = new Random(5);
        float[] weights = [scale, .. Enumerable.Range(1, 499).Select(j => j % 7 == 0 ? 0 : scale * (float)(2 * random.NextDouble() - 1))];
        var model = Create(weights, bias).Model;
        Assert.Equal(weights, model.SubModel.Weights);
        Assert.Equal(bias, model.SubModel.Bias);
        Assert.Equal((-1.0, 0.0), (model.Calibrator.Slope, model.Calibrator.Offset));
    }

    [Fact]
    public void Weights_of_all_sizes_at_once_and_any_bias_are_there_to_the_bit()
    {
        var random = new Random(6);
        for (var i = 0; i < 300; i++)
        {
            float[] weights = [.. Enumerable.Range(0, 12).Select(_ => Any())];
            var bias = i % 10 == 0 ? 0 : .4f * Any();
            var model = Create(weights, bias).Model.SubModel;
            Assert.Equal(weights, model.Weights);
            Assert.Equal(bias, model.Bias);
        }

        // Any bits that are a finite number.
        float Any()
        {
            var any = BitConverter.Int32BitsToSingle(random.Next() | random.Next(2) << 31);
            return float.IsFinite(any) ? any : 0;
        }
    }

    [Fact]
    public void A_model_without_weights_has_its_bias()
    {
        var model = Create([0, 0], -2.5f).Model.SubModel;
        Assert.Equal([0, 0], model.Weights);
        Assert.Equal(-2.5f, model.Bias);
    }

    [Theory]
    [InlineData(float.NaN, 0)]
    [InlineData(float.NegativeInfinity, 0)]
    [InlineData(1, float.NaN)]
    public void Weights_that_are_not_finite_are_refused(float weight, float bias)
        => Assert.Equal("The trained weights are not finite.",
            Assert.Throws<InvalidOperationException>(() => Create([1, weight], bias)).Message);

    [Fact]
    public void Slot_names_of_the_features_are_kept()
    {
        var view = _mlContext.Transforms.Concatenate("Features", nameof(Pair.Length), nameof(Pair.Width))
            .Fit(_mlContext.Data.LoadFromEnumerable(Pairs)).Transform(_mlContext.Data.LoadFromEnumerable(Pairs));
        var model = _mlContext.BinaryClassification.Trainers.FocalSgd(labelColumnName: nameof(Pair.IsBig)).Fit(view);
        var names = default(VBuffer<ReadOnlyMemory<char>>);
        model.Transform(view).Schema["Features"].GetSlotNames(ref names);
        Assert.Equal(["Length", "Width"], names.DenseValues().Select(n => n.ToString()));
    }

    private static readonly Pair[] Pairs = [.. Enumerable.Range(0, 50).Select(i => new Pair { Length = i, Width = i % 7, IsBig = i > 40 })];

    private sealed class Pair
    {
        public float Length { get; set; }

        public float Width { get; set; }

        public bool IsBig { get; set; }
    }

    private BinaryPredictionTransformer<CalibratedModelParametersBase<LinearBinaryModelParameters, PlattCalibrator>> Create(
        float[] weights, float bias)
    {
        var schema = Rows.View(_mlContext, [new Row { Features = weights }]).Schema;
        return StockModel.Create(_mlContext.BinaryClassification.Trainers, "Label", schema["Features"], weights, bias);
    }
}


using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.LightGbm;

namespace FocalMlNet.Tests.StockModels;

/// <summary>
/// Models of several classes exported with ConvertToOnnx and scored by ONNX Runtime, on 1,000 rows that they were not trained on. They are
/// known by their output columns alone, whatever the type of the model.
/// </summary>
public sealed class OnnxMulticlassTests
{
    private const int ClassCount = 4;

    private readonly MLContext _mlContext = new(seed: 1);
    private readonly MulticlassRow[] _train = MulticlassRows.Gaussian(2000, ClassCount, seed: 1);
    private readonly MulticlassRow[] _fresh = MulticlassRows.Gaussian(1000, ClassCount, seed: 2);

    public static TheoryData<MulticlassFormulation, CalibrationMethod, bool> Models
        => [.. from formulation in Enum.GetValues<MulticlassFormulation>()
            from calibration in Enum.GetValues<CalibrationMethod>()
            from normalise in new[] { false, true }
            select (formulation, calibration, normalise)];

    [Theory]
    [MemberData(nameof(Models))]
    public void A_model_of_several_classes_gives_the_same(MulticlassFormulation formulation, CalibrationMethod calibration, bool normalise)
    {
        var trainer = _mlContext.MulticlassClassification.Trainers.FocalSgd(new FocalSgdMulticlassTrainer.Options
        {
            Formulation = formulation,
            Calibration = calibration,
            ClassWeighting = ClassWeighting.Balanced,
        });
        AssertAgrees(normalise
            ? _mlContext.Transforms.NormalizeMeanVariance("Features", fixZero: false).Append(trainer).Fit(View())
            : trainer.Fit(View()));
    }

    [Theory]
    [InlineData(MulticlassFormulation.Softmax)]
    [InlineData(MulticlassFormulation.OneVersusAll)]
    public void A_row_with_a_missing_feature_has_no_score_and_of_the_labels_the_missing_one_or_the_first(MulticlassFormulation formulation)
    {
        var model = _mlContext.MulticlassClassification.Trainers.FocalSgd(formulation: formulation).Fit(View());
        MulticlassRow[] rows = [new() { Features = [1, float.NaN, 2] }];
        using var graph = OnnxGraph.OfFeatures(_mlContext, model, 3);
        using var columns = graph.Run([rows[0].Features]);
        var expected = MulticlassRows.Score(_mlContext, model, MulticlassRows.View(_mlContext, rows, ClassCount)).Single();
        Assert.All([.. expected.Score, .. columns.Of<float>("Score")], score => Assert.True(float.IsNaN(score)));
        Assert.Equal((0u, 1u), (expected.PredictedLabel, columns.Of<uint>("PredictedLabel").Single()));
    }

    [Fact]
    public void Reweighted_LightGbm_of_several_classes_gives_the_same()
    {
        NativeParts.NeedLightGbm();
        AssertAgrees(_mlContext.MulticlassClassification.Trainers.FocalReweighted(
            w => _mlContext.MulticlassClassification.Trainers.LightGbm(new LightGbmMulticlassTrainer.Options
            {
                ExampleWeightColumnName = w,
                NumberOfIterations = 10,
                NumberOfThreads = 1,
            }), rounds: 3).Fit(View()));
    }

    [Theory]
    [InlineData(MulticlassFormulation.Softmax)]
    [InlineData(MulticlassFormulation.OneVersusAll)]
    public void A_pipeline_from_columns_to_the_names_of_the_classes_gives_the_same(MulticlassFormulation formulation)
    {
        string[] kinds = ["bolt", "nut", "screw", "washer"];
        Part[] Parts(MulticlassRow[] rows) => [.. rows.Select(row => new Part
        {
            Kind = kinds[row.Label],
            Length = row.Features[0],
            Width = 100 + 20 * row.Features[1],
        })];
        var (train, fresh) = (_mlContext.Data.LoadFromEnumerable(Parts(_train)), Parts(_fresh));
        var model = _mlContext.Transforms.Conversion.MapValueToKey("Label", "Kind")
            .Append(_mlContext.Transforms.Concatenate("Features", "Length", "Width"))
            .Append(_mlContext.Transforms.NormalizeMeanVariance("Features"))
            .Append(_mlContext.MulticlassClassification.Trainers.FocalSgd(formulation: formulation))
            .Append(_mlContext.Transforms.Conversion.MapKeyToValue("PredictedLabel")).Fit(train);
        var scored = model.Transform(_mlContext.Data.LoadFromEnumerable(fresh));

        using var graph = OnnxGraph.Of(_mlContext, model, train, "PredictedLabel", "Score");
        using var columns = graph.Run([
            OnnxGraph.Input("Kind", fresh.Select(part => "").ToArray(), fresh.Length),
            OnnxGraph.Input("Length", fresh.Select(part => part.Length).ToArray(), fresh.Length),
            OnnxGraph.Input("Width", fresh.Select(part => part.Width).ToArray(), fresh.Length),
        ]);

        AssertNear(scored.GetColumn<float[]>("Score"), columns.Of<float>("Score"));
        var names = columns.Of<string>("PredictedLabel");
        Assert.Equal(scored.GetColumn<string>("PredictedLabel"), names);
        Assert.Equal(kinds, names.Distinct().Order(StringComparer.Ordinal));
    }

    private IDataView View() => MulticlassRows.View(_mlContext, _train, ClassCount);

    private void AssertAgrees(ITransformer model)
    {
        var expected = MulticlassRows.Score(_mlContext, model, MulticlassRows.View(_mlContext, _fresh, ClassCount));
        using var graph = OnnxGraph.OfFeatures(_mlContext, model, _fresh[0].Features.Length);
        using var columns = graph.Run([.. _fresh.Select(row => row.Features)]);
        AssertNear(expected.Select(row => row.Score), columns.Of<float>("Score"));
        // Keys count from 1 in both.
        var labels = columns.Of<uint>("PredictedLabel");
        Assert.Equal(expected.Select(row => row.PredictedLabel), labels);
        Assert.Equal([1u, 2u, 3u, 4u], labels.Distinct().Order());
    }

    private static void AssertNear(IEnumerable<float[]> expected, float[] actual)
    {
        Assert.Equal(1000 * ClassCount, actual.Length);
        Assert.Equal(expected.SelectMany(scores => scores), actual, (x, y) => Math.Abs(x - y) <= 1e-5f);
    }

    private sealed class Part
    {
        public string Kind { get; set; } = "";

        public float Length { get; set; }

        public float Width { get; set; }
    }
}

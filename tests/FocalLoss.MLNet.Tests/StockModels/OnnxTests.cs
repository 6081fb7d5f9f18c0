using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Trainers.LightGbm;
using BinaryModel = Microsoft.ML.Calibrators.CalibratedModelParametersBase<
    Microsoft.ML.Trainers.LinearBinaryModelParameters, Microsoft.ML.Calibrators.PlattCalibrator>;

namespace FocalMlNet.Tests.StockModels;

/// <summary>Models exported with ConvertToOnnx and scored by ONNX Runtime, on 1,000 rows that they were not trained on.</summary>
public sealed class OnnxTests : IDisposable
{
    private const int FeatureCount = 5;

    private readonly MLContext _mlContext = new(seed: 1);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("focal-");

    private readonly Row[] _train = Stretched(Rows.Gaussian(2000, FeatureCount, seed: 1));
    private readonly Row[] _fresh = Stretched(Rows.Gaussian(1000, FeatureCount, seed: 2));

    public static TheoryData<CalibrationMethod, Normalizer> Binary
        => [.. from calibration in Enum.GetValues<CalibrationMethod>()
            from normalizer in Enum.GetValues<Normalizer>()
            select (calibration, normalizer)];

    [Theory]
    [MemberData(nameof(Binary))]
    public void A_binary_model_gives_the_same(CalibrationMethod calibration, Normalizer normalizer)
        => AssertAgrees(Fit(normalizer, new() { Calibration = calibration, ClassWeighting = ClassWeighting.Balanced }));

    [Theory]
    [InlineData(Normalizer.None)]
    [InlineData(Normalizer.MeanVariance)]
    public void A_chosen_threshold_calls_the_same_rows_positive(Normalizer normalizer)
    {
        var model = Fit(normalizer, new());
        var choice = _mlContext.BinaryClassification.ChooseThreshold(model.Transform(View()), ThresholdPolicy.ReachRecall(.9));

        var labels = AssertAgrees(_mlContext.BinaryClassification.WithThreshold(model, choice.Probability));

        Assert.Equal(Rows.Score(_mlContext, model, Fresh()).Select(row => row.Probability > choice.Probability), labels);
        Assert.NotEqual(Rows.Score(_mlContext, model, Fresh()).Select(row => row.PredictedLabel), labels);
    }

    [Fact]
    public void A_loaded_model_gives_the_same()
    {
        var file = Path.Combine(_folder.FullName, "model.zip");
        _mlContext.Model.Save(Fit(Normalizer.MeanVariance, new()), View().Schema, file);
        AssertAgrees(_mlContext.Model.Load(file, out _));
    }

    [Fact]
    public void A_model_of_sparse_rows_gives_the_same()
        => AssertAgrees(_mlContext.BinaryClassification.Trainers.FocalSgd().Fit(Rows.SparseView(_mlContext, _train, FeatureCount)));

    [Fact]
    public void A_missing_feature_has_to_be_replaced()
    {
        _fresh[0].Features[2] = float.NaN;
        // ML.NET compares with the threshold by an operator of ONNX that refuses NaN.
        using var graph = OnnxGraph.OfFeatures(_mlContext, Fit(Normalizer.MeanVariance, new()), FeatureCount);
        var error = Assert.Throws<OnnxRuntimeException>(() => graph.Run([.. _fresh.Select(row => row.Features)]));
        Assert.Contains("Binarizer", error.Message, StringComparison.Ordinal);

        AssertAgrees(_mlContext.Transforms.ReplaceMissingValues("Features")
            .Append(_mlContext.BinaryClassification.Trainers.FocalSgd()).Fit(View()));
    }

    [Fact]
    public void A_corrected_prior_is_in_the_graph()
    {
        var model = _mlContext.BinaryClassification.Trainers.FocalSgd().Fit(View());
        AssertAgrees(_mlContext.BinaryClassification.CorrectPrior(model, .7));

        NativeParts.NeedFastTree();
        var trees = _mlContext.BinaryClassification.Trainers.FastTree(numberOfTrees: 10).Fit(View());
        AssertAgrees(_mlContext.BinaryClassification.CorrectPrior(trees, .7));
    }

    [Fact]
    public void Reweighted_FastTree_gives_the_same()
    {
        NativeParts.NeedFastTree();
        AssertAgrees(_mlContext.BinaryClassification.Trainers.FocalReweighted(
            w => _mlContext.BinaryClassification.Trainers.FastTree(exampleWeightColumnName: w, numberOfTrees: 10), rounds: 3).Fit(View()));
    }

    [Fact]
    public void Reweighted_LightGbm_gives_the_same()
    {
        NativeParts.NeedLightGbm();
        AssertAgrees(_mlContext.BinaryClassification.Trainers.FocalReweighted(
            w => _mlContext.BinaryClassification.Trainers.LightGbm(new LightGbmBinaryTrainer.Options
            {
                ExampleWeightColumnName = w,
                NumberOfIterations = 10,
                NumberOfThreads = 1,
            }), rounds: 3).Fit(View()));
    }

    [Fact]
    public void The_graph_asks_for_all_columns_of_the_data_it_is_made_from_but_uses_only_what_the_wanted_outputs_need()
    {
        var model = Fit(Normalizer.MeanVariance, new());
        using var graph = OnnxGraph.Of(_mlContext, model, View(), "Score", "Probability", "PredictedLabel");
        Assert.Equal(["Label", "Features", "Weight"], graph.Inputs);
        Assert.Equal(["PredictedLabel.output", "Score.output", "Probability.output"], graph.Outputs);
        AssertAgrees(graph, Rows.Score(_mlContext, model, Fresh()));
    }

    [Fact]
    public void A_graph_is_a_transformer_of_ML_NET_again()
    {
        NativeParts.NeedOnnxRuntime();
        var model = Fit(Normalizer.MeanVariance, new());
        var file = Path.Combine(_folder.FullName, "model.onnx");
        using (var stream = File.Create(file))
            _mlContext.Model.ConvertToOnnx(model, OnnxGraph.FeaturesAlone(_mlContext, FeatureCount), stream);

        var scored = _mlContext.Transforms.ApplyOnnxModel(["Probability.output"], ["Features"], file).Fit(Fresh()).Transform(Fresh());

        AssertNear(
            Rows.Score(_mlContext, model, Fresh()).Select(row => row.Probability),
            [.. scored.GetColumn<float[]>("Probability").Select(p => p.Single())]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_pipeline_that_balances_classes_is_exported_without_that_step(bool withWeights)
    {
        // ML.NET has no ONNX for the zeros that data without a label gets, and says so.
        var model = Balanced(withWeights);
        Assert.ThrowsAny<InvalidOperationException>(() => AssertAgrees(model));
        AssertAgrees(new TransformerChain<ITransformer>(
            [.. ((IEnumerable<ITransformer>)model).Where(step => step is not ClassBalancingTransformer)]));
    }

    [Fact]
    public void Labelled_data_puts_the_weights_into_the_graph_unless_they_are_multiplied()
    {
        using var graph = OnnxGraph.Of(_mlContext, Balanced(withWeights: false), View());
        Assert.Contains("Balance.output", graph.Outputs);

        // ML.NET has no ONNX for the product with the example weights. It says so if the weights are an output; if not, it leaves out all
        // that comes before them, here the normaliser. Hence what docs/guide.md says: leave that step out.
        var model = Balanced(withWeights: true);
        var log = new List<string>();
        _mlContext.Log += (_, message) => log.Add(message.RawMessage);
        var error = Assert.Throws<InvalidOperationException>(() => OnnxGraph.Of(_mlContext, model, View()));
        Assert.StartsWith("The targeted pipeline can not be fully converted", error.Message, StringComparison.Ordinal);
        using var wrong = OnnxGraph.Of(_mlContext, model, View(), "Probability");
        using var columns = wrong.Run([.. _fresh.Select(row => row.Features)]);
        var pairs = Rows.Score(_mlContext, model, Fresh()).Zip(columns.Of<float>("Probability"));
        Assert.Contains(pairs, pair => Math.Abs(pair.First.Probability - pair.Second) > .1f);
        Assert.Equal(2, log.Count(message => message.StartsWith("Had to stop walkback of pipeline at", StringComparison.Ordinal)));
    }

    [Fact]
    public void Steps_that_ML_NET_cannot_export_are_named_in_its_log_or_end_in_an_error()
    {
        var trainer = _mlContext.BinaryClassification.Trainers.FocalSgd();
        var log = new List<string>();
        _mlContext.Log += (_, message) => log.Add(message.RawMessage);
        void Export(IEstimator<ITransformer> step) => OnnxGraph.Of(_mlContext, step.Append(trainer).Fit(View()), View()).Dispose();

        Assert.Throws<KeyNotFoundException>(() => Export(_mlContext.Transforms.NormalizeLogMeanVariance("Features")));
        Assert.Throws<KeyNotFoundException>(() => Export(_mlContext.Transforms.NormalizeBinning("Features")));
        Assert.DoesNotContain(log, message => message.StartsWith("Had to stop walkback of pipeline at", StringComparison.Ordinal));
        Export(_mlContext.Transforms.ApproximatedKernelMap("Features", rank: 20));
        Assert.Contains(log, message => message.StartsWith("Had to stop walkback of pipeline at", StringComparison.Ordinal));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>Ways to normalise that ML.NET exports.</summary>
    public enum Normalizer
    {
        None,
        MeanVariance,
        MinMax,
        RobustScaling,
    }

    /// <summary>Features of different units and origins.</summary>
    private static Row[] Stretched(Row[] rows)
    {
        foreach (var row in rows)
        {
            for (var j = 0; j < FeatureCount; j++)
                row.Features[j] = (row.Features[j] + j) * MathF.Pow(4, j - 2);
            row.Weight = row.Label ? 2 : .5f;
        }

        return rows;
    }

    private IDataView View() => Rows.View(_mlContext, _train);

    private IDataView Fresh() => Rows.View(_mlContext, _fresh);

    private TransformerChain<BinaryPredictionTransformer<BinaryModel>> Fit(Normalizer normalizer, FocalSgdBinaryTrainer.Options options)
    {
        var trainer = _mlContext.BinaryClassification.Trainers.FocalSgd(options);
        IEstimator<ITransformer>? before = normalizer switch
        {
            Normalizer.MeanVariance => _mlContext.Transforms.NormalizeMeanVariance("Features", fixZero: false),
            Normalizer.MinMax => _mlContext.Transforms.NormalizeMinMax("Features"),
            Normalizer.RobustScaling => _mlContext.Transforms.NormalizeRobustScaling("Features"),
            _ => null,
        };
        return before is null ? new EstimatorChain<ITransformer>().Append(trainer).Fit(View()) : before.Append(trainer).Fit(View());
    }

    private TransformerChain<BinaryPredictionTransformer<BinaryModel>> Balanced(bool withWeights)
        => _mlContext.Transforms.NormalizeMeanVariance("Features")
            .Append(_mlContext.Transforms.BalanceClasses("Balance", exampleWeightColumnName: withWeights ? "Weight" : null))
            .Append(_mlContext.BinaryClassification.Trainers.FocalSgd(exampleWeightColumnName: "Balance")).Fit(View());

    private bool[] AssertAgrees(ITransformer model)
    {
        using var graph = OnnxGraph.OfFeatures(_mlContext, model, FeatureCount);
        return AssertAgrees(graph, Rows.Score(_mlContext, model, Fresh()));
    }

    /// <summary>The labels that ONNX gives, which are those of ML.NET: some of each.</summary>
    private bool[] AssertAgrees(OnnxGraph graph, Scored[] expected)
    {
        using var columns = graph.Run([.. _fresh.Select(row => row.Features)]);
        AssertNear(expected.Select(row => row.Score), columns.Of<float>("Score"));
        AssertNear(expected.Select(row => row.Probability), columns.Of<float>("Probability"));
        var labels = columns.Of<bool>("PredictedLabel");
        Assert.Equal(expected.Select(row => row.PredictedLabel), labels);
        Assert.Contains(true, labels);
        Assert.Contains(false, labels);
        return labels;
    }

    private static void AssertNear(IEnumerable<float> expected, float[] actual)
    {
        Assert.Equal(1000, actual.Length);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-5f * Math.Max(1, Math.Abs(pair.First))));
    }
}

using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Tests.StockModels;

/// <summary>What ML.NET does with its own models, done with the models of FocalSgd.</summary>
public sealed class StockToolsTests : IDisposable
{
    private static readonly string[] Kinds = ["bolt", "nut", "screw", "washer"];

    private readonly MLContext _mlContext = new(seed: 1);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("focal-");

    [Fact]
    public void Permutation_feature_importance_is_the_area_that_a_shuffled_feature_costs()
    {
        var rows = Rows.Gaussian(3000);
        foreach (var row in rows)
            row.Features[1] += row.Label ? .8f : 0;
        var model = _mlContext.BinaryClassification.Trainers.FocalSgd().Fit(Rows.View(_mlContext, rows));

        var importance = _mlContext.BinaryClassification
            .PermutationFeatureImportance(model, Rows.View(_mlContext, rows), permutationCount: 20);

        float[] weights = [.. model.Model.SubModel.Weights];
        bool[] labels = [.. rows.Select(row => row.Label)];
        double Score(Row row) => weights.Select((w, j) => (double)w * row.Features[j]).Sum();
        var all = Area(labels, [.. rows.Select(Score)]);
        var random = new Random(5);
        for (var j = 0; j < weights.Length; j++)
        {
            var changes = Enumerable.Range(0, 20).Select(_ =>
            {
                float[] shuffled = [.. rows.Select(row => row.Features[j])];
                random.Shuffle(shuffled);
                return Area(labels, [.. rows.Select((row, i) => Score(row) + weights[j] * (shuffled[i] - row.Features[j]))]) - all;
            });
            Assert.Equal(changes.Average(), importance[j].AreaUnderRocCurve.Mean, .01);
        }

        // The first feature tells the most, the third nothing.
        Assert.True(importance[0].AreaUnderRocCurve.Mean < 2 * importance[1].AreaUnderRocCurve.Mean);
        Assert.True(importance[1].AreaUnderRocCurve.Mean < -.02);
        Assert.InRange(importance[2].AreaUnderRocCurve.Mean, -.002, .002);
    }

    [Theory]
    [InlineData(MulticlassFormulation.Softmax)]
    [InlineData(MulticlassFormulation.OneVersusAll)]
    public void Permutation_feature_importance_of_several_classes_is_the_accuracy_it_costs(MulticlassFormulation formulation)
    {
        var parts = Parts(600);
        var data = _mlContext.Data.LoadFromEnumerable(parts);
        var model = PartPipeline(formulation).Fit(data);

        // The names come from the columns that were put together.
        var importance = _mlContext.MulticlassClassification
            .PermutationFeatureImportance(model, model.Transform(data), permutationCount: 5);

        Assert.Equal(["Length", "Noise", "Width"], importance.Keys.Order(StringComparer.Ordinal));
        double Accuracy(IReadOnlyList<Part> some) => _mlContext.MulticlassClassification
            .Evaluate(model.Transform(_mlContext.Data.LoadFromEnumerable(some))).MicroAccuracy;
        var (all, random) = (Accuracy(parts), new Random(5));
        foreach (var name in importance.Keys)
        {
            var changes = Enumerable.Range(0, 5).Select(_ =>
            {
                var others = (Part[])parts.Clone();
                random.Shuffle(others);
                return Accuracy([.. parts.Select((part, i) => part.With(name, others[i]))]) - all;
            });
            Assert.Equal(changes.Average(), importance[name].MicroAccuracy.Mean, .02);
        }

        Assert.True(importance["Length"].MicroAccuracy.Mean < -.1);
        Assert.True(importance["Width"].MicroAccuracy.Mean < -.1);
        Assert.InRange(importance["Noise"].MicroAccuracy.Mean, -.01, .01);
    }

    [Fact]
    public void Feature_contributions_are_weight_times_feature_and_sum_to_the_score_without_bias()
    {
        var rows = Rows.Gaussian(1000);
        var view = Rows.View(_mlContext, rows);
        var model = _mlContext.BinaryClassification.Trainers.FocalSgd().Fit(view);

        var scored = _mlContext.Transforms.CalculateFeatureContribution(model, normalize: false).Fit(view).Transform(model.Transform(view));

        var (weights, bias) = (model.Model.SubModel.Weights, model.Model.SubModel.Bias);
        float[][] contributions = [.. scored.GetColumn<float[]>("FeatureContributions")];
        float[] scores = [.. scored.GetColumn<float>("Score")];
        for (var i = 0; i < rows.Length; i++)
        {
            Assert.Equal(rows[i].Features.Zip(weights, (x, w) => x * w), contributions[i]);
            Assert.Equal(scores[i], contributions[i].Sum() + bias, 1e-5f * Math.Max(1, Math.Abs(scores[i])));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_prediction_engine_gives_what_a_whole_view_is_given_to_the_bit(bool load)
    {
        var parts = Parts(500);
        var data = _mlContext.Data.LoadFromEnumerable(parts);
        var model = Reloaded(load, data, _mlContext.Transforms.Concatenate("Features", nameof(Part.Length), nameof(Part.Width))
            .Append(_mlContext.Transforms.NormalizeMeanVariance("Features", fixZero: false))
            .Append(_mlContext.BinaryClassification.Trainers.FocalSgd(labelColumnName: nameof(Part.IsRare))).Fit(data));

        // What is to be predicted has no label.
        using var engine = _mlContext.Model.CreatePredictionEngine<Unlabelled, Scored>(model);

        var predictions = parts.Select(part => engine.Predict(new Unlabelled { Length = part.Length, Width = part.Width }));
        var labelled = _mlContext.Transforms.CopyColumns("Label", nameof(Part.IsRare)).Fit(data);
        var expected = Rows.Score(_mlContext, labelled, model.Transform(data));
        Assert.Equal(
            expected.Select(row => (row.Score, row.Probability, row.PredictedLabel)),
            predictions.Select(row => (row.Score, row.Probability, row.PredictedLabel)));
        Assert.Contains(expected, row => row.PredictedLabel);
    }

    [Theory]
    [InlineData(MulticlassFormulation.Softmax, false)]
    [InlineData(MulticlassFormulation.Softmax, true)]
    [InlineData(MulticlassFormulation.OneVersusAll, false)]
    [InlineData(MulticlassFormulation.OneVersusAll, true)]
    public void A_prediction_engine_names_the_class_of_several(MulticlassFormulation formulation, bool load)
    {
        var parts = Parts(500);
        var data = _mlContext.Data.LoadFromEnumerable(parts);
        var pipeline = PartPipeline(formulation).Append(_mlContext.Transforms.Conversion.MapKeyToValue("PredictedLabel"));
        var model = Reloaded(load, data, pipeline.Fit(data));

        using var engine = _mlContext.Model.CreatePredictionEngine<Part, Verdict>(model);

        Verdict[] predictions = [.. parts.Select(part => engine.Predict(part.WithoutKind()))];
        var scored = model.Transform(data);
        Assert.Equal(scored.GetColumn<float[]>("Score"), predictions.Select(row => row.Score));
        Assert.Equal(scored.GetColumn<string>("PredictedLabel"), predictions.Select(row => row.PredictedLabel));
        Assert.True(predictions.Zip(parts).Average(pair => pair.First.PredictedLabel == pair.Second.Kind ? 1 : 0) > .6);
    }

    [Fact]
    public void Stock_cross_validation_gives_the_metrics_of_its_folds()
    {
        var view = Rows.View(_mlContext, Rows.Gaussian(1500));
        var pipeline = _mlContext.Transforms.NormalizeMeanVariance("Features", fixZero: false)
            .Append(_mlContext.BinaryClassification.Trainers.FocalSgd());

        var results = _mlContext.BinaryClassification.CrossValidate(view, pipeline, numberOfFolds: 4, seed: 3);

        var byHand = _mlContext.Data.CrossValidationSplit(view, numberOfFolds: 4, seed: 3)
            .Select(fold => _mlContext.BinaryClassification.Evaluate(pipeline.Fit(fold.TrainSet).Transform(fold.TestSet)));
        Assert.Equal(
            byHand.Select(metrics => (metrics.AreaUnderRocCurve, metrics.LogLoss, metrics.F1Score)),
            results.Select(fold => (fold.Metrics.AreaUnderRocCurve, fold.Metrics.LogLoss, fold.Metrics.F1Score)));
        Assert.InRange(results.Average(fold => fold.Metrics.AreaUnderRocCurve), .85, .99);
    }

    [Theory]
    [InlineData(MulticlassFormulation.Softmax)]
    [InlineData(MulticlassFormulation.OneVersusAll)]
    public void Stock_cross_validation_of_several_classes_gives_the_metrics_of_its_folds(MulticlassFormulation formulation)
    {
        var data = _mlContext.Data.LoadFromEnumerable(Parts(1500));
        var view = _mlContext.Transforms.Conversion.MapValueToKey("Label", nameof(Part.Kind)).Fit(data).Transform(data);
        var pipeline = PartPipeline(formulation);

        var results = _mlContext.MulticlassClassification.CrossValidate(view, pipeline, numberOfFolds: 4, seed: 3);

        var byHand = _mlContext.Data.CrossValidationSplit(view, numberOfFolds: 4, seed: 3)
            .Select(fold => _mlContext.MulticlassClassification.Evaluate(pipeline.Fit(fold.TrainSet).Transform(fold.TestSet)));
        Assert.Equal(
            byHand.Select(metrics => (metrics.MicroAccuracy, metrics.MacroAccuracy, metrics.LogLoss)),
            results.Select(fold => (fold.Metrics.MicroAccuracy, fold.Metrics.MacroAccuracy, fold.Metrics.LogLoss)));
        Assert.All(results, fold => Assert.InRange(fold.Metrics.MicroAccuracy, .6, .99));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>The share of pairs of a positive and a negative in which the positive has the higher score.</summary>
    private static double Area(bool[] labels, double[] scores)
    {
        bool[] ranked = [.. scores.Zip(labels).OrderBy(row => row.First).Select(row => row.Second)];
        double below = 0, pairs = 0;
        foreach (var label in ranked)
        {
            if (label)
                pairs += below;
            else
                below++;
        }

        return pairs / (below * (ranked.Length - below));
    }

    private static Part[] Parts(int count) => [.. MulticlassRows.Gaussian(count, Kinds.Length).Select(row => new Part
    {
        Kind = Kinds[row.Label],
        IsRare = row.Label == 3,
        Length = row.Features[0],
        Width = 100 + 20 * row.Features[1],
        Noise = row.Features[2],
    })];

    private EstimatorChain<ITransformer> PartPipeline(MulticlassFormulation formulation)
        => _mlContext.Transforms.Conversion.MapValueToKey("Label", nameof(Part.Kind))
            .Append(_mlContext.Transforms.Concatenate("Features", nameof(Part.Length), nameof(Part.Width), nameof(Part.Noise)))
            .Append(_mlContext.Transforms.NormalizeMeanVariance("Features", fixZero: false))
            .Append<ITransformer>(_mlContext.MulticlassClassification.Trainers.FocalSgd(formulation: formulation));

    private ITransformer Reloaded(bool load, IDataView data, ITransformer model)
    {
        if (!load)
            return model;
        var file = Path.Combine(_folder.FullName, "model.zip");
        _mlContext.Model.Save(model, data.Schema, file);
        return _mlContext.Model.Load(file, out _);
    }

    private sealed class Part
    {
        public string Kind { get; set; } = "";

        public bool IsRare { get; set; }

        public float Length { get; set; }

        public float Width { get; set; }

        public float Noise { get; set; }

        /// <summary>The part as it is when its kind is still to be found out.</summary>
        public Part WithoutKind() => new() { Length = Length, Width = Width, Noise = Noise };

        /// <summary>The part with one measure of another.</summary>
        public Part With(string name, Part other) => new()
        {
            Kind = Kind,
            IsRare = IsRare,
            Length = name == nameof(Length) ? other.Length : Length,
            Width = name == nameof(Width) ? other.Width : Width,
            Noise = name == nameof(Noise) ? other.Noise : Noise,
        };
    }

    private sealed class Unlabelled
    {
        public float Length { get; set; }

        public float Width { get; set; }
    }

    private sealed class Verdict
    {
        public float[] Score { get; set; } = [];

        public string PredictedLabel { get; set; } = "";
    }
}

using Microsoft.ML;

namespace FocalMlNet.Tests.Trainers;

public sealed class FocalSgdBinaryTrainerTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    [Fact]
    public void Options_have_the_documented_defaults()
    {
        var options = new FocalSgdBinaryTrainer.Options();
        Assert.Equal(("Label", "Features", null), (options.LabelColumnName, options.FeatureColumnName, options.ExampleWeightColumnName));
        Assert.Equal((2.0, null), (options.Gamma, options.Alpha));
        Assert.Same(ClassWeighting.None, options.ClassWeighting);
        Assert.Equal((20, null, 1e-6, 0), (options.NumberOfIterations, options.LearningRate, options.L2Regularization, options.Seed));
        Assert.Null(options.Log);
    }

    public static TheoryData<FocalSgdBinaryTrainer.Options, string> BadOptions => new()
    {
        { new() { Gamma = -.5 }, "Gamma = -0.5, but it should be in [0; +∞). (Parameter 'Gamma')" },
        { new() { Alpha = 0 }, "Alpha = 0, but it should be in (0; 1). (Parameter 'Alpha')" },
        { new() { Alpha = 1 }, "Alpha = 1, but it should be in (0; 1). (Parameter 'Alpha')" },
        { new() { NumberOfIterations = 0 }, "NumberOfIterations = 0, but it should be at least 1. (Parameter 'NumberOfIterations')" },
        { new() { LearningRate = 0 }, "LearningRate = 0, but it should be in (0; +∞). (Parameter 'LearningRate')" },
        { new() { LearningRate = double.NaN }, "LearningRate = NaN, but it should be in (0; +∞). (Parameter 'LearningRate')" },
        { new() { L2Regularization = double.PositiveInfinity }, "L2Regularization = Infinity, but it should be in [0; +∞). (Parameter 'L2Regularization')" },
        { new() { LabelColumnName = "" }, "LabelColumnName = \"\", but it should be the name of a column. (Parameter 'LabelColumnName')" },
        { new() { FeatureColumnName = null! }, "FeatureColumnName = null, but it should be the name of a column. (Parameter 'FeatureColumnName')" },
        { new() { ClassWeighting = null! }, "Value cannot be null. (Parameter 'ClassWeighting')" },
    };

    [Theory]
    [MemberData(nameof(BadOptions), DisableDiscoveryEnumeration = true)]
    public void An_option_outside_its_range_is_refused(FocalSgdBinaryTrainer.Options options, string message)
        => Assert.Equal(message, Assert.ThrowsAny<ArgumentException>(() => _mlContext.BinaryClassification.Trainers.FocalSgd(options)).Message);

    [Fact]
    public void Both_overloads_are_the_same_trainer()
    {
        var view = Rows.View(_mlContext, Rows.Gaussian(500));
        var trainers = _mlContext.BinaryClassification.Trainers;
        var first = trainers.FocalSgd("Label", "Features", "Weight", 3, .5, .01f, gamma: 1, alpha: .7).Fit(view);
        var second = trainers.FocalSgd(new FocalSgdBinaryTrainer.Options
        {
            ExampleWeightColumnName = "Weight", Gamma = 1, Alpha = .7, NumberOfIterations = 3, LearningRate = .5, L2Regularization = .01f,
        }).Fit(view);
        Assert.Equal(first.Model.SubModel.Weights, second.Model.SubModel.Weights);
        Assert.Equal(first.Model.SubModel.Bias, second.Model.SubModel.Bias);
    }

    [Fact]
    public void The_same_seed_gives_the_same_model_and_another_a_slightly_different_one()
    {
        var view = Rows.View(_mlContext, Rows.Gaussian(3000));
        float[] Train(int seed) => [.. _mlContext.BinaryClassification.Trainers.FocalSgd(new FocalSgdBinaryTrainer.Options { Seed = seed }).Fit(view).Model.SubModel.Weights];
        Assert.Equal(Train(1), Train(1));
        Assert.NotEqual(Train(1), Train(2));
        Assert.All(Train(1).Zip(Train(2)), pair => Assert.Equal(pair.First, pair.Second, .05f));
    }

    [Fact]
    public void An_example_weight_counts_as_that_many_rows()
    {
        var rows = Rows.Gaussian(2000);
        for (var i = 0; i < rows.Length; i++)
            rows[i].Weight = i % 3;
        var repeated = rows.SelectMany(row => Enumerable.Repeat(row, (int)row.Weight)).ToArray();
        var trainers = _mlContext.BinaryClassification.Trainers;
        var weighted = trainers.FocalSgd(exampleWeightColumnName: "Weight", numberOfIterations: 60).Fit(Rows.View(_mlContext, rows)).Model.SubModel;
        var plain = trainers.FocalSgd(numberOfIterations: 60).Fit(Rows.View(_mlContext, repeated)).Model.SubModel;
        Assert.All(weighted.Weights.Zip(plain.Weights), pair => Assert.Equal(pair.First, pair.Second, .02f));
        Assert.Equal(plain.Bias, weighted.Bias, .02f);
    }

    [Fact]
    public void Balanced_weights_move_the_decision_to_the_middle_between_the_classes()
    {
        var rows = Rows.Gaussian(20_000, features: 1, positiveRate: .02);
        var model = _mlContext.BinaryClassification.Trainers
            .FocalSgd(new FocalSgdBinaryTrainer.Options { ClassWeighting = ClassWeighting.Balanced }).Fit(Rows.View(_mlContext, rows)).Model.SubModel;
        // Means 0 and 2, equal variance, equal class weight: the score is 0 at 1.
        Assert.Equal(1, -model.Bias / model.Weights[0], .1);
    }

    [Fact]
    public void Skipped_rows_are_told()
    {
        var rows = Rows.Gaussian(100);
        rows[2].Features[0] = float.NaN;
        var lines = new List<string>();
        _mlContext.BinaryClassification.Trainers.FocalSgd(new FocalSgdBinaryTrainer.Options { Log = lines.Add }).Fit(Rows.View(_mlContext, rows));
        Assert.Equal("Skipped 1 of 100 rows: NaN or infinity in the features, or NaN as the weight.", lines[0]);
    }

    [Fact]
    public void A_constant_column_has_weight_zero_and_does_no_harm()
    {
        var rows = Rows.Gaussian(1000);
        foreach (var row in rows)
            row.Features[1] = 1e6f;
        var weights = _mlContext.BinaryClassification.Trainers.FocalSgd().Fit(Rows.View(_mlContext, rows)).Model.SubModel.Weights;
        Assert.Equal(0, weights[1]);
        Assert.True(weights[0] > .3);
    }

    [Fact]
    public void Data_on_any_scale_is_learnt()
    {
        var rows = Rows.Gaussian(2000);
        foreach (var row in rows)
            row.Features = [row.Features[0] * 1e4f, row.Features[1] * 1e-4f, row.Features[2]];
        var view = Rows.View(_mlContext, rows);
        var metrics = _mlContext.BinaryClassification.Evaluate(_mlContext.BinaryClassification.Trainers.FocalSgd().Fit(view).Transform(view));
        Assert.True(metrics.AreaUnderRocCurve > .88, $"AUROC {metrics.AreaUnderRocCurve}");
    }

    [Fact]
    public void A_learning_rate_that_diverges_is_an_error()
    {
        var rows = Rows.Gaussian(500);
        var trainer = _mlContext.BinaryClassification.Trainers.FocalSgd(learningRate: 1e300, l2Regularization: 1);
        var error = Assert.Throws<InvalidOperationException>(() => trainer.Fit(Rows.View(_mlContext, rows)));
        Assert.Equal("LearningRate = 1E+300 makes the objective infinite: choose a smaller one, or null, which adapts.", error.Message);
    }

    [Theory]
    [InlineData("Nope", "Features", null, "The label column 'Nope' is missing. The input has: Label, Features, Weight.")]
    [InlineData("Weight", "Features", null, "The label column 'Weight' is of type Single, but it should be Boolean.")]
    [InlineData("Label", "Weight", null, "The feature column 'Weight' is of type Single, but it should be Vector<Single> of known size.")]
    [InlineData("Label", "Features", "Label", "The weight column 'Label' is of type Boolean, but it should be Single.")]
    public void A_column_that_is_missing_or_of_the_wrong_type_is_refused(string label, string features, string? weight, string message)
    {
        var trainer = _mlContext.BinaryClassification.Trainers.FocalSgd(label, features, weight);
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => trainer.Fit(Rows.View(_mlContext, Rows.Gaussian(20))));
        Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_output_schema_is_that_of_a_calibrated_stock_trainer()
    {
        var view = Rows.View(_mlContext, Rows.Gaussian(100));
        var trainers = _mlContext.BinaryClassification.Trainers;
        var ours = trainers.FocalSgd().Fit(view).Transform(view).Schema;
        var stock = trainers.SgdCalibrated().Fit(view).Transform(view).Schema;
        Assert.Equal(stock.Select(c => (c.Name, c.Type.ToString())), ours.Select(c => (c.Name, c.Type.ToString())));
    }

    [Fact]
    public void It_is_a_trainer_like_any_other_in_a_pipeline()
    {
        var rows = Rows.Gaussian(1000);
        var view = Rows.View(_mlContext, rows);
        var pipeline = _mlContext.Transforms.CopyColumns("Inputs", "Features")
            .Append(_mlContext.Transforms.NormalizeMinMax("Inputs"))
            .AppendCacheCheckpoint(_mlContext)
            .Append(_mlContext.BinaryClassification.Trainers.FocalSgd(featureColumnName: "Inputs"));
        var model = pipeline.Fit(view);
        Assert.Equal("Inputs", model.LastTransformer.FeatureColumnName);
        Assert.True(_mlContext.BinaryClassification.Evaluate(model.Transform(view)).AreaUnderRocCurve > .85);
    }
}

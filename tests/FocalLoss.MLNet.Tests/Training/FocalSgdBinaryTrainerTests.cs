using FocalMlNet.Matrix;
using FocalMlNet.Training;
using Microsoft.ML;

namespace FocalMlNet.Tests.Training;

public sealed class FocalSgdBinaryTrainerTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    [Fact]
    public void Options_have_the_documented_defaults()
    {
        var options = new FocalSgdBinaryTrainer.Options();
        Assert.Equal(("Label", "Features", null), (options.LabelColumnName, options.FeatureColumnName, options.ExampleWeightColumnName));
        Assert.Equal((2, null), (options.Gamma, options.Alpha));
        Assert.Same(ClassWeighting.None, options.ClassWeighting);
        Assert.Equal(CalibrationMethod.Focal, options.Calibration);
        Assert.Equal((100, 1e-4, (double?)null), (options.NumberOfIterations, options.ConvergenceTolerance, options.L2Regularization));
        Assert.Equal((null, null, null, true, null),
            (options.LearningRate, options.NumberOfThreads, options.MemoryBudget, options.Shuffle, options.Seed));
        Assert.Equal((null, null, null, null, CancellationToken.None),
            (options.SamplingKeyColumnName, options.EarlyStopping, options.Progress, options.Log, options.CancellationToken));
        var stopping = new EarlyStopping();
        Assert.Equal((.1, EarlyStoppingMetric.AveragePrecision, 5), (stopping.HoldOutShare, stopping.Metric, stopping.Patience));
    }

    public static TheoryData<FocalSgdBinaryTrainer.Options, string> BadOptions => new()
    {
        { new() { Alpha = 0 }, "Alpha = 0, but it should be in (0; 1). (Parameter 'Alpha')" },
        { new() { Alpha = 1 }, "Alpha = 1, but it should be in (0; 1). (Parameter 'Alpha')" },
        { new() { NumberOfIterations = 0 }, "NumberOfIterations = 0, but it should be at least 1. (Parameter 'NumberOfIterations')" },
        { new() { LearningRate = 0 }, "LearningRate = 0, but it should be in (0; +∞). (Parameter 'LearningRate')" },
        { new() { LearningRate = double.NaN }, "LearningRate = NaN, but it should be in (0; +∞). (Parameter 'LearningRate')" },
        { new() { L2Regularization =
            double.PositiveInfinity }, "L2Regularization = Infinity, but it should be in [0; +∞). (Parameter 'L2Regularization')" },
        { new() { LabelColumnName = "" }, "LabelColumnName = \"\", but it should be the name of a column. (Parameter 'LabelColumnName')" },
        { new() { FeatureColumnName =
            null! }, "FeatureColumnName = null, but it should be the name of a column. (Parameter 'FeatureColumnName')" },
        { new() { ConvergenceTolerance = 1 }, "ConvergenceTolerance = 1, but it should be in [0; 1). (Parameter 'ConvergenceTolerance')" },
        { new() { NumberOfThreads = 0 }, "NumberOfThreads = 0, but it should be at least 1. (Parameter 'NumberOfThreads')" },
        { new() { MemoryBudget = 0 }, "MemoryBudget = 0, but it should be in (0; +∞). (Parameter 'MemoryBudget')" },
        { new() { EarlyStopping =
            new() { HoldOutShare =
            .5 } }, "EarlyStopping.HoldOutShare = 0.5, but it should be in (0; 0.5). (Parameter 'EarlyStopping.HoldOutShare')" },
        { new() { EarlyStopping =
            new() { Patience = 0 } }, "EarlyStopping.Patience = 0, but it should be at least 1. (Parameter 'EarlyStopping.Patience')" },
        {
            new() { EarlyStopping = new() { Metric = (EarlyStoppingMetric)7 } },
            "EarlyStopping.Metric = 7, but it should be one of AveragePrecision, LogLoss. (Parameter 'EarlyStopping.Metric')"
        },
        { new() { Calibration =
            (CalibrationMethod)3 }, "Calibration = 3, but it should be one of Focal, Platt, None. (Parameter 'Calibration')" },
        { new() { ClassWeighting =
            ClassWeighting.Custom(1, 2, 3) }, "ClassWeighting has 3 weights, but there are two classes. (Parameter 'ClassWeighting')" },
        { new() { ClassWeighting = null! }, "Value cannot be null. (Parameter 'ClassWeighting')" },
    };

    [Theory]
    [MemberData(nameof(BadOptions), DisableDiscoveryEnumeration = true)]
    public void An_option_outside_its_range_is_refused(FocalSgdBinaryTrainer.Options options, string message)
        => Assert.Equal(message,
            Assert.ThrowsAny<ArgumentException>(() => _mlContext.BinaryClassification.Trainers.FocalSgd(options)).Message);

    [Fact]
    public void Both_overloads_are_the_same_trainer()
    {
        var view = Rows.View(_mlContext, Rows.Gaussian(500));
        var trainers = _mlContext.BinaryClassification.Trainers;
        var first = trainers.FocalSgd("Label", "Features", "Weight", 3, .5, .01f, gamma: 1, alpha: .7).Fit(view);
        var second = trainers.FocalSgd(new FocalSgdBinaryTrainer.Options
        {
            ExampleWeightColumnName = "Weight",
            Gamma = 1,
            Alpha = .7,
            NumberOfIterations = 3,
            LearningRate = .5,
            L2Regularization = .01f,
        }).Fit(view);
        Assert.Equal(first.Model.SubModel.Weights, second.Model.SubModel.Weights);
        Assert.Equal(first.Model.SubModel.Bias, second.Model.SubModel.Bias);
    }

    [Fact]
    public void The_same_seed_gives_the_same_model_and_another_a_slightly_different_one()
    {
        var view = Rows.View(_mlContext, Rows.Gaussian(3000));
        // Rows come in random order; without a learning rate, so few rows are taken as they are.
        float[] Train(int seed)
            => [.. _mlContext.BinaryClassification.Trainers.FocalSgd(new FocalSgdBinaryTrainer.Options { Seed = seed, LearningRate = 1 })
                .Fit(view).Model.SubModel.Weights];
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
        var weighted = trainers.FocalSgd(exampleWeightColumnName: "Weight", numberOfIterations: 60).Fit(Rows.View(_mlContext, rows))
            .Model.SubModel;
        var plain = trainers.FocalSgd(numberOfIterations: 60).Fit(Rows.View(_mlContext, repeated)).Model.SubModel;
        Assert.All(weighted.Weights.Zip(plain.Weights), pair => Assert.Equal(pair.First, pair.Second, .02f));
        Assert.Equal(plain.Bias, weighted.Bias, .02f);
    }

    [Fact]
    public void Balanced_weights_move_the_decision_to_the_middle_between_the_classes()
    {
        var rows = Rows.Gaussian(20_000, features: 1, positiveRate: .02);
        var model = _mlContext.BinaryClassification.Trainers
            .FocalSgd(new FocalSgdBinaryTrainer.Options { ClassWeighting = ClassWeighting.Balanced, Calibration = CalibrationMethod.None })
                .Fit(Rows.View(_mlContext, rows)).Model.SubModel;
        // Means 0 and 2, equal variance, equal class weight: the score is 0 at 1.
        Assert.Equal(1, -model.Bias / model.Weights[0], .1);
    }

    /// <summary>Of many rows, steps on a sample come first.</summary>
    [Theory]
    [InlineData(60_000)]
    [InlineData(150_000)]
    public void The_number_of_threads_does_not_change_a_bit(int rowCount)
    {
        var view = Rows.View(_mlContext, Rows.Gaussian(rowCount, features: 7));
        var models = new[] { 1, 2, 8 }.Select(threads => Weights(view, new() { NumberOfThreads = threads })).ToArray();
        Assert.Equal(models[0], models[1]);
        Assert.Equal(models[0], models[2]);
    }

    [Theory]
    [InlineData(20_000, null)]
    [InlineData(20_000, .5)]
    [InlineData(150_000, null)]
    [InlineData(150_000, .5)]
    public void Data_that_does_not_fit_into_the_memory_budget_gives_the_same_model_to_the_bit(int rowCount, double? learningRate)
    {
        var view = Rows.View(_mlContext, Rows.Gaussian(rowCount, features: 5));
        var lines = new List<string>();
        Assert.Equal(
            Weights(view, new() { LearningRate = learningRate, NumberOfIterations = 5 }),
            Weights(view, new() { LearningRate = learningRate, NumberOfIterations = 5, MemoryBudget = 100_000, Log = lines.Add }));
        Assert.Contains("what exceeds it is in a temporary file.", lines[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Sparse_and_dense_rows_give_the_same_model()
    {
        var random = new Random(2);
        var rows = Rows.Gaussian(4000, features: 12);
        foreach (var row in rows)
            row.Features = [.. row.Features.Select(x => random.NextDouble() < .15 ? x + (row.Label ? 1 : 0) : 0)];
        var dense = Rows.View(_mlContext, rows);
        var sparse = Rows.SparseView(_mlContext, rows, columns: 12);
        Assert.All(Weights(dense, new()).Zip(Weights(sparse, new())), pair => Assert.Equal(pair.First, pair.Second, 1e-3f));
    }

    [Fact]
    public void Training_continues_from_a_model()
    {
        var view = Rows.View(_mlContext, Rows.Gaussian(5000));
        var trainers = _mlContext.BinaryClassification.Trainers;
        var first = trainers.FocalSgd().Fit(view).Model.SubModel;
        var objectives = new List<double>();
        var continued = trainers.FocalSgd(new FocalSgdBinaryTrainer.Options { Progress = new Immediate(p => objectives.Add(p.Objective)) })
            .Fit(view, first).Model.SubModel;
        // It begins at the optimum: there is nothing left to gain.
        Assert.All(objectives, o => Assert.Equal(objectives[0], o, 1e-3 * objectives[0]));
        Assert.All(first.Weights.Zip(continued.Weights), pair => Assert.Equal(pair.First, pair.Second, .02f));

        var error = Assert.Throws<ArgumentException>(
            () => trainers.FocalSgd().Fit(Rows.View(_mlContext, Rows.Gaussian(50, features: 2)), first));
        Assert.StartsWith("The model has 3 weights, but feature column 'Features' has 2 features.", error.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_gamma_schedule_ends_where_its_last_gamma_leads()
    {
        var view = Rows.View(_mlContext, Rows.Gaussian(5000));
        var direct = Weights(view, new() { Gamma = 3, ConvergenceTolerance = 1e-8 });
        foreach (var schedule in new[] { GammaSchedule.Linear(0, 3), GammaSchedule.Stepwise((0, 0), (.5, 1), (.8, 3)) })
            Assert.All(direct.Zip(Weights(view, new() { Gamma = schedule, ConvergenceTolerance = 1e-8 })),
                pair => Assert.Equal(pair.First, pair.Second, .002f));
    }

    [Fact]
    public void Options_can_be_varied_one_by_one()
    {
        var options = new FocalSgdBinaryTrainer.Options { Gamma = 3, Alpha = .75, EarlyStopping = new() { Patience = 2 } };
        var varied = options with { Alpha = .25, EarlyStopping = options.EarlyStopping with { HoldOutShare = .2 } };
        Assert.Equal((3, .25), (varied.Gamma, varied.Alpha));
        Assert.Equal(new EarlyStopping { Patience = 2, HoldOutShare = .2 }, varied.EarlyStopping);
        Assert.Equal(options, varied with { Alpha = .75, EarlyStopping = new() { Patience = 2 } });
        Assert.NotEqual(options, varied);
    }

    [Fact]
    public void A_pass_and_an_outcome_are_told_in_a_line()
    {
        var (told, outcome) = ("", "");
        Weights(Rows.View(_mlContext, Rows.Gaussian(500)), new()
        {
            Progress = new Immediate(pass => told = $"{pass}"),
            Completed = own => outcome = $"{own}",
        });
        Assert.Matches(@"^Pass \d+: objective 0\.\d+, gradient \S+, \S+ rows a second\.$", told);
        Assert.Matches(
            @"^Objective 0\.\d+ -> 0\.\d+ in \d+ passes over 500 rows, converged \(gap at most \S+\); L2Regularization \S+ \(chosen\)\.$",
            outcome);
    }

    [Fact]
    public void A_gamma_schedule_has_its_own_pace()
    {
        var options = new FocalSgdBinaryTrainer.Options { Gamma = GammaSchedule.Stepwise((0, 0), (.5, 1), (.8, 3)) };
        var formulation = new BinaryFormulation(_mlContext.BinaryClassification.Trainers, options, given: null);
        var totals = new ClassTotals(2);
        totals.Add(new DenseBlock([1, -1], columnCount: 1, [1, 0], [1, 1]));
        var problems = new FocalTraining(options, formulation).Problems(totals);
        Assert.Equal([0, 0, 0, 0, 0, 1, 1, 1, 3, 3, 3], problems.Select(problem => problem.Gamma));
        Assert.Equal(3, problems.Select(problem => problem.Objective).Distinct().Count());
    }

    [Fact]
    public void Early_stopping_returns_the_best_model_on_held_out_rows_and_ends_training()
    {
        var view = Rows.View(_mlContext, Rows.Gaussian(3000, features: 20));
        var passes = 0;
        FocalSgdBinaryTrainer.Options Options(EarlyStopping? stopping) => new()
        {
            LearningRate = 1,
            NumberOfIterations = 60,
            EarlyStopping = stopping,
            Progress = new Immediate(p => passes = p.Iteration),
        };
        Weights(view, Options(null));
        Assert.Equal(60, passes);
        foreach (var metric in Enum.GetValues<EarlyStoppingMetric>())
        {
            Weights(view, Options(new() { Metric = metric, Patience = 3 }));
            Assert.InRange(passes, 4, 59);
        }
    }

    [Fact]
    public void Early_stopping_without_a_held_out_positive_is_refused()
    {
        var rows = Rows.Gaussian(100);
        for (var i = 0; i < rows.Length; i++)
            rows[i].Label = i is 0 or 50;
        var error = Assert.Throws<InvalidOperationException>(
            () => Weights(Rows.View(_mlContext, rows), new() { EarlyStopping = new() { HoldOutShare = .01 }, Seed = 2 }));
        Assert.StartsWith("EarlyStopping.HoldOutShare = 0.01 holds out 0 positive and", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Progress_is_told_of_each_pass()
    {
        var seen = new List<FocalSgdProgress>();
        Weights(Rows.View(_mlContext, Rows.Gaussian(3000)), new() { Progress = new Immediate(seen.Add) });
        Assert.NotEmpty(seen);
        Assert.Equal(seen.Select(p => p.Iteration).Order(), seen.Select(p => p.Iteration));
        Assert.True(seen[^1].Objective <= seen[0].Objective);
        Assert.All(seen, p => Assert.True(p.RowsPerSecond > 0 && double.IsFinite(p.GradientNorm)));
    }

    [Fact]
    public void A_cancelled_training_throws()
    {
        using var source = new CancellationTokenSource();
        var view = Rows.View(_mlContext, Rows.Gaussian(3000));
        Assert.ThrowsAny<OperationCanceledException>(
            () => Weights(view,
            new() { CancellationToken = source.Token, Progress = new Immediate(_ => source.Cancel()), ConvergenceTolerance = 0 }));
        Assert.ThrowsAny<OperationCanceledException>(() => Weights(view, new() { CancellationToken = source.Token }));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(10)]
    public void A_handful_of_rows_is_enough(int count)
    {
        var rows = Rows.Gaussian(count);
        Assert.All(Weights(Rows.View(_mlContext, rows), new() { L2Regularization = .01 }), w => Assert.True(float.IsFinite(w)));
    }

    [Fact]
    public void Separable_data_ends_with_finite_weights()
    {
        var rows = Rows.Gaussian(500);
        foreach (var row in rows)
            row.Features[0] = row.Label ? 5 : -5;
        Assert.All(Weights(Rows.View(_mlContext, rows), new() { L2Regularization = 0, ConvergenceTolerance = 0 }),
            w => Assert.True(float.IsFinite(w)));
    }

    [Fact]
    public void Custom_class_weights_are_those_of_false_and_then_true()
    {
        var view = Rows.View(_mlContext, Rows.Gaussian(3000));
        var custom = Weights(view, new() { ClassWeighting = ClassWeighting.Custom(.2, .8) });
        Assert.All(custom.Zip(Weights(view, new() { Alpha = .8 })), pair => Assert.Equal(pair.First, pair.Second, .001f));
    }

    [Fact]
    public void Class_weights_that_leave_one_class_are_refused()
    {
        foreach (var calibration in Enum.GetValues<CalibrationMethod>())
        {
            var error = Assert.Throws<InvalidOperationException>(
                () => Weights(Rows.View(_mlContext, Rows.Gaussian(500)),
                new() { ClassWeighting = ClassWeighting.Custom(0, 1), Calibration = calibration }));
            Assert.Equal("ClassWeighting = Custom(0, 1) leaves fewer than two classes of the training data with a weight above 0.",
                error.Message);
        }
    }

    [Theory]
    [InlineData(1e5f)]
    [InlineData(1e19f)]
    [InlineData(1e38f)]
    public void Rows_with_weight_0_change_nothing_even_if_they_lie_far_out(float far)
    {
        var rows = Rows.Gaussian(3000);
        Row[] nothing = [.. Rows.Gaussian(1000, seed: 2).Select(row => new Row
        {
            Label = !row.Label,
            Features = [.. row.Features.Select(x => far * Math.Clamp(x, -3, 3))],
            Weight = 0,
        })];
        foreach (var calibration in Enum.GetValues<CalibrationMethod>())
        {
            FocalSgdBinaryTrainer.Options options = new() { ExampleWeightColumnName = "Weight", Calibration = calibration };
            var with = Weights(Rows.View(_mlContext, [.. nothing[..10], .. rows, .. nothing[10..]]), options);
            Assert.Equal(Weights(Rows.View(_mlContext, rows), options), with);
        }
    }

    [Fact]
    public void Skipped_rows_are_told()
    {
        var rows = Rows.Gaussian(100);
        rows[2].Features[0] = float.NaN;
        var lines = new List<string>();
        _mlContext.BinaryClassification.Trainers.FocalSgd(new FocalSgdBinaryTrainer.Options { Log = lines.Add })
            .Fit(Rows.View(_mlContext, rows));
        Assert.Equal("Skipped 1 of 100 rows: NaN or infinity in the features, NaN as the weight, or no label.", lines[0]);
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
        var metrics = _mlContext.BinaryClassification.Evaluate(
            _mlContext.BinaryClassification.Trainers.FocalSgd().Fit(view).Transform(view));
        Assert.True(metrics.AreaUnderRocCurve > .88, $"AUROC {metrics.AreaUnderRocCurve}");
    }

    [Theory]
    [InlineData(1e18f)]
    [InlineData(1e28f)]
    [InlineData(1e-16f)]
    public void Features_that_are_huge_or_tiny_are_learnt_all_the_same(float scale)
    {
        var rows = Rows.Gaussian(1000);
        var expected = Weights(Rows.View(_mlContext, rows), new() { L2Regularization = 0 });
        foreach (var row in rows)
            row.Features = [.. row.Features.Select(x => scale * x)];
        var weights = Weights(Rows.View(_mlContext, rows), new() { L2Regularization = 0 });
        Assert.All(expected.Zip(weights), pair => Assert.Equal(pair.First, pair.Second * scale, 1e-2f));
    }

    [Fact]
    public void Scores_beyond_single_precision_are_an_error()
    {
        var rows = Rows.Gaussian(1000);
        Row[] Scaled(float scale)
            => [.. rows.Select(row => new Row { Label = row.Label, Features = [.. row.Features.Select(x => scale * x)] })];
        var trainer = _mlContext.BinaryClassification.Trainers.FocalSgd();
        var ofTinyFeatures = trainer.Fit(Rows.View(_mlContext, Scaled(1e-3f))).Model.SubModel;
        var error = Assert.Throws<InvalidOperationException>(() => trainer.Fit(Rows.View(_mlContext, Scaled(1e37f)), ofTinyFeatures));
        Assert.Contains("too large for single precision. Normalise them first.", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public void There_are_no_more_passes_than_the_number_of_iterations(int most)
    {
        var view = Rows.View(_mlContext, Rows.Gaussian(2000));
        foreach (var schedule in new GammaSchedule[] { 2, GammaSchedule.Linear(0, 3) })
        {
            foreach (var rate in new double?[] { null, 1 })
            {
                var last = 0;
                Weights(view, new()
                {
                    NumberOfIterations = most,
                    ConvergenceTolerance = 0,
                    Gamma = schedule,
                    LearningRate = rate,
                    Progress = new Immediate(p => last = p.Iteration)
                });
                Assert.InRange(last, 1, most);
            }
        }
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

    private float[] Weights(IDataView view, FocalSgdBinaryTrainer.Options options)
        => [.. _mlContext.BinaryClassification.Trainers.FocalSgd(options).Fit(view).Model.SubModel.Weights];
}

using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Tests.Training;

public sealed class FocalSgdMulticlassTrainerTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    public static TheoryData<MulticlassFormulation> Formulations => [MulticlassFormulation.Softmax, MulticlassFormulation.OneVersusAll];

    [Fact]
    public void Options_have_the_documented_defaults()
    {
        var options = new FocalSgdMulticlassTrainer.Options();
        Assert.Equal(("Label", "Features", null), (options.LabelColumnName, options.FeatureColumnName, options.ExampleWeightColumnName));
        Assert.Equal((2.0, MulticlassFormulation.Softmax, null), (options.Gamma, options.Formulation, options.ClassGammas));
        Assert.Same(ClassWeighting.None, options.ClassWeighting);
        Assert.Equal((100, 1e-4, (double?)null), (options.NumberOfIterations, options.ConvergenceTolerance, options.L2Regularization));
    }

    public static TheoryData<FocalSgdMulticlassTrainer.Options, string> BadOptions => new()
    {
        { new() { Formulation =
            (MulticlassFormulation)2 }, "Formulation = 2, but it should be one of Softmax, OneVersusAll. (Parameter 'Formulation')" },
        {
            new() { Formulation = MulticlassFormulation.OneVersusAll, ClassGammas = [1, -1] },
            "ClassGammas[1] = -1, but it should be in [0; 50]. (Parameter 'ClassGammas[1]')"
        },
        {
            new() { ClassGammas = [1, 2] },
            "ClassGammas is given with Formulation = Softmax, but only OneVersusAll has a γ for each class. (Parameter 'ClassGammas')"
        },
        {
            new() { Formulation = MulticlassFormulation.OneVersusAll, ClassGammas = [1, 2], Gamma = GammaSchedule.Linear(0, 2) },
            "ClassGammas is given with Gamma = Linear(0, 2), but only one of them can say what γ is. (Parameter 'ClassGammas')"
        },
        { new() { EarlyStopping =
            new() { Patience = 0 } }, "EarlyStopping.Patience = 0, but it should be at least 1. (Parameter 'EarlyStopping.Patience')" },
    };

    [Theory]
    [MemberData(nameof(BadOptions), DisableDiscoveryEnumeration = true)]
    public void An_option_outside_its_range_is_refused(FocalSgdMulticlassTrainer.Options options, string message)
        => Assert.Equal(message, Assert.ThrowsAny<ArgumentException>(() => Trainer(options)).Message);

    [Fact]
    public void A_label_that_is_no_key_is_refused_in_Fit_and_before()
    {
        var view = Rows.View(_mlContext, Rows.Gaussian(50));
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => Trainer(new()).Fit(view));
        Assert.Equal(
            "The label column 'Label' is of type Boolean, but it should be Key<UInt32>, as Conversion.MapValueToKey makes it. "
            + "(Parameter 'schema')", error.Message);
        var numbers = _mlContext.Transforms.Concatenate("Features", "Features").Append(Trainer(new()));
        Assert.ThrowsAny<ArgumentException>(() => numbers.Fit(view));
    }

    [Fact]
    public void A_key_with_one_value_is_refused()
    {
        var view = MulticlassRows.View(_mlContext, [.. MulticlassRows.Gaussian(50).Where(row => row.Label == 0)], classCount: 1);
        var error = Assert.Throws<InvalidOperationException>(() => Trainer(new()).Fit(view));
        Assert.Equal("Label column 'Label' is a key with 1 value, but there should be 2 classes at least.", error.Message);
    }

    [Fact]
    public void Weights_and_gammas_of_the_wrong_count_are_refused()
    {
        var view = MulticlassRows.View(_mlContext, MulticlassRows.Gaussian(50));
        var error = Assert.Throws<InvalidOperationException>(
            () => Trainer(new() { ClassWeighting = ClassWeighting.Custom(1, 2, 3) }).Fit(view));
        Assert.Equal("ClassWeighting has 3 weights, but label column 'Label' has 4 classes.", error.Message);
        error = Assert.Throws<InvalidOperationException>(
            () => Trainer(new() { Formulation = MulticlassFormulation.OneVersusAll, ClassGammas = [1, 2] }).Fit(view));
        Assert.Equal("ClassGammas has 2 values, but label column 'Label' has 4 classes.", error.Message);
    }

    /// <summary>
    /// Their scores lie so far apart that most exponentials are none: what else is in memory must not decide the last bits.
    /// </summary>
    [Fact]
    public void Rows_far_out_leave_the_same_model_each_time()
    {
        const int Classes = 40;
        var random = new Random(7);
        var rows = Enumerable.Range(0, 100).Select(i =>
        {
            float[] x = [.. Enumerable.Range(0, 16).Select(_ => (float)(random.NextDouble() * 2 - 1))];
            x[0] = i % 97 == 3 ? 1e5f : x[0];
            var k = (int)((x[0] + 1.3 * random.NextDouble() + 1) * Classes / 3.4);
            return new MulticlassRow { Label = (uint)Math.Clamp(i < Classes ? i : k, 0, Classes - 1), Features = x, Weight = 1 + i % 3 };
        }).ToArray();
        List<byte[]> others = [];
        var models = Enumerable.Range(0, 12).Select(time =>
        {
            others.Add(new byte[8 * time + random.Next(1, 100)]);
            var threads = 1 + time % 2;
            return Solve(new() { NumberOfThreads = threads, NumberOfIterations = 30, ExampleWeightColumnName = "Weight" }, rows, Classes);
        }).ToArray();
        Assert.All(models, model => Assert.Equal(models[0].Offsets, model.Offsets));
        Assert.All(models, model => Assert.Equal(models[0].Coefficients, model.Coefficients));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Features_that_say_nothing_leave_each_row_the_shares_of_the_classes(double gamma)
    {
        foreach (var count in new[] { 30, 1100 })
        {
            static MulticlassRow Row(int i) => new() { Label = (uint)(i % 7 % 3), Features = [3], Weight = 1 + i % 3 };
            MulticlassRow[] rows = [.. Enumerable.Range(0, count).Select(Row)];
            var view = MulticlassRows.View(_mlContext, rows);
            var trainer = Trainer(new() { Gamma = gamma, ClassWeighting = ClassWeighting.Balanced, ExampleWeightColumnName = "Weight" });
            var model = trainer.Fit(view);
            var total = rows.Sum(row => row.Weight);
            double[] shares = [.. Enumerable.Range(0, 3).Select(k => rows.Sum(row => row.Label == k ? row.Weight : 0.0) / total)];
            foreach (var scored in MulticlassRows.Score(_mlContext, model, view))
                Assert.All(shares.Zip(scored.Score), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
        }
    }

    [Fact]
    public void Rows_of_one_class_only_are_refused()
    {
        var view = MulticlassRows.View(_mlContext, [.. MulticlassRows.Gaussian(50).Where(row => row.Label == 2)], classCount: 4);
        Assert.Contains("1 of 4 classes", Assert.Throws<InvalidOperationException>(() => Trainer(new()).Fit(view)).Message,
            StringComparison.Ordinal);
        view = MulticlassRows.View(_mlContext, MulticlassRows.Gaussian(50));
        var error = Assert.Throws<InvalidOperationException>(
            () => Trainer(new() { ClassWeighting = ClassWeighting.Custom(0, 0, 1, 0) }).Fit(view));
        Assert.Equal("ClassWeighting = Custom(0, 0, 1, 0) leaves fewer than two classes of the training data with a weight above 0.",
            error.Message);
    }

    [Fact]
    public void Weights_are_not_blamed_for_classes_that_the_data_does_not_have()
    {
        string Error(Func<MulticlassRow, bool> isThere) => Assert.Throws<InvalidOperationException>(
            () => Trainer(new() { ClassWeighting = ClassWeighting.Custom(0, 1, 1, 1) })
                .Fit(MulticlassRows.View(_mlContext, [.. MulticlassRows.Gaussian(50).Where(isThere)], classCount: 4))).Message;
        Assert.Contains("1 of 4 classes", Error(row => row.Label == 2), StringComparison.Ordinal);
        Assert.StartsWith("ClassWeighting = Custom(0, 1, 1, 1) leaves", Error(row => row.Label is 0 or 2), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Formulations))]
    public void A_class_without_rows_stays_with_a_probability_near_0_and_a_warning(MulticlassFormulation formulation)
    {
        var rows = MulticlassRows.Gaussian(800).Where(row => row.Label != 2).ToArray();
        var view = MulticlassRows.View(_mlContext, rows, classCount: 4);
        foreach (var weighting in new[] { ClassWeighting.None, ClassWeighting.Balanced, ClassWeighting.EffectiveNumber(.99) })
        {
            var log = new List<string>();
            var model = Trainer(new() { Formulation = formulation, ClassWeighting = weighting, Log = log.Add }).Fit(view);
            Assert.Contains(
            "Class 3 of label column 'Label' has no row with a weight above 0: the model keeps it, with a probability near 0.", log);
            var scored = MulticlassRows.Score(_mlContext, model, view);
            Assert.All(scored, row => Assert.InRange(row.Score[2], 0, 1e-4f));
            Assert.True(scored.Average(row => row.Label == row.PredictedLabel ? 1 : 0) > .6);
        }
    }

    [Theory]
    [MemberData(nameof(Formulations))]
    public void A_class_without_rows_stays_with_Platt_scaling_too(MulticlassFormulation formulation)
    {
        var view = MulticlassRows.View(_mlContext, [.. MulticlassRows.Gaussian(800).Where(row => row.Label != 2)], classCount: 4);
        var model = Trainer(new() { Formulation = formulation, Calibration = CalibrationMethod.Platt }).Fit(view);
        Assert.All(MulticlassRows.Score(_mlContext, model, view), row => Assert.InRange(row.Score[2], 0, 1e-4f));
    }

    /// <summary>Not even by lying far out, coming first and being many: there is no other bit.</summary>
    [Theory]
    [MemberData(nameof(Formulations))]
    public void Rows_with_weight_0_change_nothing(MulticlassFormulation formulation)
    {
        var rows = MulticlassRows.Gaussian(2000);
        foreach (var (calibration, far) in Enum.GetValues<CalibrationMethod>().Zip([1e5f, 1e19f, 1e38f]))
        {
            MulticlassRow[] nothing = [.. MulticlassRows.Gaussian(600, seed: 2).Select(row => new MulticlassRow
            {
                Label = row.Label,
                Features = [.. row.Features.Select(x => far * Math.Clamp(x, -3, 3))],
                Weight = 0,
            })];
            FocalSgdMulticlassTrainer.Options options = new()
            {
                Formulation = formulation,
                Calibration = calibration,
                ExampleWeightColumnName = "Weight",
            };
            var without = Solve(options, rows);
            var with = Solve(options, [.. nothing[..10], .. rows, .. nothing[10..]]);
            Assert.Equal(without.Coefficients, with.Coefficients);
            Assert.Equal(without.Offsets, with.Offsets);
        }
    }

    [Fact]
    public void A_message_names_a_class_by_its_text()
    {
        var pipeline = _mlContext.Transforms.Conversion.MapValueToKey("Label", nameof(Pet.Kind))
            .Append(_mlContext.Transforms.Concatenate("Features", nameof(Pet.Size), nameof(Pet.Noise)))
                .Fit(_mlContext.Data.LoadFromEnumerable(Pets));
        var log = new List<string>();
        Trainer(new() { Log = log.Add }).Fit(pipeline.Transform(_mlContext.Data.LoadFromEnumerable(Pets.Where(p => p.Kind != "cat"))));
        Assert.Contains(
            "Class 'cat' of label column 'Label' has no row with a weight above 0: the model keeps it, with a probability near 0.", log);
    }

    [Theory]
    [MemberData(nameof(Formulations))]
    public void Scores_are_probabilities_and_the_prediction_is_the_largest(MulticlassFormulation formulation)
    {
        var view = MulticlassRows.View(_mlContext, MulticlassRows.Gaussian(1500));
        var scored = MulticlassRows.Score(_mlContext, Trainer(new() { Formulation = formulation }).Fit(view), view);
        Assert.All(scored, row =>
        {
            Assert.Equal(1, row.Score.Sum(s => (double)s), 1e-6);
            Assert.All(row.Score, s => Assert.InRange(s, 0, 1));
            Assert.Equal(row.Score.Max(), row.Score[row.PredictedLabel - 1]);
        });
        Assert.True(scored.Average(row => row.Label == row.PredictedLabel ? 1 : 0) > .7);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(300)]
    public void Score_is_the_softmax_of_the_linear_scores_even_of_rows_far_out(float stretch)
    {
        var rows = MulticlassRows.Gaussian(1500);
        foreach (var row in rows[^10..])
            row.Features = [.. row.Features.Select(x => stretch * x)];
        var view = MulticlassRows.View(_mlContext, rows);
        var trainer = Trainer(new());
        var model = trainer.Solve(view);
        foreach (var (row, scored) in rows.Zip(MulticlassRows.Score(_mlContext, trainer.Fit(view), view)))
        {
            double[] z = [.. model.Coefficients.Select((w, k) => model.Offsets[k] + w.Zip(row.Features, (a, x) => (double)a * x).Sum())];
            double[] shares = [.. z.Select(own => Math.Exp(own - z.Max()))];
            // A stock model adds up floats: what they lose of large terms comes on top.
            var largest = model.Coefficients.Select(
                (w, k) => Math.Abs(model.Offsets[k]) + w.Zip(row.Features, (a, x) => Math.Abs((double)a * x)).Sum()).Max();
            var tolerance = 2e-6 + 3e-7 * largest;
            Assert.Equal(shares.Select(s => s / shares.Sum()), scored.Score.Select(s => (double)s), (a, b) => Math.Abs(a - b) <= tolerance);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void Two_classes_in_softmax_are_the_binary_trainer_with_half_the_penalty(double gamma)
    {
        var rows = Rows.Gaussian(2000);
        var binary = _mlContext.BinaryClassification.Trainers.FocalSgd(new FocalSgdBinaryTrainer.Options
        {
            Gamma = gamma,
            L2Regularization = 1e-3,
            ConvergenceTolerance = 1e-9,
        }).Fit(Rows.View(_mlContext, rows));
        var view = MulticlassRows.View(
            _mlContext, [.. rows.Select(row => new MulticlassRow { Label = row.Label ? 1u : 0, Features = row.Features })]);
        var softmax = Trainer(new() { Gamma = gamma, L2Regularization = 2e-3, ConvergenceTolerance = 1e-9 }).Fit(view);
        foreach (var (one, several) in Rows.Score(_mlContext, binary, Rows.View(_mlContext, rows))
            .Zip(MulticlassRows.Score(_mlContext, softmax, view)))
            Assert.Equal(one.Probability, several.Score[1], 1e-3);
    }

    [Fact]
    public void One_versus_all_is_a_binary_trainer_for_each_class()
    {
        var rows = MulticlassRows.Gaussian(2000);
        double[] gammas = [0, 1, 2, 3];
        var view = MulticlassRows.View(_mlContext, rows);
        var model = Trainer(new()
        {
            Formulation = MulticlassFormulation.OneVersusAll,
            ClassGammas = gammas,
            L2Regularization = 1e-3,
            ConvergenceTolerance = 1e-9,
        }).Solve(view);
        for (var k = 0; k < 4; k++)
        {
            var own = _mlContext.BinaryClassification.Trainers
                .FocalSgd(new FocalSgdBinaryTrainer.Options { Gamma = gammas[k], L2Regularization = 1e-3, ConvergenceTolerance = 1e-9 })
                .Fit(Rows.View(_mlContext, [.. rows.Select(row => new Row { Label = row.Label == k, Features = row.Features })]))
                    .Model.SubModel;
            Assert.Equal(own.Weights, model.Coefficients[k], (a, b) => Math.Abs(a - b) < .01);
            Assert.Equal(own.Bias, model.Offsets[k], .01);
        }
    }

    [Theory]
    [MemberData(nameof(Formulations))]
    public void Balanced_weights_are_those_of_rows_weighted_by_hand(MulticlassFormulation formulation)
    {
        var rows = MulticlassRows.Gaussian(1000);
        var sizes = rows.GroupBy(row => row.Label).ToDictionary(g => g.Key, g => g.Count());
        var byClass = Solve(
            new()
            {
                Formulation = formulation,
                Calibration = CalibrationMethod.None,
                ClassWeighting = ClassWeighting.Balanced,
                ConvergenceTolerance = 1e-8
            }, rows);
        foreach (var row in rows)
            row.Weight = 1000f / (4 * sizes[row.Label]);
        var byHand = Solve(new()
        {
            Formulation = formulation,
            Calibration = CalibrationMethod.None,
            ExampleWeightColumnName = "Weight",
            ConvergenceTolerance = 1e-8
        }, rows);
        AssertSameDifferences(byHand, byClass, .02);
    }

    [Fact]
    public void Rows_without_a_label_or_with_NaN_are_skipped_and_counted()
    {
        var rows = MulticlassRows.Gaussian(600);
        rows[10].Label = 99;
        rows[11].Features[1] = float.NaN;
        rows[12].Weight = float.NaN;
        var log = new List<string>();
        var with = Solve(new() { ExampleWeightColumnName = "Weight", Log = log.Add }, rows, classCount: 4);
        Assert.Contains("Skipped 3 of 600 rows: NaN or infinity in the features, NaN as the weight, or no label.", log);
        var without = Solve(new() { ExampleWeightColumnName = "Weight" }, [.. rows[..10], .. rows[13..]], classCount: 4);
        Assert.Equal(without.Coefficients, with.Coefficients);
    }

    [Theory]
    [MemberData(nameof(Formulations))]
    public void The_model_does_not_depend_on_the_number_of_threads(MulticlassFormulation formulation)
    {
        var rows = MulticlassRows.Gaussian(5000);
        var one = Solve(new() { Formulation = formulation, NumberOfThreads = 1 }, rows);
        var four = Solve(new() { Formulation = formulation, NumberOfThreads = 4 }, rows);
        Assert.Equal(one.Coefficients, four.Coefficients);
        Assert.Equal(one.Offsets, four.Offsets);
    }

    /// <summary>So many rows that Newton steps are first taken on some of them, and more than the sample holds.</summary>
    [Theory]
    [InlineData(40_000)]
    [InlineData(70_000)]
    public void Of_many_rows_the_model_is_the_same_with_any_number_of_threads_and_read_again(int count)
    {
        var rows = MulticlassRows.Gaussian(count);
        var one = Solve(new() { NumberOfThreads = 1 }, rows);
        foreach (var other in new[] { Solve(new() { NumberOfThreads = 3 }, rows), Solve(new() { MemoryBudget = 1 << 16 }, rows) })
        {
            Assert.Equal(one.Coefficients, other.Coefficients);
            Assert.Equal(one.Offsets, other.Offsets);
        }
    }

    [Fact]
    public void Early_stopping_sees_the_whole_way()
    {
        var rows = MulticlassRows.Gaussian(40_000);
        List<double> Way(EarlyStopping? stopping)
        {
            List<double> way = [];
            Solve(new() { EarlyStopping = stopping, Progress = new Immediate(progress => way.Add(progress.Objective)) }, rows);
            return way;
        }

        var (judged, free) = (Way(new()), Way(null));
        // Not judged, it has been near the end before all rows are looked at.
        Assert.InRange(free[0] - free[^1], 0, 4e-3 * free[^1]);
        Assert.True(judged[0] - judged[^1] > 4e-3 * judged[^1], $"{judged[0]} -> {judged[^1]}");
    }

    [Theory]
    [InlineData(EarlyStoppingMetric.AveragePrecision, MulticlassFormulation.Softmax)]
    [InlineData(EarlyStoppingMetric.LogLoss, MulticlassFormulation.Softmax)]
    [InlineData(EarlyStoppingMetric.AveragePrecision, MulticlassFormulation.OneVersusAll)]
    public void Early_stopping_holds_rows_of_each_class_out_and_ends_sooner(EarlyStoppingMetric metric, MulticlassFormulation formulation)
    {
        // As many features without meaning let a model learn the rows by heart.
        var random = new Random(2);
        var rows = MulticlassRows.Gaussian(300);
        foreach (var row in rows)
            row.Features = [.. row.Features, .. Enumerable.Range(0, 60).Select(_ => (float)Rows.Normal(random))];
        var passes = 0;
        FocalSgdMulticlassTrainer.Options Options(EarlyStopping? stopping) => new()
        {
            Formulation = formulation,
            EarlyStopping = stopping,
            L2Regularization = 1e-7,
            ConvergenceTolerance = 0,
            NumberOfIterations = 50,
            Progress = new Immediate(progress => passes = progress.Iteration),
        };
        Solve(Options(null), rows);
        var all = passes;
        var model = Solve(Options(new() { HoldOutShare = .2, Metric = metric, Patience = 2 }), rows);
        Assert.InRange(passes, 1, all - 1);
        Assert.All(model.Coefficients, w => Assert.All(w, x => Assert.True(float.IsFinite(x))));
    }

    [Fact]
    public void Early_stopping_that_holds_out_no_two_classes_is_refused()
    {
        var rows = MulticlassRows.Gaussian(6);
        var error = Assert.Throws<InvalidOperationException>(() => Solve(new() { EarlyStopping = new() { HoldOutShare = .01 } }, rows));
        Assert.Contains("but it needs some of two classes at least with a weight above 0.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Cancelling_throws()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(
            () => Solve(new() { CancellationToken = source.Token }, MulticlassRows.Gaussian(3000)));
    }

    [Fact]
    public void A_gamma_schedule_ends_where_its_last_gamma_does()
    {
        var rows = MulticlassRows.Gaussian(2000);
        var schedule = Solve(
            new() { Gamma = GammaSchedule.Linear(0, 2), L2Regularization = 1e-3, ConvergenceTolerance = 1e-8 }, rows);
        AssertSameDifferences(Solve(new() { Gamma = 2, L2Regularization = 1e-3, ConvergenceTolerance = 1e-8 }, rows), schedule, .02);
    }

    [Fact]
    public void Key_values_and_slot_names_are_those_of_the_label()
    {
        var data = _mlContext.Data.LoadFromEnumerable(Pets);
        var conversion = _mlContext.Transforms.Conversion;
        var pipeline = conversion.MapValueToKey("Label", nameof(Pet.Kind))
            .Append(_mlContext.Transforms.Concatenate("Features", nameof(Pet.Size), nameof(Pet.Noise)))
            .Append(Trainer(new()));
        var scored = pipeline.Fit(data).Transform(data);
        var names = default(VBuffer<ReadOnlyMemory<char>>);
        scored.Schema["Score"].GetSlotNames(ref names);
        Assert.Equal(["dog", "cat", "fish"], names.DenseValues().Select(n => n.ToString()));
        scored.Schema["PredictedLabel"].GetKeyValues(ref names);
        Assert.Equal(["dog", "cat", "fish"], names.DenseValues().Select(n => n.ToString()));

        var back = pipeline.Append(conversion.MapKeyToValue("PredictedLabel")).Fit(data).Transform(data)
            .GetColumn<string>("PredictedLabel");
        Assert.True(back.Zip(Pets, (text, pet) => text == pet.Kind).Average(isRight => isRight ? 1 : 0) > .95);
    }

    [Theory]
    [MemberData(nameof(Formulations))]
    public void The_schema_promised_is_the_schema_that_comes(MulticlassFormulation formulation)
    {
        var data = _mlContext.Data.LoadFromEnumerable(Pets);
        // A step after the trainer is bound to the promise when the pipeline is fitted.
        var pipeline = _mlContext.Transforms.Conversion.MapValueToKey("Label", nameof(Pet.Kind))
            .Append(_mlContext.Transforms.Concatenate("Features", nameof(Pet.Size), nameof(Pet.Noise)))
            .Append(Trainer(new() { Formulation = formulation }))
            .Append(_mlContext.Transforms.CopyColumns("Copy", "Score"));
        var schema = pipeline.Fit(data).GetOutputSchema(data.Schema);
        Assert.Equal(new VectorDataViewType(NumberDataViewType.Single, 3), schema["Copy"].Type);
        Assert.Equal(new KeyDataViewType(typeof(uint), 3), schema["PredictedLabel"].Type);
    }

    [Fact]
    public void Focal_loss_plugs_into_the_stock_one_versus_all()
    {
        var view = MulticlassRows.View(_mlContext, MulticlassRows.Gaussian(1500));
        var trainers = _mlContext.BinaryClassification.Trainers;
        var stock = _mlContext.MulticlassClassification.Trainers.OneVersusAll(
            trainers.SgdNonCalibrated(lossFunction: new FocalLoss(gamma: 2)));
        var metrics = _mlContext.MulticlassClassification.Evaluate(stock.Fit(view).Transform(view));
        Assert.InRange(metrics.MicroAccuracy, .7, 1);
        Assert.InRange(metrics.LogLoss, .1, .9);
    }

    private FocalSgdMulticlassTrainer Trainer(FocalSgdMulticlassTrainer.Options options)
        => _mlContext.MulticlassClassification.Trainers.FocalSgd(options);

    [Fact]
    public void Maximum_entropy_by_L_BFGS_is_the_focal_loss_with_gamma_0()
    {
        var view = MulticlassRows.View(_mlContext, MulticlassRows.Gaussian(1000));
        var trainers = _mlContext.MulticlassClassification.Trainers;
        var stock = trainers.LbfgsMaximumEntropy(l1Regularization: 0, l2Regularization: 10, optimizationTolerance: 1e-9f).Fit(view);
        var ours = trainers.FocalSgd(
            new FocalSgdMulticlassTrainer.Options { Gamma = 0, L2Regularization = .01, ConvergenceTolerance = 1e-9 }).Fit(view);
        foreach (var (expected, actual) in MulticlassRows.Score(_mlContext, stock, view).Zip(MulticlassRows.Score(_mlContext, ours, view)))
            Assert.Equal(expected.Score, actual.Score, (a, b) => Math.Abs(a - b) <= .005f);
        VBuffer<float>[] weights = [];
        stock.Model.GetWeights(ref weights, out var classes);
        Assert.Equal((4, 4, 4, 3), (classes, weights.Length, stock.Model.GetBiases().Count(), weights[0].Length));
    }

    private FocalMlNet.Optimization.LinearModel Solve(
        FocalSgdMulticlassTrainer.Options options, MulticlassRow[] rows, int? classCount = null)
        => Trainer(options).Solve(MulticlassRows.View(_mlContext, rows, classCount));

    /// <summary>A constant for all classes changes no softmax.</summary>
    private static void AssertSameDifferences(
        FocalMlNet.Optimization.LinearModel expected, FocalMlNet.Optimization.LinearModel actual, double tolerance)
    {
        for (var k = 1; k < expected.OutputCount; k++)
        {
            Assert.Equal(
                expected.Coefficients[k].Zip(expected.Coefficients[0], (a, b) => a - b),
                actual.Coefficients[k].Zip(actual.Coefficients[0], (a, b) => a - b),
                (a, b) => Math.Abs(a - b) < tolerance);
            Assert.Equal(expected.Offsets[k] - expected.Offsets[0], actual.Offsets[k] - actual.Offsets[0], tolerance);
        }
    }

    private static readonly Pet[] Pets = [.. Enumerable.Range(0, 90).Select(i => new Pet
    {
        Kind = new[] { "dog", "cat", "fish" }[i % 3],
        Size = new[] { 6, 3, 1 }[i % 3] + i % 7 * .1f,
        Noise = new[] { 9, 4, 0 }[i % 3] + i % 5 * .1f,
    })];

    private sealed class Pet
    {
        public string Kind { get; set; } = "";

        public float Size { get; set; }

        public float Noise { get; set; }
    }
}

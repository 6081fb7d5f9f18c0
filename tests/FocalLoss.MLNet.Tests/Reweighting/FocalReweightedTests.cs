using FocalMlNet.Tests.Weighting;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using BinaryModel = Microsoft.ML.Calibrators.CalibratedModelParametersBase<
    Microsoft.ML.Trainers.LinearBinaryModelParameters, Microsoft.ML.Calibrators.PlattCalibrator>;

namespace FocalMlNet.Tests.Reweighting;

public sealed class FocalReweightedTests
{
    private static readonly DataViewSchema NoColumns = new DataViewSchema.Builder().ToSchema();

    private readonly MLContext _mlContext = new(seed: 1);

    [Fact]
    public void The_model_is_that_of_the_round_with_the_least_focal_loss()
    {
        var view = Rows.View(_mlContext, Rows.Gaussian(3000));
        var heard = new List<FocalReweightingRound>();
        var model = Lbfgs(2, .75, progress: new Listener(heard.Add)).Fit(view);
        Assert.Equal(Enumerable.Range(1, heard.Count), heard.Select(r => r.Round));
        var best = heard.Last(r => r.IsBest);
        Assert.Equal(heard.Min(r => r.Objective), best.Objective);
        Assert.True(best.Objective < .9 * heard[0].Objective, $"{heard[0].Objective} -> {best.Objective}");
        Assert.Equal(MeanLoss(model.Transform(view), new FocalLoss(2, .75)), best.Objective, 1e-7);
    }

    [Fact]
    public void It_has_a_lower_focal_loss_than_a_fit_of_log_loss()
    {
        var view = Rows.View(_mlContext, Rows.Gaussian(3000));
        var plain = Trainer(null).Fit(view).Transform(view);
        Assert.True(MeanLoss(Lbfgs(2).Fit(view).Transform(view), new FocalLoss(2)) < .6 * MeanLoss(plain, new FocalLoss(2)));
    }

    [Fact]
    public void Gamma_zero_is_one_fit_of_the_trainer_itself()
    {
        var view = Rows.View(_mlContext, Rows.Gaussian(1000));
        var heard = new List<FocalReweightingRound>();
        var model = Lbfgs(0, progress: new Listener(heard.Add)).Fit(view).Model.SubModel;
        Assert.Single(heard);
        Assert.All(Trainer(null).Fit(view).Model.SubModel.Weights.Zip(model.Weights), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
    }

    [Fact]
    public void Alpha_and_the_example_weights_multiply()
    {
        var rows = Rows.Gaussian(1000);
        for (var i = 0; i < rows.Length; i++)
            rows[i].Weight = 1 + i % 3;
        var reweighted = Lbfgs(0, .8, weights: "Weight").Fit(Rows.View(_mlContext, rows)).Model.SubModel;
        foreach (var row in rows)
            row.Weight *= row.Label ? .8f : .2f;
        var byHand = Trainer("Weight").Fit(Rows.View(_mlContext, rows)).Model.SubModel;
        Assert.All(byHand.Weights.Zip(reweighted.Weights), pair => Assert.Equal(pair.First, pair.Second, 1e-4f));
    }

    [Fact]
    public void Rounds_are_no_more_than_asked_for()
    {
        var heard = new List<FocalReweightingRound>();
        Lbfgs(5, rounds: 3, progress: new Listener(heard.Add)).Fit(Rows.View(_mlContext, Rows.Gaussian(500)));
        Assert.Equal(3, heard.Count);
    }

    [Fact]
    public void A_trainer_without_a_calibrator_is_read_by_its_score()
    {
        var view = Rows.View(_mlContext, Rows.Gaussian(2000));
        var heard = new List<FocalReweightingRound>();
        var model = _mlContext.BinaryClassification.Trainers.FocalReweighted(
            w => _mlContext.BinaryClassification.Trainers.SgdNonCalibrated(exampleWeightColumnName: w),
            new FocalReweightedOptions { Progress = new Listener(heard.Add) }).Fit(view);
        Assert.Equal(MeanLoss(model.Transform(view), new FocalLoss(2)), heard.Min(r => r.Objective), 1e-7);
    }

    /// <summary>Columns of the input that are named as a model's are not what the model says.</summary>
    [Fact]
    public void Columns_of_the_input_are_not_taken_for_those_of_the_model()
    {
        var rows = Rows.Gaussian(2000);
        foreach (var row in rows)
            row.Weight = .3f;
        var view = Rows.View(_mlContext, rows);
        view = _mlContext.Transforms.CopyColumns("Probability", "Weight").Append(_mlContext.Transforms.CopyColumns("Score", "Weight"))
            .Fit(view).Transform(view);
        var heard = new List<FocalReweightingRound>();
        var model = _mlContext.BinaryClassification.Trainers.FocalReweighted(
            w => _mlContext.BinaryClassification.Trainers.SgdNonCalibrated(exampleWeightColumnName: w),
            new FocalReweightedOptions { Progress = new Listener(heard.Add) }).Fit(view);
        Assert.Equal(MeanLoss(model.Transform(view), new FocalLoss(2)), heard.Min(r => r.Objective), 1e-7);

        // A model that adds nothing.
        var several = MulticlassRows.View(_mlContext, MulticlassRows.Gaussian(50));
        several = _mlContext.Transforms.CopyColumns("Score", "Features").Fit(several).Transform(several);
        foreach (var (reader, scored) in new (FocalMlNet.Reweighting.MarginReader, IDataView)[]
        {
            (new FocalMlNet.Reweighting.BinaryMarginReader(), view), (new FocalMlNet.Reweighting.MulticlassMarginReader(), several),
        })
        {
            var read = reader.Read(scored, new FocalReweightedOptions());
            Assert.Equal("The trainer's model adds no column 'Score'.", Assert.Throws<InvalidOperationException>(
                () => reader.Margins(scored, scored.Schema, null, read)).Message);
        }
    }

    [Fact]
    public void The_probability_is_that_of_the_calibrator_where_there_is_one()
    {
        // This one's probability is σ(3 score): the weights of the second round must be those of 3 times the score.
        var rows = Rows.Gaussian(200);
        var stub = new StubTrainer(_mlContext);
        _ = new FocalReweightedTrainer<BinaryPredictionTransformer<BinaryModel>, BinaryModel>(
            w => stub.Named(w), new FocalMlNet.Reweighting.BinaryMarginReader(), new() { Rounds = 2 })
                .Fit(Rows.View(_mlContext, rows));
        Assert.Equal(2, stub.Weights.Count);
        for (var i = 0; i < rows.Length; i++)
        {
            var margin = (rows[i].Label ? 1 : -1) * StubTrainer.Score(rows[i]);
            var (first, second) = (Math.Log(stub.Weights[0][i]), Math.Log(stub.Weights[1][i]));
            // A third of the way to the weight that is asked for.
            Assert.Equal(first + (FocalReweighting.LogWeight(margin, 2) - first) / 3, second, 1e-4);
        }
    }

    [Fact]
    public void Rows_without_a_score_do_no_harm()
    {
        var rows = Rows.Gaussian(500);
        rows[7].Features[0] = float.NaN;
        var model = Lbfgs(2).Fit(Rows.View(_mlContext, rows)).Model.SubModel;
        Assert.All(model.Weights, w => Assert.True(float.IsFinite(w)));
    }

    [Fact]
    public void The_input_is_read_once()
    {
        var binary = _mlContext.BinaryClassification;
        ITransformer[] Fit(IDataView view) =>
        [
            Lbfgs(2, rounds: 3, weights: "Weight").Fit(view),
            binary.Trainers.FocalReweighted(
                w => binary.Trainers.FastTree(exampleWeightColumnName: w, numberOfTrees: 3), rounds: 3).Fit(view),
            binary.Trainers.FocalReweighted(w => binary.Trainers.SdcaLogisticRegression(exampleWeightColumnName: w), rounds: 3).Fit(view),
        ];

        var reads = 0;
        Assert.Equal(3, Fit(Rows.View(_mlContext, Rows.Gaussian(500), () => reads++)).Length);
        Assert.Equal(3, reads);
    }

    [Fact]
    public void Labels_keep_their_rows_when_each_reading_has_them_in_other_places()
    {
        var rows = Rows.Gaussian(1000);
        var expected = Lbfgs(2).Fit(Rows.View(_mlContext, rows)).Model.SubModel;
        var model = Lbfgs(2).Fit(Rows.Shifting(_mlContext, rows));
        Assert.Equal(expected.Weights, model.Model.SubModel.Weights);
        Assert.True(_mlContext.BinaryClassification.Evaluate(model.Transform(Rows.View(_mlContext, rows))).AreaUnderRocCurve > .85);
    }

    [Fact]
    public void A_trainer_that_does_not_tell_its_columns_has_them_read_after_the_labels_and_both_readings_are_compared()
    {
        var rows = Rows.Gaussian(1000).ToList();
        var trainer = _mlContext.BinaryClassification.Trainers.FocalReweighted(w => new WrappedTrainer(Trainer(w)));
        var steady = Rows.View(_mlContext, rows);
        Assert.Equal(Lbfgs(2).Fit(steady).Model.SubModel.Weights, trainer.Fit(steady).Model.SubModel.Weights);

        var reads = 0;
        var shrinking = Rows.View(_mlContext, new Changing(() => rows.Take(reads++ == 0 ? 1000 : 990)));
        var growing = Rows.View(_mlContext, new Changing(() => rows.Take(reads++ == 0 ? 990 : 1000)));
        foreach (var view in new[] { Rows.Shifting(_mlContext, rows), shrinking, growing })
        {
            reads = 0;
            Assert.Equal(
                "The data gave other rows when it was read again, for 'Features'. "
                + "Data that has to be read again must give the same rows in the same order each time.",
                Assert.Throws<InvalidOperationException>(() => trainer.Fit(view)).Message);
        }
    }

    [Fact]
    public void A_trainer_that_does_not_read_the_weights_is_refused()
    {
        var (binary, several) = (_mlContext.BinaryClassification, _mlContext.MulticlassClassification);
        var view = Rows.View(_mlContext, Rows.Gaussian(300));
        foreach (var fit in new Action[]
        {
            () => binary.Trainers.FocalReweighted(w => binary.Trainers.AveragedPerceptron()).Fit(view),
            () => binary.Trainers.FocalReweighted(w => Trainer(null)).Fit(view),
            () => binary.Trainers.FocalReweighted(w => Trainer("Weight"), gamma: 0).Fit(view),
            () => several.Trainers.FocalReweighted(w => MaximumEntropy(null)).Fit(Threefold()),
            () => several.Trainers.FocalReweighted(w => several.Trainers.OneVersusAll(Trainer(null))).Fit(Threefold()),
        })
        {
            Assert.Equal(
                "The trainer has not read the weights, so its model is not one of the focal loss. "
                + "Give it the name of the weight column, as in w => trainers.LbfgsLogisticRegression(exampleWeightColumnName: w). "
                + "A trainer that takes no example weights, such as AveragedPerceptron, cannot be used.",
                Assert.Throws<InvalidOperationException>(fit).Message);
        }
    }

    [Fact]
    public void A_trainer_with_another_label_column_is_refused()
    {
        var trainer = _mlContext.BinaryClassification.Trainers.FocalReweighted(
            w => _mlContext.BinaryClassification.Trainers.LbfgsLogisticRegression("Other", exampleWeightColumnName: w));
        Assert.Equal(
            "LabelColumnName = Label, but the trainer's label column is Other: the weights would be those of other labels.",
            Assert.Throws<InvalidOperationException>(() => trainer.Fit(Rows.View(_mlContext, Rows.Gaussian(100)))).Message);
    }

    [Fact]
    public void A_fit_that_returns_null_is_refused()
    {
        var trainer = _mlContext.BinaryClassification.Trainers.FocalReweighted(_ => new WrappedTrainer(null));
        var error = Assert.Throws<InvalidOperationException>(() => trainer.Fit(Rows.View(_mlContext, Rows.Gaussian(100))));
        Assert.Equal("The trainer's Fit returned null, but it should return a model.", error.Message);
    }

    [Fact]
    public void Fits_on_several_threads_at_once_have_a_trainer_each()
    {
        var view = Rows.View(_mlContext, Rows.Gaussian(200));
        var (expected, single) = (Lbfgs(2).Fit(view).Model.SubModel.Weights, Lbfgs(2));
        var stubs = new System.Collections.Concurrent.ConcurrentBag<WrappedTrainer>();
        var trainer = _mlContext.BinaryClassification.Trainers.FocalReweighted(w =>
        {
            var stub = new WrappedTrainer(Trainer(w));
            stubs.Add(stub);
            return stub;
        });
        var models = new IReadOnlyList<float>[16];
        var threads = Enumerable.Range(0, models.Length)
            .Select(i => new Thread(() => models[i] = (i % 2 == 0 ? trainer : single).Fit(view).Model.SubModel.Weights)).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        Assert.All(models, weights => Assert.Equal(expected, weights));
        Assert.All(stubs, stub => Assert.False(stub.WasUsedAtOnce));
    }

    [Fact]
    public void An_error_of_the_source_is_that_of_the_fit()
    {
        IEnumerable<Row> Failing()
        {
            foreach (var row in Rows.Gaussian(300))
                yield return row;
            throw new IOException("The line is cut.");
        }

        var view = Rows.View(_mlContext, new Changing(Failing));
        Assert.Equal("The line is cut.", Assert.Throws<IOException>(() => Lbfgs(2).Fit(view)).Message);
    }

    [Fact]
    public void It_is_a_trainer_like_any_other_in_pipelines_and_cross_validation()
    {
        var view = Rows.View(_mlContext, Rows.Gaussian(1500));
        var pipeline = _mlContext.Transforms.BalanceClasses("Balance").Append(_mlContext.Transforms.NormalizeMinMax("Features"))
            .Append(Lbfgs(2, weights: "Balance"));
        BinaryPredictionTransformer<BinaryModel> last = pipeline.Fit(view).LastTransformer;
        Assert.Equal("Features", last.FeatureColumnName);
        Assert.All(_mlContext.BinaryClassification.CrossValidate(view, pipeline, 3),
            fold => Assert.True(fold.Metrics.AreaUnderRocCurve > .85));
        TransformChecks.SchemasAgree(Lbfgs(2), view);
        TransformChecks.SchemasAgree(pipeline, view);
    }

    [Fact]
    public void It_takes_part_in_one_versus_all()
    {
        var view = Threefold();
        var model = _mlContext.MulticlassClassification.Trainers.OneVersusAll(Lbfgs(2)).Fit(view);
        Assert.True(_mlContext.MulticlassClassification.Evaluate(model.Transform(view)).MicroAccuracy > .85);
    }

    [Fact]
    public void The_multiclass_twin_lowers_the_softmax_focal_loss()
    {
        var view = Threefold();
        var heard = new List<FocalReweightingRound>();
        MulticlassPredictionTransformer<MaximumEntropyModelParameters> model = _mlContext.MulticlassClassification
            .Trainers.FocalReweighted(MaximumEntropy, new FocalReweightedOptions { Progress = new Listener(heard.Add) }).Fit(view);
        var (focal, plain) = (MeanSoftmaxLoss(model.Transform(view)), MeanSoftmaxLoss(MaximumEntropy(null).Fit(view).Transform(view)));
        Assert.Equal(focal, heard.Min(r => r.Objective), 1e-6);
        Assert.True(focal < .8 * plain, $"{plain} -> {focal}");
        Assert.True(_mlContext.MulticlassClassification.Evaluate(model.Transform(view)).MicroAccuracy > .85);
    }

    [Fact]
    public void The_multiclass_twin_keeps_the_conventions_of_ML_NET()
    {
        var catalog = _mlContext.MulticlassClassification;
        TransformChecks.SchemasAgree(catalog.Trainers.FocalReweighted(MaximumEntropy, rounds: 2), Threefold());
        TransformChecks.BothRefuse(
            catalog.Trainers.FocalReweighted(MaximumEntropy, labelColumnName: "Name"),
            Threefold(), "The label column 'Name' is of type String, but it should be a Key.");
        TransformChecks.BothRefuse(
            catalog.Trainers.FocalReweighted(MaximumEntropy, labelColumnName: "Nope"), Threefold(), "The label column 'Nope' is missing.");
        TransformChecks.BothRefuse(
            catalog.Trainers.FocalReweighted(MaximumEntropy, exampleWeightColumnName: "Name"),
            Threefold(), "The weight column 'Name' is of type String, but it should be Single.");
        Assert.StartsWith("Rounds = 0, but it should be at least 1.",
            Assert.Throws<ArgumentOutOfRangeException>(() => catalog.Trainers.FocalReweighted(MaximumEntropy, rounds: 0)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Multiclass_scores_that_are_no_probabilities_are_logits()
    {
        var reader = new FocalMlNet.Reweighting.MulticlassMarginReader();
        var logits = new[] { new ScoreRow { Key = 0, Score = [1, 2, 3] }, new ScoreRow { Key = 2, Score = [0, 0, 5] },
            new ScoreRow { Key = 1, Score = [0, float.NaN, 0] } };
        double[] margins = Read(logits);
        Assert.Equal(1 - Math.Log(Math.Exp(2) + Math.Exp(3)), margins[0], 1e-6);
        Assert.Equal(5 - Math.Log(2), margins[1], 1e-6);
        Assert.True(double.IsNaN(margins[2]));

        var probabilities =
            new[] { new ScoreRow { Key = 0, Score = [.2f, .3f, .5f] }, new ScoreRow { Key = 1, Score = [0, 1, 0] },
            new ScoreRow { Key = 3, Score = [.2f, .3f, .5f] } };
        margins = Read(probabilities);
        Assert.Equal(Math.Log(.2 / .8), margins[0], 1e-6);
        Assert.InRange(margins[1], 80, 700);
        // A missing label.
        Assert.True(double.IsNaN(margins[2]));

        double[] Read(ScoreRow[] rows)
        {
            var view = _mlContext.Data.LoadFromEnumerable(rows);
            return reader.Margins(view, NoColumns, null, reader.Read(view, new() { LabelColumnName = "Key" }));
        }
    }

    [Fact]
    public void A_model_that_gives_other_rows_than_it_was_given_is_refused()
    {
        IDataView View(int count) => _mlContext.Transforms.CopyColumns("Score", "Weight").Fit(Rows.View(_mlContext, Rows.Gaussian(9)))
            .Transform(Rows.View(_mlContext, Rows.Gaussian(count)));
        var reader = new FocalMlNet.Reweighting.BinaryMarginReader();
        var rows = reader.Read(View(7), new());
        Assert.Equal(7, reader.Margins(View(7), NoColumns, null, rows).Length);
        Assert.Equal("The trainer's model gives fewer rows than the 7 that it was given.",
            Assert.Throws<InvalidOperationException>(() => reader.Margins(View(6), NoColumns, null, rows)).Message);
        Assert.Equal("The trainer's model gives more rows than the 7 that it was given.",
            Assert.Throws<InvalidOperationException>(() => reader.Margins(View(8), NoColumns, null, rows)).Message);
    }

    [Theory]
    [InlineData("Nope", null, "The label column 'Nope' is missing. The input has: Label, Features, Weight.")]
    [InlineData("Weight", null, "The label column 'Weight' is of type Single, but it should be Boolean.")]
    [InlineData("Label", "Nope", "The weight column 'Nope' is missing. The input has: Label, Features, Weight.")]
    [InlineData("Label", "Label", "The weight column 'Label' is of type Boolean, but it should be Single.")]
    public void A_column_that_is_missing_or_of_the_wrong_type_is_refused(string label, string? weight, string message)
        => TransformChecks.BothRefuse(
            _mlContext.BinaryClassification.Trainers.FocalReweighted(Trainer, labelColumnName: label, exampleWeightColumnName: weight),
            Rows.View(_mlContext, Rows.Gaussian(20)), message);

    [Fact]
    public void Bad_arguments_are_refused()
    {
        Assert.StartsWith("Rounds = 0, but it should be at least 1.",
            Assert.Throws<ArgumentOutOfRangeException>(() => Lbfgs(2, rounds: 0)).Message, StringComparison.Ordinal);
        Assert.StartsWith(
            "Gamma = -1, but it should be in [0; 50].", Assert.Throws<ArgumentOutOfRangeException>(() => Lbfgs(-1)).Message,
            StringComparison.Ordinal);
        Assert.StartsWith("Alpha = 1, but it should be in (0; 1).", Assert.Throws<ArgumentOutOfRangeException>(() => Lbfgs(2, 1)).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentNullException>(
            () => _mlContext.BinaryClassification.Trainers.FocalReweighted((Func<string, LbfgsLogisticRegressionBinaryTrainer>)null!));
        Assert.StartsWith("trainer returned null", Assert.Throws<ArgumentException>(() =>
            _mlContext.BinaryClassification.Trainers.FocalReweighted(_ => (LbfgsLogisticRegressionBinaryTrainer)null!)).Message,
                StringComparison.Ordinal);
    }

    [Fact]
    public void Several_classes_have_no_alpha()
        => Assert.StartsWith("Alpha = 0.3, but only two classes have it: weigh several with BalanceClasses.",
            Assert.Throws<ArgumentException>(() => _mlContext.MulticlassClassification.Trainers.FocalReweighted(
                MaximumEntropy, new FocalReweightedOptions { Alpha = .3 })).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void The_first_step_goes_1_in_1_plus_gamma_of_the_way_and_halves_with_each_failure(double gamma)
    {
        var heard = new List<FocalReweightingRound>();
        Lbfgs(gamma, progress: new Listener(heard.Add)).Fit(Rows.View(_mlContext, Rows.Gaussian(500)));
        Assert.Equal(1 / (1 + gamma), heard[0].Step);
        for (var i = 2; i < heard.Count; i++)
            Assert.Equal(heard[i - 1].IsBest ? 1 : 2, heard[i - 1].Step / heard[i].Step, heard[i - 1].IsBest ? 1.0 : 0);
        Assert.Matches(@"^Round 1: objective 0\.\d+, the best so far; step \S+\.$", $"{heard[0]}");
    }

    [Fact]
    public void A_cancellation_is_seen_before_a_round()
    {
        using var source = new CancellationTokenSource();
        var heard = 0;
        var trainer = Cancellable(source, new Listener(_ =>
        {
            heard++;
            source.Cancel();
        }));
        var error = Assert.Throws<OperationCanceledException>(() => trainer.Fit(Rows.View(_mlContext, Rows.Gaussian(500))));
        Assert.Equal((1, source.Token), (heard, error.CancellationToken));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(300)]
    public void A_cancellation_is_seen_at_the_next_row_that_is_read(int row)
    {
        using var source = new CancellationTokenSource();
        var read = 0;
        var view = Rows.View(_mlContext, new Changing(() => Rows.Gaussian(2000).Select(own =>
        {
            if (++read == row)
                source.Cancel();
            return own;
        })));
        var error = Assert.Throws<OperationCanceledException>(() => Cancellable(source, null).Fit(view));
        Assert.Equal(source.Token, error.CancellationToken);
        // The cache reads on a thread of its own, which may be on its way to a row.
        Assert.InRange(read, row, row + 1);
    }

    [Fact]
    public void A_cancellation_is_seen_while_the_trainer_reads_rows()
    {
        using var source = new CancellationTokenSource();
        var read = 0;
        var trainer = _mlContext.BinaryClassification.Trainers.FocalReweighted(
            w => new ReadingTrainer(() =>
            {
                if (++read == 50)
                    source.Cancel();
            }, Trainer(w)),
            new FocalReweightedOptions { CancellationToken = source.Token });
        Assert.Throws<OperationCanceledException>(() => trainer.Fit(Rows.View(_mlContext, Rows.Gaussian(500))));
        Assert.Equal(50, read);
    }

    private FocalReweightedTrainer<BinaryPredictionTransformer<BinaryModel>, BinaryModel> Cancellable(
        CancellationTokenSource source, IProgress<FocalReweightingRound>? progress)
        => _mlContext.BinaryClassification.Trainers.FocalReweighted(
            Trainer, new FocalReweightedOptions { CancellationToken = source.Token, Progress = progress });

    [Fact]
    public void Data_that_cannot_be_trained_on_is_refused()
    {
        var rows = Rows.Gaussian(20);
        foreach (var row in rows)
            row.Weight = row.Label ? 0 : 1;
        Assert.Equal(
            "Label column 'Label' has 1 class with a weight above 0, but training needs 2 at least.",
            Assert.Throws<InvalidOperationException>(() => Lbfgs(2, weights: "Weight").Fit(Rows.View(_mlContext, rows))).Message);
        rows[3].Weight = -2;
        Assert.Equal(
            "Column 'Weight' has weight -2 in row 3, but it should be in [0; 1E+30].",
            Assert.Throws<InvalidOperationException>(() => Lbfgs(2, weights: "Weight").Fit(Rows.View(_mlContext, rows))).Message);
        Assert.Equal("The training data has no rows.",
            Assert.Throws<InvalidOperationException>(() => Lbfgs(2).Fit(Rows.View(_mlContext, [], 3))).Message);
    }

    private LbfgsLogisticRegressionBinaryTrainer Trainer(string? weight)
        => _mlContext.BinaryClassification.Trainers.LbfgsLogisticRegression(
            exampleWeightColumnName: weight, l1Regularization: 0, l2Regularization: .1f);

    private LbfgsMaximumEntropyMulticlassTrainer MaximumEntropy(string? weight) => _mlContext.MulticlassClassification.Trainers
        .LbfgsMaximumEntropy(exampleWeightColumnName: weight, l1Regularization: 0, l2Regularization: .1f);

    private FocalReweightedTrainer<BinaryPredictionTransformer<BinaryModel>, BinaryModel> Lbfgs(
        double gamma, double? alpha = null, int rounds = 20, string? weights = null, IProgress<FocalReweightingRound>? progress = null)
        => _mlContext.BinaryClassification.Trainers.FocalReweighted(
            Trainer, new FocalReweightedOptions
            {
                Gamma = gamma,
                Alpha = alpha,
                Rounds = rounds,
                ExampleWeightColumnName = weights,
                Progress = progress,
            });

    private static double MeanLoss(IDataView scored, FocalLoss loss)
        => scored.GetColumn<float>("Score").Zip(scored.GetColumn<bool>("Label")).Average(r => loss.Loss(r.First, r.Second ? 1 : 0));

    /// <summary>From probabilities: their logarithms are logits.</summary>
    private static double MeanSoftmaxLoss(IDataView scored)
        => scored.GetColumn<float[]>("Score").Zip(scored.GetColumn<uint>("Label"))
            .Average(r => new SoftmaxFocalLoss(2).Loss([.. r.First.Select(p => MathF.Log(p))], (int)r.Second - 1));

    /// <summary>Three Gaussian classes with 8, 80 and 800 rows.</summary>
    private IDataView Threefold()
    {
        var random = new Random(3);
        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        var rows = Enumerable.Range(0, 888).Select(i => i < 8 ? "a" : i < 88 ? "b" : "c").Select(name => new NamedRow
        {
            Name = name,
            Features = [(float)(Normal() + (name == "a" ? 3 : 0)), (float)(Normal() + (name == "b" ? 2.5 : 0))],
        });
        var definition = SchemaDefinition.Create(typeof(NamedRow));
        definition[nameof(NamedRow.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, 2);
        var view = _mlContext.Data.LoadFromEnumerable(rows.ToArray(), definition);
        return _mlContext.Transforms.Conversion.MapValueToKey("Label", "Name").Fit(view).Transform(view);
    }

    private sealed class NamedRow
    {
        public string Name { get; set; } = "";

        public float[] Features { get; set; } = [];
    }

    private sealed class ScoreRow
    {
        [KeyType(3)]
        public uint Key { get; set; }

        [VectorType(3)]
        public float[] Score { get; set; } = [];
    }

    private sealed class Listener(Action<FocalReweightingRound> hear) : IProgress<FocalReweightingRound>
    {
        public void Report(FocalReweightingRound value) => hear(value);
    }

    /// <summary>A trainer of one's own, which does not tell the columns it reads; without a trainer inside it returns null.</summary>
    private sealed class WrappedTrainer(LbfgsLogisticRegressionBinaryTrainer? trainer)
        : ITrainerEstimator<BinaryPredictionTransformer<BinaryModel>, BinaryModel>
    {
        private int _users;

        public bool WasUsedAtOnce { get; private set; }

        public TrainerInfo Info => trainer!.Info;

        public BinaryPredictionTransformer<BinaryModel> Fit(IDataView input)
        {
            WasUsedAtOnce |= Interlocked.Increment(ref _users) > 1;
            var model = trainer?.Fit(input);
            Interlocked.Decrement(ref _users);
            return model!;
        }

        public SchemaShape GetOutputSchema(SchemaShape inputSchema) => trainer!.GetOutputSchema(inputSchema);
    }

    /// <summary>A trainer that tells of each row it reads.</summary>
    private sealed class ReadingTrainer(Action tell, LbfgsLogisticRegressionBinaryTrainer trainer)
        : ITrainerEstimator<BinaryPredictionTransformer<BinaryModel>, BinaryModel>
    {
        public TrainerInfo Info => trainer.Info;

        public BinaryPredictionTransformer<BinaryModel> Fit(IDataView input)
        {
            foreach (var _ in input.GetColumn<bool>("Label"))
                tell();
            return trainer.Fit(input);
        }

        public SchemaShape GetOutputSchema(SchemaShape inputSchema) => trainer.GetOutputSchema(inputSchema);
    }

    /// <summary>Gives the same model whatever it is fitted on, and keeps the weights it was given.</summary>
    private sealed class StubTrainer(MLContext mlContext) : ITrainerEstimator<BinaryPredictionTransformer<BinaryModel>, BinaryModel>
    {
        private string _weight = "";

        public List<float[]> Weights { get; } = [];

        public TrainerInfo Info => mlContext.BinaryClassification.Trainers.SgdCalibrated().Info;

        public static float Score(Row row) => .5f + row.Features[0];

        public StubTrainer Named(string weight)
        {
            _weight = weight;
            return this;
        }

        public BinaryPredictionTransformer<BinaryModel> Fit(IDataView input)
        {
            Weights.Add([.. input.GetColumn<float>(_weight)]);
            return FocalMlNet.StockModels.StockModel.Create(
                mlContext.BinaryClassification.Trainers, "Label", input.Schema["Features"], [1, 0, 0], .5f);
        }

        public SchemaShape GetOutputSchema(SchemaShape inputSchema) => inputSchema;
    }
}

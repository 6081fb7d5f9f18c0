using Microsoft.ML;
using Microsoft.ML.Calibrators;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;

namespace FocalMlNet.Tests.Tuning;

/// <summary>What a tuning of two classes finds is what a loop over folds with this library's other tools finds.</summary>
public sealed class TuneImbalancedTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    private IDataView Gaussian => Rows.View(_mlContext, Rows.Gaussian(900, positiveRate: .15));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Lines_are_worth_what_a_trainer_is_in_a_cross_validation(bool isPrepared)
    {
        var normalise = _mlContext.Transforms.NormalizeMeanVariance("Features", fixZero: false);
        var result = Tune(Gaussian, new()
        {
            Gammas = [0, 2],
            ClassWeightings = [ClassWeighting.Balanced],
            L2Regularizations = [0, 1e-3, 1],
            Preparation = isPrepared ? normalise : null,
            Races = false,
        });
        Assert.Equal(12, result.Candidates.Count);
        foreach (var candidate in result.Candidates)
        {
            var trainer = Trainer(candidate);
            var folds = _mlContext.BinaryClassification.CrossValidateImbalanced(
                Gaussian, isPrepared ? normalise.Append(trainer) : trainer, numberOfFolds: 5, seed: 0);
            Assert.Equal(folds.Mean(BinaryMetric.AveragePrecision), candidate.Mean, 1e-3);
            Assert.Equal(folds.Mean(BinaryMetric.LogLoss), candidate.LogLoss, 1e-3);
        }
    }

    [Fact]
    public void Penalties_are_tried_from_one_degree_of_freedom_down_to_none_that_matters()
    {
        var result = Tune(Gaussian, new() { Gammas = [0], ClassWeightings = [ClassWeighting.None], Races = false });
        double[] penalties = [.. result.Candidates.Select(c => c.L2Regularization!.Value)];
        // λ = T = p (1 - p) Σ variances with about 15 % positives and three features.
        Assert.InRange(penalties[0], .127 * 3 * .8, .127 * 3 * 1.4);
        Assert.All(penalties.Zip(penalties.Skip(1)), pair => Assert.Equal(Math.Sqrt(10), pair.First / pair.Second, 1e-6));
        Assert.InRange(penalties[^1] / penalties[0], .02 / 900, .02 / 900 * Math.Sqrt(10));
    }

    [Fact]
    public void Added_candidates_are_worth_what_they_are_in_a_cross_validation()
    {
        // On several threads its sums, and so its models, vary.
        LbfgsLogisticRegressionBinaryTrainer Lbfgs(string? w) => _mlContext.BinaryClassification.Trainers.LbfgsLogisticRegression(
            new LbfgsLogisticRegressionBinaryTrainer.Options { ExampleWeightColumnName = w, NumberOfThreads = 1 });
        var result = Tune(Gaussian, Few() with
        {
            Races = false,
            Candidates = [new("L-BFGS", Lbfgs), new("L-BFGS", Lbfgs) { ClassWeighting = ClassWeighting.Balanced }],
        });
        IEstimator<ITransformer>[] estimators = [Lbfgs(null), _mlContext.Transforms.BalanceClasses("W", "Label").Append(Lbfgs("W"))];
        Assert.Equal(["L-BFGS", "L-BFGS, Balanced"], result.Candidates.TakeLast(2).Select(c => c.Name));
        foreach (var (candidate, estimator) in result.Candidates.TakeLast(2).Zip(estimators))
        {
            var folds = _mlContext.BinaryClassification.CrossValidateImbalanced(Gaussian, estimator, numberOfFolds: 5, seed: 0);
            Assert.Equal(folds.Mean(BinaryMetric.AveragePrecision), candidate.Mean, 1e-6);
            Assert.Equal(folds.Mean(BinaryMetric.LogLoss), candidate.OwnLogLoss, 1e-5);
            // Weights move all probabilities upwards, which a calibrator undoes.
            Assert.Equal(candidate.ClassWeighting is not null, candidate.IsRecalibrated);
            Assert.Equal(result.Candidates[^2].OwnLogLoss, candidate.LogLoss, .01);
        }
    }

    [Fact]
    public void The_model_is_that_of_the_options_with_the_threshold()
    {
        var result = Tune(Gaussian, Few());
        var again = _mlContext.BinaryClassification.Trainers.FocalSgd(result.TrainerOptions!).Fit(Gaussian);
        var model = Assert.IsType<BinaryPredictionTransformer<CalibratedModelParametersBase<LinearBinaryModelParameters, PlattCalibrator>>>(
            result.Model);
        Assert.Equal(again.Model.SubModel.Weights, model.Model.SubModel.Weights);
        Assert.Equal(again.Model.SubModel.Bias, model.Model.SubModel.Bias);
        Assert.True(result.IsThresholdInModel);
        Assert.All(
            Rows.Score(_mlContext, result.Model, Gaussian), row => Assert.Equal(row.Probability > result.Threshold!.Probability,
            row.PredictedLabel));
    }

    [Fact]
    public void Rows_out_of_fold_are_those_of_models_that_have_not_seen_them()
    {
        var data = Gaussian;
        var result = Tune(data, Few() with { ThresholdPolicy = ThresholdPolicy.ReachRecall(.7) });
        var rows = _mlContext.Data.CreateEnumerable<OutOfFoldRow>(result.OutOfFold, reuseRowObject: false).ToArray();
        Assert.Equal(Enumerable.Range(0, 900).Select(i => (long)i), rows.Select(row => row.Row));
        var splits = _mlContext.Data.StratifiedCrossValidationSplit(data, seed: 0);
        for (var fold = 0; fold < splits.Count; fold++)
        {
            var model = _mlContext.BinaryClassification.Trainers.FocalSgd(result.TrainerOptions!).Fit(splits[fold].TrainSet);
            var expected = Rows.Score(_mlContext, model, splits[fold].TestSet);
            var own = rows.Where(row => row.Fold == fold).ToArray();
            Assert.Equal(expected.Length, own.Length);
            foreach (var (one, other) in expected.Zip(own))
            {
                Assert.Equal(one.Label, other.Label);
                Assert.Equal(one.Probability, other.Probability, 5e-3);
            }
        }

        // It is what evaluation and thresholds read.
        var metrics = _mlContext.BinaryClassification.EvaluateImbalanced(result.OutOfFold, exampleWeightColumnName: "Weight");
        Assert.True(metrics.Recall >= .7);
        Assert.Equal(
            _mlContext.BinaryClassification.ChooseThreshold(result.OutOfFold, ThresholdPolicy.ReachRecall(.7)).Probability,
            result.Threshold!.Probability);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_result_does_not_depend_on_threads(bool isPrepared)
    {
        BinaryTuningResult Of(int threads) => Tune(Gaussian, new()
        {
            NumberOfThreads = threads,
            Gammas = [0, 1],
            Preparation = isPrepared ? _mlContext.Transforms.NormalizeMinMax("Features") : null,
        });
        var (one, four) = (Of(1), Of(4));
        Assert.Equal(
            one.Candidates.Select(c => (c.Name, c.Mean, c.LogLoss, c.DifferenceStandardError, c.DroppedAfter)),
            four.Candidates.Select(c => (c.Name, c.Mean, c.LogLoss, c.DifferenceStandardError, c.DroppedAfter)));
        Assert.Equal(one.Chosen.Name, four.Chosen.Name);
        Assert.Equal(one.Threshold!.Probability, four.Threshold!.Probability);
    }

    [Fact]
    public void Repeats_deal_the_rows_anew()
    {
        var options = Few() with { Races = false };
        var (once, twice) = (Tune(Gaussian, options), Tune(Gaussian, options with { NumberOfRepeats = 2 }));
        var second = Tune(Gaussian, options with { Seed = 1_000_003 });
        Assert.Equal(10, twice.FoldCount);
        Assert.NotEqual(once.Candidates[0].Mean, second.Candidates[0].Mean);
        Assert.All(Enumerable.Range(0, once.Candidates.Count), i => Assert.Equal(
            (once.Candidates[i].Mean + second.Candidates[i].Mean) / 2, twice.Candidates[i].Mean, 1e-9));
        Assert.Equal(900, twice.OutOfFold.GetRowCount());
    }

    [Fact]
    public void Example_weights_train_and_judge()
    {
        // A row that counts three times is not three rows, but judges as they would.
        var rows = Rows.Gaussian(600, positiveRate: .3);
        foreach (var row in rows)
            row.Weight = row.Label ? 3 : 1;
        var view = Rows.View(_mlContext, rows);
        var result = Tune(view, new()
        {
            Gammas = [0],
            ClassWeightings = [ClassWeighting.None],
            L2Regularizations = [.01],
            ExampleWeightColumnName = "Weight",
        });
        var folds = _mlContext.BinaryClassification.CrossValidateImbalanced(
            view, Trainer(result.Candidates[0], "Weight"), exampleWeightColumnName: "Weight", seed: 0);
        Assert.Equal(folds.Mean(BinaryMetric.AveragePrecision), result.Candidates[0].Mean, 1e-3);
        Assert.Equal(folds.Mean(BinaryMetric.LogLoss), result.Candidates[0].LogLoss, 1e-3);
        Assert.Equal("Weight", result.TrainerOptions!.ExampleWeightColumnName);
        // Without them it is another model.
        Assert.True(Math.Abs(Tune(view, new()
        {
            Gammas = [0],
            ClassWeightings = [ClassWeighting.None],
            L2Regularizations = [.01],
        }).Candidates[0].Mean - result.Candidates[0].Mean) > .02);
    }

    [Fact]
    public void Rows_that_lines_cannot_use_judge_no_one()
    {
        var rows = Rows.Gaussian(600, positiveRate: .3);
        for (var i = 0; i < 600; i += 20)
            rows[i].Features[1] = float.NaN;
        string? told = null;
        var result = Tune(Rows.View(_mlContext, rows), Few() with
        {
            Log = line => told = line,
            Candidates =
            [
                new("repaired", w => _mlContext.Transforms.ReplaceMissingValues("Features")
                    .Append(_mlContext.BinaryClassification.Trainers.LbfgsLogisticRegression(exampleWeightColumnName: w))),
            ],
        });
        Assert.Equal(30, result.RowsSkipped);
        Assert.Contains("30 rows", told, StringComparison.Ordinal);
        Assert.Equal(570, result.OutOfFold.GetRowCount());
        // Were it judged by other rows than it has scored, it would be at chance, .3.
        Assert.True(result.Candidates[^1].Mean > .75);
        // Each is counted once, though each fold is read anew.
        Assert.Equal(30, Tune(Rows.View(_mlContext, rows), Few() with
        {
            Preparation = _mlContext.Transforms.NormalizeMinMax("Features"),
        }).RowsSkipped);
        // Where the preparation repairs them, none is left out.
        Assert.Equal(0, Tune(Rows.View(_mlContext, rows), Few() with
        {
            Preparation = _mlContext.Transforms.ReplaceMissingValues("Features"),
        }).RowsSkipped);
    }

    [Fact]
    public void Data_that_changes_is_told()
        => Assert.Contains("The data has other rows than when it was split", Assert.Throws<InvalidOperationException>(
            () => Tune(Rows.Shifting(_mlContext, Rows.Gaussian(300, positiveRate: .3)), Few())).Message, StringComparison.Ordinal);

    [Fact]
    public void Gamma_0_without_weights_is_always_tried_and_stays_to_the_end()
    {
        var result = Tune(Gaussian, new() { Gammas = [5], ClassWeightings = [ClassWeighting.Balanced], L2Regularizations = [1e-3, 10] });
        TunedCandidate[] plain = [.. result.Candidates.Where(c => c.Gamma == 0 && c.ClassWeighting == ClassWeighting.None)];
        Assert.Equal(2, plain.Length);
        Assert.All(plain, c => Assert.Equal(5, c.FoldCount));
        Assert.Equal(8, result.Candidates.Count);
    }

    [Fact]
    public void Candidates_come_from_the_simplest_to_the_most_complex()
    {
        var result = Tune(Gaussian, new()
        {
            Gammas = [2, 0, 2],
            ClassWeightings = [ClassWeighting.Balanced, ClassWeighting.None],
            L2Regularizations = [.1, 1],
            Candidates = [new("other", w => _mlContext.BinaryClassification.Trainers.SdcaLogisticRegression(exampleWeightColumnName: w))],
        });
        Assert.Equal(
            [(0, "None", 1), (0, "None", .1), (0, "Balanced", 1), (0, "Balanced", .1), (2, "None", 1), (2, "None", .1), (2, "Balanced", 1),
                (2, "Balanced", .1)],
            result.Candidates.SkipLast(1).Select(c => (c.Gamma!.Value, c.ClassWeighting!.ToString(), c.L2Regularization!.Value)));
        Assert.Equal("other", result.Candidates[^1].Name);
    }

    [Fact]
    public void The_result_prints_at_80_columns_with_sentences()
    {
        var text = Tune(Gaussian, new()
        {
            Candidates = [new("a name that is far too long for a table of 80 columns", _ => throw new InvalidOperationException("No."))],
        }).ToString();
        Assert.All(text.Split('\n'), line => Assert.True(line.Length <= 80, line));
        Assert.Contains("Plain logistic regression", text, StringComparison.Ordinal);
        Assert.Contains("failed: No.", text, StringComparison.Ordinal);
        Assert.Single(text.Split('\n'), line => line.StartsWith('*'));
    }

    private static BinaryTuningOptions Few()
        => new() { Gammas = [0, 2], ClassWeightings = [ClassWeighting.None], L2Regularizations = [.01] };

    private BinaryTuningResult Tune(IDataView data, BinaryTuningOptions options)
        => _mlContext.BinaryClassification.TuneImbalanced(data, options);

    private FocalSgdBinaryTrainer Trainer(TunedCandidate candidate, string? weight = null)
        => _mlContext.BinaryClassification.Trainers.FocalSgd(new FocalSgdBinaryTrainer.Options
        {
            Gamma = candidate.Gamma!.Value,
            ClassWeighting = candidate.ClassWeighting!,
            L2Regularization = candidate.L2Regularization,
            ExampleWeightColumnName = weight,
            ConvergenceTolerance = 1e-7,
        });

    private sealed class OutOfFoldRow
    {
        public long Row { get; set; }

        public int Fold { get; set; }

        public bool Label { get; set; }

        public float Probability { get; set; }
    }
}

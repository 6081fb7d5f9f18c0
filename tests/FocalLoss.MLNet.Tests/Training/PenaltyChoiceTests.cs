using System.Diagnostics;
using FocalMlNet.Matrix;
using Microsoft.ML;

namespace FocalMlNet.Tests.Training;

/// <summary>What is chosen where no L2Regularization is given.</summary>
public sealed class PenaltyChoiceTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    /// <summary>Of so few rows and so many features, to choose takes many times as long as a pass.</summary>
    [Fact]
    public void The_rate_of_passes_does_not_count_what_the_choice_takes()
    {
        var view = Rows.View(_mlContext, Rows.Gaussian(2000, features: 100));
        var clock = Stopwatch.StartNew();
        double sinceFit = 0, told = 0;
        _mlContext.BinaryClassification.Trainers.FocalSgd(new FocalSgdBinaryTrainer.Options
        {
            Progress = new Immediate(progress =>
            {
                if (told == 0)
                    (sinceFit, told) = (clock.Elapsed.TotalSeconds, progress.Iteration * 2000 / progress.RowsPerSecond);
            }),
        }).Fit(view);
        Assert.InRange(told, 1e-9, sinceFit / 2);
    }

    [Fact]
    public void Features_of_pure_noise_cost_next_to_nothing()
    {
        // 200 rows of 40 features without meaning: with the penalty 1e-7 the log-loss of new rows is well above that of the class shares.
        double[] excess = [.. Enumerable.Range(0, 5).Select(seed =>
        {
            var random = new Random(seed);
            Row[] Noise(int count) => [.. Enumerable.Range(0, count).Select(_ => new Row
            {
                Label = random.NextDouble() < .2,
                Features = [.. Enumerable.Range(0, 40).Select(_ => (float)Rows.Normal(random))],
            })];
            var (train, test) = (Noise(200), Noise(5000));
            var share = train.Average(row => row.Label ? 1.0 : 0);
            var ofShares = test.Average(row => -Math.Log(row.Label ? share : 1 - share));
            Assert.True(LogLoss(Fit(train, new() { L2Regularization = 1e-7 }).Model, test) > 1.1 * ofShares);
            return LogLoss(Fit(train, new()).Model, test) / ofShares - 1;
        })];
        Assert.InRange(excess.Average(), -.01, .03);
    }

    [Fact]
    public void Many_rows_with_little_to_overfit_take_the_centre_of_the_prior()
    {
        // 10 features and the offset cost 11 / (2 n H) = 1.2 % of the entropy H = .0093 of .12 % positives. For γ = 0 the second derivative
        // of the log-loss is p (1 - p) at the constant score, and T is that times the summed variances.
        const int Count = 51_000, Positives = 60;
        var random = new Random(3);
        Row[] rows = [.. Enumerable.Range(0, Count).Select(i => new Row
        {
            Label = i < Positives,
            Features = [.. Enumerable.Range(0, 10).Select(j => (float)((j + 1) * Rows.Normal(random) + (i < Positives ? 1 : 0)))],
        })];
        var variances = Enumerable.Range(0, 10).Sum(j =>
        {
            var mean = rows.Average(row => (double)row.Features[j]);
            return rows.Average(row => (row.Features[j] - mean) * (row.Features[j] - mean));
        });
        var share = (double)Positives / Count;
        var expected = 2.0 / Count * share * (1 - share) * variances;
        Assert.Equal(1, Fit(rows, new() { Gamma = 0 }).Outcome.L2Regularization / expected, 1e-2);
    }

    /// <summary>
    /// As many features for the entropy, but these tell all: next to no loss is left, and the centre of the prior is a multiple of it.
    /// </summary>
    [Fact]
    public void Many_rows_whose_features_tell_all_get_less_penalty_than_that()
    {
        var random = new Random(4);
        Row[] Make(int count) => [.. Enumerable.Range(0, count).Select(_ =>
        {
            float[] features = [.. Enumerable.Range(0, 40).Select(_ => (float)Rows.Normal(random))];
            return new Row { Label = features[0] + features[1] > 3.3f, Features = features };
        })];
        var (train, test) = (Make(51_000), Make(10_000));
        var share = train.Average(row => row.Label ? 1.0 : 0);
        var (model, outcome) = Fit(train, new() { Gamma = 0 });
        var centre = 2.0 / train.Length * share * (1 - share) * 40;
        Assert.InRange(outcome.L2Regularization, 0, centre / 10);
        var ofCentre = Fit(train, new() { Gamma = 0, L2Regularization = centre }).Model;
        Assert.InRange(LogLoss(model, test) / LogLoss(ofCentre, test), 0, .5);
    }

    [Theory]
    [InlineData(1e-4f)]
    [InlineData(1e5f)]
    public void Multiplying_all_features_by_a_constant_changes_no_prediction(float factor)
    {
        var rows = Rows.Gaussian(400, features: 12);
        Row[] scaled = [.. rows.Select(row => new Row { Label = row.Label, Features = [.. row.Features.Select(x => factor * x)] })];
        var (one, other) = (Fit(rows, new()), Fit(scaled, new()));
        Assert.Equal(1, other.Outcome.L2Regularization / one.Outcome.L2Regularization / factor / factor, .01);
        var pairs = Probabilities(one.Model, rows).Zip(Probabilities(other.Model, scaled));
        Assert.All(pairs, pair => Assert.Equal(pair.First, pair.Second, 2e-3f));
    }

    /// <summary>With few rows and features that tell little, the choice depends on who is in which fold.</summary>
    [Theory]
    [InlineData(.3f)]
    [InlineData(1024)]
    [InlineData(1e5f)]
    public void Folds_of_few_rows_are_the_same_in_other_units(float factor)
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            Row[] rows = [.. Rows.Gaussian(80, features: 6, positiveRate: .3, seed).Select(
                row => new Row { Label = row.Label != random.NextDouble() < .3, Features = row.Features })];
            Row[] scaled = [.. rows.Select(row => new Row { Label = row.Label, Features = [.. row.Features.Select(x => factor * x)] })];
            var (one, other) = (Fit(rows, new()).Outcome, Fit(scaled, new()).Outcome);
            Assert.Equal(1, other.L2Regularization / one.L2Regularization / factor / factor, .01);
            Assert.Equal(1, other.Objective / one.Objective, 1e-3);
        }
    }

    [Fact]
    public void Rows_in_another_order_choose_the_same_penalty()
    {
        var rows = Rows.Gaussian(300, features: 8);
        Row[] shuffled = [.. rows];
        new Random(5).Shuffle(shuffled);
        Assert.Equal(1, Fit(shuffled, new()).Outcome.L2Regularization / Fit(rows, new()).Outcome.L2Regularization, 1e-3);
    }

    [Fact]
    public void Copies_of_a_row_are_in_one_fold()
    {
        var random = new Random(1);
        float[] values = [.. Enumerable.Range(0, 3 * 200).Select(_ => (float)Rows.Normal(random))];
        var block = new DenseBlock(
            values, 3, [.. Enumerable.Range(0, 200).Select(i => i % 4 == 0 ? 1f : 0)], [.. Enumerable.Repeat(1f, 200)]);
        int[] rows = [.. Enumerable.Range(0, 200).SelectMany(i => Enumerable.Repeat(i, i % 4 == 0 ? 5 : 1))];
        new Random(2).Shuffle(rows);
        var folds = new RowFolds([block.Select(rows, [.. rows.Select(_ => 1f)])], classCount: 2, new ParallelOptions());
        Assert.Equal([150, 50], folds.DistinctRows);
        var foldOf = folds.Deal(5)[0];
        Assert.All(rows.Zip(foldOf).GroupBy(pair => pair.First), copies => Assert.Single(copies.Select(pair => pair.Second).Distinct()));
        // 250 rows of class 1 in fives, 150 of class 0 one by one: as many in each fold.
        for (var fold = 0; fold < 5; fold++)
        {
            Assert.Equal(50, rows.Zip(foldOf).Count(pair => pair.Second == fold && pair.First % 4 == 0));
            Assert.Equal(30, rows.Zip(foldOf).Count(pair => pair.Second == fold && pair.First % 4 != 0));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Fewer_positives_than_folds_are_no_error(int positives)
    {
        var rows = Rows.Gaussian(120, features: 4, positiveRate: 0);
        for (var i = 0; i < positives; i++)
            rows[30 * i].Label = true;
        var (_, outcome) = Fit(rows, new());
        Assert.True(outcome.IsL2RegularizationChosen && outcome.IsConverged, outcome.ToString());
        Assert.InRange(outcome.L2Regularization, double.Epsilon, 1e6);
    }

    [Fact]
    public void Several_classes_with_rare_ones_and_with_weights_are_chosen_for()
    {
        // The last class has two rows, as the rarest of many public data sets have.
        var rows = MulticlassRows.Gaussian(400, 4).Where(row => row.Label < 3).ToArray();
        (rows[0].Label, rows[1].Label) = (3, 3);
        foreach (var formulation in Enum.GetValues<MulticlassFormulation>())
        {
            foreach (var weighting in new[] { ClassWeighting.None, ClassWeighting.Balanced })
            {
                FocalSgdOutcome? outcome = null;
                _mlContext.MulticlassClassification.Trainers.FocalSgd(new FocalSgdMulticlassTrainer.Options
                {
                    Formulation = formulation,
                    ClassWeighting = weighting,
                    Completed = own => outcome = own,
                }).Fit(MulticlassRows.View(_mlContext, rows, classCount: 4));
                Assert.True(outcome!.IsL2RegularizationChosen && outcome.IsConverged, outcome.ToString());
                Assert.True(outcome.L2Regularization > 0);
            }
        }
    }

    [Fact]
    public void What_is_given_is_kept_and_the_outcome_says_so()
    {
        var rows = Rows.Gaussian(500);
        var (_, given) = Fit(rows, new() { L2Regularization = .25 });
        Assert.Equal((.25, false, 500L, 0L), (given.L2Regularization, given.IsL2RegularizationChosen, given.RowCount, given.RowsSkipped));
        Assert.True(given.IsConverged);
        Assert.InRange(given.Gap!.Value, 0, 1e-4 * given.StartObjective);
        Assert.True(given.Objective < given.StartObjective);
        var (_, limited) = Fit(rows, new() { L2Regularization = 0, NumberOfIterations = 2 });
        Assert.Equal((2, null, false), (limited.Passes, limited.Gap, limited.IsConverged));
    }

    /// <summary>
    /// Of so many features rows are left out one by one; copies of a row leave together, or would each be known by the others.
    /// </summary>
    [Fact]
    public void Copies_of_rows_with_many_features_of_noise_do_not_judge_each_other()
    {
        var random = new Random(11);
        Row[] Noise(int count) => [.. Enumerable.Range(0, count).Select(_ => new Row
        {
            Label = random.NextDouble() < .3,
            Features = [.. Enumerable.Range(0, 200).Select(_ => (float)Rows.Normal(random))],
        })];
        var (once, test) = (Noise(300), Noise(4000));
        Row[] train = [.. Enumerable.Repeat(once, 4).SelectMany(rows => rows)];
        var share = train.Average(row => row.Label ? 1.0 : 0);
        var ofShares = test.Average(row => -Math.Log(row.Label ? share : 1 - share));
        Assert.InRange(LogLoss(Fit(train, new()).Model, test) / ofShares, .98, 1.04);
        Assert.True(LogLoss(Fit(train, new() { L2Regularization = 1e-4 }).Model, test) / ofShares > 1.2);
    }

    /// <summary>Where the choice has all rows in each fit, the last one begins there; it ends where one by itself does.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void A_fit_that_begins_where_the_choice_has_ended_ends_where_one_with_the_penalty_given_does(double gamma)
    {
        var rows = Noisy(Rows.Gaussian(1200, features: 150, positiveRate: .3));
        var chosen = Fit(rows, new() { Gamma = gamma }).Outcome;
        var given = Fit(rows, new() { Gamma = gamma, L2Regularization = chosen.L2Regularization }).Outcome;
        Assert.True(chosen.IsConverged && given.IsConverged);
        Assert.Equal(given.StartObjective, chosen.StartObjective, 1e-6);
        Assert.Equal(given.Objective, chosen.Objective, 1e-4 * given.StartObjective);
        Assert.InRange(chosen.Passes, 1, given.Passes - 1);
    }

    [Fact]
    public void With_early_stopping_a_fit_begins_at_the_start_however_near_the_choice_has_ended()
    {
        double? first = null;
        FocalSgdOutcome? outcome = null;
        _mlContext.BinaryClassification.Trainers.FocalSgd(new FocalSgdBinaryTrainer.Options
        {
            EarlyStopping = new EarlyStopping(),
            Progress = new Immediate(progress => first ??= progress.Objective),
            Completed = own => outcome = own,
        }).Fit(Rows.View(_mlContext, Noisy(Rows.Gaussian(1500, features: 150, positiveRate: .3))));
        Assert.Equal(outcome!.StartObjective, first!.Value, 1e-5);
    }

    [Fact]
    public void What_rows_with_many_features_choose_depends_on_no_order_unit_or_number_of_threads()
    {
        var rows = Noisy(Rows.Gaussian(1200, features: 150, positiveRate: .3));
        Row[] shuffled = [.. rows];
        new Random(5).Shuffle(shuffled);
        Row[] scaled = [.. rows.Select(row => new Row { Label = row.Label, Features = [.. row.Features.Select(x => 1024 * x)] })];
        var chosen = Fit(rows, new()).Outcome.L2Regularization;
        Assert.Equal(1, Fit(shuffled, new()).Outcome.L2Regularization / chosen, 1e-3);
        Assert.Equal(1, Fit(scaled, new()).Outcome.L2Regularization / chosen / 1024 / 1024, 1e-3);
        Assert.Equal(Weights(1), Weights(2));

        float[] Weights(int threads) => [.. _mlContext.BinaryClassification.Trainers
            .FocalSgd(new FocalSgdBinaryTrainer.Options { NumberOfThreads = threads }).Fit(Rows.View(_mlContext, rows))
            .Model.SubModel.Weights];
    }

    private static Row[] Noisy(Row[] rows)
    {
        var random = new Random(13);
        return [.. rows.Select(row => new Row { Label = row.Label != random.NextDouble() < .15, Features = row.Features })];
    }

    private (ITransformer Model, FocalSgdOutcome Outcome) Fit(Row[] rows, FocalSgdBinaryTrainer.Options options)
    {
        FocalSgdOutcome? outcome = null;
        var model = _mlContext.BinaryClassification.Trainers.FocalSgd(new FocalSgdBinaryTrainer.Options
        {
            Gamma = options.Gamma,
            L2Regularization = options.L2Regularization,
            NumberOfIterations = options.NumberOfIterations,
            Completed = own => outcome = own,
        }).Fit(Rows.View(_mlContext, rows));
        return (model, outcome!);
    }

    private float[] Probabilities(ITransformer model, Row[] rows)
        => [.. Rows.Score(_mlContext, model, Rows.View(_mlContext, rows)).Select(row => row.Probability)];

    private double LogLoss(ITransformer model, Row[] rows)
        => _mlContext.BinaryClassification.EvaluateImbalanced(model.Transform(Rows.View(_mlContext, rows))).LogLoss;
}


using FocalMlNet.Calibration;
using FocalMlNet.Matrix;
using FocalMlNet.Optimization;
using Microsoft.ML;

namespace FocalMlNet.Tests.Calibration;

public sealed class CalibrationTests
{
    private static readonly ParallelOptions Parallel = new() { MaxDegreeOfParallelism = 2 };

    private readonly MLContext _mlContext = new(seed: 1);

    [Theory]
    [InlineData(.1, 60_000)]
    [InlineData(.01, 60_000)]
    [InlineData(.001, 200_000)]
    public void Data_of_a_logistic_model_gets_the_probabilities_of_that_model(double rate, int count)
    {
        var (train, truth) = Logistic(count, rate);
        var prevalence = train.Average(row => row.Label ? 1.0 : 0);
        foreach (var weighting in new[] { ClassWeighting.None, ClassWeighting.Balanced })
        {
            var scored = Score(train, new() { ClassWeighting = weighting });
            Assert.Equal(1, scored.Average(row => (double)row.Probability) / prevalence, .001);
            Assert.InRange(LogLoss(scored) / LogLoss(train, truth), .98, 1.01);
            Assert.All(scored.Take(1000), row => Assert.Equal(1 / (1 + Math.Exp(-row.Score)), row.Probability, 1e-6));
            Assert.All(scored.Take(1000), row => Assert.Equal(row.Score > 0, row.PredictedLabel));
            var raw = Score(train, new() { ClassWeighting = weighting, Calibration = CalibrationMethod.None });
            Assert.True(LogLoss(raw) > 1.2 * LogLoss(train, truth));
        }
    }

    [Theory]
    [InlineData(CalibrationMethod.Focal)]
    [InlineData(CalibrationMethod.Platt)]
    public void It_changes_no_ranking(CalibrationMethod method)
    {
        var (train, _) = Logistic(5000, .1);
        var raw = Score(train, new() { Calibration = CalibrationMethod.None, EarlyStopping = new() });
        var calibrated = Score(train, new() { Calibration = method, EarlyStopping = new() });
        var order = Enumerable.Range(0, 500).OrderBy(i => raw[i].Score).Select(i => calibrated[i].Score).ToArray();
        Assert.All(order.Skip(1).Zip(order), pair => Assert.True(pair.First > pair.Second - 1e-4));
    }

    [Fact]
    public void Gamma_zero_without_weights_is_left_as_it_is()
    {
        var (train, _) = Logistic(3000, .1);
        Assert.Equal(
            Score(train, new() { Gamma = 0, Calibration = CalibrationMethod.None }).Select(row => row.Score),
            Score(train, new() { Gamma = 0 }).Select(row => row.Score));
    }

    [Fact]
    public void Gamma_zero_with_weights_is_corrected_to_logistic_regression()
    {
        var (train, truth) = Logistic(40_000, .02);
        var scored = Score(train, new() { Gamma = 0, Alpha = .9, ClassWeighting = ClassWeighting.Balanced });
        Assert.InRange(LogLoss(scored) / LogLoss(train, truth), .98, 1.005);
        var plain = Score(train, new() { Gamma = 0 });
        // The weights cost precision, so the scores agree on average only.
        Assert.Equal(0, scored.Zip(plain).Average(pair => (double)pair.First.Score - pair.Second.Score), .15);
    }

    [Fact]
    public void Example_weights_count_in_the_prevalence()
    {
        var (train, _) = Logistic(5000, .1);
        for (var i = 0; i < train.Length; i++)
            train[i].Weight = i % 3;
        var scored = Score(train, new() { ExampleWeightColumnName = "Weight", ClassWeighting = ClassWeighting.Balanced });
        var weight = train.Sum(row => (double)row.Weight);
        Assert.Equal(
            train.Sum(row => row.Label ? (double)row.Weight : 0) / weight,
            scored.Zip(train).Sum(pair => pair.Second.Weight * (double)pair.First.Probability) / weight, 1e-5);
    }

    [Fact]
    public void A_schedule_is_calibrated_for_its_last_gamma()
    {
        var (train, truth) = Logistic(20_000, .05);
        Assert.InRange(LogLoss(Score(train, new() { Gamma = GammaSchedule.Linear(0, 3) })) / LogLoss(train, truth), .97,
            1.01);
    }

    [Fact]
    public void Early_stopping_leaves_the_mean_probability_at_the_prevalence()
    {
        var (train, _) = Logistic(20_000, .05);
        var scored = Score(train, new() { EarlyStopping = new(), ClassWeighting = ClassWeighting.Balanced });
        Assert.Equal(1, scored.Average(row => (double)row.Probability) / train.Average(row => row.Label ? 1.0 : 0), .02);
    }

    [Theory]
    [InlineData(CalibrationMethod.Focal)]
    [InlineData(CalibrationMethod.Platt)]
    public void Separable_data_gets_finite_scores_and_probabilities(CalibrationMethod method)
    {
        var rows = Rows.Gaussian(500);
        foreach (var row in rows)
            row.Features[0] = row.Label ? 5 : -5;
        foreach (var row in Score(
            rows, new() { L2Regularization = 0, ConvergenceTolerance = 0, ClassWeighting = ClassWeighting.Balanced, Calibration = method }))
        {
            Assert.True(float.IsFinite(row.Score));
            // Platt's targets are (n + 1) / (n + 2) of n held-out rows, of which there are 5 of the positives.
            Assert.Equal(row.Label ? 1 : 0, row.Probability, method == CalibrationMethod.Platt ? 1 / 7f + 1e-3f : .05f);
        }
    }

    [Fact]
    public void Streamed_data_gets_the_same_model_to_the_bit_and_so_does_any_number_of_threads()
    {
        var view = Rows.View(_mlContext, Logistic(20_000, .1).Train);
        float[] Model(FocalSgdBinaryTrainer.Options options)
        {
            var model = _mlContext.BinaryClassification.Trainers.FocalSgd(options).Fit(view).Model.SubModel;
            return [.. model.Weights, model.Bias];
        }

        var expected = Model(new() { ClassWeighting = ClassWeighting.Balanced, NumberOfThreads = 1 });
        Assert.Equal(expected, Model(new() { ClassWeighting = ClassWeighting.Balanced, NumberOfThreads = 3 }));
        Assert.Equal(expected, Model(new() { ClassWeighting = ClassWeighting.Balanced, MemoryBudget = 100_000 }));
    }

    [Fact]
    public void Platt_scaling_finds_the_probabilities_too()
    {
        var (train, truth) = Logistic(60_000, .1);
        var scored = Score(train, new() { Calibration = CalibrationMethod.Platt, ClassWeighting = ClassWeighting.Balanced });
        Assert.InRange(LogLoss(scored) / LogLoss(train, truth), .98, 1.01);
        Assert.Equal(1, scored.Average(row => (double)row.Probability) / train.Average(row => row.Label ? 1.0 : 0), .03);
    }

    [Fact]
    public void Platt_scaling_without_any_held_out_row_is_refused_for_that_and_not_for_its_scores()
    {
        var messages = Enumerable.Range(0, 20).Select(seed => Record.Exception(
            () => Score(Rows.Gaussian(4), new() { Calibration = CalibrationMethod.Platt, Seed = seed }))?.Message).ToArray();
        Assert.Contains(messages, message => message?.StartsWith(
            "Calibration = Platt holds out 0 rows of class true and 0 others", StringComparison.Ordinal) == true);
        Assert.DoesNotContain(messages, message => message?.Contains("not finite", StringComparison.Ordinal) == true);
    }

    [Fact]
    public void Platt_scaling_without_a_held_out_positive_is_refused()
    {
        var rows = Rows.Gaussian(100);
        for (var i = 0; i < rows.Length; i++)
            rows[i].Label = i is 0 or 50;
        var error = Assert.Throws<InvalidOperationException>(() => Score(rows, new() { Calibration = CalibrationMethod.Platt, Seed = 2 }));
        Assert.StartsWith("Calibration = Platt holds out 0 rows of class true and", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_that_is_continued_is_taken_for_a_calibrated_one()
    {
        var (train, _) = Logistic(5000, .1);
        var view = Rows.View(_mlContext, train);
        var data = TrainingData.Read(new RowReader(view, "Label", "Features", null), long.MaxValue);
        var curve = new FocalPosterior(2, .9);
        var raw = new LinearModel([[.5f, -.3f, .2f]], [-.7f]);
        var back = ScoreCalibration.Undo(ScoreCalibration.Focal(raw, [curve], data, Parallel), curve, data, Parallel);
        // The prevalence is not that of these weights, so the intercept moves; the direction and its length come back.
        Assert.All(raw.Coefficients[0].Zip(back.Coefficients[0]), pair => Assert.Equal(1, pair.Second / pair.First, .05));
    }

    [Fact]
    public void Several_classes_get_the_probabilities_of_the_model_they_come_from()
    {
        var rows = Three(30_000);
        var view = MulticlassRows.View(_mlContext, rows);
        var truth = rows.Average(row => -Math.Log(Truth(row.Features)[row.Label]));
        foreach (var formulation in Enum.GetValues<MulticlassFormulation>())
        {
            double Loss(CalibrationMethod method)
                => _mlContext.MulticlassClassification.Evaluate(_mlContext.MulticlassClassification.Trainers
                .FocalSgd(new FocalSgdMulticlassTrainer.Options
                {
                    Formulation = formulation,
                    ClassWeighting = ClassWeighting.Balanced,
                    Calibration = method
                })
                .Fit(view).Transform(view)).LogLoss;
            var bar = formulation == MulticlassFormulation.Softmax ? 1.01 : 1.05;
            Assert.InRange(Loss(CalibrationMethod.Focal) / truth, .98, bar);
            Assert.InRange(Loss(CalibrationMethod.Platt) / truth, .98, bar);
            Assert.True(Loss(CalibrationMethod.None) / truth > 1.2);
        }
    }

    /// <summary>Rows of a logistic model with three features, and its log-odds.</summary>
    private static (Row[] Train, double[] Truth) Logistic(int count, double rate)
    {
        var random = new Random(3);
        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        var (rows, truth) = (new Row[count], new double[count]);
        for (var i = 0; i < count; i++)
        {
            float[] x = [(float)Normal(), (float)Normal(), (float)Normal()];
            truth[i] = x[0] - .7 * x[1] + Math.Log(rate / (1 - rate)) - .7;
            rows[i] = new Row { Features = x, Label = random.NextDouble() < 1 / (1 + Math.Exp(-truth[i])) };
        }

        return (rows, truth);
    }

    private static MulticlassRow[] Three(int count)
    {
        var random = new Random(4);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            float[] x = [(float)(4 * random.NextDouble() - 2), (float)(4 * random.NextDouble() - 2)];
            var p = Truth(x);
            var u = random.NextDouble();
            return new MulticlassRow { Features = x, Label = u < p[0] ? 0u : u < p[0] + p[1] ? 1u : 2u };
        })];
    }

    private static double[] Truth(float[] x)
    {
        double[] e = [1, Math.Exp(x[0] - x[1] - 2), Math.Exp(.8 * x[1] - 3.5)];
        return [.. e.Select(v => v / e.Sum())];
    }

    private static double LogLoss(Scored[] rows)
        => rows.Average(row => -Math.Log(row.Label ? row.Probability : 1 - row.Probability));

    private static double LogLoss(Row[] rows, double[] logOdds)
        => rows.Zip(logOdds).Average(pair => Math.Log(1 + Math.Exp(pair.First.Label ? -pair.Second : pair.Second)));

    private Scored[] Score(Row[] rows, FocalSgdBinaryTrainer.Options options)
    {
        var view = Rows.View(_mlContext, rows);
        return Rows.Score(_mlContext, _mlContext.BinaryClassification.Trainers.FocalSgd(options).Fit(view), view);
    }
}

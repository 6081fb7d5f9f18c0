using FocalMlNet.Matrix;
using Microsoft.ML;

namespace FocalMlNet.Tests.Training;

/// <summary>What early stopping keeps, and what is told of it.</summary>
public sealed class EarlyStoppingTests
{
    private readonly MLContext _mlContext = new(1);

    /// <summary>
    /// Log-loss is least at γ = 0, where the schedule begins. A model from there has scores that are log-odds already; made log-odds once
    /// more, as if it were of γ = 3, it is sure of too much.
    /// </summary>
    [Theory]
    [InlineData(null)]
    [InlineData(.5)]
    public void On_the_way_to_the_last_gamma_no_model_is_kept(double? learningRate)
    {
        var rows = Rows.Gaussian(8000, positiveRate: .2);
        double LogLoss(GammaSchedule gamma)
        {
            var view = Rows.View(_mlContext, rows);
            var model = _mlContext.BinaryClassification.Trainers.FocalSgd(new FocalSgdBinaryTrainer.Options
            {
                Gamma = gamma,
                LearningRate = learningRate,
                L2Regularization = 1e-5,
                NumberOfIterations = 40,
                EarlyStopping = new() { Metric = EarlyStoppingMetric.LogLoss, Patience = 40 },
            }).Fit(view);
            return Rows.Score(_mlContext, model, view)
                .Average(row => -Math.Log(Math.Max(1e-7, row.Label ? row.Probability : 1 - (double)row.Probability)));
        }

        Assert.InRange(LogLoss(GammaSchedule.Linear(0, 3)) / LogLoss(3), .98, 1.02);
    }

    /// <summary>Many features without meaning: the model that does best on the held-out rows is not the last.</summary>
    [Theory]
    [InlineData(null, 0.0)]
    [InlineData(null, 2.0)]
    [InlineData(.2, 0.0)]
    public void The_outcome_is_that_of_the_model_that_is_kept(double? learningRate, double firstGamma)
    {
        const double Penalty = 1e-6;
        var rows = Rows.Gaussian(400, features: 60, positiveRate: .3);
        FocalSgdOutcome? outcome = null;
        List<double> way = [];
        var model = _mlContext.BinaryClassification.Trainers.FocalSgd(new FocalSgdBinaryTrainer.Options
        {
            Gamma = GammaSchedule.Linear(firstGamma, 2),
            LearningRate = learningRate,
            L2Regularization = Penalty,
            ConvergenceTolerance = 1e-9,
            Calibration = CalibrationMethod.None,
            EarlyStopping = new() { Patience = 3, HoldOutShare = .2 },
            Seed = 4,
            Progress = new Immediate(progress => way.Add(progress.Objective)),
            Completed = found => outcome = found,
        }).Fit(Rows.View(_mlContext, rows)).Model.SubModel;
        var holdOut = new HoldOut(.2, seed: 4, classCount: 2);
        Row[] trained = [.. rows.Where(row => !holdOut.Takes(row.Label ? 1 : 0))];
        var expected = trained.Average(Loss) + Penalty / 2 * model.Weights.Sum(w => (double)w * w);
        Assert.Equal(expected, outcome!.Objective, 1e-6 * expected);
        Assert.NotEqual(way[^1], outcome.Objective);
        Assert.Null(outcome.Gap);
        Assert.Equal(trained.Length, outcome.RowCount);

        double Loss(Row row)
        {
            var score = model.Bias + row.Features.Zip(model.Weights).Sum(pair => (double)pair.First * pair.Second);
            var p = 1 / (1 + Math.Exp(row.Label ? -score : score));
            return -(1 - p) * (1 - p) * Math.Log(p);
        }
    }

    [Fact]
    public void The_gap_is_told_where_the_last_model_is_the_best()
    {
        FocalSgdOutcome? outcome = null;
        _mlContext.BinaryClassification.Trainers.FocalSgd(new FocalSgdBinaryTrainer.Options
        {
            L2Regularization = 1e-3,
            EarlyStopping = new() { Metric = EarlyStoppingMetric.LogLoss, Patience = 50 },
            Gamma = 0,
            Completed = found => outcome = found,
        }).Fit(Rows.View(_mlContext, Rows.Gaussian(20_000)));
        Assert.True(outcome!.IsConverged);
    }
}

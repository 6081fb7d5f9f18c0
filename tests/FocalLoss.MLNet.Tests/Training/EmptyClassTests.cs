using Microsoft.ML;

namespace FocalMlNet.Tests.Training;

/// <summary>Classes of the label's key that no row is of: the lower their scores the better, so that they have no minimum.</summary>
public sealed class EmptyClassTests
{
    private const int Classes = 5;

    /// <summary>What 20 below the mean of the other scores is at most.</summary>
    private const float Nothing = 2.1e-9f;

    /// <summary>The place of each of three classes among five.</summary>
    private static readonly uint[] Places = [1, 2, 4];

    private readonly MLContext _mlContext = new(seed: 1);

    public static TheoryData<MulticlassFormulation, FocalSgdMulticlassTrainer.Options> Cases => new(
        from formulation in Enum.GetValues<MulticlassFormulation>()
        from options in (FocalSgdMulticlassTrainer.Options[])
        [
            new(), new() { Gamma = 0, L2Regularization = 0 }, new() { ClassWeighting = ClassWeighting.Balanced, L2Regularization = 1e-3 },
            new() { Gamma = GammaSchedule.Linear(0, 5), Calibration = CalibrationMethod.None },
            new() { LearningRate = .1, NumberOfIterations = 5, L2Regularization = 1e-4 },
        ]
        select (formulation, options));

    [Theory]
    [MemberData(nameof(Cases), DisableDiscoveryEnumeration = true)]
    public void The_others_are_fitted_as_if_it_were_not_there(
        MulticlassFormulation formulation, FocalSgdMulticlassTrainer.Options options)
    {
        var rows = MulticlassRows.Gaussian(600, classes: 3);
        var (alone, aloneScores) = Fit(rows, 3, options with { Formulation = formulation }, rows);
        var (outcome, scores) = Fit(Placed(rows), Classes, options with { Formulation = formulation }, rows);
        Assert.Equal(options.LearningRate is null, outcome.IsConverged);
        Assert.InRange(outcome.Passes, alone.Passes - 1, alone.Passes + 1);
        Assert.Equal(alone.L2Regularization, outcome.L2Regularization, 1e-6 * alone.L2Regularization);
        Assert.Equal(alone.Objective, outcome.Objective, 1e-6 * alone.Objective);
        Assert.All(aloneScores.Zip(scores), pair =>
        {
            Assert.All(pair.First.Zip(Places), own => Assert.Equal(own.First, pair.Second[own.Second], 1e-5f));
            Assert.InRange(Math.Max(pair.Second[0], pair.Second[3]), 0, Nothing);
        });
    }

    /// <summary>A weight of 0 leaves the rows of a class out.</summary>
    [Theory]
    [InlineData(MulticlassFormulation.Softmax)]
    [InlineData(MulticlassFormulation.OneVersusAll)]
    public void A_class_of_weight_0_keeps_no_fit_from_its_end(MulticlassFormulation formulation)
    {
        foreach (var gamma in new[] { 0, .5, 2, 5 })
        {
            var rows = MulticlassRows.Gaussian(400, classes: 6, seed: 3);
            var (outcome, scores) = Fit(rows, 6, new()
            {
                Formulation = formulation,
                Gamma = gamma,
                ClassWeighting = ClassWeighting.Custom(1, 0, 2, 1, 0, 5),
                L2Regularization = 1e-4,
            }, rows);
            Assert.True(outcome.IsConverged, outcome.ToString());
            Assert.All(scores, row => Assert.InRange(Math.Max(row[1], row[4]), 0, Nothing));
        }
    }

    /// <summary>Platt scaling shrinks the scores of a model that knows only its own rows, and must not raise what is lowest.</summary>
    [Theory]
    [InlineData(MulticlassFormulation.Softmax)]
    [InlineData(MulticlassFormulation.OneVersusAll)]
    public void Scaling_does_not_raise_it(MulticlassFormulation formulation)
    {
        var random = new Random(5);
        MulticlassRow[] rows = [.. Enumerable.Range(0, 400).Select(i => new MulticlassRow
        {
            Label = (uint)(i % 3), Features = [.. Enumerable.Range(0, 60).Select(_ => (float)Rows.Normal(random))],
        })];
        var (_, scores) = Fit(Placed(rows), Classes, new()
        {
            Formulation = formulation,
            Calibration = CalibrationMethod.Platt,
            L2Regularization = 0,
        }, rows);
        Assert.All(scores, row => Assert.InRange(Math.Max(row[0], row[3]), 0, Nothing));
    }

    private static MulticlassRow[] Placed(MulticlassRow[] rows)
        => [.. rows.Select(row => new MulticlassRow { Label = Places[row.Label], Features = row.Features })];

    private (FocalSgdOutcome Outcome, float[][] Scores) Fit(
        MulticlassRow[] rows, int classes, FocalSgdMulticlassTrainer.Options options, MulticlassRow[] judged)
    {
        FocalSgdOutcome? outcome = null;
        var model = _mlContext.MulticlassClassification.Trainers.FocalSgd(options with { Completed = end => outcome = end })
            .Fit(MulticlassRows.View(_mlContext, rows, classes));
        var scored = MulticlassRows.Score(_mlContext, model, MulticlassRows.View(_mlContext, judged, classes));
        return (outcome!, [.. scored.Select(row => row.Score)]);
    }
}

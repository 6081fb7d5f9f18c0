
using Microsoft.ML;

namespace FocalMlNet.Tests.Training;

/// <summary>Small data sets whose minimum is known by hand, with a row, a unit or a difference that hides it.</summary>
public sealed class FarRowTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    /// <summary>
    /// Two values of the feature with 10 rows each, 2 and 8 of them positive: the probabilities there are .2 and .8, whatever one row of
    /// its own does far out, since it is as good as certain by then.
    /// </summary>
    [Theory]
    [InlineData(5000, 0, null)]
    [InlineData(5000, 2, null)]
    [InlineData(40_000, 0, null)]
    [InlineData(-40_000, 0, null)]
    [InlineData(1e6f, 0, null)]
    [InlineData(1e6f, 2, null)]
    [InlineData(40_000, 0, MulticlassFormulation.OneVersusAll)]
    [InlineData(40_000, 0, MulticlassFormulation.Softmax)]
    public void One_row_far_out_does_not_hide_the_others(float x, double gamma, MulticlassFormulation? formulation)
    {
        var rows = new List<(float X, bool Label)> { (x, x > 0) };
        rows.AddRange(Enumerable.Range(0, 10).Select(i => (-1f, i < 2)));
        rows.AddRange(Enumerable.Range(0, 10).Select(i => (1f, i < 8)));
        var found = new Dictionary<float, double>();
        if (formulation is { } own)
        {
            var view = MulticlassRows.View(
                _mlContext, [.. rows.Select(row => new MulticlassRow { Label = row.Label ? 1u : 0, Features = [row.X] })], classCount: 2);
            var model = _mlContext.MulticlassClassification.Trainers.FocalSgd(
                new FocalSgdMulticlassTrainer.Options { Gamma = gamma, L2Regularization = 1e-7, Formulation = own }).Fit(view);
            foreach (var (row, scored) in rows.Zip(MulticlassRows.Score(_mlContext, model, view)))
                found[row.X] = scored.Score[1];
        }
        else
        {
            var view = Rows.View(_mlContext, [.. rows.Select(row => new Row { Label = row.Label, Features = [row.X] })]);
            var model = _mlContext.BinaryClassification.Trainers.FocalSgd(
                new FocalSgdBinaryTrainer.Options { Gamma = gamma, L2Regularization = 1e-7 }).Fit(view);
            foreach (var (row, scored) in rows.Zip(Rows.Score(_mlContext, model, view)))
                found[row.X] = scored.Probability;
        }

        Assert.Equal(.2, found[-1], .01);
        Assert.Equal(.8, found[1], .01);
    }

    /// <summary>
    /// Classes that a line divides have a loss of 0 as their minimum without a penalty, far away: what a model still has is its gap.
    /// </summary>
    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void Where_a_line_divides_the_classes_the_gap_is_the_whole_objective(double gamma)
    {
        var converged = 0;
        for (var seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            Row[] rows = [.. Enumerable.Range(0, 60).Select(i =>
            {
                var x = (float)((i % 5 == 0 ? 1 : -1) * (.1 + Math.Pow(10, 3 * random.NextDouble() - 1.5)));
                return new Row { Label = x > 0, Features = [x, (float)Rows.Normal(random)] };
            })];
            FocalSgdOutcome? outcome = null;
            _mlContext.BinaryClassification.Trainers.FocalSgd(new FocalSgdBinaryTrainer.Options
            {
                Gamma = gamma,
                L2Regularization = 0,
                ConvergenceTolerance = new[] { .1, .03, .01 }[seed % 3],
                Completed = found => outcome = found,
            }).Fit(Rows.View(_mlContext, rows));
            if (!outcome!.IsConverged)
                continue;
            converged++;
            Assert.InRange(outcome.Gap!.Value, outcome.Objective * .999, double.MaxValue);
        }

        Assert.InRange(converged, 30, 60);
    }

    [Fact]
    public void A_column_in_small_units_hides_no_other()
    {
        var random = new Random(1);
        var rows = Enumerable.Range(0, 2000).Select(_ =>
        {
            var z = Rows.Normal(random);
            return new Row
            {
                Label = random.NextDouble() < 1 / (1 + Math.Exp(-3 * z)),
                Features = [(float)z, (float)(1e-7 * Rows.Normal(random))],
            };
        }).ToArray();
        var view = Rows.View(_mlContext, rows);
        var model = _mlContext.BinaryClassification.Trainers.FocalSgd(
            new FocalSgdBinaryTrainer.Options { Gamma = 0, L2Regularization = 1e-7 }).Fit(view);
        // The slope that made the labels; its standard error is about .13.
        Assert.Equal(3, model.Model.SubModel.Weights[0], .5);
    }

    [Fact]
    public void A_column_that_single_precision_cannot_hold_is_named_in_the_log()
    {
        var random = new Random(1);
        Row[] rows = [.. Enumerable.Range(0, 200).Select(i => new Row
        {
            Label = i % 3 == 0,
            Features = [(float)Rows.Normal(random), (float)(1e-40 * Rows.Normal(random)), 7],
        })];
        List<string> lines = [];
        _mlContext.BinaryClassification.Trainers.FocalSgd(new FocalSgdBinaryTrainer.Options { Log = lines.Add })
            .Fit(Rows.View(_mlContext, rows));
        // The column that is constant is no one's loss.
        Assert.Contains(
            "1 of the features in 'Features' vary by less than about 1e-38, too little for single precision: they have weight 0. "
            + "Multiply them by a constant.", lines);
    }

    [Fact]
    public void Nearly_equal_columns_are_told_apart()
    {
        var random = new Random(2);
        var rows = Enumerable.Range(0, 2000).Select(_ =>
        {
            var (x, c) = ((float)Rows.Normal(random), Rows.Normal(random));
            return new Row { Label = random.NextDouble() < 1 / (1 + Math.Exp(-4 * c)), Features = [x, (float)(x + 1e-4 * c)] };
        }).ToArray();
        var view = Rows.View(_mlContext, rows);
        var model = _mlContext.BinaryClassification.Trainers.FocalSgd(new FocalSgdBinaryTrainer.Options { Gamma = 0, L2Regularization = 0 })
            .Fit(view);
        // Of the score 4 c that made the labels: E[...] over c ~ N(0, 1) is .93.
        Assert.InRange(_mlContext.BinaryClassification.EvaluateImbalanced(model.Transform(view)).AreaUnderRocCurve, .90, 1);
    }
}

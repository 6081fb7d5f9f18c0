using FocalMlNet.Matrix;
using FocalMlNet.Optimization;
using FocalMlNet.Training;

namespace FocalMlNet.Tests.Optimization;

/// <summary>Scores of rows that are left out one by one, beside those of a plain Newton method that was given the other rows.</summary>
public sealed class LeaveOneOutTests
{
    private const int Count = 120;
    private const int Features = 8;
    private static readonly ParallelOptions Parallel = new() { MaxDegreeOfParallelism = 2 };

    /// <summary>A score changes by up to some tenths; the step that stands for a fit is off by a share of that.</summary>
    [Theory]
    [InlineData(0, 1e-2, 1)]
    [InlineData(0, 1e-4, 1)]
    [InlineData(2, 1e-2, 1)]
    [InlineData(2, 1e-4, 1)]
    [InlineData(0, 1e-3, 3)]
    [InlineData(2, 1e-3, 3)]
    public void Scores_are_those_of_fits_without_the_row(double gamma, double penalty, int copies)
    {
        var rows = Rows.Gaussian(Count, Features, positiveRate: .3, seed: 4);
        var random = new Random(7);
        foreach (var row in rows)
        {
            row.Label ^= random.NextDouble() < .1;
            row.Features = [.. row.Features.Select((x, j) => x * MathF.Pow(3, j - 2) + j)];
        }

        RowBlock Weighed(float weight) => Block([.. rows.Select(row => row.Features)], [.. rows.Select(row => row.Label ? 1f : 0)], weight);
        // Copies of a row leave together.
        var (model, changes) = Changes(
            new FocalObjective(new FocalLoss(gamma), 1, 1), [.. Enumerable.Range(0, copies).Select(_ => Weighed(1))], Weighed(copies),
            penalty, 2);
        double largest = 0;
        for (var left = 0; left < Count; left++)
        {
            Row[] others = [.. rows.Where((_, i) => i != left)];
            // The penalty stays what it is to the sum of the losses.
            var plain = new PlainNewton(others, gamma, penalty * Count / (Count - 1));
            var (weights, bias) = plain.Minimize([.. model.Coefficients[0].Select(w => (double)w)], model.Offsets[0]);
            var x = rows[left].Features;
            var exact = bias - model.Offsets[0] + weights.Select((w, j) => (w - model.Coefficients[0][j]) * x[j]).Sum();
            Assert.Equal(exact, changes[0][left], 2e-3 + .12 * Math.Abs(exact));
            largest = Math.Max(largest, Math.Abs(exact));
        }

        Assert.InRange(largest, .05, 2);
    }

    /// <summary>Outputs that do not depend on each other: each is as it would be by itself.</summary>
    [Fact]
    public void Of_several_outputs_each_changes_as_it_would_by_itself()
    {
        const int Classes = 3;
        var several = MulticlassRows.Gaussian(Count, Classes);
        RowBlock Labelled(Func<uint, float> label)
            => Block([.. several.Select(row => row.Features)], [.. several.Select(row => label(row.Label))], 1);
        var all = Labelled(label => label);
        var (_, together) = Changes(new OneVersusAllFocalObjective([2, 2, 2], [1, 1, 1]), [all], all, 1e-3, Classes);
        for (var k = 0; k < Classes; k++)
        {
            var own = Labelled(label => label == k ? 1 : 0);
            var (_, alone) = Changes(new FocalObjective(new FocalLoss(2), 1, 1), [own], own, 1e-3, 2);
            Assert.All(alone[0].Zip(together[k]), pair => Assert.Equal(pair.First, pair.Second, 1e-3 + 1e-2 * Math.Abs(pair.First)));
        }
    }

    [Fact]
    public void An_output_that_has_no_minimum_stays_and_the_others_change_as_without_it()
    {
        var rows = MulticlassRows.Gaussian(Count, classes: 2);
        RowBlock Labelled(uint times)
            => Block([.. rows.Select(row => row.Features)], [.. rows.Select(row => (float)(times * row.Label))], 1);
        var (few, changesOfFew) = Changes(new OneVersusAllFocalObjective([2, 2], [1, 1]), [Labelled(1)], Labelled(1), 1e-3, 2);
        var (all, changes) = Changes(new OneVersusAllFocalObjective([2, 2, 2], [1, 1, 1]), [Labelled(2)], Labelled(2), 1e-3, 3);
        Assert.Equal((few.Offsets[0], 0, few.Offsets[1]), (all.Offsets[0], all.Offsets[1], all.Offsets[2]));
        Assert.Equal([changesOfFew[0], new float[Count], changesOfFew[1]], changes);
    }

    private static (LinearModel Model, float[][] Changes) Changes(
        IObjective objective, RowBlock[] train, RowBlock leftOut, double penalty, int classes)
    {
        var minima = new PenaltyMinima(
            new RowMatrix(TrainingData.Of(train, classes), Parallel), objective,
            LinearModel.Constant(leftOut.ColumnCount, new float[objective.OutputCount]),
            new SolverSettings(200, 1e-10, null, 0, true, 0, Parallel), unseenGap: 0);
        var model = minima.At(penalty);
        float[][] changes = [.. model.Offsets.Select(_ => new float[leftOut.RowCount])];
        new LeaveOneOut([leftOut], objective, Parallel).Add(model, minima, [.. model.Offsets.Select(_ => 1.0)], changes);
        return (model, changes);
    }

    private static DenseBlock Block(float[][] rows, float[] labels, float weight)
        => new([.. Enumerable.Range(0, rows[0].Length).SelectMany(j => rows.Select(row => row[j]))], rows[0].Length, labels,
            [.. rows.Select(_ => weight)]);
}

using FocalMlNet.Matrix;
using FocalMlNet.Optimization;
using FocalMlNet.Training;

namespace FocalMlNet.Tests.Optimization;

public sealed class ScaledObjectiveTests
{
    /// <summary>The rows are not asked again; the column of scale 0 keeps what it has, and a bias has no penalty.</summary>
    [Theory]
    [InlineData(1, 0, .3)]
    [InlineData(1, .3, 0)]
    [InlineData(1, 10, 1e-6)]
    [InlineData(2, .3, .3)]
    [InlineData(2, 1e-6, 10)]
    [InlineData(3, 10, .01)]
    public void What_is_known_under_another_penalty_is_what_an_evaluation_under_this_one_finds(int outputs, double other, double penalty)
    {
        var blocks = RandomBlocks.Of(5, false, 1, 300, 70);
        var rows = new RowMatrix(TrainingData.Of(blocks, 3), new ParallelOptions());
        var scaling = new Scaling([.1, 0, -3, 0, 2], [1, 20, .5, 0, .01], outputs);
        IObjective objective = outputs == 1 ? new FocalObjective(new FocalLoss(2), 1, 3)
            : new SoftmaxFocalObjective(2, [.. Enumerable.Range(1, outputs).Select(k => (double)k)]);
        var random = new Random(outputs);
        double[] point = [.. Enumerable.Range(0, scaling.Size).Select(_ => Rows.Normal(random))];
        var before = SolverState.At(point, Under(other).Evaluate) with { Calls = 7 };
        var (value, gradient) = (before.Value, before.Gradient.ToArray());

        var found = Under(penalty).FromPenalty(before, other);
        var expected = SolverState.At(point, Under(penalty).Evaluate);
        Assert.Equal(expected.Value, found.Value, 1e-12 * Math.Max(value, expected.Value));
        var largest = Math.Max(gradient.Max(Math.Abs), expected.Gradient.Max(Math.Abs));
        for (var at = 0; at < point.Length; at++)
            Assert.Equal(expected.Gradient[at], found.Gradient[at], 1e-12 * largest);
        Assert.Equal(point, found.Point);
        Assert.Equal(7, found.Calls);
        // What was known is as it was.
        Assert.Equal(value, before.Value);
        Assert.Equal(gradient, before.Gradient);

        ScaledObjective Under(double own) => new(objective, rows, rows.LabelWeights.Sum(), scaling, own);
    }
}

using FocalMlNet.Matrix;
using FocalMlNet.Optimization;
using FocalMlNet.Training;

namespace FocalMlNet.Tests.Optimization;

public sealed class FarRowsTests
{
    private const double Bound = 1;
    private const int Columns = 4;

    /// <summary>
    /// Each step takes more rows out. Whoever asks for its changes before, once or twice, gets the same as who does not, and what has been
    /// asked for before rows were taken out does not stay.
    /// </summary>
    [Theory]
    [InlineData(1, 0)]
    [InlineData(1, 1)]
    [InlineData(1, 2)]
    [InlineData(2, 2)]
    [InlineData(3, 0)]
    [InlineData(3, 2)]
    public void Weights_and_changes_are_those_of_plain_loops_step_after_step(int outputs, int timesAsked)
    {
        var block = RandomBlocks.Of(Columns, false, 1, 200)[0];
        var (far, weights) = (new FarRows(Bound), block.Weights.ToArray());
        var random = new Random(outputs);
        for (var round = 0; round < 4; round++)
        {
            var (step, before) = (Step(outputs, random), weights.ToArray());
            var changes = Changes(block, step, weights);
            // None is so near to the bound that rounding decides.
            Assert.All(changes, change => Assert.False(Math.Abs(change - Bound) < 1e-5));
            for (var time = 0; time < timesAsked; time++)
                Assert.Equal(changes.Max(), far.LargestChange(block, step), 1e-5);
            far.Add(step);
            for (var i = 0; i < weights.Length; i++)
                weights[i] = changes[i] > Bound ? 0 : weights[i];
            Assert.InRange(weights.Count(weight => weight > 0), 20, before.Count(weight => weight > 0) - 1);
            Assert.Equal(weights, FarRows.Weights(far, block).ToArray());
            Assert.Equal(Changes(block, step, weights).Max(), far.LargestChange(block, step), 1e-5);
        }

        // A block that is read from a file each time is another one each time.
        var bytes = new byte[block.StoredLength];
        block.Write(bytes);
        Assert.Equal(weights, FarRows.Weights(far, RowBlock.Read(bytes)).ToArray());
        Assert.Equal(block.Weights.ToArray(), FarRows.Weights(null, block).ToArray());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_change_that_is_no_number_is_far(bool isAsked)
    {
        // Of the first row's changes one is +∞ and the other -∞, so that their sum is no number.
        float[][] rows = [[3e38f, 3e38f], [3e38f, 0], [.01f, .01f], [3e38f, 3e38f]];
        var block = new DenseBlock([.. rows.Select(row => row[0]), .. rows.Select(row => row[1])], 2, [0, 1, 0, 1], [1, 1, 2, 0]);
        var (far, step) = (new FarRows(Bound), new LinearModel([[10, -10]], [0]));
        var scores = new float[4];
        block.Scores(step.Coefficients, step.Offsets, scores);
        Assert.True(float.IsNaN(scores[0]));
        if (isAsked)
            Assert.Equal(float.NaN, far.LargestChange(block, step));
        var matrix = new RowMatrix(TrainingData.Of([block], 2), new ParallelOptions());
        // Whoever asks whether all changes are within the bound is told that they are not.
        Assert.False(matrix.LargestChange(step, far) <= Bound);
        far.Add(step);
        Assert.Equal([0, 0, 2, 0], FarRows.Weights(far, block).ToArray());
        Assert.Equal(0, matrix.LargestChange(step, far));
    }

    [Fact]
    public void The_largest_change_is_that_of_the_rows_that_are_not_far()
    {
        var blocks = RandomBlocks.Of(Columns, false, 2, 200, 1, 90);
        var matrix = new RowMatrix(TrainingData.Of(blocks, 2), new ParallelOptions());
        var (far, random) = (new FarRows(Bound), new Random(5));
        var weights = blocks.Select(block => block.Weights.ToArray()).ToArray();
        for (var round = 0; round < 3; round++)
        {
            var step = Step(2, random);
            Assert.Equal(Largest(step), matrix.LargestChange(step, far), 1e-5);
            far.Add(step);
            for (var b = 0; b < blocks.Length; b++)
                weights[b] = [.. weights[b].Zip(Changes(blocks[b], step, weights[b]), (weight, change) => change > Bound ? 0 : weight)];
            Assert.Equal(Largest(step), matrix.LargestChange(step, far), 1e-5);
            Assert.InRange(Largest(step), 0, Bound);
        }

        double Largest(LinearModel step) => blocks.Zip(weights, (block, own) => Changes(block, step, own).Max()).Max();
    }

    /// <summary>At one point more and more rows are taken out, and the curvature there has to follow.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_curvature_without_far_rows_is_without_those_that_have_come_since(int outputs)
    {
        var blocks = RandomBlocks.Of(Columns, false, 3, 300, 200);
        var scaling = new Scaling([.1, 0, -.2, 0], [1, 1, .5, 2], outputs);
        IObjective objective = outputs == 1 ? new FocalObjective(new FocalLoss(0), 1, 1) : new SoftmaxFocalObjective(0, [1, 1]);
        double[] point = [.. Enumerable.Range(0, scaling.Size).Select(at => .1 * (at % 3 - 1))];
        double[] gradient = [.. point.Select((_, at) => (at % scaling.Stride + 1.0) * (at < scaling.Stride ? 1 : -1))];
        var (far, random) = (new FarRows(Bound), new Random(7));
        var looked = Curvature();
        var steps = new List<double[]> { looked.At(point, objective, .01).Solve(gradient, 0).Step };
        for (var round = 0; round < 3; round++)
        {
            far.Add(Step(outputs, random));
            steps.Add(looked.At(point, objective, .01, far).Solve(gradient, 0).Step);
            Assert.Equal(Curvature().At(point, objective, .01, far).Solve(gradient, 0).Step, steps[^1]);
        }

        Assert.Equal(steps[0], looked.At(point, objective, .01).Solve(gradient, 0).Step);
        // With every row that is gone, a step in what is left is longer.
        for (var at = 1; at < steps.Count; at++)
            Assert.InRange(Length(steps[at]), 1.05 * Length(steps[at - 1]), double.MaxValue);

        SampledCurvature Curvature() => new(
            new RowMatrix(TrainingData.Of(blocks, 2), new ParallelOptions()), double.PositiveInfinity, scaling, objective.IsCoupled);

        double Length(double[] step) => step.Zip(gradient, (s, g) => s * g).Sum();
    }

    private static LinearModel Step(int outputs, Random random)
        => new(
            [.. Enumerable.Range(0, outputs).Select(_ => Enumerable.Range(0, Columns)
                .Select(_ => (float)((outputs == 1 ? .4 : .2) * Rows.Normal(random))).ToArray())],
            [.. Enumerable.Range(0, outputs).Select(_ => (float)(.1 * Rows.Normal(random)))]);

    /// <summary>The largest change of one score or of the difference of two; 0 for a row without weight.</summary>
    private static double[] Changes(RowBlock block, LinearModel step, float[] weights) => [.. weights.Select((weight, i) =>
    {
        var x = RandomBlocks.Row(block, i);
        double[] scores = [0, .. step.Offsets.Select((offset, k) => offset + x.Zip(step.Coefficients[k], (value, c) => value * c).Sum())];
        return weight == 0 ? 0 : scores.Max() - scores.Min();
    })];
}

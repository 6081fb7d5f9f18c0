using FocalMlNet.Matrix;
using FocalMlNet.Optimization;
using FocalMlNet.Training;
using Microsoft.ML.Data;

namespace FocalMlNet.Tests.Optimization;

/// <summary>
/// Rows that lie in two places lead to the minimum to which they lead in one: <see cref="ITrainingRows"/> is all that the minimiser needs.
/// </summary>
public sealed class DividedRowsTests
{
    private static readonly ParallelOptions Parallel = new() { MaxDegreeOfParallelism = 2 };

    /// <summary>
    /// Few rows, which are all handed over; many, of which some are drawn, at a far point anew; more columns than have a matrix, dense and
    /// sparse; two classes and three, coupled and not; a few rows so far out that they are left out at the end. Each draws or adds in its
    /// own way, so the minimum is the same to the tolerance, which is a share of the objective at the start.
    /// </summary>
    [Theory]
    [InlineData(3000, 5, 1.0, 2, "Windows Moments Evaluate LargestChange")]
    [InlineData(3000, 5, 1.0, 3, "Windows Moments Evaluate LargestChange")]
    [InlineData(70_000, 4, 1.0, 2, "Draw Moments Evaluate LargestChange")]
    [InlineData(70_000, 4, .1, 3, "Draw Moments Evaluate LargestChange")]
    [InlineData(17_000, 600, .01, 2, "Moments Evaluate CurvatureTrace DrawByCurvature LargestChange")]
    [InlineData(17_000, 600, .01, 3, "Moments Evaluate CurvatureTrace DrawByCurvature LargestChange")]
    [InlineData(1000, 600, 1.0, 2, "Moments Evaluate DrawByCurvature LargestChange")]
    public void Rows_in_two_places_have_the_minimum_of_all(int rows, int columns, double density, int classes, string asked)
    {
        // Products with drawn rows come no nearer.
        var tolerance = columns > 512 && rows > 1000 ? 1e-5 : 1e-6;
        foreach (var isCoupled in classes == 2 ? [false] : new[] { false, true })
        {
            IObjective objective = classes == 2 ? new FocalObjective(new FocalLoss(2), 1, 3)
                : isCoupled ? new SoftmaxFocalObjective(1, [1, 2, 1]) : new OneVersusAllFocalObjective([1, 2, 1], [1, 1, 1]);
            var settings = new SolverSettings(200, tolerance, null, 1e-3, Shuffle: true, Seed: 1, Parallel);
            var (all, divided) = Rows(rows, columns, density, classes);
            var expected = Minimum(all, objective, settings);
            var found = Minimum(divided, objective, settings);
            Assert.True(expected.Converged, $"{expected}");
            Assert.True(found.Converged, $"{found}");
            Assert.Equal(expected.Objective, found.Objective, tolerance * expected.StartObjective);
            Assert.Equal(expected.StartObjective, found.StartObjective, 1e-12);
            for (var k = 0; k < expected.Model.OutputCount; k++)
            {
                foreach (var (own, other) in expected.Model.Coefficients[k].Zip(found.Model.Coefficients[k]))
                    Assert.Equal(own, other, .02 + .02 * Math.Abs(own));
            }

            Assert.All(asked.Split(' '), question => Assert.Contains(question, divided.Asked.Keys));
        }
    }

    /// <summary>After four steps without an end, as there are where none is taken on a sample before.</summary>
    [Fact]
    public void Rows_in_two_places_are_drawn_anew_near_the_end()
    {
        var settings = new SolverSettings(30, 0, null, 1e-7, Shuffle: true, Seed: 1, Parallel) { TellsAllSteps = true };
        var objective = new FocalObjective(new FocalLoss(2), 1, 3);
        var (all, divided) = Rows(70_000, 4, 1, classes: 2);
        var (expected, found) = (Minimum(all, objective, settings), Minimum(divided, objective, settings));
        Assert.Contains("Draw near", divided.Asked.Keys);
        Assert.Equal(expected.Objective, found.Objective, 1e-7 * expected.StartObjective);
    }

    /// <summary>A given rate steps through the same rows in the same order, in coordinates that differ by rounding.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void A_given_rate_takes_the_same_steps_through_rows_in_two_places(int classes)
    {
        IObjective objective = classes == 2 ? new FocalObjective(new FocalLoss(2), 1, 3) : new SoftmaxFocalObjective(1, [1, 2, 1]);
        var settings = new SolverSettings(3, 0, LearningRate: .5, 1e-4, Shuffle: true, Seed: 1, Parallel);
        var (all, divided) = Rows(70_000, 4, 1, classes);
        var (expected, found) = (Minimum(all, objective, settings), Minimum(divided, objective, settings));
        Assert.Equal(expected.Passes, found.Passes);
        Assert.Equal(3, divided.Asked["Windows"]);
        for (var k = 0; k < expected.Model.OutputCount; k++)
        {
            foreach (var (own, other) in expected.Model.Coefficients[k].Zip(found.Model.Coefficients[k]))
                Assert.Equal(own, other, 1e-5 * (1 + Math.Abs(own)));
        }
    }

    /// <summary>
    /// In memory and in a file: the minimiser does not know. That is said of whole fits elsewhere; here of each answer, to the bit.
    /// </summary>
    [Fact]
    public void Rows_in_a_file_give_the_answers_of_rows_in_memory()
    {
        var blocks = Blocks(5000, 6, .7, classes: 3);
        using var store = new BlockStore(memoryBudget: 20_000);
        foreach (var block in blocks)
            store.Add(block);
        Assert.False(store.IsInMemory);
        var (inMemory, inFile) = (
            new RowMatrix(TrainingData.Of(blocks, 3), Parallel), new RowMatrix(TrainingData.Of(store, 3), Parallel));
        var objective = new SoftmaxFocalObjective(1, [1, 2, 1]);
        var labels = ((IObjective)objective).Of(inMemory.LabelCounts, inMemory.LabelWeights);
        var leverage = new Leverage(labels, new Scaling(new double[6], [.. Enumerable.Repeat(1.0, 6)], 3));
        var at = new LossAt(objective, new LinearModel([[1, 0, 1, 0, 1, 0], [0, 1, 0, 1, 0, 1], new float[6]], [0, .1f, -.2f]));
        double[] Gradient(RowMatrix rows)
        {
            var gradient = new double[3 * 7];
            return [rows.Evaluate(at, gradient), .. gradient];
        }

        Assert.Equal(inMemory.LabelCounts, inFile.LabelCounts);
        Assert.Equal(inMemory.Moments([1, 2, 3], true).Variance, inFile.Moments([1, 2, 3], true).Variance);
        Assert.Equal(Gradient(inMemory), Gradient(inFile));
        Assert.Equal(inMemory.Curvatures(at), inFile.Curvatures(at));
        Assert.Equal(inMemory.CurvatureTrace(at), inFile.CurvatureTrace(at));
        Assert.Equal(inMemory.LargestChange(at.Model, new FarRows(1)), inFile.LargestChange(at.Model, new FarRows(1)));
        Assert.Equal(Content(inMemory.Draw(leverage, .1, .5, at, .1)), Content(inFile.Draw(leverage, .1, .5, at, .1)));
        Assert.Equal(Content(inMemory.DrawByCurvature(at, .5)), Content(inFile.DrawByCurvature(at, .5)));
        Assert.Equal([.. inMemory.Windows(1000).Select(Content)], inFile.Windows(1000).Select(Content));
    }

    /// <summary>Of rows without any curvature none is drawn, and nothing fails.</summary>
    [Fact]
    public void Rows_without_curvature_are_not_drawn()
    {
        var matrix = new RowMatrix(TrainingData.Of(Blocks(500, 3, 1, classes: 2), 2), Parallel);
        // So sure that no loss is left, if only by rounding.
        var objective = new FocalObjective(new FocalLoss(2), 0, 0);
        var at = new LossAt(objective, LinearModel.Constant(3, 0f));
        var drawn = matrix.DrawByCurvature(at, double.PositiveInfinity);
        Assert.Equal((0, 0, 3), (drawn.RowCount, drawn.Blocks.Count, drawn.ColumnCount));
    }

    private static SolverResult Minimum(ITrainingRows rows, IObjective objective, SolverSettings settings)
        => Solver.Minimize(
            rows, [objective], LinearModel.Constant(rows.ColumnCount, new float[objective.OutputCount]), settings, (_, _, _, _) => true);

    private static (RowMatrix All, DividedRows Divided) Rows(int count, int columns, double density, int classes)
    {
        var blocks = Blocks(count, columns, density, classes);
        // Not in the middle, and not at the border of a window.
        var cut = blocks.Length * 3 / 10;
        RowMatrix Part(RowBlock[] some) => new(TrainingData.Of(some, classes), Parallel);
        return (Part(blocks), new DividedRows(Part(blocks[..cut]), Part(blocks[cut..]), Parallel));
    }

    private static RowBlock[] Blocks(int count, int columns, double density, int classes)
    {
        var random = new Random(1);
        var (blocks, builder) = (new List<RowBlock>(), new RowBlockBuilder(columns, 128));
        for (var i = 0; i < count; i++)
        {
            var label = i % 7 < 5 ? 0 : random.Next(1, classes);
            int[] places = [.. Enumerable.Range(0, columns).Where(j => density == 1 || random.NextDouble() < density)];
            float[] values = [.. places.Select(j => (float)(Tests.Rows.Normal(random) + (j % classes == label ? .7 : 0)
                + (density == 1 ? j : 0)) * (density == 1 && i % 997 == 5 ? 50 : 1))];
            var row = places.Length == columns ? new VBuffer<float>(columns, values)
                : new VBuffer<float>(columns, places.Length, values, places);
            builder.Append(ref row, label, 1 + i % 2);
            if (builder.IsFull)
            {
                blocks.Add(builder.Take());
                builder = new RowBlockBuilder(columns, 128);
            }
        }

        if (count % 128 > 0)
            blocks.Add(builder.Take());
        return [.. blocks];
    }

    private static string Content(RowMatrix rows)
    {
        var row = new float[rows.ColumnCount];
        return string.Join('\n', rows.Blocks.SelectMany(block => Enumerable.Range(0, block.RowCount).Select(i =>
        {
            block.CopyRow(i, row);
            return $"{block.Labels[i]} {block.Weights[i]} {string.Join(' ', row)}";
        })));
    }
}

using FocalMlNet.Matrix;
using FocalMlNet.Optimization;
using FocalMlNet.Training;

namespace FocalMlNet.Tests.Optimization;

public sealed class SampledCurvatureTests
{
    private const int Classes = 3;
    private const int Features = 2;
    private const double Penalty = .01;

    private static readonly ParallelOptions Parallel = new();
    private static readonly Scaling Coordinates = new([.5, -1], [1, 2], Classes);

    /// <summary>Weights that sum to 0 over the classes, as the penalty wants them.</summary>
    private static readonly double[] Point = [.3, -.2, .1, 0, .4, -.3, -.3, -.2, .1];

    /// <summary>γ = 0 is convex: nothing is left out. H is taken from differences of the gradient, D from the rows.</summary>
    [Theory]
    [InlineData(0, 1000, 2e-3)]
    [InlineData(.1, 1000, 2e-3)]
    [InlineData(.1, 250, .2)]
    public void A_step_solves_its_equation(double damping, int drawn, double tolerance)
    {
        var blocks = Blocks(1000);
        var objective = new SoftmaxFocalObjective(0, [1, 2, .5]);
        var curvature = new SampledCurvature(
            Matrix(blocks), drawn == 1000 ? double.PositiveInfinity : drawn, Coordinates, isCoupled: true)
            .At(Point, objective, Penalty);
        var gradient = new double[Point.Length];
        Gradient(blocks, objective, Point, gradient);
        var (step, _) = curvature.Solve(gradient, damping);

        var (ahead, behind, inD) = (new double[Point.Length], new double[Point.Length], TimesD(blocks, step));
        Gradient(blocks, objective, [.. Point.Select((p, j) => p + .01 * step[j])], ahead);
        Gradient(blocks, objective, [.. Point.Select((p, j) => p - .01 * step[j])], behind);
        var length = Math.Sqrt(gradient.Sum(g => g * g));
        for (var j = 0; j < Point.Length; j++)
            Assert.Equal(gradient[j], (ahead[j] - behind[j]) / .02 + damping * inD[j], tolerance * length);
        Assert.Equal(step.Zip(inD, (a, b) => a * b).Sum(), curvature.SquareInD(step), tolerance * curvature.SquareInD(step));
    }

    /// <summary>A look takes out more and more rows at one point: each time the curvature is that of those that are left.</summary>
    [Fact]
    public void Rows_that_are_far_are_left_out_as_soon_as_they_are_known()
    {
        var objective = new SoftmaxFocalObjective(0, [1, 2, .5]);
        var (sampled, far, gradient) = (Sampled(), new FarRows(3), Enumerable.Repeat(.1, Point.Length).ToArray());
        var before = Step(sampled, null);
        foreach (var length in (float[])[1, 2])
        {
            far.Add(new LinearModel([[length, 0], [0, 0], [0, 0]], new float[Classes]));
            var step = Step(sampled, far);
            Assert.NotEqual(before, step);
            Assert.Equal(Step(Sampled(), far), step);
            before = step;
        }

        // And it is that of all rows again without them.
        Assert.Equal(Step(Sampled(), null), Step(sampled, null));

        SampledCurvature Sampled() => new(Matrix(Blocks(1000)), double.PositiveInfinity, Coordinates, isCoupled: true);

        double[] Step(SampledCurvature curvature, FarRows? without)
            => curvature.At(Point, objective, Penalty, without).Solve(gradient, 0).Step;
    }

    /// <summary>The same by products: of all rows exactly, but for where conjugate gradients end; D is the identity.</summary>
    [Theory]
    [InlineData(0, 1000, .1)]
    [InlineData(.1, 1000, .1)]
    [InlineData(.1, 400, .3)]
    public void A_step_by_products_solves_its_equation(double damping, int drawn, double tolerance)
    {
        var blocks = Blocks(1000);
        var objective = new SoftmaxFocalObjective(0, [1, 2, .5]);
        var matrix = Matrix(blocks);
        var all = new ScaledObjective(objective, matrix, matrix.LabelWeights.Sum(), Coordinates, Penalty);
        var gradient = new double[Point.Length];
        Gradient(blocks, objective, Point, gradient);
        var (step, isWhole) = new RowCurvature(matrix, all, Point, drawn, null).Solve(gradient, damping);
        Assert.True(isWhole);

        var (ahead, behind) = (new double[Point.Length], new double[Point.Length]);
        Gradient(blocks, objective, [.. Point.Select((p, j) => p + .01 * step[j])], ahead);
        Gradient(blocks, objective, [.. Point.Select((p, j) => p - .01 * step[j])], behind);
        var length = Math.Sqrt(gradient.Sum(g => g * g));
        for (var j = 0; j < Point.Length; j++)
            Assert.Equal(gradient[j], (ahead[j] - behind[j]) / .02 + damping * step[j], tolerance * length);
    }

    /// <summary>What is between two classes is in the product, as in the joint curvature times a vector.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void Products_of_a_row_are_those_of_its_joint_curvature(double gamma)
    {
        const int Count = 40;
        var random = new Random(2);
        var objective = new SoftmaxFocalObjective(gamma, [1, 2, .5]);
        float[] scores = [.. Enumerable.Range(0, Count * Classes).Select(_ => (float)(2 * Rows.Normal(random)))];
        float[] labels = [.. Enumerable.Range(0, Count).Select(i => (float)(i % Classes))];
        float[] weights = [.. Enumerable.Range(0, Count).Select(i => i % 5 / 2f)];
        float[] changes = [.. scores.Select(_ => (float)Rows.Normal(random))];
        var joint = new float[Count * 6];
        objective.JointCurvatures(scores, labels, weights, joint);
        var factors = new float[Count * objective.CurvatureFactorCount];
        objective.CurvatureFactors(scores, labels, weights, factors);
        var (products, own) = (changes.ToArray(), new float[scores.Length]);
        objective.ApplyCurvature(factors, labels, products);
        objective.OwnCurvatures(factors, labels, own);
        for (var at = 0; at < products.Length; at++)
        {
            var (k, i) = (at / Count, at % Count);
            double expected = 0;
            for (var l = 0; l < Classes; l++)
                expected += joint[(OuterSums.Triangle(Math.Max(k, l)) + Math.Min(k, l)) * Count + i] * (double)changes[l * Count + i];
            Assert.Equal(expected, products[at], 2e-5);
            Assert.Equal(joint[(OuterSums.Triangle(k) + k) * Count + i], own[at], 1e-5f);
        }
    }

    [Fact]
    public void Rows_far_out_and_of_rare_classes_are_drawn_with_certainty()
    {
        var rows = Enumerable.Range(0, 4000).Select(i => (Label: i % 500 == 7 ? 2f : i % 2, Far: i % 400 == 3)).ToArray();
        var random = new Random(3);
        RowBlock[] blocks = [.. rows.Chunk(400).Select(some => (RowBlock)new DenseBlock(
            [.. Enumerable.Range(0, Features).SelectMany(_ => some.Select(row => row.Far ? 40 : (float)Rows.Normal(random)))], Features,
            [.. some.Select(row => row.Label)], [.. some.Select(_ => 1f)]))];
        var matrix = Matrix(blocks);
        var labels = new ClassSummary(new SoftmaxFocalObjective(0, [1, 1, 1]), matrix.LabelCounts, matrix.LabelWeights);
        var drawn = matrix.Draw(new Leverage(labels, new Scaling([0, 0], [1, 1], Classes)), count: 500, start: .25).Blocks;

        Assert.Equal(500, drawn.Sum(b => b.RowCount), 2.0);
        Assert.Equal(4000, drawn.Sum(b => b.Weights.ToArray().Sum()), 400.0);
        var x = new float[Features];
        var (far, rare) = (0, 0);
        foreach (var block in drawn)
        {
            for (var i = 0; i < block.RowCount; i++)
            {
                block.CopyRow(i, x);
                if (x[0] < 40 && block.Labels[i] != 2)
                    continue;
                Assert.Equal(1, block.Weights[i]);
                far += x[0] == 40 ? 1 : 0;
                rare += block.Labels[i] == 2 ? 1 : 0;
            }
        }

        Assert.Equal(rows.Count(row => row.Far), far);
        Assert.Equal(rows.Count(row => row.Label == 2), rare);
    }

    /// <summary>
    /// ln(1 + x²) is not convex beyond 1; its curvature at 0 is taken for it everywhere, and makes steps too short or too long.
    /// </summary>
    [Theory]
    [InlineData(2)]
    [InlineData(.01)]
    public void Damping_finds_the_minimum_in_a_curvature_that_does_not_fit(double bend)
    {
        DifferentiableFunction function = (point, gradient) =>
        {
            gradient[0] = 2 * point[0] / (1 + point[0] * point[0]);
            return Math.Log(1 + point[0] * point[0]);
        };
        var minimizer = new DampedNewton(function, _ => new DampedCurvature([[[bend]]], [1]), DampedNewton.FirstDamping(isCoupled: false));
        var values = new List<double>();
        var (end, gap) = minimizer.Minimize(SolverState.At([3], function), 200, 1e-10, state =>
        {
            values.Add(state.Value);
            return true;
        });
        Assert.NotNull(gap);
        Assert.Equal(0, end.Point[0], 1e-4);
        Assert.Equal(values.OrderDescending(), values);
    }

    /// <summary>
    /// What is not convex is left out of H, which may then have ten times the curvature that there is: half a decrement is a tenth of the
    /// gap.
    /// </summary>
    [Theory]
    [InlineData(1e-3)]
    [InlineData(1e-4)]
    public void Curvature_that_is_not_there_hides_no_gap(double tolerance)
    {
        const double Bend = .1;
        DifferentiableFunction function = (point, gradient) =>
        {
            gradient[0] = Bend * point[0];
            return 1 + Bend / 2 * point[0] * point[0];
        };
        var minimizer = new DampedNewton(function, _ => new DampedCurvature([[[1]]], [1]), DampedNewton.FirstDamping(isCoupled: false));
        var (end, gap) = minimizer.Minimize(SolverState.At([3], function), 200, tolerance, _ => true);
        var left = Bend / 2 * end.Point[0] * end.Point[0];
        Assert.InRange(left, 0, tolerance);
        Assert.InRange(gap!.Value, .99 * left, tolerance);
    }

    /// <summary>A step that gains more than the slope alone, onto level ground: where nothing slopes nothing is left.</summary>
    [Fact]
    public void Level_ground_after_a_fall_has_no_gap()
    {
        DifferentiableFunction function = (point, gradient) =>
        {
            gradient[0] = point[0] > 2.5 ? 1 : 0;
            return point[0] > 2.5 ? 10 : 5;
        };
        var minimizer = new DampedNewton(function, _ => new DampedCurvature([[[1]]], [1]), DampedNewton.FirstDamping(isCoupled: false));
        Assert.Equal(0, minimizer.Minimize(SolverState.At([3], function), 200, 1e-4, _ => true).Gap);
    }

    [Fact]
    public void A_function_that_is_no_number_is_not_converged()
    {
        DifferentiableFunction none = (_, gradient) =>
        {
            gradient[0] = double.NaN;
            return double.NaN;
        };
        var minimizer = new DampedNewton(none, _ => new DampedCurvature([[[1]]], [1]), DampedNewton.FirstDamping(isCoupled: false));
        Assert.Null(minimizer.Minimize(SolverState.At([3], none), 200, 1e-10, _ => true).Gap);
    }

    private static void Gradient(RowBlock[] blocks, SoftmaxFocalObjective objective, double[] point, double[] gradient)
    {
        var weight = blocks.Sum(b => (double)b.Weights.ToArray().Sum());
        new ScaledObjective(objective, Matrix(blocks), weight, Coordinates, Penalty).Evaluate(point, gradient);
    }

    /// <summary>Σ w z (z · step of an output) / Σ w, output after output.</summary>
    private static double[] TimesD(RowBlock[] blocks, double[] step)
    {
        var (product, x, weight) = (new double[step.Length], new float[Features], 0.0);
        foreach (var block in blocks)
        {
            for (var i = 0; i < block.RowCount; i++)
            {
                block.CopyRow(i, x);
                double[] z = [x[0] - .5, 2 * (x[1] + 1), 1];
                weight += block.Weights[i];
                for (var k = 0; k < Classes; k++)
                {
                    var along = z.Select((v, j) => v * step[k * z.Length + j]).Sum();
                    for (var j = 0; j < z.Length; j++)
                        product[k * z.Length + j] += block.Weights[i] * z[j] * along;
                }
            }
        }

        return [.. product.Select(p => p / weight)];
    }

    private static RowMatrix Matrix(RowBlock[] blocks) => new(TrainingData.Of(blocks, Classes), Parallel);

    private static RowBlock[] Blocks(int count)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, count).Chunk(137).Select(rows => (RowBlock)new DenseBlock(
            [.. Enumerable.Range(0, Features * rows.Length).Select(_ => (float)Rows.Normal(random))], Features,
            [.. rows.Select(i => (float)(i % Classes))], [.. rows.Select(i => 1f + i % 4)]))];
    }
}

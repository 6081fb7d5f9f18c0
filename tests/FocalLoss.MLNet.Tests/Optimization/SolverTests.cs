using FocalMlNet.Matrix;
using FocalMlNet.Optimization;
using FocalMlNet.Training;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Tests.Optimization;

public sealed class SolverTests
{
    private static readonly ParallelOptions Parallel = new() { MaxDegreeOfParallelism = 2 };

    [Fact]
    public void The_gradient_of_a_pass_is_that_of_its_value()
    {
        var data = Data(Rows.Gaussian(1500, features: 5));
        var pass = new RowMatrix(data, Parallel);
        var objective = new FocalObjective(new FocalLoss(2, .7), 1, 3);
        float[] at = [.3f, -.2f, .1f, .5f, 0, -1];
        var gradient = new double[6];
        Value(at, gradient);
        for (var j = 0; j < at.Length; j++)
        {
            const float h = 1f / 128;
            float[] up = [.. at], down = [.. at];
            up[j] += h;
            down[j] -= h;
            var difference = (Value(up, new double[6]) - Value(down, new double[6])) / (2 * h);
            Assert.Equal(difference, gradient[j], 1e-3 * Math.Abs(difference) + 1e-3);
        }

        double Value(float[] point, double[] into) => pass.Evaluate(new LossAt(objective, new LinearModel([point[..5]], [point[5]])), into);
    }

    [Fact]
    public void The_sampled_curvature_of_all_rows_is_the_derivative_of_the_gradient()
    {
        var rows = Rows.Gaussian(3000, features: 3);
        var data = Data(rows);
        const double Penalty = .01;
        var scaling = new Scaling([.1, 0, -.2], [1.5, 1, .5], outputCount: 1);
        var objective = new FocalObjective(new FocalLoss(gamma: 0), 1, 1);
        double[] point = [.4, -.3, .2, -1];
        var curvature = new SampledCurvature(new RowMatrix(data, Parallel), double.PositiveInfinity, scaling, isCoupled: false)
            .At(point, objective, Penalty);

        // H v from central differences of the gradient; solving with the sampled H must give v back.
        double[] v = [1, -2, .5, .7];
        const double h = 1e-2;
        var product = Gradient(+h).Zip(Gradient(-h), (a, b) => (a - b) / (2 * h)).ToArray();
        Assert.All(v.Zip(curvature.Solve(product, damping: 0).Step), pair => Assert.Equal(pair.First, pair.Second, .02));

        double[] Gradient(double step)
        {
            double[] at = [.. point.Zip(v, (p, d) => p + step * d)];
            var gradient = new double[4];
            new ScaledObjective(objective, new RowMatrix(data, Parallel), rows.Length, scaling, Penalty)
                .Evaluate(at, gradient);
            return gradient;
        }
    }

    /// <summary>
    /// Blocks of different lengths, more of them than threads, and matrices of sizes that fill whole tiles and that do not.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(6)]
    [InlineData(7)]
    public void The_sampled_curvature_is_a_sum_of_outer_products(int features)
    {
        var rows = Rows.Gaussian(2000, features);
        List<RowBlock> blocks = [];
        int[] lengths = [37, 300, 5, 64];
        for (var at = 0; at < rows.Length;)
        {
            var builder = new RowBlockBuilder(features, lengths[blocks.Count % lengths.Length]);
            for (; at < rows.Length && !builder.IsFull; at++)
            {
                var buffer = new VBuffer<float>(features, [.. rows[at].Features]);
                builder.Append(ref buffer, rows[at].Label ? 1 : 0, 1);
            }

            blocks.Add(builder.Take());
        }

        double[] mean = [.. Enumerable.Range(0, features).Select(j => .1 * j)],
            scale = [.. Enumerable.Range(0, features).Select(j => 1 + .1 * j)];
        double[] point = [.. Enumerable.Range(0, features).Select(j => .3 - .1 * j), -1];
        var curvature = new SampledCurvature(
            new RowMatrix(TrainingData.Of(blocks, classCount: 2), Parallel), double.PositiveInfinity,
            new Scaling(mean, scale, outputCount: 1), isCoupled: false)
            .At(point, new FocalObjective(new FocalLoss(gamma: 0), 1, 1), penalty: 0);

        // The product of v with the mean of σ(s) (1 - σ(s)) z zᵀ.
        double[] v = [.. Enumerable.Range(0, features + 1).Select(j => j % 2 == 0 ? 1 + j : -1.0)];
        var product = new double[features + 1];
        foreach (var row in rows)
        {
            double[] z = [.. row.Features.Select((x, j) => (x - mean[j]) * scale[j]), 1];
            var p = 1 / (1 + Math.Exp(-z.Zip(point, (a, b) => a * b).Sum()));
            var along = p * (1 - p) * z.Zip(v, (a, b) => a * b).Sum() / rows.Length;
            for (var j = 0; j < z.Length; j++)
                product[j] += along * z[j];
        }

        Assert.All(v.Zip(curvature.Solve(product, damping: 0).Step), pair => Assert.Equal(pair.First, pair.Second, 1e-4 * v.Max()));
    }

    /// <summary>A sample of them has next to no positive rows.</summary>
    [Theory]
    [InlineData(3)]
    [InlineData(40)]
    public void The_minimum_is_found_among_many_rows_with_few_positives(int positives)
    {
        var rows = Rows.Gaussian(140_000, features: 12, positiveRate: 0);
        for (var i = 0; i < positives; i++)
        {
            rows[i * 3001].Label = true;
            rows[i * 3001].Features[0] += 2;
        }

        var data = Data(rows);
        var loss = new FocalLoss();
        var start = LinearModel.Constant(12, (float)loss.BestConstantScore(data.Totals.Weights[1], data.Totals.Weights[0]));
        double Reached(double tolerance) => Solver.Minimize(
            new RowMatrix(data, Parallel),
            [new FocalObjective(loss, 1, 1)], start, new SolverSettings(200, tolerance, null, 1e-7, true, 0, Parallel), (_, _, _, _)
                => true).Objective;
        var least = Reached(1e-9);
        Assert.InRange(Reached(1e-4) / least - 1, 0, 1e-3);
    }

    /// <summary>
    /// First: 3 passes, without the steps 5. Then the sample has fewer positive rows than there are coordinates, and tells the classes
    /// apart by chance: 5 passes without steps on it, and 9 with them.
    /// </summary>
    [Theory]
    [InlineData(12, .003, 4)]
    [InlineData(60, .0006, 7)]
    public void Steps_are_taken_on_a_sample_where_that_saves_passes(int features, double positiveRate, int mostPasses)
    {
        var data = Data(Rows.Gaussian(140_000, features, positiveRate));
        var loss = new FocalLoss();
        var start = LinearModel.Constant(features, (float)loss.BestConstantScore(data.Totals.Weights[1], data.Totals.Weights[0]));
        var result = Solver.Minimize(
            new RowMatrix(data, Parallel),
            [new FocalObjective(loss, 1, 1)], start, new SolverSettings(100, 1e-4, null, 1e-7, true, 0, Parallel), (_, _, _, _)
                => true);
        Assert.True(result.Converged);
        Assert.InRange(result.Passes, 1, mostPasses);
    }

    [Fact]
    public void A_column_too_small_for_single_precision_is_left_out()
    {
        var rows = Rows.Gaussian(2000);
        foreach (var row in rows)
            row.Features[1] = row.Label ? 1e-40f : -1e-40f;
        var data = Data(rows);
        var result = Solver.Minimize(
            new RowMatrix(data, Parallel), [new FocalObjective(new FocalLoss(), 1, 1)], LinearModel.Constant(3, -2),
            new SolverSettings(100, 1e-4, null, 0, true, 0, Parallel), (_, _, _, _) => true);
        Assert.True(result.Converged);
        Assert.Equal(0, result.Model.Coefficients[0][1]);
        Assert.NotEqual(0, result.Model.Coefficients[0][0]);
    }

    [Fact]
    public void A_linear_function_survives_the_change_of_coordinates_and_back()
    {
        var scaling = new Scaling([5, -3, 7], [.5, 2, 0], outputCount: 1);
        var point = scaling.Scaled(new LinearModel([[1.5f, -2, 3]], [.25f]));
        var model = scaling.Unscaled(point);
        Assert.Equal([1.5f, -2, 0], model.Coefficients[0]);
        // The third feature does not vary: its 3 times 7 is part of the offset now.
        Assert.Equal(21.25f, model.Offsets[0], 1e-5f);
    }

    /// <summary>Rosenbrock's valley, whose minimum 0 is at (1, 1).</summary>
    [Fact]
    public void Quasi_Newton_finds_the_end_of_a_curved_valley()
    {
        DifferentiableFunction valley = (at, gradient) =>
        {
            var (x, y) = (at[0], at[1]);
            gradient[0] = -2 * (1 - x) - 400 * x * (y - x * x);
            gradient[1] = 200 * (y - x * x);
            return (1 - x) * (1 - x) + 100 * (y - x * x) * (y - x * x);
        };
        var minimizer = new QuasiNewton(valley, metric: [.2, .1]);
        var (end, _) = minimizer.Minimize(SolverState.At([-1.2, 1], valley), mostCalls: 500, tolerance: 1e-15, _ => true);
        Assert.Equal(1, end.Point[0], 1e-3);
        Assert.Equal(1, end.Point[1], 1e-3);
    }

    /// <summary>
    /// A quadratic function whose curvatures are 1 to 1000, in the metric of the unit matrix. A plain L-BFGS in another language takes 84
    /// calls with the latest ten pairs, and 119 if it drops all of them when there are ten.
    /// </summary>
    [Fact]
    public void Quasi_Newton_keeps_the_latest_pairs()
    {
        const int Size = 12;
        double[] curvatures = [.. Enumerable.Range(0, Size).Select(j => Math.Pow(10, 3.0 * j / (Size - 1)))];
        DifferentiableFunction bowl = (at, gradient) =>
        {
            double value = 0;
            for (var j = 0; j < Size; j++)
            {
                gradient[j] = curvatures[j] * at[j];
                value += gradient[j] * at[j] / 2;
            }

            return value;
        };
        double[] ones = [.. curvatures.Select(_ => 1.0)];
        var minimizer = new QuasiNewton(bowl, metric: ones);
        var (end, gap) = minimizer.Minimize(SolverState.At(ones, bowl), mostCalls: 2000, tolerance: 1e-6, _ => true);
        Assert.NotNull(gap);
        Assert.InRange(end.Calls, 1, 95);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(50.0)]
    public void The_result_is_never_above_the_start(double? learningRate)
    {
        for (var seed = 0; seed < 20; seed++)
        {
            // Labels that the features say nothing about, some rows far out: the worst case for a loss that is not convex.
            var random = new Random(seed);
            var rows = Rows.Gaussian(80, features: 6, positiveRate: .3, seed: seed);
            foreach (var row in rows)
                row.Features = [.. row.Features.Select(x => random.Next(10) == 0 ? 100 * x : x)];
            var data = Data(rows);
            var loss = new FocalLoss(5);
            var start = LinearModel.Constant(6, (float)loss.BestConstantScore(data.Totals.Weights[1], data.Totals.Weights[0]));
            var result = Solver.Minimize(
                new RowMatrix(data, Parallel),
                [new FocalObjective(loss, 1, 1)], start, new SolverSettings(5, 1e-4, learningRate, 0, true, seed, Parallel),
                (_, _, _, _) => true);
            Assert.True(result.Objective <= result.StartObjective, $"seed {seed}: {result}");
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public void With_a_given_rate_the_last_pass_is_on_what_is_minimised_in_the_end(int iterations)
    {
        var data = Data(Rows.Gaussian(2000));
        var (on, way) = (new List<int>(), new List<IObjective>());
        for (var k = 0; k < 11; k++)
        {
            var number = k;
            way.Add(new Told(new FocalObjective(new FocalLoss(.3 * k), 1, 1), () => on.Add(number)));
        }

        var settings = new SolverSettings(iterations, 0, .5, 0, true, 0, Parallel);
        Solver.Minimize(new RowMatrix(data, Parallel), way, LinearModel.Constant(3, -2), settings, (_, _, _, _) =>
        {
            on.Add(-1);
            return true;
        });
        // What comes before the evaluation of the last pass on all rows is the last mini-batch.
        var evaluations = data.Blocks.Count;
        Assert.Equal([10, -1], (int[])[on[^(evaluations + 2)], on[^1]]);
    }

    [Theory]
    [InlineData(1f)]
    [InlineData(1e6f)]
    [InlineData(1e-6f)]
    public void The_scale_of_the_features_does_not_matter(float scale)
    {
        var rows = Rows.Gaussian(4000, features: 4);
        double Reached(Row[] training)
        {
            var loss = new FocalLoss();
            var data = Data(training);
            var start = LinearModel.Constant(4, (float)loss.BestConstantScore(data.Totals.Weights[1], data.Totals.Weights[0]));
            return Solver.Minimize(
                new RowMatrix(data, Parallel),
                [new FocalObjective(loss, 1, 1)], start, new SolverSettings(100, 1e-4, null, 0, true, 0, Parallel), (_, _, _, _)
                    => true).Objective;
        }

        var scaled = rows.Select(
            row => new Row { Label = row.Label, Features = [.. row.Features.Select((x, j) => j % 2 == 0 ? scale * (x + 3) : x)] })
            .ToArray();
        Assert.Equal(Reached(rows), Reached(scaled), 1e-3 * Reached(rows));
    }

    [Fact]
    public void The_stock_model_scores_as_the_solver_does()
    {
        var mlContext = new MLContext();
        var rows = Rows.Gaussian(1000, features: 8);
        var view = Rows.View(mlContext, rows);
        var model = mlContext.BinaryClassification.Trainers.FocalSgd().Fit(view);
        var (weights, bias) = (model.Model.SubModel.Weights, model.Model.SubModel.Bias);
        Assert.All(rows.Zip(Rows.Score(mlContext, model, view)), pair =>
            Assert.Equal(bias + pair.First.Features.Zip(weights, (x, w) => (double)x * w).Sum(), pair.Second.Score, 1e-5));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(.5)]
    public void An_objective_that_comes_several_times_is_as_good_as_one(double? learningRate)
    {
        var data = Data(Rows.Gaussian(2000));
        SolverResult Run(int times) => Solver.Minimize(
            new RowMatrix(data, Parallel), [.. Enumerable.Repeat(Objective, times)], LinearModel.Constant(3, -2),
            new SolverSettings(20, 1e-6, learningRate, 0, true, 0, Parallel), (_, _, _, _) => true);
        var (one, three) = (Run(1), Run(3));
        Assert.Equal(one.Passes, three.Passes);
        Assert.Equal(one.Model.Coefficients[0], three.Model.Coefficients[0]);
    }

    private static readonly FocalObjective Objective = new(new FocalLoss(), 1, 1);

    /// <summary>The mean of the points on the way has none in it that led to another minimum.</summary>
    [Fact]
    public void With_a_given_rate_a_schedule_comes_near_the_minimum_of_its_last_objective()
    {
        var data = Data(Rows.Gaussian(5000));
        IObjective[] way = [.. Enumerable.Range(0, 11).Select(k => new FocalObjective(new FocalLoss(.2 * k), 1, 1))];
        double Reached(SolverSettings settings, params IObjective[] objectives)
            => Solver.Minimize(
                new RowMatrix(data, Parallel), objectives, LinearModel.Constant(3, -1), settings, (_, _, _, _) => true).Objective;
        var least = Reached(new SolverSettings(200, 1e-9, null, 0, true, 0, Parallel), way[^1]);
        Assert.InRange(Reached(new SolverSettings(50, 0, 2, 0, true, 0, Parallel), way) / least - 1, 0, 5e-3);
    }

    /// <summary>The curvature between all of many outputs costs more than the steps it saves.</summary>
    [Theory]
    [InlineData(32, true)]
    [InlineData(33, false)]
    public void Only_a_few_coupled_outputs_take_Newton_steps(int classes, bool expected)
    {
        var rows = MulticlassRows.Gaussian(2000, classes);
        var data = TrainingData.Read(
            new RowReader(MulticlassRows.View(new MLContext(), rows, classes), "Label", "Features", null, outputCount: classes),
            long.MaxValue);
        var taken = false;
        double[] ones = [.. Enumerable.Repeat(1.0, classes)];
        var objective = new Told(new SoftmaxFocalObjective(2, ones), () => { }, () => taken = true);
        Solver.Minimize(
            new RowMatrix(data, Parallel),
            [objective], LinearModel.Constant(3, new float[classes]), new SolverSettings(10, 1e-4, null, 0, true, 0, Parallel),
            (_, _, _, _) => true);
        Assert.Equal(expected, taken);
    }

    /// <summary>Tells of each evaluation, and of each time it is asked for what is between two outputs.</summary>
    private sealed class Told(IClassObjective inner, Action evaluated, Action? joined = null) : IClassObjective
    {
        public double TailRate => inner.TailRate;

        public bool IsCoupled => inner.IsCoupled;

        public void JointCurvatures(
            ReadOnlySpan<float> scores, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, Span<float> curvatures)
        {
            joined?.Invoke();
            inner.JointCurvatures(scores, labels, weights, curvatures);
        }

        public int OutputCount => inner.OutputCount;

        public double Evaluate(ReadOnlySpan<float> scores, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, Span<float> slopes)
        {
            lock (evaluated)
                evaluated();
            return inner.Evaluate(scores, labels, weights, slopes);
        }

        public void Curvatures(ReadOnlySpan<float> scores, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, Span<float> curvatures)
            => inner.Curvatures(scores, labels, weights, curvatures);

        public double ClassWeight(float label) => inner.ClassWeight(label);
    }

    private static TrainingData Data(Row[] rows)
        => TrainingData.Read(new RowReader(Rows.View(new MLContext(), rows), "Label", "Features", null), long.MaxValue);
}

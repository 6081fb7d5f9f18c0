using FocalMlNet.Matrix;
using FocalMlNet.Optimization;
using FocalMlNet.Training;
using Microsoft.ML;

namespace FocalMlNet.Tests.Optimization;

/// <summary>More columns than the matrix of the second derivative is taken for.</summary>
public sealed class ManyColumnsTests
{
    private const int Columns = 3000;

    private static readonly ParallelOptions Parallel = new() { MaxDegreeOfParallelism = 2 };

    private readonly MLContext _mlContext = new();

    public static TheoryData<int> Indices => OptimumTests.Indices;

    /// <summary>Columns that are always 0 do not change where the minimum is, which is known from elsewhere.</summary>
    [Theory]
    [MemberData(nameof(Indices))]
    public void The_optimum_is_reached_among_many_columns(int index)
        => OptimumTests.AssertGap(index, 1e-5, OptimumTests.ToASmallTolerance, CurvatureCost.MostColumns + 1);

    [Fact]
    public void The_number_of_threads_does_not_change_a_bit()
    {
        var view = View(Texts(6000));
        var models = new[] { 1, 2, 8 }.Select(threads => Fit(view, new() { NumberOfThreads = threads })).ToArray();
        Assert.Equal(models[0], models[1]);
        Assert.Equal(models[0], models[2]);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(.5)]
    public void Data_that_does_not_fit_into_the_memory_budget_gives_the_same_model_to_the_bit(double? learningRate)
    {
        var view = View(Texts(6000));
        var lines = new List<string>();
        Assert.Equal(
            Fit(view, new() { LearningRate = learningRate, NumberOfIterations = 5 }),
            Fit(view, new() { LearningRate = learningRate, NumberOfIterations = 5, MemoryBudget = 100_000, Log = lines.Add }));
        Assert.Contains("what exceeds it is in a temporary file.", lines[0], StringComparison.Ordinal);
    }

    /// <summary>To multiply with a power of two rounds nothing, so not a bit may differ.</summary>
    [Fact]
    public void The_unit_of_a_column_does_not_matter()
    {
        var rows = Texts(3000);
        var units = Enumerable.Range(0, Columns).Select(j => MathF.ScaleB(1, j % 21 - 10)).ToArray();
        var others = rows.Select(row => new Row { Label = row.Label, Features = [.. row.Features.Zip(units, (x, unit) => x * unit)] })
            .ToArray();
        FocalSgdBinaryTrainer.Options options = new() { L2Regularization = 0, Calibration = CalibrationMethod.None };
        var (expected, actual) = (Fit(View(rows), options), Fit(View(others), options));
        Assert.Equal(expected[..^1], actual[..^1].Zip(units, (w, unit) => w * unit));
        Assert.Equal(expected[^1], actual[^1]);
    }

    /// <summary>
    /// It takes 17, 11 of them to where it would stop if it believed its steps. In the metric of standardised columns these would be 43,
    /// with first trials of full length only 14, with a wrong length of the first step 33.
    /// </summary>
    [Fact]
    public void Separable_texts_take_few_passes()
    {
        var data = TrainingData.Read(new RowReader(View(Texts(6000)), "Label", "Features", null), long.MaxValue);
        var loss = new FocalLoss();
        var start = LinearModel.Constant(Columns, (float)loss.BestConstantScore(data.Totals.Weights[1], data.Totals.Weights[0]));
        var result = Solver.Minimize(
            new RowMatrix(data, Parallel),
            [new FocalObjective(loss, 1, 1)], start, new SolverSettings(100, 1e-4, null, 1e-7, true, 0, Parallel), (_, _, _, _)
                => true);
        Assert.True(result.Converged);
        Assert.InRange(result.Passes, 2, 19);
    }

    /// <summary>
    /// Features that depend on each other, and classes that no plane separates: L-BFGS alone takes 136 passes.
    /// </summary>
    [Fact]
    public void Classes_that_no_plane_separates_take_few_passes()
    {
        const int Count = 8000, Features = 600;
        var random = new Random(3);
        var rows = Enumerable.Range(0, Count).Select(_ =>
        {
            var (features, before) = (new float[Features], 0.0);
            for (var j = 0; j < Features; j++)
                features[j] = (float)(before = .95 * before + .3 * Rows.Normal(random));
            return new Row { Label = features[3] - features[4] + features[9] + Rows.Normal(random) > 2, Features = features };
        }).ToArray();
        var data = TrainingData.Read(new RowReader(Rows.View(_mlContext, rows), "Label", "Features", null), long.MaxValue);
        var result = Solver.Minimize(
            new RowMatrix(data, Parallel), [new FocalObjective(new FocalLoss(0), 1, 1)], LinearModel.Constant(Features, -2),
            new SolverSettings(200, 1e-5, null, 1e-5, true, 0, Parallel), (_, _, _, _) => true);
        Assert.True(result.Converged);
        Assert.InRange(result.Passes, 2, 30);
    }

    [Fact]
    public void The_metric_is_the_mean_curvature_and_that_of_the_penalty()
    {
        var metric = QuasiNewton.MeanMetric([.5, 0], new Scaling([1, 2], [.5, 2], outputCount: 2), penalty: .25);
        // The second output has no curvature: 1 in its place. An offset has no penalty.
        Assert.Equal([.5 + .25 * .25, .5 + .25 * 4, .5, 1 + .25 * .25, 1 + .25 * 4, 1], metric);
    }

    [Fact]
    public void Curvatures_are_the_derivative_of_the_slopes()
    {
        var rows = Rows.Gaussian(3000, features: 4);
        var data = TrainingData.Read(new RowReader(Rows.View(_mlContext, rows), "Label", "Features", null), long.MaxValue);
        var pass = new RowMatrix(data, Parallel);
        var objective = new FocalObjective(new FocalLoss(gamma: 0), 1, 1);
        float[] coefficients = [.4f, -.3f, .2f, .1f];
        // Log-loss is convex in every row, so no row counts as 0; the last number of a gradient is the summed slope.
        const float h = 1f / 64;
        var difference = (Slope(-1 + h) - Slope(-1 - h)) / (2 * h);
        var curvatures = pass.Curvatures(new LossAt(objective, new LinearModel([coefficients], [-1])));
        Assert.Equal(difference, Assert.Single(curvatures), 1e-3 * difference);

        double Slope(float offset)
        {
            var gradient = new double[5];
            pass.Evaluate(new LossAt(objective, new LinearModel([coefficients], [offset])), gradient);
            return gradient[4];
        }
    }

    [Fact]
    public void Rows_where_the_loss_is_not_convex_count_as_0()
    {
        var rows = MulticlassRows.Gaussian(3000, classes: 3);
        var data = TrainingData.Read(
            new RowReader(MulticlassRows.View(_mlContext, rows), "Label", "Features", null, outputCount: 3), long.MaxValue);
        var pass = new RowMatrix(data, Parallel);
        double[] gammas = [1, 2, 3];
        float[][] coefficients = [[1.5f, .6f, 0], [-1.2f, 2.7f, .3f], [0, -.9f, 1.8f]];
        float[] offsets = [-4, -3, 1.5f];
        var expected = new double[3];
        var left = 0;
        foreach (var row in rows)
        {
            for (var k = 0; k < 3; k++)
            {
                var score = offsets[k] + row.Features.Zip(coefficients[k], (x, c) => x * c).Sum();
                var second = new FocalLoss(gammas[k]).SecondDerivative(score, row.Label == k ? 1 : 0);
                expected[k] += Math.Max(0, second);
                left += second < 0 ? 1 : 0;
            }
        }

        Assert.True(left > 100);
        var sums = pass.Curvatures(
            new LossAt(new OneVersusAllFocalObjective(gammas, [1, 1, 1]), new LinearModel(coefficients, offsets)));
        Assert.All(expected.Zip(sums), pair => Assert.Equal(pair.First, pair.Second, 1e-4 * pair.First));
    }

    /// <summary>Columns that do not vary change no minimum, but there are too many for a matrix then.</summary>
    [Theory]
    [InlineData(MulticlassFormulation.Softmax)]
    [InlineData(MulticlassFormulation.OneVersusAll)]
    public void Several_classes_come_to_the_same_model_among_many_columns(MulticlassFormulation formulation)
    {
        var rows = MulticlassRows.Gaussian(2000, classes: 3);
        MulticlassRow[] wide =
            [.. rows.Select(row => new MulticlassRow { Label = row.Label,
            Features = [.. row.Features, .. new float[CurvatureCost.MostColumns]] })];
        var (expected, actual) = (Scores(rows), Scores(wide));
        Assert.All(expected.Zip(actual),
            pair => Assert.All(pair.First.Score.Zip(pair.Second.Score), p => Assert.Equal(p.First, p.Second, 2e-3f)));

        MulticlassScored[] Scores(MulticlassRow[] training)
        {
            var view = MulticlassRows.View(_mlContext, training);
            var model = _mlContext.MulticlassClassification.Trainers.FocalSgd(new FocalSgdMulticlassTrainer.Options
            {
                Formulation = formulation,
                Calibration = CalibrationMethod.None,
                L2Regularization = 1e-4,
                NumberOfIterations = 500,
                ConvergenceTolerance = 1e-9,
            }).Fit(view);
            return MulticlassRows.Score(_mlContext, model, view);
        }
    }

    /// <summary>Fewer columns than are many, but of so many classes that the matrices of all would be too large.</summary>
    [Fact]
    public void Many_classes_converge_without_matrices()
    {
        const int Classes = 20, Features = 500;
        Assert.False(CurvatureCost.AllowsNewtonSteps(Features, new OneVersusAllFocalObjective(new double[Classes], new double[Classes])));
        var random = new Random(4);
        var rows = MulticlassRows.Gaussian(3000, Classes);
        foreach (var row in rows)
            row.Features = [.. row.Features, .. Enumerable.Range(0, Features - 3).Select(_ => (float)Rows.Normal(random))];
        var data = TrainingData.Read(
            new RowReader(MulticlassRows.View(_mlContext, rows, Classes), "Label", "Features", null, outputCount: Classes), long.MaxValue);
        double[] ones = [.. Enumerable.Repeat(1.0, Classes)];
        List<double> norms = [];
        var result = Solver.Minimize(
            new RowMatrix(data, Parallel), [new OneVersusAllFocalObjective([.. ones.Select(_ => 2.0)], ones)],
            LinearModel.Constant(Features, [.. ones.Select(_ => -2f)]),
            new SolverSettings(300, 1e-6, null, 1e-3, true, 0, Parallel), (_, _, norm, _) =>
            {
                norms.Add(norm);
                return true;
            });
        Assert.True(result.Converged);
        Assert.InRange(norms[^1] / norms[0], 0, .02);
    }

    /// <summary>
    /// Rows in which few columns are not 0, some columns much more often than others; a tenth of the values says what class a row is of.
    /// </summary>
    private static Row[] Texts(int count)
    {
        var random = new Random(5);
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            var row = new Row { Label = i == 0 || random.Next(50) == 0, Features = new float[Columns] };
            for (var k = 0; k < 40; k++)
            {
                var column = (int)(Columns * Math.Pow(random.NextDouble(), 3));
                row.Features[row.Label && random.Next(10) == 0 ? column / 50 * 50 : column] = .5f + random.NextSingle();
            }

            return row;
        })];
    }

    private IDataView View(Row[] rows) => Rows.SparseView(_mlContext, rows, Columns);

    /// <summary>The weights, and the bias after them.</summary>
    private float[] Fit(IDataView view, FocalSgdBinaryTrainer.Options options)
    {
        var model = _mlContext.BinaryClassification.Trainers.FocalSgd(options).Fit(view).Model.SubModel;
        return [.. model.Weights, model.Bias];
    }
}

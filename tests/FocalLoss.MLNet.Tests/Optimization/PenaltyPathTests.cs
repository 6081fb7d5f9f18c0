using FocalMlNet.Matrix;
using FocalMlNet.Optimization;
using FocalMlNet.Training;
using Microsoft.ML;

namespace FocalMlNet.Tests.Optimization;

/// <summary>
/// The models along a path of penalties, each of which begins where that of the nearest one before has ended, against fits of their own and
/// against minima by a plain Newton method, all judged by a plain sum over the rows.
/// </summary>
public sealed class PenaltyPathTests
{
    private static readonly ParallelOptions Parallel = new() { MaxDegreeOfParallelism = 2 };

    /// <summary>From what lets next to nothing through to what does next to nothing.</summary>
    private static readonly double[] Penalties = [3, .3, .1, .03, 1e-3, 1e-4, 1e-6, 0];

    /// <summary>From the largest down, from the smallest up, and from one in the middle to both sides.</summary>
    private static readonly int[][] Orders = [[0, 1, 2, 3, 4, 5, 6, 7], [7, 6, 5, 4, 3, 2, 1, 0], [3, 2, 1, 0, 4, 5, 6, 7]];

    /// <summary>With 5,000 rows second derivatives are taken in some of them.</summary>
    [Theory]
    [InlineData(800, 0, 1e-4, 0)]
    [InlineData(800, 0, 1e-7, 0)]
    [InlineData(800, 2, 1e-4, 0)]
    [InlineData(5000, 2, 1e-5, 0)]
    [InlineData(800, 0, 1e-7, 3e-3)]
    [InlineData(800, 2, 1e-7, 3e-3)]
    public void Models_along_a_path_are_those_of_fits_of_their_own(int count, double gamma, double tolerance, double unseenGap)
    {
        var rows = Rows.Gaussian(count, features: 5, positiveRate: .2);
        foreach (var row in rows)
            row.Features = [.. row.Features.Select((x, j) => x * MathF.Pow(3, j - 2) + j)];
        using var data = TrainingData.Read(new RowReader(Rows.View(new MLContext(), rows), "Label", "Features", null), long.MaxValue);
        var objective = new FocalObjective(new FocalLoss(gamma), 1, 1);
        var start = LinearModel.Constant(5, (float)objective.BestConstantScore(data.Totals.Weights[1], data.Totals.Weights[0]));
        var settings = new SolverSettings(200, tolerance, null, 0, true, 0, Parallel);
        foreach (var order in Orders)
        {
            var minimum = new PenaltyMinima(new RowMatrix(data, Parallel), objective, start, settings, unseenGap);
            foreach (var at in order)
                Check(Penalties[at], minimum.At(Penalties[at]));
        }

        void Check(double penalty, LinearModel model)
        {
            var plain = new PlainNewton(rows, gamma, penalty);
            var most = Math.Max(tolerance * Value(start), unseenGap);
            var single = Solver.Minimize(
                new RowMatrix(data, Parallel), [objective], start, settings with { L2Regularization = penalty },
                (_, _, _, _) => true).Model;
            var (weights, bias) = plain.Minimize([.. model.Coefficients[0].Select(w => (double)w)], model.Offsets[0]);
            var least = plain.Objective(weights, bias);
            // Weights are rounded to single precision.
            Assert.InRange(Value(model) - least, -1e-12, most + 1e-9);
            Assert.InRange(Value(model) - Value(single), -tolerance * Value(start) - 1e-9, most + 1e-9);

            double Value(LinearModel of)
                => plain.Objective([.. of.Coefficients[0].Select(w => (double)w)], of.Offsets[0]);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void Softmax_models_along_a_path_are_within_the_tolerance_of_their_minima(double gamma)
    {
        const int Classes = 3;
        const double Tolerance = 1e-5;
        var rows = MulticlassRows.Gaussian(900, Classes);
        using var data = TrainingData.Read(
            new RowReader(MulticlassRows.View(new MLContext(), rows, Classes), "Label", "Features", null, outputCount: Classes),
            long.MaxValue);
        var start = LinearModel.Constant(3, new float[Classes]);
        var minimum = new PenaltyMinima(
            new RowMatrix(data, Parallel), new SoftmaxFocalObjective(gamma, [1, 1, 1]), start,
            new SolverSettings(200, Tolerance, null, 0, true, 0, Parallel), unseenGap: 0);
        LinearModel[] path = [.. Penalties.Select(minimum.At)];
        for (var at = 0; at < path.Length; at++)
        {
            var plain = new PlainSoftmaxNewton(rows, Classes, gamma, Penalties[at]);
            var least = plain.Objective(plain.Minimize(Point(path[at])));
            Assert.InRange(plain.Objective(Point(path[at])) - least, -1e-12, Tolerance * plain.Objective(Point(start)) + 1e-9);
        }

        static double[] Point(LinearModel model)
            => [.. model.Coefficients.SelectMany((own, k) => own.Append(model.Offsets[k])).Select(x => (double)x)];
    }

    /// <summary>What does not matter is not worth a pass.</summary>
    [Fact]
    public void A_gap_that_does_not_matter_saves_passes()
    {
        var rows = Rows.Gaussian(800, features: 5, positiveRate: .2);
        using var data = TrainingData.Read(new RowReader(Rows.View(new MLContext(), rows), "Label", "Features", null), long.MaxValue);
        Assert.InRange(Evaluations(3e-3), 1, Evaluations(0) - Penalties.Length);

        // Block after block: of so few rows there are two.
        double Evaluations(double unseenGap)
        {
            var told = new Counted(new FocalObjective(new FocalLoss(0), 1, 1));
            var settings = new SolverSettings(200, 1e-7, null, 0, true, 0, Parallel);
            var minimum = new PenaltyMinima(new RowMatrix(data, Parallel), told, LinearModel.Constant(5, -1), settings, unseenGap);
            Assert.All(Penalties, penalty => minimum.At(penalty));
            return told.Evaluations / (double)data.Blocks.Count;
        }
    }

    /// <summary>Counts evaluations.</summary>
    private sealed class Counted(IClassObjective inner) : IClassObjective
    {
        private int _evaluations;

        public int Evaluations => _evaluations;

        public int OutputCount => inner.OutputCount;

        public double TailRate => inner.TailRate;

        public double Evaluate(ReadOnlySpan<float> scores, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, Span<float> slopes)
        {
            Interlocked.Increment(ref _evaluations);
            return inner.Evaluate(scores, labels, weights, slopes);
        }

        public void Curvatures(ReadOnlySpan<float> scores, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, Span<float> curvatures)
            => inner.Curvatures(scores, labels, weights, curvatures);

        public double ClassWeight(float label) => inner.ClassWeight(label);
    }
}

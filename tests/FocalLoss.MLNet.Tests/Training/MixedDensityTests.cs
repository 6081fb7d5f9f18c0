
using FocalMlNet.Optimization;
using Microsoft.ML;

namespace FocalMlNet.Tests.Training;

/// <summary>
/// Whole fits of data with dense and sparse blocks. Where the loss is convex, plain arithmetic in double precision bounds the distance to
/// the minimum; else the same data without a 0, all of whose blocks are dense, must give the same probabilities.
/// </summary>
public sealed class MixedDensityTests
{
    private const double L2 = 1e-3;

    /// <summary>Two classes, and several in both ways.</summary>
    private static readonly MulticlassFormulation?[] Formulations =
        [null, MulticlassFormulation.Softmax, MulticlassFormulation.OneVersusAll];

    /// <summary>Added to all values, none of which is 0 then; nothing else changes but a bias.</summary>
    private const float Shift = 3;

    private readonly MLContext _mlContext = new(seed: 1);

    public static TheoryData<int> Widths => [1, 4, 520];

    public static TheoryData<string> Ways => ["plain", "balanced", "schedule", "Platt", "early stopping", "given rate"];

    [Fact]
    public void A_row_without_zeros_in_a_sparse_block_is_trained_on()
    {
        static Row Row(int i) => new() { Label = i % 2 == 0, Features = [i == 0 || i >= 512 ? i + 1 : 0] };
        Row[] rows = [.. Enumerable.Range(0, 1024).Select(Row)];
        var model = _mlContext.BinaryClassification.Trainers.FocalSgd().Fit(Rows.View(_mlContext, rows));
        Assert.True(float.IsFinite(model.Model.SubModel.Bias));
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Convex_losses_reach_their_minimum(int columns)
    {
        foreach (var density in MixedRows.Densities.Where((_, number) => columns < 512 || number % 2 == 0))
        {
            var features = MixedRows.Features(density, columns > 512 ? 200 : 1100, columns, seed: 1);
            AssertMinima(features, MixedRows.Of(features, seed: 2), tolerance: 1e-8, bound: 1e-5);
        }
    }

    /// <summary>So many rows that samples are drawn for the first steps.</summary>
    [Theory]
    [InlineData("dense and sparse by turns")]
    [InlineData("a quarter of the rows full, the rest empty")]
    public void Convex_losses_reach_their_minimum_on_many_rows(string density)
    {
        var features = MixedRows.Features(density, 135_000, columns: 2, seed: 1);
        AssertMinima(features, MixedRows.Of(features, seed: 2), tolerance: 1e-7, bound: 1e-4);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Data_without_a_zero_gives_the_same_probabilities(string way)
    {
        foreach (var (density, number) in MixedRows.Densities.Select((density, number) => (density, number)))
            AssertSameWithoutZeros(way, MixedRows.Features(density, 1100, columns: number % 2 == 0 ? 1 : 4, seed: 1), density);
    }

    [Fact]
    public void Data_without_a_zero_gives_the_same_probabilities_in_many_columns()
    {
        foreach (var density in MixedRows.Densities.Where((_, number) => number % 4 == 3))
            AssertSameWithoutZeros("plain", MixedRows.Features(density, 200, columns: 520, seed: 1), density);
    }

    private void AssertSameWithoutZeros(string way, float[][] features, string density)
    {
        var view = MixedRows.View(_mlContext, MixedRows.Of(features, seed: 2));
        var dense = MixedRows.View(_mlContext, MixedRows.Of(features, seed: 2, Shift));
        foreach (var formulation in Formulations)
        {
            var settings = new Settings(way, formulation);
            var (model, expected) = (Fit(settings, view), Fit(settings, dense));
            var difference = features.Max(x => Probabilities(settings, expected, [.. x.Select(value => value + Shift)])
                .Zip(Probabilities(settings, model, x), (a, b) => Math.Abs(a - b)).Max());
            Assert.True(difference < 2e-3, $"{density}, {formulation}: probabilities differ by {difference}");

            // To the bit: on one thread, and from blocks that are made again in each pass.
            var streamed = Fit(settings with { MemoryBudget = 1, Threads = 1 }, view);
            Assert.Equal(model.Offsets, streamed.Offsets);
            Assert.Equal(model.Coefficients, streamed.Coefficients);
        }
    }

    /// <summary>What a fit is like.</summary>
    /// <param name="Way">What is not as by default.</param>
    /// <param name="Formulation">That of several classes; null for two.</param>
    private sealed record Settings(string Way, MulticlassFormulation? Formulation)
    {
        public double Gamma { get; init; } = 1;

        public double Tolerance { get; init; } = 1e-8;

        public long? MemoryBudget { get; init; }

        public int Threads { get; init; } = 3;

        public CalibrationMethod Calibration => Way == "Platt" ? CalibrationMethod.Platt : CalibrationMethod.Focal;

        public ClassWeighting Weighting => Way == "balanced" ? ClassWeighting.Balanced : ClassWeighting.None;

        public GammaSchedule? Schedule => Way == "schedule" ? GammaSchedule.Linear(0, 1) : null;

        public EarlyStopping? Stopping => Way == "early stopping" ? new() { Metric = EarlyStoppingMetric.LogLoss } : null;

        public double? Rate => Way == "given rate" ? .5 : null;

        public int Iterations => Rate is null ? 500 : 3;
    }

    private LinearModel Fit(Settings own, IDataView view)
    {
        if (own.Formulation is { } formulation)
        {
            return _mlContext.MulticlassClassification.Trainers.FocalSgd(new FocalSgdMulticlassTrainer.Options
            {
                LabelColumnName = nameof(MixedRow.Class),
                Formulation = formulation,
                ExampleWeightColumnName = nameof(MixedRow.Weight),
                L2Regularization = L2,
                Gamma = own.Schedule ?? own.Gamma,
                ConvergenceTolerance = own.Tolerance,
                NumberOfIterations = own.Iterations,
                LearningRate = own.Rate,
                EarlyStopping = own.Stopping,
                MemoryBudget = own.MemoryBudget,
                NumberOfThreads = own.Threads,
                Calibration = own.Calibration,
                ClassWeighting = own.Weighting,
            }).Solve(view);
        }

        var model = _mlContext.BinaryClassification.Trainers.FocalSgd(new FocalSgdBinaryTrainer.Options
        {
            ExampleWeightColumnName = nameof(MixedRow.Weight),
            L2Regularization = L2,
            Gamma = own.Schedule ?? own.Gamma,
            ConvergenceTolerance = own.Tolerance,
            NumberOfIterations = own.Iterations,
            LearningRate = own.Rate,
            EarlyStopping = own.Stopping,
            MemoryBudget = own.MemoryBudget,
            NumberOfThreads = own.Threads,
            Calibration = own.Calibration,
            ClassWeighting = own.Weighting,
        }).Fit(view).Model.SubModel;
        return new LinearModel([[.. model.Weights]], [model.Bias]);
    }

    private static double[] Probabilities(Settings settings, LinearModel model, float[] x)
    {
        double[] scores = [.. model.Offsets.Select((b, k) => b + x.Zip(model.Coefficients[k], (value, w) => (double)value * w).Sum())];
        return settings.Formulation == MulticlassFormulation.Softmax
            ? [.. scores.Select(z => 1 / scores.Sum(other => Math.Exp(other - z)))]
            : [.. scores.Select(z => 1 / (1 + Math.Exp(-z)))];
    }

    private void AssertMinima(float[][] features, MixedRow[] rows, double tolerance, double bound)
    {
        var view = MixedRows.View(_mlContext, rows);
        double[] weights = [.. rows.Select(row => (double)row.Weight)];
        var zeros = new float[features[0].Length];
        Settings Convex(MulticlassFormulation? formulation) => new("plain", formulation) { Gamma = 0, Tolerance = tolerance };
        LinearModel[] models = [.. Formulations.Select(formulation => Fit(Convex(formulation), view))];
        AssertGap(row => row.Label ? 1 : 0, [zeros, .. models[0].Coefficients], [0, .. models[0].Offsets]);
        AssertGap(row => (int)row.Class, models[1].Coefficients, models[1].Offsets);
        for (var k = 0; k < MixedRows.Classes; k++)
            AssertGap(row => row.Class == k ? 1 : 0, [zeros, models[2].Coefficients[k]], [0, models[2].Offsets[k]]);

        void AssertGap(Func<MixedRow, int> label, float[][] coefficients, float[] offsets)
            => Assert.InRange(new PlainLoss(features, [.. rows.Select(label)], weights).Gap(coefficients, offsets), -1e-9, bound);
    }

    /// <summary>
    /// The weighted mean softmax cross-entropy plus (λ/2) ‖coefficients‖², by plain loops. Two classes of which the first has scores 0 are
    /// the logistic loss.
    /// </summary>
    private sealed class PlainLoss(float[][] features, int[] labels, double[] weights)
    {
        private readonly double _total = weights.Sum();

        /// <summary>
        /// A bound of F(c, b) less its minimum, relative to F of the best constant: F(c, b) - F(c, b*) + ‖∂F/∂c at b*‖² / (2λ), with the
        /// best offsets b* for c, since the least of F over the offsets is strongly convex in c.
        /// </summary>
        public double Gap(float[][] coefficients, float[] offsets)
        {
            double[] shares = [.. offsets.Select((_, k) => labels.Zip(weights, (y, w) => y == k ? w : 0).Sum() / _total)];
            double[][] scores = [.. features.Select(x => coefficients.Select(c => Dot(c, x)).ToArray())];
            double[] best = [.. offsets.Select(b => (double)b)];
            var given = Value(scores, best);
            for (var isDone = false; !isDone;)
            {
                // The mean probability of each class must be its share: iterative proportional fitting.
                var means = new double[best.Length];
                for (var i = 0; i < scores.Length; i++)
                {
                    var p = Softmax(scores[i], best);
                    for (var k = 0; k < p.Length; k++)
                        means[k] += weights[i] * p[k] / _total;
                }

                for (var k = 0; k < best.Length; k++)
                    best[k] += Math.Log(shares[k] / means[k]);
                isDone = means.Zip(shares).All(pair => Math.Abs(pair.First - pair.Second) < 1e-9);
            }

            var slopes = new double[best.Length, features[0].Length];
            for (var i = 0; i < scores.Length; i++)
            {
                var p = Softmax(scores[i], best);
                for (var k = 0; k < p.Length; k++)
                {
                    var slope = weights[i] / _total * (p[k] - (labels[i] == k ? 1 : 0));
                    for (var j = 0; j < features[i].Length; j++)
                        slopes[k, j] += slope * features[i][j];
                }
            }

            double square = 0;
            for (var k = 0; k < best.Length; k++)
            {
                // A class whose scores are 0 by definition has no coefficients to look for.
                for (var j = 0; j < features[0].Length && (k > 0 || best.Length > 2); j++)
                    square += Math.Pow(slopes[k, j] + L2 * coefficients[k][j], 2);
            }

            return (given - Value(scores, best) + square / (2 * L2)) / -shares.Sum(share => share * Math.Log(share));
        }

        private double Value(double[][] scores, double[] offsets)
            => -scores.Select((z, i) => weights[i] / _total * Math.Log(Softmax(z, offsets)[labels[i]])).Sum();

        private static double[] Softmax(double[] scores, double[] offsets)
        {
            var p = new double[scores.Length];
            double sum = 0;
            for (var k = 0; k < p.Length; k++)
                sum += p[k] = Math.Exp(scores[k] + offsets[k]);
            for (var k = 0; k < p.Length; k++)
                p[k] /= sum;
            return p;
        }

        private static double Dot(float[] c, float[] x)
        {
            double sum = 0;
            for (var j = 0; j < x.Length; j++)
                sum += (double)c[j] * x[j];
            return sum;
        }
    }
}

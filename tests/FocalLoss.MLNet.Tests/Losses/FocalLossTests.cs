using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.ML;

namespace FocalMlNet.Tests.Losses;

public sealed class FocalLossTests
{
    /// <summary>Rows of Reference/focal-binary.csv, which was computed with 60 digits.</summary>
    private static IEnumerable<(float Logit, float Label, FocalLoss Loss, double[] Expected)> ReferenceRows()
        => File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Reference", "focal-binary.csv")).Skip(1)
            .Select(line => line.Split(',').Select(cell => double.Parse(cell, CultureInfo.InvariantCulture)).ToArray())
            .Select(cells => ((float)cells[0], (float)cells[1], new FocalLoss(cells[2], cells[3]), cells[4..]));

    [Fact]
    public void Loss_and_derivatives_equal_the_reference_to_a_millionth()
    {
        var rows = 0;
        foreach (var (logit, label, loss, expected) in ReferenceRows())
        {
            rows++;
            AssertClose(expected[0], loss.Loss(logit, label));
            AssertClose(expected[1], loss.Derivative(logit, label));
            AssertClose(expected[2], loss.SecondDerivative(logit, label));

            void AssertClose(double wanted, double actual)
            {
                // Below the smallest normal float there are fewer digits, down to none.
                var tolerance = Math.Max(1e-6 * Math.Abs(wanted), float.Epsilon);
                Assert.True(Math.Abs(actual - wanted) <= tolerance,
                    $"logit {logit}, label {label}, gamma {loss.Gamma}, alpha {loss.Alpha}: {actual}, expected {wanted}");
            }
        }

        Assert.Equal(612, rows);
    }

    [Fact]
    public void Nothing_is_NaN_or_infinite_for_any_finite_score()
    {
        var bits = Gen.Choose(int.MinValue, int.MaxValue).Select(BitConverter.Int32BitsToSingle).Where(float.IsFinite);
        var gammas = Gen.OneOf(Gen.Choose(0, 50).Select(g => (double)g), Gen.Choose(0, 1000).Select(g => g / 1000.0), Gen.Choose(0, 50_000).Select(g => g / 1000.0));
        Prop.ForAll(bits.ToArbitrary(), gammas.ToArbitrary(), (score, gamma) =>
        {
            var loss = new FocalLoss(gamma);
            return new[] { score, -score, float.MaxValue, float.MinValue, 0 }.All(z => new[] { 0f, 1f }.All(y =>
                double.IsFinite(loss.Loss(z, y)) && float.IsFinite(loss.Derivative(z, y)) && float.IsFinite(loss.SecondDerivative(z, y))));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(5000));
    }

    [Fact]
    public void Gamma_zero_equals_cross_entropy()
    {
        var focal = new FocalLoss(gamma: 0);
        for (var z = -30f; z <= 30; z += .37f)
        {
            Assert.Equal(Math.Log(1 + Math.Exp(-z)), focal.Loss(z, 1), 1e-12);
            Assert.Equal(Math.Log(1 + Math.Exp(z)), focal.Loss(z, 0), 1e-12);
            Assert.Equal(-1 / (1 + Math.Exp(z)), focal.Derivative(z, 1), 1e-7);
        }
    }

    [Fact]
    public void Alpha_weighs_positives_and_one_minus_alpha_negatives()
    {
        var (plain, weighted) = (new FocalLoss(2), new FocalLoss(2, .75));
        Assert.Equal(.75 * plain.Loss(.3f, 1), weighted.Loss(.3f, 1), 1e-15);
        Assert.Equal(.25 * plain.Loss(.3f, 0), weighted.Loss(.3f, 0), 1e-15);
        Assert.Equal(.75 * plain.SecondDerivative(.3f, 1), weighted.SecondDerivative(.3f, 1), 1e-7);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public void A_label_of_minus_one_or_zero_is_the_negative_class(float score)
    {
        var loss = new FocalLoss();
        Assert.Equal(loss.Loss(score, 0), loss.Loss(score, -1));
        Assert.Equal(loss.Derivative(score, 0), loss.Derivative(score, -1));
        Assert.True(loss.Derivative(score, 0) > 0);
    }

    [Fact]
    public void A_label_of_NaN_gives_NaN()
    {
        var loss = new FocalLoss();
        Assert.True(double.IsNaN(loss.Loss(1, float.NaN)));
        Assert.True(float.IsNaN(loss.Derivative(1, float.NaN)));
        Assert.True(float.IsNaN(loss.SecondDerivative(1, float.NaN)));
    }

    [Fact]
    public void Best_constant_score_is_where_the_mean_slope_is_zero()
    {
        // Design value: one per cent positives, gamma 2, alpha .25 give a sigmoid of .108.
        var score = new FocalLoss(2, .25).BestConstantScore(1, 99);
        Assert.Equal(.108, 1 / (1 + Math.Exp(-score)), 5e-4);
        // Gamma 0 without class weights: the log-odds.
        Assert.Equal(Math.Log(1.0 / 99), new FocalLoss(0).BestConstantScore(1, 99), 1e-9);
        Assert.Equal(0, new FocalLoss(3).BestConstantScore(5, 5), 1e-9);
    }

    [Theory]
    [InlineData(-1, null, "gamma = -1, but it should be in [0; +∞). (Parameter 'gamma')")]
    [InlineData(double.NaN, null, "gamma = NaN, but it should be in [0; +∞). (Parameter 'gamma')")]
    [InlineData(double.PositiveInfinity, null, "gamma = Infinity, but it should be in [0; +∞). (Parameter 'gamma')")]
    [InlineData(2, -.1, "alpha = -0.1, but it should be in [0; 1]. (Parameter 'alpha')")]
    [InlineData(2, 1.5, "alpha = 1.5, but it should be in [0; 1]. (Parameter 'alpha')")]
    [InlineData(2, double.NaN, "alpha = NaN, but it should be in [0; 1]. (Parameter 'alpha')")]
    public void A_parameter_outside_its_range_is_refused(double gamma, double? alpha, string message)
        => Assert.Equal(message, Assert.Throws<ArgumentOutOfRangeException>(() => new FocalLoss(gamma, alpha)).Message);

    [Fact]
    public void It_works_in_the_stock_trainers_that_take_a_loss()
    {
        var mlContext = new MLContext(seed: 1);
        var view = mlContext.Data.Cache(Rows.View(mlContext, Rows.Gaussian(2000)));
        var trainers = mlContext.BinaryClassification.Trainers;
        IEstimator<ITransformer>[] estimators =
        [
            trainers.SgdNonCalibrated(lossFunction: new FocalLoss(gamma: 2, alpha: .75f)),
            trainers.AveragedPerceptron(lossFunction: new FocalLoss(gamma: 1)),
        ];
        foreach (var estimator in estimators)
        {
            var metrics = mlContext.BinaryClassification.EvaluateNonCalibrated(estimator.Fit(view).Transform(view));
            // Bayes' AUROC for means two standard deviations apart is Φ(√2) = .921.
            Assert.InRange(metrics.AreaUnderRocCurve, .88, .95);
        }
    }
}

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
        var gammas = Gen.OneOf(
            Gen.Choose(0, 50).Select(g => (double)g), Gen.Choose(0, 1000).Select(g => g / 1000.0),
            Gen.Choose(0, 50_000).Select(g => g / 1000.0));
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
    [InlineData(-1, null, "gamma = -1, but it should be in [0; 50]. (Parameter 'gamma')")]
    [InlineData(double.NaN, null, "gamma = NaN, but it should be in [0; 50]. (Parameter 'gamma')")]
    [InlineData(double.PositiveInfinity, null, "gamma = Infinity, but it should be in [0; 50]. (Parameter 'gamma')")]
    [InlineData(2, -.1, "alpha = -0.1, but it should be in (0; 1). (Parameter 'alpha')")]
    [InlineData(2, 0.0, "alpha = 0, but it should be in (0; 1). (Parameter 'alpha')")]
    [InlineData(2, 1.0, "alpha = 1, but it should be in (0; 1). (Parameter 'alpha')")]
    [InlineData(2, 1.5, "alpha = 1.5, but it should be in (0; 1). (Parameter 'alpha')")]
    [InlineData(2, double.NaN, "alpha = NaN, but it should be in (0; 1). (Parameter 'alpha')")]
    public void A_parameter_outside_its_range_is_refused(double gamma, double? alpha, string message)
        => Assert.Equal(message, Assert.Throws<ArgumentOutOfRangeException>(() => new FocalLoss(gamma, alpha)).Message);

    [Fact]
    public void The_hand_written_binary_description_and_its_figures()
    {
        float[] logits = [.1f, .9f, .2f, .8f, .7f];
        float[] labels = [0, 1, 0, 1, 1];
        var weighted = new FocalLoss(gamma: 2, alpha: .25);
        Assert.Equal(.36197767, weighted.Sum(logits, labels), 1e-7);
        Assert.Equal(.07239553, weighted.Mean(logits, labels), 1e-8);
        Assert.Equal(.55501199, new FocalLoss(gamma: 2).Sum(logits, labels), 1e-7);

        // There entries that are neither 0 nor 1 are ignored: here they are to be NaN.
        Assert.Equal(.36197767, weighted.Sum([.1f, 5, .9f, .2f, .8f, .7f], [0, float.NaN, 1, 0, 1, 1]), 1e-7);
        Assert.Equal(.07239553, weighted.Mean([.1f, 5, .9f, .2f, .8f, .7f], [0, float.NaN, 1, 0, 1, 1]), 1e-8);
    }

    [Fact]
    public void The_description_on_logits_and_its_figures()
    {
        float[] logits = [.5f, -1, 2, -3];
        float[] labels = [1, 1, 0, 0];
        double[] expected = [.0168933726, .175467076, 1.23755863, 8.19624934e-5];
        var loss = new FocalLoss(gamma: 2, alpha: .25);
        var batch = new float[4];
        loss.Losses(logits, labels, batch);
        for (var i = 0; i < 4; i++)
        {
            LossChecks.AssertRelative(expected[i], loss.Loss(logits[i], labels[i]), 1e-6, $"{i}");
            LossChecks.AssertRelative(expected[i], batch[i], 1e-6, $"{i}, batch");
        }

        LossChecks.AssertRelative(expected.Sum(), loss.Sum(logits, labels), 1e-6, "sum");
        LossChecks.AssertRelative(expected.Average(), loss.Mean(logits, labels), 1e-6, "mean");
    }

    [Fact]
    public void Sum_and_means_count_what_is_not_ignored_and_what_is_positive()
    {
        float[] logits = [1, 2, -1, .5f, 0, 3];
        float[] labels = [1, 0, float.NaN, 1, .5f, 0];
        var loss = new FocalLoss(1.5);
        var each = new float[6];
        loss.Losses(logits, labels, each);
        Assert.Equal(0, each[2]);
        var sum = loss.Loss(1, 1) + loss.Loss(2, 0) + loss.Loss(.5f, 1) + (loss.Loss(0, 1) + loss.Loss(0, 0)) / 2 + loss.Loss(3, 0);
        Assert.Equal(sum, each.Sum(), 1e-6);
        Assert.Equal(sum, loss.Sum(logits, labels), 1e-6);
        Assert.Equal(sum / 5, loss.Mean(logits, labels), 1e-6);
        Assert.Equal(sum / 2.5, loss.MeanOverPositives(logits, labels), 1e-6);
        // Without a positive example the sum is left as it is.
        Assert.Equal(loss.Loss(2, 0), loss.MeanOverPositives([2], [0]), 1e-6);
        Assert.True(double.IsNaN(loss.Mean([2], [float.NaN])));
        Assert.Equal(0, loss.MeanOverPositives([2], [float.NaN]));
        Assert.Equal(0, loss.Sum([], []));
    }

    [Fact]
    public void Derivatives_are_those_that_differences_give()
    {
        var random = new Random(11);
        for (var i = 0; i < 3000; i++)
        {
            var loss = new FocalLoss(
                LossChecks.SomeGamma(random), random.Next(3) == 0 ? null : random.NextDouble(), random.Next(2) == 0 ? null
                    : LossChecks.SomeGamma(random),
                labelSmoothing: random.Next(2) * random.NextDouble());
            var (z, y) = (20 * random.NextDouble() - 10, random.Next(3) switch { 0 => 0, 1 => 1, _ => random.NextDouble() });
            var where = $"logit {z}, label {y}, γ {loss.GammaPositive}/{loss.GammaNegative}, α {loss.Alpha}, ε {loss.LabelSmoothing}";
            LossChecks.AssertDerivative(x => loss.ExactLoss(x, y), z, loss.ExactDerivative(z, y), where);
            LossChecks.AssertDerivative(x => loss.ExactDerivative(x, y), z, loss.ExactSecondDerivative(z, y), where);
        }
    }

    [Fact]
    public void Weighted_cross_entropy_is_gamma_zero_and_focusing_never_adds_to_it()
        => LossChecks.Check(Prop.ForAll(
            LossChecks.AnyFloat.ToArbitrary(), LossChecks.AnyGamma.ToArbitrary(), Gen.Choose(1, 99).Select(a => a / 100.0).ToArbitrary(),
            (z, γ, α) =>
            {
                foreach (var (label, weight, s) in new[] { (1, α, (double)z), (0, 1 - α, -(double)z) })
                {
                    var crossEntropy = weight * (Math.Max(-s, 0) + LogOnePlus(Math.Exp(-Math.Abs(s))));
                    LossChecks.AssertRelative(crossEntropy, new FocalLoss(0, α).Loss(z, label), 1e-14, $"{z:r}");
                    Assert.InRange(new FocalLoss(γ, α).Loss(z, label), 0, new FocalLoss(0, α).Loss(z, label));
                }

                static double LogOnePlus(double x) => 1 + x == 1 ? x : Math.Log(1 + x) * (x / (1 + x - 1));
            }));

    [Fact]
    public void The_loss_falls_as_the_score_moves_to_the_right_class()
        => LossChecks.Check(Prop.ForAll(
            LossChecks.AnyFloat.ToArbitrary(), LossChecks.AnyFloat.ToArbitrary(), LossChecks.AnyGamma.ToArbitrary(), (a, b, γ) =>
            {
                var loss = new FocalLoss(γ);
                var (low, high) = (Math.Min(a, b), Math.Max(a, b));
                // The last digits of an exponential may go the other way.
                Assert.True(loss.Loss(low, 1) >= loss.Loss(high, 1) * (1 - 1e-12));
                Assert.True(loss.Loss(low, 0) <= loss.Loss(high, 0) * (1 + 1e-12));
                Assert.True(loss.Derivative(a, 1) <= 0 && loss.Derivative(a, 0) >= 0);
            }));

    [Fact]
    public void Flipping_label_score_alpha_and_gammas_changes_nothing()
        => LossChecks.Check(Prop.ForAll(LossChecks.AnyFloat.ToArbitrary(), LossChecks.AnyGamma.ArrayOf(2).ToArbitrary(), (z, γs) =>
        {
            // Eighths, so that 1 - α is exact.
            var loss = new FocalLoss(0, .375, γs[0], γs[1], .125);
            var flipped = new FocalLoss(0, .625, γs[1], γs[0], .125);
            foreach (var y in new[] { 0.0, .25, 1 })
            {
                Assert.Equal(loss.ExactLoss(z, y), flipped.ExactLoss(-z, 1 - y));
                Assert.Equal(loss.ExactDerivative(z, y), -flipped.ExactDerivative(-z, 1 - y));
                Assert.Equal(loss.ExactSecondDerivative(z, y), flipped.ExactSecondDerivative(-z, 1 - y));
            }
        }));

    [Fact]
    public void Each_class_may_have_a_gamma_of_its_own()
    {
        var loss = new FocalLoss(gamma: 2, gammaNegative: 4);
        Assert.Equal((2, 2, 4), (loss.Gamma, loss.GammaPositive, loss.GammaNegative));
        Assert.Equal(new FocalLoss(2).Loss(.7f, 1), loss.Loss(.7f, 1));
        Assert.Equal(new FocalLoss(4).Loss(.7f, 0), loss.Loss(.7f, 0));
        Assert.Equal(new FocalLoss(4).Derivative(.7f, 0), loss.Derivative(.7f, 0));
        Assert.Equal(new FocalLoss(4).SecondDerivative(.7f, 0), loss.SecondDerivative(.7f, 0));
        Assert.Equal(new FocalLoss(1).Loss(.7f, 1), new FocalLoss(gammaPositive: 1, gammaNegative: 4).Loss(.7f, 1));
    }

    [Fact]
    public void A_soft_label_mixes_the_losses_of_both_classes_and_smoothing_makes_labels_soft()
    {
        var hard = new FocalLoss(2, .25);
        var mixed = .3 * hard.Loss(.7f, 1) + .7 * hard.Loss(.7f, 0);
        var losses = new float[1];
        hard.Losses([.7f], [.3f], losses);
        Assert.Equal(mixed, losses[0], 1e-6);
        // 1 becomes 1 (1 - .2) + .2 / 2 = .9, and 0 becomes .1.
        var smooth = new FocalLoss(2, .25, labelSmoothing: .2);
        Assert.Equal(.9 * hard.Loss(.7f, 1) + .1 * hard.Loss(.7f, 0), smooth.Loss(.7f, 1), 1e-15);
        Assert.Equal(.1 * hard.Loss(.7f, 1) + .9 * hard.Loss(.7f, 0), smooth.Loss(.7f, 0), 1e-15);
        Assert.Equal(.9 * hard.Derivative(.7f, 1) + .1 * hard.Derivative(.7f, 0), smooth.Derivative(.7f, 1), 1e-7);
        // With gamma 0 that is cross-entropy with the smoothed label.
        var p = 1 / (1 + Math.Exp(-.7f));
        Assert.Equal(-.9 * Math.Log(p) - .1 * Math.Log(1 - p), new FocalLoss(0, labelSmoothing: .2).Loss(.7f, 1), 1e-14);
    }

    [Fact]
    public void The_best_constant_score_minimises_any_mix_of_gammas_weights_and_smoothing()
    {
        foreach (var loss in new[] { new FocalLoss(2, .9), new FocalLoss(gammaPositive: 1, gammaNegative: 5),
            new FocalLoss(2, labelSmoothing: .1), new FocalLoss(50) })
        {
            var best = loss.BestConstantScore(3, 97);
            Assert.InRange(best, -50, 50);
            foreach (var step in new[] { 1e-3, .1, 1, 10 })
                Assert.True(Total(best) <= Math.Min(Total(best - step), Total(best + step)), $"step {step} from {best}");

            double Total(double z) => 3 * loss.ExactLoss(z, 1) + 97 * loss.ExactLoss(z, 0);
        }
    }

    [Fact]
    public void Bad_input_is_refused_with_name_value_and_range()
    {
        var loss = new FocalLoss();
        LossChecks.AssertRefused<ArgumentOutOfRangeException>(
            "gammaPositive = -1, but it should be in [0; 50]. (Parameter 'gammaPositive')",
            () => new FocalLoss(gammaPositive: -1));
        LossChecks.AssertRefused<ArgumentOutOfRangeException>(
            "gammaNegative = NaN, but it should be in [0; 50]. (Parameter 'gammaNegative')",
            () => new FocalLoss(gammaNegative: double.NaN));
        LossChecks.AssertRefused<ArgumentOutOfRangeException>(
            "labelSmoothing = 2, but it should be in [0; 1]. (Parameter 'labelSmoothing')",
            () => new FocalLoss(labelSmoothing: 2));
        LossChecks.AssertRefused<ArgumentException>(
            "labels has 1 element, but it should have 2, as many as scores. (Parameter 'labels')",
            () => loss.Losses([1, 2], [1], new float[2]));
        LossChecks.AssertRefused<ArgumentException>(
            "losses has 3 elements, but it should have 2, as many as scores. (Parameter 'losses')",
            () => loss.Losses([1, 2], [1, 0], new float[3]));
        LossChecks.AssertRefused<ArgumentException>(
            "derivatives has 1 element, but it should have 2, as many as scores. (Parameter 'derivatives')",
            () => loss.Derivatives([1, 2], [1, 0], new float[1]));
        LossChecks.AssertRefused<ArgumentException>(
            "losses has 0 elements, but it should have 2, as many as scores. (Parameter 'losses')",
            () => loss.LossesAndDerivatives([1, 2], [1, 0], [], new float[2]));
        LossChecks.AssertRefused<ArgumentException>(
            "secondDerivatives has 3 elements, but it should have 2, as many as scores. (Parameter 'secondDerivatives')",
            () => loss.SecondDerivatives([1, 2], [1, 0], new float[3]));
        LossChecks.AssertRefused<ArgumentOutOfRangeException>(
            "labels[0] = 2, but it should be in [0; 1] or NaN. (Parameter 'labels[0]')",
            () => loss.SecondDerivatives([1, 2], [2, 0], new float[2]));
        LossChecks.AssertRefused<ArgumentException>(
            "derivatives has 0 elements, but it should have 2, as many as scores. (Parameter 'derivatives')",
            () => loss.LossesAndDerivatives([1, 2], [1, 0], new float[2], []));
        LossChecks.AssertRefused<ArgumentOutOfRangeException>(
            "labels[1] = -1, but it should be in [0; 1] or NaN. (Parameter 'labels[1]')",
            () => loss.Losses([1, 2], [1, -1], new float[2]));
        LossChecks.AssertRefused<ArgumentOutOfRangeException>(
            "labels[1] = 1.5, but it should be in [0; 1] or NaN. (Parameter 'labels[1]')",
            () => loss.Mean([1, 2], [1, 1.5f]));
    }

    [Fact]
    public void A_bad_label_is_found_wherever_it_stands_and_nothing_is_written()
    {
        var loss = new FocalLoss();
        for (var bad = 0; bad < 40; bad++)
        {
            var (labels, losses) = (new float[40], new float[40]);
            labels[bad] = bad % 2 == 0 ? float.PositiveInfinity : -float.Epsilon;
            labels[(bad + 7) % 40] = float.NaN;
            var message = Assert.Throws<ArgumentOutOfRangeException>(() => loss.Losses(new float[40], labels, losses)).Message;
            Assert.StartsWith($"labels[{bad}] = ", message, StringComparison.Ordinal);
            Assert.All(losses, x => Assert.Equal(0, x));
        }
    }

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

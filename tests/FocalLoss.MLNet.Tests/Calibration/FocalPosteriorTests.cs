
using System.Globalization;

namespace FocalMlNet.Tests.Calibration;

public sealed class FocalPosteriorTests
{
    /// <summary>γ, α, σ(score) and the true probability, computed by an independent program.</summary>
    private static readonly double[][] Reference = [.. File
        .ReadLines(Path.Combine(AppContext.BaseDirectory, "Reference", "focal-posterior.csv")).Skip(1)
        .Select(line => line.Split(',').Select(cell => double.Parse(cell, CultureInfo.InvariantCulture)).ToArray())];

    [Fact]
    public void The_curve_is_that_of_the_reference()
    {
        Assert.Equal(288, Reference.Length);
        Assert.All(Reference, row =>
        {
            var found = new FocalPosterior(row[0], row[1]).Probability(Logit(row[2]));
            Assert.Equal(row[3], found, 1e-6);
            // Tiny probabilities too, relatively.
            Assert.Equal(1, found / row[3], 1e-9);
        });
    }

    [Fact]
    public void The_way_back_leads_to_the_score()
        => Assert.All(Reference.Where(row => row[3] is > 1e-12 and < 1 - 1e-12), row =>
            Assert.Equal(Logit(row[2]), new FocalPosterior(row[0], row[1]).Score(row[3]), 1e-3));

    [Theory]
    [InlineData(0.0)]
    [InlineData(.5)]
    [InlineData(2.0)]
    [InlineData(5.0)]
    public void At_the_score_of_a_probability_the_expected_loss_is_least(double gamma)
    {
        foreach (var alpha in new double?[] { null, .25, .9 })
        {
            var (loss, curve) = (new FocalLoss(gamma, alpha), new FocalPosterior(gamma, alpha));
            foreach (var probability in new[] { 1e-6, .01, .3, .5, .9, .9999 })
            {
                var z = curve.Score(probability);
                double Expected(double score) => probability * loss.ExactLoss(score, 1) + (1 - probability) * loss.ExactLoss(score, 0);
                Assert.True(Expected(z) <= Expected(z + .01) && Expected(z) <= Expected(z - .01),
                    $"γ = {gamma}, α = {alpha}, η = {probability}");
            }
        }
    }

    [Theory]
    [InlineData(-1e30)]
    [InlineData(-800.0)]
    [InlineData(-35.0)]
    [InlineData(35.0)]
    [InlineData(800.0)]
    [InlineData(1e30)]
    public void Far_out_it_is_a_straight_line(double score)
    {
        // g is 0 on one side and 1 on the other, so what is left of the logarithm is ln(1 + γ).
        var line = 3 * score - Math.Sign(score) * Math.Log(3);
        Assert.Equal(1, new FocalPosterior(2).LogOdds(score) / line, 1e-12);
        Assert.Equal(1, new FocalPosterior(2).ScoreOfLogOdds(line) / score, 1e-12);
    }

    [Fact]
    public void Without_gamma_it_is_the_sigmoid_and_weights_shift_it()
    {
        Assert.Equal(1 / (1 + Math.Exp(-1.5)), new FocalPosterior(0).Probability(1.5), 1e-15);
        Assert.Equal(1.5 - Math.Log(9), new FocalPosterior(0, .9).LogOdds(1.5), 1e-14);
        Assert.Equal(1.5 - Math.Log(9), FocalPosterior.WithClassWeights(0, positiveWeight: 180, negativeWeight: 20).LogOdds(1.5), 1e-14);
    }

    [Fact]
    public void It_is_NaN_for_NaN() => Assert.True(double.IsNaN(new FocalPosterior().Probability(double.NaN)));

    [Fact]
    public void A_parameter_outside_its_range_is_refused()
    {
        Assert.Equal("alpha = 0, but it should be in (0; 1). (Parameter 'alpha')",
            Assert.Throws<ArgumentOutOfRangeException>(() => new FocalPosterior(2, 0)).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => new FocalPosterior(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => FocalPosterior.WithClassWeights(2, 1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => FocalPosterior.WithClassWeights(2, double.NaN, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new FocalPosterior().Score(1));
    }

    [Theory]
    [InlineData(.5)]
    [InlineData(2.0)]
    [InlineData(5.0)]
    public void The_tangent_is_the_slope_at_zero(double gamma)
    {
        var curve = new FocalPosterior(gamma, .3);
        Assert.Equal((curve.LogOdds(1e-4) - curve.LogOdds(-1e-4)) / 2e-4, curve.Tangent.Slope, 1e-7);
        Assert.Equal(curve.LogOdds(0), curve.Tangent.Intercept, 1e-14);
    }

    private static double Logit(double p) => Math.Log(p) - Math.Log(1 - p);
}

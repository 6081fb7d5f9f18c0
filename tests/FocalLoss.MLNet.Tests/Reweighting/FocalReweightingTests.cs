namespace FocalMlNet.Tests.Reweighting;

public sealed class FocalReweightingTests
{
    [Theory]
    // p = q = ½, γ = 2: ½ (½ + 2 · ½ ln 2).
    [InlineData(0, 2, .596573590279973)]
    // p = .9, γ = 1: .1 - 1 · .9 ln .9, to the power 0.
    [InlineData(2.19722457733622, 1, .194824464092044)]
    // p = .2, γ = 5: .8^4 (.8 - 5 · .2 ln .2).
    [InlineData(-1.38629436111989, 5, .986905768933007)]
    [InlineData(3, 0, 1)]
    public void The_weight_is_that_of_the_formula(double margin, double gamma, double weight)
        => Assert.Equal(weight, Math.Exp(FocalReweighting.LogWeight(margin, gamma)), 1e-9);

    [Theory]
    [InlineData(.5)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Log_loss_with_the_weight_has_the_derivative_of_the_focal_loss(double gamma)
    {
        for (var s = -40.0; s <= 40; s += .25)
        {
            var (_, lnQ) = BinaryFocal.LogProbabilities(s);
            var expected = BinaryFocal.Derivative(s, gamma);
            Assert.Equal(expected, -Math.Exp(lnQ + FocalReweighting.LogWeight(s, gamma)), 1e-12 * Math.Abs(expected));
        }
    }

    [Theory]
    [InlineData(.3)]
    [InlineData(2)]
    [InlineData(20)]
    public void It_is_finite_at_both_ends(double gamma)
    {
        Assert.Equal(0, FocalReweighting.LogWeight(-800, gamma), 1e-12);
        // γ ln q + ln(1 + γ): -ln p / q is 1 there.
        Assert.Equal(-gamma * 700 + Math.Log(1 + gamma), FocalReweighting.LogWeight(700, gamma), 1e-9);
    }
}

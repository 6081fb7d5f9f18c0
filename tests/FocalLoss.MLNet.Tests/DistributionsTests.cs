namespace FocalMlNet.Tests;

/// <summary>Expected values: mpmath 1.3 with 40 digits, sums of binomial probabilities, and quadrature where those do not apply.</summary>
public sealed class DistributionsTests
{
    [Theory]
    [InlineData(.5, .5, .3, 0.36901011956554538)]
    [InlineData(2, 3, .4, 0.5248)]
    [InlineData(20, 1, .8, 0.011529215046068483)]
    [InlineData(1, 7, .1, 0.5217031)]
    [InlineData(3.5, 1000, .004, 0.66969805756039301)]
    [InlineData(5000, 5000, .505, 0.84134474637103682)]
    [InlineData(1e6, 2e6, .3333, 0.45131470497840601)]
    [InlineData(.5, 30, 1e-8, 0.00061546897855608175)]
    [InlineData(150, .5, .9999, 0.86260023233880696)]
    [InlineData(1e-3, 2, .2, 0.99919057002345435)]
    [InlineData(21, 980, .0212, 0.54738603961143229)]
    [InlineData(300, 40, .5, 2.4637615327666005e-51)]
    public void The_incomplete_beta_function_has_twelve_digits(double a, double b, double x, double expected)
    {
        AssertClose(expected, Distributions.RegularizedBeta(a, b, x));
        // 1 - x is rounded.
        Assert.Equal(1 - expected, Distributions.RegularizedBeta(b, a, 1 - x), 1e-11);
    }

    [Fact]
    public void It_is_0_and_1_at_the_ends()
        => Assert.Equal((0, 1), (Distributions.RegularizedBeta(2, 3, 0), Distributions.RegularizedBeta(2, 3, 1)));

    [Theory]
    [InlineData(.5, 4, 0.64332996318186327)]
    [InlineData(2.5, 9, 0.033861827682985739)]
    [InlineData(1e-9, 3, 0.99999999926489481)]
    [InlineData(12, 2.5, 0.0028362150300783238)]
    [InlineData(2, 200, 0.046853186187070977)]
    [InlineData(60, 19, 3.9760616847072804e-23)]
    [InlineData(1e5, 4, 5.999999996e-20)]
    [InlineData(0, 7, 1)]
    [InlineData(double.PositiveInfinity, 7, 0)]
    public void Two_sided_p_values_of_Students_t_have_twelve_digits_far_out_too(double t, double degreesOfFreedom, double expected)
    {
        AssertClose(expected, Distributions.StudentTwoSided(t, degreesOfFreedom));
        AssertClose(expected, Distributions.StudentTwoSided(-t, degreesOfFreedom));
    }

    /// <summary>The table of every textbook.</summary>
    [Theory]
    [InlineData(.05, 1, 12.706)]
    [InlineData(.05, 4, 2.776)]
    [InlineData(.01, 9, 3.250)]
    [InlineData(.05, 120, 1.980)]
    public void Quantiles_of_Students_t_are_those_of_the_tables(double probability, double degreesOfFreedom, double expected)
        => Assert.Equal(expected, Distributions.StudentTwoSidedQuantile(probability, degreesOfFreedom), 5e-4);

    [Theory]
    [InlineData(1, 20, .025, 0.0012650894979498037)]
    [InlineData(20, 1, .025, 0.83156652901691466)]
    [InlineData(3, 18, .975, 0.31698271401908235)]
    [InlineData(12.5, 7.5, .5, 0.62924476982162943)]
    [InlineData(2, 4999, .025, 4.8445527118223491e-5)]
    [InlineData(.5, .5, .001, 2.4673990709169441e-6)]
    public void Beta_quantiles_have_twelve_digits(double a, double b, double probability, double expected)
        => AssertClose(expected, Distributions.BetaQuantile(a, b, probability));

    private static void AssertClose(double expected, double actual) => Assert.Equal(expected, actual, 1e-12 * Math.Abs(expected));
}

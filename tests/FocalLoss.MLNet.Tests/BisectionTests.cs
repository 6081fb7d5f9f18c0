namespace FocalMlNet.Tests;

public sealed class BisectionTests
{
    [Theory]
    [InlineData(1e-12)]
    [InlineData(0)]
    public void It_finds_where_a_condition_ceases_to_hold(double tolerance)
        => Assert.Equal(Math.Sqrt(2), Bisection.Find(0, 2, _ => tolerance, x => x * x < 2), 1e-12 + tolerance);

    [Fact]
    public void A_condition_that_holds_everywhere_or_nowhere_gives_an_end()
    {
        Assert.Equal(5, Bisection.Find(3, 5, _ => 1e-9, _ => true), 1e-9);
        Assert.Equal(3, Bisection.Find(3, 5, _ => 1e-9, _ => false), 1e-9);
    }

    [Fact]
    public void A_relative_tolerance_is_that_of_1_below_1()
        => Assert.Equal([1e-3, 1e-3, 5e-3], new[] { 0, -.5, -5 }.Select(Bisection.Relative(1e-3)));
}

using System.Numerics;

namespace FocalMlNet.Tests.Losses;

public sealed class VectorMathTests
{
    [Fact]
    public void Exp_is_right_to_two_units_in_the_last_place()
    {
        for (var x = 0f; x > -87; x -= .00137f)
            AssertClose(Math.Exp(x), VectorMath.Exp(Vector.Create(x), Vector<float>.Zero)[0], x);
    }

    [Fact]
    public void Exp_takes_a_correction_that_its_argument_has_lost()
    {
        for (var x = -1f; x > -87; x -= .0137f)
            AssertClose(Math.Exp(x + 3e-6), VectorMath.Exp(Vector.Create(x), Vector.Create(3e-6f))[0], x);
    }

    [Theory]
    [InlineData(0f, 1f)]
    [InlineData(-88f, 0f)]
    [InlineData(-3e38f, 0f)]
    [InlineData(float.NegativeInfinity, 0f)]
    [InlineData(float.NaN, float.NaN)]
    public void Exp_at_the_ends(float x, float expected)
        => Assert.Equal(expected, VectorMath.Exp(Vector.Create(x), Vector<float>.Zero)[0]);

    [Fact]
    public void Exp_of_doubles_is_right_to_two_units_in_the_last_place_down_to_where_no_float_is()
    {
        double[] numbers = [.. Enumerable.Range(0, 7080).Select(i => -i / 10.0)], many = [.. numbers];
        VectorMath.Exp(many);
        foreach (var (x, result) in numbers.Zip(many))
        {
            Assert.Equal(Math.Exp(x), result, 5e-16 * Math.Exp(x));
            Assert.Equal(Math.Exp(x), VectorMath.Exp(Vector.Create(x))[0], 5e-16 * Math.Exp(x));
        }

        Assert.Equal(0, (float)VectorMath.Exp(Vector.Create(double.NegativeInfinity))[0]);
    }

    /// <summary>Margins whose exponentials no double has, and some that are no numbers, beside ordinary ones.</summary>
    [Theory]
    [InlineData(709)]
    [InlineData(-709)]
    [InlineData(1e5)]
    [InlineData(-3e38)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    public void A_loss_has_the_same_bits_whatever_is_beside_it(double other)
    {
        var random = new Random(1);
        foreach (var γ in new[] { 0, .7, 1, 2, 50 })
        {
            for (var i = 0; i < 2000; i++)
            {
                var margin = 40 * random.NextDouble() - 20;
                Assert.Equal(First(Vector.Create(margin), γ), First(Vector.WithElement(Vector.Create(margin), 1, other), γ));
            }
        }

        static (double, double, double) First(Vector<double> margins, double γ)
        {
            BinaryFocal.Evaluate(margins, γ, out var loss, out var slope, out var bend);
            return (loss[0], slope[0], bend[0]);
        }
    }

    [Fact]
    public void LogOnePlus_is_right_to_two_units_in_the_last_place()
    {
        for (var x = 1f; x > 1e-30f; x *= .9993f)
        {
            var u = 1 + (double)x;
            AssertClose(u == 1 ? x : Math.Log(u) * (x / (u - 1)), VectorMath.LogOnePlus(Vector.Create(x))[0], x);
        }

        Assert.Equal(0, VectorMath.LogOnePlus(Vector<float>.Zero)[0]);
        Assert.Equal(float.NaN, VectorMath.LogOnePlus(Vector.Create(float.NaN))[0]);
    }

    private static void AssertClose(double expected, float actual, float x)
        => Assert.True(Math.Abs(actual - expected) <= 2 * MathF.BitIncrement((float)expected) - 2 * (float)expected,
            $"{x:r}: {actual:r}, expected {expected:r}");
}

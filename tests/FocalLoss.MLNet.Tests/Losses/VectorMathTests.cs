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
        => Assert.True(Math.Abs(actual - expected) <= 2 * MathF.BitIncrement((float)expected) - 2 * (float)expected, $"{x:r}: {actual:r}, expected {expected:r}");
}


using FsCheck;
using FsCheck.Fluent;

namespace FocalMlNet.Tests.Losses;

/// <summary>What the tests of all losses use: any float, closeness, derivatives by differences, the lengths to try.</summary>
internal static class LossChecks
{
    /// <summary>Finite floats of all magnitudes, and the ends of the range.</summary>
    public static Gen<float> AnyFloat { get; } = Gen.OneOf(
        Gen.Choose(int.MinValue, int.MaxValue).Select(BitConverter.Int32BitsToSingle).Where(float.IsFinite),
        Gen.Elements(0f, -0f, float.Epsilon, -float.Epsilon, float.MaxValue, float.MinValue, 3e38f, -3e38f, 87, -87, 88, -88, 89, -89, 104,
        -104),
        Gen.Choose(-100_000, 100_000).Select(z => z / 1000f));

    /// <summary>Any float but NaN.</summary>
    public static Gen<float> AnyScore { get; } = Gen.Frequency(
        (9, AnyFloat), (1, Gen.Elements(float.PositiveInfinity, float.NegativeInfinity)));

    /// <summary>γ from 0 to 50, all there are, also below 1.</summary>
    public static Gen<double> AnyGamma { get; } = Gen.OneOf(
        Gen.Elements(0, .01, .25, .5, .75, 1, 1.5, 2, 3, 3.7, 5, 10, 20, 50),
        Gen.Choose(0, 1000).Select(γ => γ / 1000.0),
        Gen.Choose(0, 50_000).Select(γ => γ / 1000.0));

    /// <summary>γ that people use, for which a loss is smooth enough for differences.</summary>
    public static double SomeGamma(Random random) => random.Next(4) switch
    {
        0 => random.Next(4),
        1 => random.NextDouble(),
        _ => 6 * random.NextDouble(),
    };

    /// <summary>Equal to 1e-5 relative to <paramref name="scale"/>, or to 1e-30, times a class weight above 1.</summary>
    public static void AssertBatchEqual(double expected, double actual, double scale, string where, double weight = 1)
        => Assert.True(
            Math.Abs(actual - expected) <= Math.Max(1e-5 * Math.Abs(scale), 1e-30 * Math.Max(1, weight)),
            $"{where}: {actual:r}, expected {expected:r}");

    /// <summary>Equal to a relative tolerance; below the smallest normal double there are no digits to compare.</summary>
    public static void AssertRelative(double expected, double actual, double tolerance, string where)
        => Assert.True(Math.Abs(actual - expected) <= Math.Max(tolerance * Math.Abs(expected), 1e-300),
            $"{where}: {actual:r}, expected {expected:r}");

    /// <summary>A derivative against differences of the function: 1e-6 relative, but for what rounding of the function leaves.</summary>
    public static void AssertDerivative(Func<double, double> function, double x, double derivative, string where)
    {
        const double H = 1e-3;
        var difference = (8 * (function(x + H) - function(x - H)) - (function(x + 2 * H) - function(x - 2 * H))) / (12 * H);
        var noise = 1e-11 * Math.Abs(function(x));
        Assert.True(Math.Abs(derivative - difference) <= 1e-6 * Math.Abs(difference) + noise,
            $"{where}: {derivative:r}, differences give {difference:r}");
    }

    /// <summary>An argument is refused with exactly this message.</summary>
    public static void AssertRefused<T>(string message, Func<object?> call)
        where T : ArgumentException
        => Assert.Equal(message, Assert.Throws<T>(call).Message);

    /// <inheritdoc cref="AssertRefused{T}(string, Func{object})"/>
    public static void AssertRefused<T>(string message, Action call)
        where T : ArgumentException
        => Assert.Equal(message, Assert.Throws<T>(call).Message);

    public static void Check(Property property, int tests = 3000) => property.Check(Config.QuickThrowOnFailure.WithMaxTest(tests));
}

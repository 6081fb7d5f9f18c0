using System.Globalization;
using System.Runtime.CompilerServices;

namespace FocalMlNet;

/// <summary>The one place that says no to an argument: every message names the argument, its value and what is allowed.</summary>
internal static class Guard
{
    /// <summary>A finite number that is zero or more.</summary>
    public static double NotNegative(double value, [CallerArgumentExpression(nameof(value))] string name = "")
        => double.IsFinite(value) && value >= 0 ? value : throw OutOfRange(name, value, "in [0; +∞)");

    /// <summary>A finite number above zero.</summary>
    public static double Positive(double value, [CallerArgumentExpression(nameof(value))] string name = "")
        => double.IsFinite(value) && value > 0 ? value : throw OutOfRange(name, value, "in (0; +∞)");

    /// <summary>A number from zero to one, both included.</summary>
    public static double UnitInterval(double value, [CallerArgumentExpression(nameof(value))] string name = "")
        => value is >= 0 and <= 1 ? value : throw OutOfRange(name, value, "in [0; 1]");

    /// <summary>A number strictly between zero and one.</summary>
    public static double OpenUnitInterval(double value, [CallerArgumentExpression(nameof(value))] string name = "")
        => value is > 0 and < 1 ? value : throw OutOfRange(name, value, "in (0; 1)");

    /// <summary>A whole number of at least <paramref name="minimum"/>.</summary>
    public static int AtLeast(int minimum, int value, [CallerArgumentExpression(nameof(value))] string name = "")
        => value >= minimum ? value : throw OutOfRange(name, value, string.Create(CultureInfo.InvariantCulture, $"at least {minimum}"));

    /// <summary>A name that is there and not empty.</summary>
    public static string NotEmpty(string? value, [CallerArgumentExpression(nameof(value))] string name = "")
        => !string.IsNullOrEmpty(value) ? value
            : throw new ArgumentException($"{name} = {(value is null ? "null" : "\"\"")}, but it should be the name of a column.", name);

    /// <summary>An object that is there.</summary>
    public static T NotNull<T>(T? value, [CallerArgumentExpression(nameof(value))] string name = "")
        where T : class
        => value ?? throw new ArgumentNullException(name);

    private static ArgumentOutOfRangeException OutOfRange(string name, object value, string allowed)
        => new(name, string.Create(CultureInfo.InvariantCulture, $"{name} = {value}, but it should be {allowed}."));
}

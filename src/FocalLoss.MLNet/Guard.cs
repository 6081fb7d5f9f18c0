
using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace FocalMlNet;

/// <summary>The one place that says no to an argument: every message names the argument, its value and what is allowed.</summary>
internal static class Guard
{
    /// <summary>
    /// The largest focusing parameter γ. With it an example of which a model knows nothing, p = ½, has 2^-50 ≈ 1e-15 of its cross-entropy,
    /// and one at p = .8 has 1e-35, which is about the least that single precision holds: beyond, losses and slopes would vanish on both
    /// sides of the minimum.
    /// </summary>
    private const double LargestGamma = 50;

    /// <summary>Bounds of class weights: with slopes and usual example weights they stay within the range of a Single.</summary>
    private const double LeastWeight = 1e-30, LargestWeight = 1e30;

    /// <summary>No ratio of two 64-bit counts has a larger logarithm than 88.</summary>
    private const double LargestLogOddsShift = 100;

    /// <summary>Times the summed weight of as many rows as an array holds, each the largest Single, this is finite.</summary>
    private const double LargestGain = 1e100;

    /// <summary>A finite number.</summary>
    public static double Finite(double value, [CallerArgumentExpression(nameof(value))] string name = "")
        => double.IsFinite(value) ? value : throw OutOfRange(name, value, "in (-∞; +∞)");

    /// <summary>A focusing parameter γ.</summary>
    public static double Gamma(double value, [CallerArgumentExpression(nameof(value))] string name = "")
        => value is >= 0 and <= LargestGamma ? value : throw OutOfRange(name, value, Interval(0, LargestGamma));

    /// <summary>A focusing parameter γ for each class.</summary>
    public static IReadOnlyList<double> Gammas(IReadOnlyList<double> values, [CallerArgumentExpression(nameof(values))] string name = "")
    {
        for (var i = 0; i < values.Count; i++)
            Gamma(values[i], $"{name}[{i}]");
        return values;
    }

    /// <summary>A shift of log-odds that resampling can make.</summary>
    public static double LogOddsShift(double value, [CallerArgumentExpression(nameof(value))] string name = "")
        => value is >= -LargestLogOddsShift and <= LargestLogOddsShift ? value
            : throw OutOfRange(name, value, Interval(-LargestLogOddsShift, LargestLogOddsShift));

    /// <summary>What a row brings in, or costs.</summary>
    public static double Gain(double value, [CallerArgumentExpression(nameof(value))] string name = "")
        => value is >= -LargestGain and <= LargestGain ? value : throw OutOfRange(name, value, Interval(-LargestGain, LargestGain));

    /// <summary>A cost matrix of two classes.</summary>
    public static CostMatrix TwoClasses(CostMatrix value, [CallerArgumentExpression(nameof(value))] string name = "")
        => value.ClassCount == 2 ? value : throw new ArgumentException(
            string.Create(CultureInfo.InvariantCulture, $"{name} has {value.ClassCount} classes, but it should have 2."), name);

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

    /// <summary>A number above zero, up to one, included.</summary>
    public static double PositiveShare(double value, [CallerArgumentExpression(nameof(value))] string name = "")
        => value is > 0 and <= 1 ? value : throw OutOfRange(name, value, "in (0; 1]");

    /// <summary>A number from zero, included, to one, excluded.</summary>
    public static double UnitIntervalBelowOne(double value, [CallerArgumentExpression(nameof(value))] string name = "")
        => value is >= 0 and < 1 ? value : throw OutOfRange(name, value, "in [0; 1)");

    /// <summary>
    /// The weight of the positive class, if there is one: in (0; 1) wherever it is given, since with 0 or 1 one of the two classes would
    /// have no loss.
    /// </summary>
    public static double? Alpha(double? value, [CallerArgumentExpression(nameof(value))] string name = "")
        => value is { } given ? OpenUnitInterval(given, name) : null;

    /// <summary>A number strictly between two others.</summary>
    public static double Between(double low, double high, double value, [CallerArgumentExpression(nameof(value))] string name = "")
        => value > low && value < high ? value
            : throw OutOfRange(name, value, string.Create(CultureInfo.InvariantCulture, $"in ({low}; {high})"));

    /// <summary>A given number and no other.</summary>
    public static double Equal(double expected, double value, [CallerArgumentExpression(nameof(value))] string name = "")
        => value == expected ? value : throw OutOfRange(name, value, string.Create(CultureInfo.InvariantCulture, $"{expected}"));

    /// <summary>A value that its enumeration defines.</summary>
    public static T Defined<T>(T value, [CallerArgumentExpression(nameof(value))] string name = "")
        where T : struct, Enum
        => Enum.IsDefined(value) ? value : throw OutOfRange(name, value, $"one of {string.Join(", ", Enum.GetNames<T>())}");

    /// <summary>Labels from zero to one, NaN for an example to be ignored.</summary>
    public static void Labels(ReadOnlySpan<float> values, [CallerArgumentExpression(nameof(values))] string name = "")
    {
        var i = 0;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var vector = new Vector<float>(values[i..]);
            if (Vector.LessThanAny(vector, Vector<float>.Zero) || Vector.GreaterThanAny(vector, Vector<float>.One))
                break;
        }

        for (; i < values.Length; i++)
        {
            if (values[i] is < 0 or > 1)
                throw OutOfRange($"{name}[{i}]", values[i], "in [0; 1] or NaN");
        }
    }

    /// <summary>The number of a class of <paramref name="classCount"/>.</summary>
    public static int ClassIndex(int classCount, int value, [CallerArgumentExpression(nameof(value))] string name = "")
        => (uint)value < (uint)classCount ? value
            : throw OutOfRange(name, value, string.Create(CultureInfo.InvariantCulture, $"a class from 0 to {classCount - 1}"));

    /// <summary>A number of elements.</summary>
    public static void Count(int expected, string why, int count, string name)
    {
        if (count != expected)
        {
            throw new ArgumentException(
                string.Create(CultureInfo.InvariantCulture, $"{name} has {Elements(count)}, but it should have {expected}, {why}."), name);
        }
    }

    /// <summary>Scores of all classes, row after row, and the class of each row. Returns the number of classes, at least 2.</summary>
    /// <param name="scores">The scores.</param>
    /// <param name="labels">The classes.</param>
    /// <param name="classCount">The number of classes if it is known.</param>
    public static int ClassRows(ReadOnlySpan<float> scores, ReadOnlySpan<int> labels, int? classCount)
    {
        if (classCount is { } known)
        {
            Count(known * labels.Length, string.Create(CultureInfo.InvariantCulture, $"{known} for each label"), scores.Length,
                nameof(scores));
        }
        else if (labels.IsEmpty ? !scores.IsEmpty : scores.Length % labels.Length != 0)
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"scores has {Elements(scores.Length)}, but it should have a multiple of {labels.Length}, the number of labels."),
                nameof(scores));
        }

        var classes = classCount ?? (labels.IsEmpty ? 2 : scores.Length / labels.Length);
        if (classes < 2)
            throw new ArgumentException("scores has fewer than 2 elements for each label, but there should be 2 classes or more.",
                nameof(scores));
        for (var i = 0; i < labels.Length; i++)
        {
            if ((uint)labels[i] >= (uint)classes)
                ClassIndex(classes, labels[i], $"labels[{i}]");
        }

        return classes;
    }

    /// <summary>A number of elements of at least <paramref name="minimum"/>.</summary>
    public static void AtLeastElements(int minimum, int count, string name)
    {
        if (count < minimum)
        {
            throw new ArgumentException(
                string.Create(CultureInfo.InvariantCulture, $"{name} has {Elements(count)}, but it should have at least {minimum}."), name);
        }
    }

    /// <summary>Class weights, one of them above 0.</summary>
    public static IReadOnlyList<double> Weights(IReadOnlyList<double> values, [CallerArgumentExpression(nameof(values))] string name = "")
    {
        AtLeastElements(1, values.Count, name);
        for (var i = 0; i < values.Count; i++)
        {
            if (values[i] is not (0 or (>= LeastWeight and <= LargestWeight)))
                throw OutOfRange($"{name}[{i}]", values[i], $"0 or {Interval(LeastWeight, LargestWeight)}");
        }

        return values.Any(w => w > 0) ? values
            : throw new ArgumentException($"{name} are all 0, but one at least should be above 0.", name);
    }

    /// <summary>Settings that go together.</summary>
    public static void Compatible(bool isSo, string message, string name)
    {
        if (!isSo)
            throw new ArgumentException(message, name);
    }

    /// <summary>No alpha, where there are several classes.</summary>
    public static void NoAlpha(double? value, [CallerArgumentExpression(nameof(value))] string name = "")
        => Compatible(value is null, "Alpha is the weight of the positives of two classes, but there are several: leave it null.", name);

    /// <summary>A whole number of at least <paramref name="minimum"/>.</summary>
    public static int AtLeast(int minimum, int value, [CallerArgumentExpression(nameof(value))] string name = "")
        => value >= minimum ? value : throw OutOfRange(name, value, string.Create(CultureInfo.InvariantCulture, $"at least {minimum}"));

    /// <summary>A whole number from <paramref name="least"/> to <paramref name="most"/>.</summary>
    public static int Within(int least, int most, int value, [CallerArgumentExpression(nameof(value))] string name = "")
        => value >= least && value <= most ? value
            : throw OutOfRange(name, value, string.Create(CultureInfo.InvariantCulture, $"from {least} to {most}"));

    /// <summary>A number of folds: 16 bits tell one from another.</summary>
    public static int Folds(int value, int most = ushort.MaxValue + 1, [CallerArgumentExpression(nameof(value))] string name = "")
        => value >= 2 && value <= most ? value
            : throw OutOfRange(name, value, string.Create(CultureInfo.InvariantCulture, $"from 2 to {most}"));

    /// <summary>A name that is there and not empty.</summary>
    public static string NotEmpty(string? value, [CallerArgumentExpression(nameof(value))] string name = "")
        => !string.IsNullOrEmpty(value) ? value
            : throw new ArgumentException($"{name} = {(value is null ? "null" : "\"\"")}, but it should be the name of a column.", name);

    /// <summary>Another column than one that already has a part to play: one column in both would make nonsense of the result.</summary>
    public static void OtherColumn(string? taken, string takenBy, string? value, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (value is not null && string.Equals(taken, value, StringComparison.Ordinal))
            throw new ArgumentException($"{name} = {value}, but it should be another column than {takenBy}.", name);
    }

    /// <summary>An object that is there.</summary>
    public static T NotNull<T>(T? value, [CallerArgumentExpression(nameof(value))] string name = "")
        where T : class
        => value ?? throw new ArgumentNullException(name);

    private static string Interval(double low, double high) => string.Create(CultureInfo.InvariantCulture, $"in [{low}; {high}]");

    private static string Elements(int count)
        => count == 1 ? "1 element" : string.Create(CultureInfo.InvariantCulture, $"{count} elements");

    private static ArgumentOutOfRangeException OutOfRange(string name, object value, string allowed)
        => new(name, string.Create(CultureInfo.InvariantCulture, $"{name} = {value}, but it should be {allowed}."));
}

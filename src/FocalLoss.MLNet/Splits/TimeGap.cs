using System.Globalization;

namespace FocalMlNet;

/// <summary>
/// How much time lies between what is trained on and what is tested on, in the unit of the time column: a <see cref="TimeSpan"/> where that
/// holds times, a number where it holds numbers. Either converts to it: <c>gap: TimeSpan.FromDays(7)</c>, <c>gap: 7</c>. The default is no
/// gap.
/// </summary>
public readonly record struct TimeGap
{
    private readonly TimeSpan? _span;

    private readonly double _number;

    /// <summary>A gap for a column of DateTime, DateTimeOffset or TimeSpan.</summary>
    /// <param name="span">At least zero.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public TimeGap(TimeSpan span)
        => _span = span >= TimeSpan.Zero ? span : throw new ArgumentOutOfRangeException(
            nameof(span), string.Create(CultureInfo.InvariantCulture, $"gap = {span}, but it should be in [0; +∞)."));

    /// <summary>A gap for a column of numbers.</summary>
    /// <param name="number">In [0; +∞).</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not.</exception>
    public TimeGap(double number) => _number = Guard.NotNegative(number, "gap");

    /// <summary>Whether there is none: then it goes with a column of any type.</summary>
    internal bool IsNone => (_span ?? TimeSpan.Zero) == TimeSpan.Zero && _number == 0;

    /// <summary>The gap as a span of time, or null if it is a number.</summary>
    internal TimeSpan? Span => _span;

    /// <summary>The gap as a number, 0 if it is a span of time.</summary>
    internal double Number => _number;

    /// <summary>A gap for a column of DateTime, DateTimeOffset or TimeSpan.</summary>
    /// <param name="span">At least zero.</param>
    public static implicit operator TimeGap(TimeSpan span) => new(span);

    /// <summary>A gap for a column of numbers.</summary>
    /// <param name="number">In [0; +∞).</param>
    public static implicit operator TimeGap(double number) => new(number);

    /// <summary>The span or the number, in invariant form.</summary>
    public override string ToString() => _span is { } span
        ? span.ToString("c", CultureInfo.InvariantCulture) : _number.ToString(CultureInfo.InvariantCulture);
}

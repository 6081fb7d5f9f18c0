using System.Globalization;
using System.Numerics;

namespace Microsoft.ML.Data;

/// <summary>Text to values, values to text, and what is missing.</summary>
internal static class Conversions
{
    // The original trips over white space in front of a number, but not over that behind it.
    private const NumberStyles RealStyle = NumberStyles.Float & ~NumberStyles.AllowLeadingWhite;

    private delegate bool Parser<T>(ReadOnlySpan<char> text, out T value);

    /// <summary>Missing are NaN and empty text.</summary>
    public static bool IsMissing<T>(T value) => value is float.NaN or double.NaN or ReadOnlyMemory<char> { Length: 0 };

    /// <summary>As a name of a slot: numbers to their last digit, booleans as 1 and 0.</summary>
    public static string SlotText<T>(T value) => value switch
    {
        bool flag => flag ? "1" : "0",
        double number => number.ToString("G17", CultureInfo.InvariantCulture),
        ReadOnlyMemory<char> text => text.ToString(),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture),
    };

    /// <summary>
    /// Parses text, and says whether it could. Nothing is 0 or false; for reals "?", "NA", "N/A" and "NaN" are NaN,
    /// and so is, with the answer false, what is no number.
    /// </summary>
    public static bool TryParse<T>(ReadOnlySpan<char> text, out T value)
    {
        Delegate parser = default(T) switch
        {
            float => (Parser<float>)TryReal,
            double => (Parser<double>)TryReal,
            bool => (Parser<bool>)TryBoolean,
            sbyte => (Parser<sbyte>)TryWhole,
            byte => (Parser<byte>)TryWhole,
            short => (Parser<short>)TryWhole,
            ushort => (Parser<ushort>)TryWhole,
            int => (Parser<int>)TryWhole,
            uint => (Parser<uint>)TryWhole,
            long => (Parser<long>)TryWhole,
            ulong => (Parser<ulong>)TryWhole,
            _ => (Parser<ReadOnlyMemory<char>>)TryText,
        };
        return ((Parser<T>)parser)(text, out value);
    }

    private static bool TryWhole<T>(ReadOnlySpan<char> text, out T value)
        where T : INumberBase<T>
    {
        value = default;
        return text.IsEmpty || (text[0] != '+' && T.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value));
    }

    private static bool TryText(ReadOnlySpan<char> text, out ReadOnlyMemory<char> value)
    {
        value = text.ToString().AsMemory();
        return true;
    }

    private static bool TryReal<T>(ReadOnlySpan<char> text, out T value)
        where T : IFloatingPointIeee754<T>
    {
        text = text.TrimEnd();
        Span<char> lower = stackalloc char[text.Length <= 3 ? text.Length : 0];
        text[..lower.Length].ToLowerInvariant(lower);
        value = text is "\u221E" or "Infinity" ? T.PositiveInfinity
            : text is "-\u221E" or "-Infinity" ? T.NegativeInfinity
            : lower is "?" or "na" or "n/a" or "nan" ? T.NaN : T.Zero;
        if (value != T.Zero || text.IsEmpty)
            return true;
        if (!text.ContainsAny('n', 'N') && T.TryParse(text, RealStyle, CultureInfo.InvariantCulture, out value))
            return true;
        value = T.NaN;
        return false;
    }

    private static bool TryBoolean(ReadOnlySpan<char> text, out bool value)
    {
        Span<char> lower = stackalloc char[text.Length <= 5 ? text.Length : 0];
        text[..lower.Length].ToLowerInvariant(lower);
        value = lower is "t" or "y" or "1" or "+" or "+1" or "yes" or "true";
        return value || text.IsEmpty || lower is "f" or "n" or "0" or "-" or "no" or "-1" or "false";
    }
}

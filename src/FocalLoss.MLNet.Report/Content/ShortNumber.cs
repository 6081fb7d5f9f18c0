using System.Globalization;

namespace FocalMlNet.Report;

/// <summary>Numbers as a page has them: no more digits than say something.</summary>
internal static class ShortNumber
{
    /// <summary>The nearest number with so many digits.</summary>
    public static float Rounded(double value, int digits)
    {
        Span<char> text = stackalloc char[32];
        Span<char> format = ['E', (char)('0' + digits - 1)];
        value.TryFormat(text, out var length, format, CultureInfo.InvariantCulture);
        return float.Parse(text[..length], NumberStyles.Float, CultureInfo.InvariantCulture);
    }

    /// <summary>A number with the places that an error of this size leaves it.</summary>
    /// <param name="value">The number.</param>
    /// <param name="error">Half the length of its interval; where it is 0 or not known, three digits are shown.</param>
    public static string Known(double value, double error)
    {
        if (!(error > 0))
            return Digits(value);
        var places = Math.Clamp((int)-Math.Floor(Math.Log10(error)), 0, 6);
        return Text(value, places);
    }

    /// <summary>A number with three digits, but all those before the point.</summary>
    public static string Digits(double value)
    {
        if (!double.IsFinite(value))
            return double.IsNaN(value) ? "" : value > 0 ? "∞" : "-∞";
        var size = value == 0 ? 0 : (int)Math.Floor(Math.Log10(Math.Abs(value)));
        return size is < -4 or > 9 ? value.ToString("0.##E+0", CultureInfo.InvariantCulture)
            : Text(value, Math.Clamp(2 - size, 0, 6), true);
    }

    /// <summary>A count, or a summed weight.</summary>
    public static string Count(double value)
        => value.ToString(Math.Abs(value) < 1e12 ? value == Math.Floor(value) ? "#,0" : "#,0.#" : "0.###E+0", CultureInfo.InvariantCulture);

    /// <summary>A share as a percentage.</summary>
    public static string Percent(double share) => $"{Digits(100 * share)} %";

    /// <summary>A p value.</summary>
    public static string PValue(double p) => p < .001 ? "< 0.001" : Text(p, p < .1 ? 3 : 2);

    private static string Text(double value, int places, bool isTrimmed = false)
        => (Math.Round(value, places) + 0.0).ToString(
            isTrimmed ? $"#,0.{new string('#', places)}" : $"#,0.{new string('0', places)}", CultureInfo.InvariantCulture);
}

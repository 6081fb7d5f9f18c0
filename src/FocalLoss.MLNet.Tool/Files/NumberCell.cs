using System.Globalization;

namespace FocalMlNet.Tool.Files;

/// <summary>What a cell of a column of numbers may be.</summary>
internal static class NumberCell
{
    /// <summary>Sizes of numbers but 0 that can be standardised in single precision, in whatever part of the rows they are.</summary>
    private const double Smallest = 1e-30, Largest = 1e38;

    private static readonly HashSet<string> Missing = new(["", "NA", "N/A", "NaN", "null", "?"], StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether a cell stands for a number that is not known.</summary>
    public static bool IsMissing(string cell) => Missing.Contains(cell);

    /// <summary>The number in a cell.</summary>
    /// <param name="cell">The cell.</param>
    /// <param name="decimalComma">Whether 1,5 is one and a half.</param>
    /// <param name="value">The number.</param>
    public static bool TryParse(string cell, bool decimalComma, out double value)
        => double.TryParse(
            decimalComma && IsDecimalComma(cell) ? cell.Replace(',', '.') : cell, NumberStyles.Float, CultureInfo.InvariantCulture,
            out value);

    /// <summary>Whether a number is 0 or neither too small nor too large. 1e-400 is 0 as a double, but has other digits than 0.</summary>
    public static bool IsInRange(string cell, double number)
        => number == 0
            ? !cell.Split('e', 'E')[0].AsSpan().ContainsAnyInRange('1', '9')
            : Math.Abs(number) is >= Smallest and <= Largest;

    /// <summary>Whether a cell would be a number without its commas and points: one is before the decimals or between thousands.</summary>
    public static bool HasComma(string cell)
        => cell.Contains(',') && TryParse(cell.Replace(",", "").Replace(".", ""), decimalComma: false, out _);

    /// <summary>Whether the one comma of a cell can be the one before its decimals.</summary>
    public static bool IsDecimalComma(string cell)
        => cell.Contains(',') && cell.IndexOf(',') == cell.LastIndexOf(',') && !cell.Contains('.');

    /// <summary>Whether a comma may as well be one between thousands: three digits follow it, and at most three come before.</summary>
    public static bool MayBeThousands(string cell)
    {
        var comma = cell.IndexOf(',');
        var after = cell.AsSpan(comma + 1);
        return after.Length == 3 && !after.ContainsAnyExceptInRange('0', '9') && cell[..comma].TrimStart('+', '-').Length is >= 1 and <= 3;
    }
}

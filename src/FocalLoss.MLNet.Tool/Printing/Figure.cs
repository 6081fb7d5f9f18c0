using System.Globalization;

namespace FocalMlNet.Tool.Printing;

/// <summary>Numbers as text, the same in every country.</summary>
internal static class Figure
{
    public static string Of(double value) => double.IsNaN(value) ? "" : value.ToString("F3", CultureInfo.InvariantCulture);

    public static string Fine(double value) => double.IsNaN(value) ? "" : value.ToString("F4", CultureInfo.InvariantCulture);

    public static string Signed(double value) => value.ToString("+0.000;-0.000;0.000", CultureInfo.InvariantCulture);

    public static string Of(ConfidenceInterval interval)
        => double.IsNaN(interval.Low) ? "" : $"[{Of(interval.Low)}; {Of(interval.High)}]";

    /// <summary>A p value.</summary>
    public static string P(double value)
        => value < .001 ? "p < .001" : string.Create(CultureInfo.InvariantCulture, $"p = {value:.000}");
}

using System.Globalization;
using System.Text;

namespace FocalMlNet.Report;

/// <summary>Names and sentences of anybody as text that can be shown: in HTML and in XML, and in the space there is.</summary>
internal static class PlainText
{
    /// <summary>What a name has room for where it stands among others.</summary>
    public const int NameLength = 60;

    /// <summary>
    /// The text with what cannot be shown made visible: control characters and lone surrogates, which no XML may hold, and the characters
    /// that turn the direction of what follows, with which a name could rearrange the words around it.
    /// </summary>
    public static string Of(string text)
    {
        if (text.Length == 0)
            return "(no name)";
        var shown = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            // A lone surrogate is enumerated as U+FFFD.
            var c = rune.Value;
            if (c < 32)
                shown.Append((char)(0x2400 + c));
            else if (c is 127)
                shown.Append('␡');
            else if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control || IsTurn(c) || c is 0x2028 or 0x2029 or 0xFFFE or 0xFFFF)
                shown.Append(CultureInfo.InvariantCulture, $"[U+{c:X4}]");
            else
                shown.Append(rune.ToString());
        }

        return shown.ToString();
    }

    /// <summary>The same, with the middle of a long text left out.</summary>
    public static string Short(string text, int length = NameLength)
    {
        var shown = Of(text);
        if (shown.Length <= length)
            return shown;
        var end = length / 4;
        var begin = length - end - 1;
        // A pair of surrogates is one character.
        if (char.IsHighSurrogate(shown[begin - 1]))
            begin--;
        var from = shown.Length - end;
        if (char.IsLowSurrogate(shown[from]))
            from++;
        return string.Concat(shown.AsSpan(0, begin), "…", shown.AsSpan(from));
    }

    private static bool IsTurn(int c) => c is 0x200E or 0x200F or 0x061C or >= 0x202A and <= 0x202E or >= 0x2066 and <= 0x2069;
}

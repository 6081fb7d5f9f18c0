using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace FocalMlNet.Report;

/// <summary>
/// HTML that is written with interpolated strings: their words are markup, and all that stands in braces is text and is escaped, unless it
/// is <see cref="Html"/> itself. So nothing unescaped gets in by being forgotten.
/// </summary>
internal sealed class Html
{
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);
    private readonly StringBuilder _markup = new();

    public Html()
    {
    }

    public Html(Markup markup) => Add(markup);

    /// <summary>Markup that is known to be such: what the pictures, the script and the styles are made of.</summary>
    public static Html Of(string markup)
    {
        Html html = new();
        html._markup.Append(markup);
        return html;
    }

    /// <summary>A name: shortened if it is long, the whole of it on hovering, in the direction of its own script.</summary>
    public static Html Name(string name)
    {
        var (whole, shortened) = (PlainText.Of(name), PlainText.Short(name));
        return string.Equals(whole, shortened, StringComparison.Ordinal)
            ? new($"<bdi>{whole}</bdi>")
            : new($"<bdi title=\"{whole}\">{shortened}</bdi>");
    }

    public Html Add(Markup markup)
    {
        _markup.Append(markup.Text);
        return this;
    }

    public override string ToString() => _markup.ToString();

    [InterpolatedStringHandler]
    public readonly ref struct Markup
    {
        public Markup(int literalLength, int formattedCount) => Text = new(literalLength + 16 * formattedCount);

        public StringBuilder Text { get; }

        public void AppendLiteral(string markup) => Text.Append(markup);

        public void AppendFormatted(Html html) => Text.Append(html._markup);

        public void AppendFormatted(string text) => Text.Append(Encoder.Encode(text));

        public void AppendFormatted<T>(T number) where T : IFormattable => AppendFormatted(number, null);

        public void AppendFormatted<T>(T number, string? format) where T : IFormattable
            => AppendFormatted(number.ToString(format, CultureInfo.InvariantCulture));
    }
}

using System.Globalization;
using System.Xml.Linq;
using OxyPlot;

namespace FocalMlNet.Report;

/// <summary>
/// A picture as SVG. What OxyPlot writes has its looks in style attributes, which the page forbids, and identifiers that would be the same
/// in all pictures of a page: both are rewritten.
/// </summary>
internal static class PictureSvg
{
    private const string Fonts = "system-ui, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    /// <summary>As a part of the page: colours by its style sheet, as wide as there is room, and with its scales for the script.</summary>
    public static Html Inline(Picture picture)
    {
        var root = Drawn(picture, Class);
        root.SetAttributeValue("viewBox", $"0 0 {picture.Width} {picture.Height}");
        root.SetAttributeValue("role", "img");
        root.SetAttributeValue("aria-label", PlainText.Of($"{picture.Title}. {picture.Description}"));
        var area = picture.Plot.PlotArea;
        var (x, y) = (picture.Plot.DefaultXAxis, picture.Plot.DefaultYAxis);
        root.SetAttributeValue("data-area", Numbers(area.Left, area.Top, area.Width, area.Height));
        root.SetAttributeValue("data-range", Numbers(x.ActualMinimum, x.ActualMaximum, y.ActualMinimum, y.ActualMaximum));
        root.SetAttributeValue("data-scale", picture.Across.ToString());
        root.Add(UpLabel(picture, Class));
        // Within HTML there are no namespaces to be told.
        foreach (var element in root.DescendantsAndSelf())
            element.Name = element.Name.LocalName;
        return Html.Of(root.ToString(SaveOptions.DisableFormatting));
    }

    /// <summary>As a file by itself, in the colours of paper, with heading and legend.</summary>
    public static string File(Picture picture)
    {
        const int top = 30, line = 18;
        var height = picture.Height + top + (picture.Legend.Count > 0 ? picture.Legend.Count * line + 10 : 0);
        var drawing = Drawn(picture, Colour);
        XElement root = new(
            Svg + "svg", new XAttribute("width", picture.Width), new XAttribute("height", height),
            new XAttribute("viewBox", $"0 0 {picture.Width} {height}"), new XAttribute("role", "img"), new XAttribute("font-family", Fonts),
            new XElement(Svg + "title", PlainText.Of(picture.Title)), new XElement(Svg + "desc", PlainText.Of(picture.Description)),
            new XElement(Svg + "rect",
                new XAttribute("width", picture.Width), new XAttribute("height", height), new XAttribute("fill", "#ffffff")),
            Label(picture.Title, 4, 20, 16, Ink.Text, Colour, bold: true),
            new XElement(Svg + "g", new XAttribute("transform", $"translate(0,{top})"), drawing.Elements(), UpLabel(picture, Colour)));
        for (var i = 0; i < picture.Legend.Count; i++)
        {
            var entry = picture.Legend[i];
            var y = top + picture.Height + line * i + 8;
            var swatch = Swatch(entry, Colour);
            swatch.SetAttributeValue("transform", $"translate({Number(picture.Plot.PlotArea.Left)},{y - 6})");
            root.Add(swatch, Label(PlainText.Short(entry.Label), picture.Plot.PlotArea.Left + 36, y + 4, 12.5, Ink.Text, Colour));
        }

        return new XDocument(new XDeclaration("1.0", "utf-8", null), root) is var file ? $"{file.Declaration}\n{file}\n" : "";
    }

    /// <summary>The piece of line or area of a legend in the page, 28 by 12.</summary>
    public static Html InlineSwatch(LegendEntry entry)
    {
        XElement root = new(Svg + "svg", new XAttribute("class", "swatch"), new XAttribute("viewBox", "0 0 28 12"),
            new XAttribute("aria-hidden", "true"), Swatch(entry, Class));
        foreach (var element in root.DescendantsAndSelf())
            element.Name = element.Name.LocalName;
        return Html.Of(root.ToString(SaveOptions.DisableFormatting));
    }

    private static XElement Swatch(LegendEntry entry, Action<XElement, string, Ink.Role, int> paint)
    {
        var (role, place) = Ink.Read(Css(entry.Ink))!.Value;
        XElement shape;
        if (entry.IsArea)
        {
            shape = new(Svg + "rect", new XAttribute("width", 28), new XAttribute("height", 12));
            paint(shape, "fill", role, place);
        }
        else
        {
            shape = new(Svg + "path", new XAttribute("d", "M0 6H28"), new XAttribute("stroke-width", entry.IsThick ? 3.5 : 2));
            if (entry.Dashes is { } dashes)
                shape.SetAttributeValue("stroke-dasharray", string.Join(',', dashes.Select(Number)));
            paint(shape, "stroke", role, place);
        }

        return new(Svg + "g", shape);
    }

    private static XElement Drawn(Picture picture, Action<XElement, string, Ink.Role, int> paint)
    {
        var text = new SvgExporter { Width = picture.Width, Height = picture.Height, UseVerticalTextAlignmentWorkaround = true }
            .ExportToString(picture.Plot);
        var root = XElement.Parse(text);
        root.Attributes().Where(a => a.IsNamespaceDeclaration || a.Name.LocalName is "width" or "height" or "version").Remove();
        Unclip(root, picture);
        foreach (var element in root.Descendants().ToList())
        {
            if (element.Attribute("style")?.Value is { } style)
            {
                element.SetAttributeValue("style", null);
                foreach (var (name, value) in style.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(part => part.Split(':', 2))
                    .Select(part => (part[0], part[1])))
                {
                    element.SetAttributeValue(name, value);
                }
            }

            element.SetAttributeValue("font-family", null);
            element.SetAttributeValue("font-weight", null);
            // What OxyPlot would leave to the renderer's idea of a baseline.
            if (element.Attribute("dominant-baseline")?.Value is "baseline")
                element.SetAttributeValue("dominant-baseline", null);
            if (element.Attribute("points") is { } points)
                points.Value = Rounded(points.Value);
            if (IsNothing(element))
            {
                element.Remove();
                continue;
            }

            foreach (var name in (ReadOnlySpan<string>)["stroke", "fill"])
            {
                if (element.Attribute(name)?.Value is { } colour && Ink.Read(colour) is var (role, place))
                {
                    element.SetAttributeValue(name, null);
                    element.SetAttributeValue(name + "-opacity", null);
                    paint(element, name, role, place);
                }
            }
        }

        return root;
    }

    /// <summary>Lines of no width, shapes without colour and empty groups.</summary>
    private static bool IsNothing(XElement element)
    {
        var (name, stroke, fill) = (element.Name.LocalName, (string?)element.Attribute("stroke"), (string?)element.Attribute("fill"));
        var hasStroke = stroke is not (null or "none") && (string?)element.Attribute("stroke-width") is not "0";
        return name switch
        {
            "g" => !element.HasElements,
            "polyline" => !hasStroke,
            "rect" => !hasStroke && fill is "none",
            _ => false,
        };
    }

    /// <summary>What is cut off at the edge of the picture need not be; the rest gets identifiers of its own.</summary>
    private static void Unclip(XElement root, Picture picture)
    {
        foreach (var definitions in root.Elements(Svg + "defs").ToList())
        {
            var clip = definitions.Element(Svg + "clipPath")!;
            var id = clip.Attribute("id")!.Value;
            var user = root.Elements(Svg + "g")
                .First(g => string.Equals((string?)g.Attribute("clip-path"), $"url(#{id})", StringComparison.Ordinal));
            var (rectangle, isUsed) = (clip.Element(Svg + "rect")!, user.HasElements);
            if (!isUsed || rectangle.Attribute("width")!.Value.Equals(Number(picture.Width), StringComparison.Ordinal))
            {
                definitions.Remove();
                user.SetAttributeValue("clip-path", null);
                if (!isUsed)
                    user.Remove();
                continue;
            }

            // A line along the edge keeps its whole width.
            foreach (var (name, more) in new[] { ("x", -3.0), ("y", -3.0), ("width", 6.0), ("height", 6.0) })
                rectangle.SetAttributeValue(name, Number((double)rectangle.Attribute(name)! + more));
            clip.SetAttributeValue("id", $"{picture.Name}-{id}");
            user.SetAttributeValue("clip-path", $"url(#{picture.Name}-{id})");
        }
    }

    private static XElement? UpLabel(Picture picture, Action<XElement, string, Ink.Role, int> paint)
        => picture.Up.Length == 0 ? null : Label($"↑ {picture.Up}", 4, 14, 12.5, Ink.Soft, paint);

    private static XElement Label(
        string text, double x, double y, double size, OxyColor ink, Action<XElement, string, Ink.Role, int> paint, bool bold = false)
    {
        XElement label = new(Svg + "text",
            new XAttribute("x", Number(x)), new XAttribute("y", Number(y)), new XAttribute("font-size", size), PlainText.Of(text));
        if (bold)
            label.SetAttributeValue("font-weight", 700);
        var (role, place) = Ink.Read(Css(ink))!.Value;
        paint(label, "fill", role, place);
        return label;
    }

    private static void Class(XElement element, string attribute, Ink.Role role, int place)
    {
        var name = Ink.Class(role, place, attribute);
        element.SetAttributeValue("class", element.Attribute("class") is { } other ? $"{other.Value} {name}" : name);
    }

    private static void Colour(XElement element, string attribute, Ink.Role role, int place)
    {
        element.SetAttributeValue(attribute, Ink.Colour(role, place));
        if (role is Ink.Role.Band)
            element.SetAttributeValue("fill-opacity", ".16");
        if (role is Ink.Role.Positive or Ink.Role.Negative && attribute is "fill" && element.Name.LocalName is "polygon")
            element.SetAttributeValue("fill-opacity", ".35");
    }

    private static string Css(OxyColor colour) => $"rgb({colour.R},{colour.G},{colour.B})";

    private static string Rounded(string points)
        => string.Join(' ', points.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(point => string.Join(',', point.Split(',')
            .Select(number => Number(double.Parse(number, CultureInfo.InvariantCulture))))));

    private static string Numbers(params ReadOnlySpan<double> numbers)
    {
        var texts = new string[numbers.Length];
        for (var i = 0; i < numbers.Length; i++)
            texts[i] = numbers[i].ToString("G9", CultureInfo.InvariantCulture);
        return string.Join(' ', texts);
    }

    private static string Number(double number) => number.ToString("0.##", CultureInfo.InvariantCulture);
}

using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace FocalMlNet.Report;

/// <summary>The page as one file of HTML.</summary>
internal static class Page
{
    public static string Html(ReportContent content)
    {
        Html main = new($"{PageSections.Answer(content)}");
        if (content.Models.Count > 0 && content.Models.Any(model => model.Steps.Count > 0))
            main.Add($"{DecisionSection.Of(content)}");
        main.Add($"{PictureSections.Curves(content)}");
        main.Add($"<div class=\"pair\">{PictureSections.Scores(content)}{PictureSections.Loss(content)}</div>");
        main.Add($"{PageSections.Tables(content)}{PageSections.Provenance(content)}");
        return Whole(content, Facts(content), main, PageData.Json(content));
    }

    /// <summary>A page around what is particular to its kind.</summary>
    /// <param name="content">The content.</param>
    /// <param name="facts">What stands below the heading.</param>
    /// <param name="main">The sections.</param>
    /// <param name="data">What the script works with; null for a page without a script.</param>
    public static string Whole(PageContent content, Html facts, Html main, Html? data = null)
    {
        var (style, script) = (Resource("page.css"), Resource("page.js"));
        // Nothing is loaded and nothing runs but what is in the file.
        var scripts = data is null ? "'none'" : $"'{Hash(script)}'";
        var policy = $"default-src 'none'; style-src '{Hash(style)}'; script-src {scripts}; base-uri 'none'; form-action 'none'";
        var title = PlainText.Short(content.Title, 160);
        Html html = new();
        html.Add($"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="{policy}">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta name="referrer" content="no-referrer">
            <title>{title}</title>
            <style>{Report.Html.Of(style)}</style>
            </head>
            <body>
            <a class="skip" href="#main">Skip to the answer</a>
            <header><div class="wide"><h1 dir="auto" title="{PlainText.Of(content.Title)}">{title}</h1>
            <p class="facts">{facts}</p></div></header>
            <main id="main" class="wide" tabindex="-1">
            {main}
            </main>
            <footer><div class="wide">Made with FocalLoss.MLNet.Report. This file holds all that it shows and loads nothing.</div></footer>

            """);
        if (data is not null)
        {
            html.Add($"<script type=\"application/json\" id=\"data\">{data}</script>\n");
            html.Add($"<script>{Report.Html.Of(script)}</script>\n");
        }

        return html.Add($"</body>\n</html>\n").ToString();
    }

    private static Html Facts(ReportContent content)
    {
        var share = content.Positives / (content.Positives + content.Negatives);
        var byWeight = content.IsWeighted ? ", by weight" : "";
        return new($"""
            {content.Rows:N0} held-out rows · {content.Positives:#,0.##} positive ({share * 100:0.##} %){byWeight}
            · {(content.Models.Count == 1 ? "1 model" : $"{content.Models.Count} models")}
            """);
    }

    private static string Resource(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!;
        using StreamReader reader = new(stream, Encoding.UTF8);
        // A checkout with other line ends gives the same page.
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }

    private static string Hash(string text) => $"sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}";
}

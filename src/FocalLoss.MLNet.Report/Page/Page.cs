using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace FocalMlNet.Report;

/// <summary>The page as one file of HTML.</summary>
internal static class Page
{
    public static string Html(ReportContent content)
    {
        var (style, script) = (Resource("page.css"), Resource("page.js"));
        // Nothing is loaded and nothing runs but what is in the file.
        var policy = $"default-src 'none'; style-src '{Hash(style)}'; script-src '{Hash(script)}'; base-uri 'none'; form-action 'none'";
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
            <p class="facts">{Facts(content)}</p></div></header>
            <main id="main" class="wide" tabindex="-1">

            """);
        html.Add($"{PageSections.Answer(content)}");
        if (content.Models.Count > 0 && content.Models.Any(model => model.Steps.Count > 0))
            html.Add($"{DecisionSection.Of(content)}");
        html.Add($"{PictureSections.Curves(content)}");
        html.Add($"<div class=\"pair\">{PictureSections.Scores(content)}{PictureSections.Loss(content)}</div>");
        html.Add($"{PageSections.Tables(content)}{PageSections.Provenance(content)}");
        html.Add($"""
            </main>
            <footer><div class="wide">Made with FocalLoss.MLNet.Report. This file holds all that it shows and loads nothing.</div></footer>
            <script type="application/json" id="data">{PageData.Json(content)}</script>
            <script>{Report.Html.Of(script)}</script>
            </body>
            </html>

            """);
        return html.ToString();
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

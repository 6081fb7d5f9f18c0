using System.Globalization;
using System.Text.RegularExpressions;

namespace FocalMlNet.Report;

/// <summary>The parts of the page that are words and tables.</summary>
internal static partial class PageSections
{
    public static Html Answer(PageContent content)
    {
        Html html = new($"<section aria-labelledby=\"answer-title\" class=\"answer\"><h2 id=\"answer-title\">The answer</h2>\n");
        foreach (var (sentence, i) in content.Answer.Select((sentence, i) => (sentence, i)))
            html.Add($"<p class=\"{(i == 0 ? "lead" : "more")}\">{Sentence(sentence)}</p>\n");
        if (content.Worries.Count > 0)
        {
            html.Add($"<div class=\"worries\"><h3>What to worry about</h3><ul>\n");
            foreach (var worry in content.Worries)
                html.Add($"<li>{Sentence(worry)}</li>\n");
            html.Add($"</ul></div>\n");
        }

        return html.Add($"</section>\n");
    }

    public static Html Tables(ReportContent content)
    {
        Html html = new($"{Figures(content)}{Comparisons(content)}");
        if (content.Features is { } features)
            html.Add($"{Features(features)}");
        return html.Add($"{Hardest(content)}");
    }

    public static Html Hardest(PageContent content) => content.HardestRows is not { Rows.Count: > 0 } hardest ? new() : new($"""
        {Section("hardest", "The hardest rows")}
        <p>The rows that the model is most wrong about. Look at some of them: a wrong label is found here first.</p>
        {Table(hardest, "Hardest rows")}{Note(content.HardestNote)}</section>

        """);

    /// <summary>The paired differences, and the candidates of the tuning.</summary>
    public static Html Comparisons(PageContent content)
    {
        Html html = new();
        if (content.Differences is { } differences)
        {
            html.Add($"""
                {Section("differences", "Are the differences real?")}
                <p>Models compared on the same rows. An interval that holds 0 means: these rows do not tell which is better.</p>
                {Table(differences, "Paired differences between models", isGrouped: true)}</section>

                """);
        }

        if (content.Candidates is { } candidates)
        {
            html.Add($"""
                {Section("candidates", "What was tried")}
                <p>The candidates of the tuning, judged by cross-validation on the training rows. The marked one was taken.</p>
                {Table(candidates, "Candidates of the tuning")}</section>

                """);
        }

        return html;
    }

    public static Html Provenance(PageContent content)
    {
        Html html = new($"{Section("provenance", "How it was made")}<dl>\n");
        foreach (var (name, text) in content.Provenance)
            html.Add($"<div><dt dir=\"auto\">{PlainText.Short(name)}</dt><dd dir=\"auto\">{Long(text)}</dd></div>\n");
        html.Add($"</dl>\n");
        string[] cut = [.. content.Names.Where(name => name.Length > PlainText.NameLength).Distinct(StringComparer.Ordinal)];
        if (cut.Length > 0)
        {
            html.Add($"<details><summary>Names that are shortened above, in full</summary><ul>\n");
            foreach (var name in cut)
                html.Add($"<li dir=\"auto\" class=\"long\">{PlainText.Of(name)}</li>\n");
            html.Add($"</ul></details>\n");
        }

        return html.Add($"</section>\n");
    }

    public static Html Section(string id, string title)
        => new($"<section aria-labelledby=\"{id}-title\" id=\"{id}\"><h2 id=\"{id}-title\">{title}</h2>\n");

    /// <summary>A table: numbers are aligned to the right, and it scrolls by itself where it is wider than the page.</summary>
    /// <param name="table">What it shows.</param>
    /// <param name="caption">Its name for those who do not see where it stands.</param>
    /// <param name="isGrouped">Whether what stands first in a line is seen only where it changes.</param>
    public static Html Table(TableContent table, string caption, bool isGrouped = false)
    {
        // A column of numbers may have a word in it.
        var numbers = Enumerable.Range(0, table.Columns.Count)
            .Select(c => table.Rows.Select(row => row[c]).Where(cell => cell.Length > 0).ToList())
            .Select(cells => cells.Count > 0 && 2 * cells.Count(cell => IsNumber().IsMatch(cell)) > cells.Count).ToList();
        Html html = new($"{TableStart(caption)}<thead><tr>");
        foreach (var (column, c) in table.Columns.Select((column, c) => (column, c)))
        {
            var heading = column.Length == 0 ? new($"<span class=\"hidden\">of</span>") : Report.Html.Name(column);
            html.Add($"<th scope=\"col\"{Side(c)}>{heading}</th>");
        }

        html.Add($"</tr></thead><tbody>\n");
        foreach (var (row, r) in table.Rows.Select((row, r) => (row, r)))
        {
            var isMore = isGrouped && r > 0 && string.Equals(row[0], table.Rows[r - 1][0], StringComparison.Ordinal);
            var kind = isMore ? "more" : r == table.Marked ? "marked" : "";
            html.Add($"<tr{(kind.Length > 0 ? new($" class=\"{kind}\"") : new Html())}>");
            foreach (var (cell, c) in row.Select((cell, c) => (cell, c)))
            {
                var shown = Report.Html.Name(numbers[c] && IsNumber().IsMatch(cell) ? cell.Replace('-', '−') : cell);
                if (c == 0 && isMore)
                    shown = new($"<span class=\"hidden\">{shown}</span>");
                html.Add($"<td{Side(c)}>{(cell.Length == 0 ? new Html() : shown)}</td>");
            }

            html.Add($"</tr>\n");
        }

        return html.Add($"</tbody></table></div>\n");

        Html Side(int c) => numbers[c] ? new($" class=\"number\"") : new();
    }

    public static Html TableStart(string caption) => new($"""
        <div class="scroll" tabindex="0" role="region" aria-label="{caption}"><table><caption class="hidden">{caption}</caption>
        """);

    public static Html Note(string text) => text.Length == 0 ? new() : new($"<p class=\"note\">{Sentence(text)}</p>");

    /// <summary>Names within a sentence stand in quotes: long ones are shortened.</summary>
    public static Html Sentence(string sentence)
    {
        var shown = PlainText.Of(Quoted().Replace(sentence, match => $"“{PlainText.Short(match.Groups["name"].Value)}”"));
        return Long(shown);
    }

    /// <summary>A text whose end is only shown on demand if it would fill the page.</summary>
    private static Html Long(string text)
    {
        const int most = 600;
        var shown = PlainText.Of(text);
        return shown.Length <= most ? new($"{shown}")
            : new($"{PlainText.Short(text, most)} <details class=\"long\"><summary>all of it</summary>{shown}</details>");
    }

    /// <summary>A row for each figure and a column for each model, as there are more figures.</summary>
    public static Html Figures(PageContent content)
    {
        var models = content.Figures.ToList();
        if (models.TrueForAll(model => model.Metrics.Count == 0))
            return new();
        Html html = new($"{Section("figures", "The figures")}{TableStart("Figures of all models")}");
        html.Add($"<thead><tr><th scope=\"col\">figure</th>");
        foreach (var (model, i) in models.Select((model, i) => (model, i)))
            html.Add($"<th scope=\"col\" class=\"number{Marked(i)}\">{Report.Html.Name(model.Name)}</th>");
        html.Add($"</tr></thead><tbody>\n");
        foreach (var name in models.SelectMany(model => model.Metrics).Select(m => m.Name).Distinct(StringComparer.Ordinal))
        {
            html.Add($"<tr><th scope=\"row\">{name}</th>");
            foreach (var (model, i) in models.Select((model, i) => (model, i)))
            {
                var metric = model.Metrics.FirstOrDefault(metric => metric.Name.Equals(name, StringComparison.Ordinal));
                html.Add($"<td class=\"number{Marked(i)}\">{(metric is null ? new Html() : Figure(metric))}</td>");
            }

            html.Add($"</tr>\n");
        }

        return html.Add($"</tbody></table></div>{IntervalNote(content)}</section>\n");

        string Marked(int i) => i == content.Chosen ? " marked" : "";
    }

    /// <summary>A figure with its interval below.</summary>
    public static Html Figure(MetricContent metric) => double.IsNaN(metric.Low) ? new($"{Number(metric.Value)}")
        : new($"{Number(metric.Value)}<br><small>{Number(metric.Low)} – {Number(metric.High)}</small>");

    public static Html IntervalNote(PageContent content)
        => Note($"Below each figure its {ShortNumber.Percent(content.ConfidenceLevel)} interval.");

    /// <summary>Three digits, or two behind zeros.</summary>
    private static string Number(double value)
    {
        var size = Math.Abs(value);
        if (!double.IsFinite(value) || size is > 0 and (< 1e-5 or >= 1e9))
            return double.IsFinite(value) ? value.ToString("0.0E+0", CultureInfo.InvariantCulture) : "–";
        var places = size is 0 or >= .0995 ? Math.Clamp(2 - (int)Math.Floor(Math.Log10(Math.Max(size, .1))), 0, 3)
            : 1 - (int)Math.Floor(Math.Log10(size));
        return value.ToString((size >= 1000 ? "N" : "F") + places, CultureInfo.InvariantCulture).Replace('-', '−');
    }

    private static Html Features(FeatureContent features)
    {
        Html html = new($"{Section("features", "What the model looks at")}<p>{Sentence(features.Kind)}</p>\n");
        if (features.Values.Count > 0)
        {
            double least = Math.Min(0, features.Values.Min(v => v.Value)), most = Math.Max(0, features.Values.Max(v => v.Value));
            var range = most > least ? most - least : 1;
            html.Add($"""
                <table class="bars"><caption class="hidden">Features by their size</caption>
                <thead class="hidden"><tr><th scope="col">feature</th><th scope="col">bar</th><th scope="col">value</th></tr></thead><tbody>

                """);
            foreach (var (name, value) in features.Values)
            {
                var (from, to) = ((Math.Min(value, 0) - least) / range * 100, (Math.Max(value, 0) - least) / range * 100);
                html.Add($"""
                    <tr><th scope="row">{Report.Html.Name(name)}</th><td class="bar"><svg class="bar" aria-hidden="true">
                    <rect x="{from:0.##}%" y="15%" width="{to - from:0.##}%" height="70%" class="f-model c{(value < 0 ? 1 : 0)}"/>
                    <rect x="{-least / range * 100:0.##}%" width="1" height="100%" class="f-axis"/></svg></td>
                    <td class="number">{Number(value)}</td></tr>

                    """);
            }

            html.Add($"</tbody></table>\n");
        }

        if (features.LeftOut > 0)
            html.Add($"<p class=\"note\">{features.LeftOut:N0} more with smaller values are not shown.</p>\n");
        return html.Add($"</section>\n");
    }

    [GeneratedRegex("“(?<name>[^”]{61,})”", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Quoted();

    // A number, with a unit or an interval or not.
    [GeneratedRegex(@"^(–|[<>≤≥~]? ?[-+−]?[\d.,]+([Ee][-+]?\d+)?([^A-Za-z]| to )*( s| ms)?)?$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex IsNumber();
}

using System.Globalization;

namespace FocalMlNet.Report;

/// <summary>The page of several classes as one file of HTML. It has no script.</summary>
internal static class ClassPage
{
    public static string Html(ClassReportContent content)
    {
        Html main = new($"{PageSections.Answer(content)}{Classes(content)}{Confusion(content)}{PageSections.Figures(content)}");
        main.Add($"{PageSections.Comparisons(content)}{Costs(content)}{PageSections.Hardest(content)}{PageSections.Provenance(content)}");
        return Page.Whole(content, Facts(content), main);
    }

    private static Html Facts(ClassReportContent content) => new($"""
        {content.Rows:N0} held-out rows · {(content.ClassCount == 1 ? "1 class" : $"{ShortNumber.Count(content.ClassCount)} classes")}
        · {(content.Models.Count == 1 ? "1 model" : $"{ShortNumber.Count(content.Models.Count)} models")}
        """);

    private static Html Classes(ClassReportContent content)
    {
        Html html = new($"""
            {PageSections.Section("classes", "The classes")}
            <p>How {Name(content)} does on each class, against all others; the rarest class first.</p>
            {PageSections.TableStart("Figures of each class")}<thead><tr><th scope="col">class</th><th scope="col" class="number">rows</th>
            """);
        if (content.IsWeighted)
            html.Add($"<th scope=\"col\" class=\"number\">weight</th>");
        foreach (var metric in content.Classes[0].Metrics)
            html.Add($"<th scope=\"col\" class=\"number\">{metric.Name}</th>");
        var hasNotes = content.Classes.Any(one => one.Note.Length > 0);
        html.Add($"{(hasNotes ? new Html($"<th scope=\"col\">note</th>") : new())}</tr></thead><tbody>\n");
        foreach (var one in content.Classes)
        {
            html.Add($"<tr><th scope=\"row\">{Report.Html.Name(one.Name)}</th><td class=\"number\">{one.Rows:N0}</td>");
            if (content.IsWeighted)
                html.Add($"<td class=\"number\">{ShortNumber.Count(one.Weight)}</td>");
            foreach (var metric in one.Metrics)
                html.Add($"<td class=\"number\">{PageSections.Figure(metric)}</td>");
            html.Add($"{(hasNotes ? new Html($"<td>{one.Note}</td>") : new())}</tr>\n");
        }

        html.Add($"</tbody></table></div>{PageSections.IntervalNote(content)}\n");
        if (content.ClassesLeftOut > 0)
        {
            html.Add($"{PageSections.Note($"{ShortNumber.Count(content.ClassesLeftOut)} more classes, which are more frequent or have no "
                + "rows, are not listed.")}\n");
        }

        return html.Add($"{Dots(content)}</section>\n");
    }

    private static Html Dots(ClassReportContent content)
    {
        if (ClassPicture.Dots(content) is not { } picture)
            return new();
        Html html = new($"""
            <figure class="picture dots" id="{picture.Name}"><figcaption><h3>{picture.Title}</h3></figcaption><ul class="legend">

            """);
        foreach (var entry in picture.Legend)
            html.Add($"<li class=\"plain\">{PictureSvg.InlineSwatch(entry)} {Report.Html.Name(entry.Label)}</li>\n");
        html.Add($"</ul><div class=\"plot\">{PictureSvg.Inline(picture)}</div>\n");
        TableContent table = new(["class", .. content.Models.Select(model => model.Name)], [.. content.Dots.Classes.Select(
            (name, k) => (IReadOnlyList<string>)[PlainText.Of(name), .. content.Dots.Values.Select(values => Text(values[k]))])]);
        html.Add($"<details><summary>{picture.Title}, as a table</summary>{PageSections.Table(table, picture.Title)}</details>\n");
        if (content.Dots.LeftOut > 0)
        {
            var leftOut = ShortNumber.Count(content.Dots.LeftOut);
            html.Add($"{PageSections.Note($"{leftOut} more classes are not drawn: those shown stand at equal distances between the "
                + "rarest and the most frequent.")}\n");
        }

        return html.Add($"</figure>\n");

        static string Text(MetricContent figure)
        {
            var (value, ends) = RankingWords.Known(figure.Value, new(figure.Low, figure.High));
            return double.IsNaN(figure.Value) ? "–" : $"{value} ({ends})";
        }
    }

    private static Html Confusion(ClassReportContent content)
    {
        Html html = new($"{PageSections.Section("confusion", "Which class is taken for which")}");
        if (content.ConfusedPairs.Rows.Count == 0)
            return html.Add($"<p>{Name(content)} gives every row to its class.</p></section>\n");
        if (content.Confusion is not { } confusion)
        {
            return html.Add($"""
                <p>The pairs of classes that {Name(content)} confuses most often.</p>
                {PageSections.Table(content.ConfusedPairs, "Pairs of classes that are confused")}</section>

                """);
        }

        html.Add($"""
            <p>The rows of each class{(content.IsWeighted ? ", by weight," : "")} and the class that {Name(content)} gives them to. The
            deeper the colour, the larger the share of the actual class: blue where that is right, orange where it is not.</p>
            {PageSections.TableStart("Actual class by the class that rows are given to")}
            """);
        html.Add($"<thead class=\"given\"><tr><th scope=\"col\">actual class</th>");
        foreach (var name in confusion.Classes)
            html.Add($"<th scope=\"col\"><span class=\"hidden\">given to</span> {Report.Html.Name(name)}</th>");
        html.Add($"</tr></thead><tbody class=\"matrix\">\n");
        foreach (var (weights, i) in confusion.Weights.Select((weights, i) => (weights, i)))
        {
            html.Add($"<tr><th scope=\"row\">{Report.Html.Name(confusion.Classes[i])}</th>");
            var all = weights.Sum();
            foreach (var (weight, k) in weights.Select((weight, k) => (weight, k)))
                html.Add($"{Cell(weight, all > 0 ? weight / all : 0, i == k)}");
            html.Add($"</tr>\n");
        }

        const string HowToRead = "A row for each actual class, a column for each class that rows are given to.";
        html.Add($"</tbody></table></div>{PageSections.Note(HowToRead)}");
        return html.Add($"</section>\n");
    }

    /// <summary>The depth of the colour is one of ten, as the page allows no styles but those of its sheet.</summary>
    private static Html Cell(double weight, double share, bool isRight)
    {
        if (weight == 0)
            return new($"<td class=\"number\">0</td>");
        var depth = Math.Max(1, (int)Math.Round(10 * share));
        var kind = isRight ? "hit" : "miss";
        return new($"<td class=\"number {kind} d{depth}\">{ShortNumber.Count(weight)}<br><small>{Percent(share)}</small></td>");
    }

    private static string Percent(double share) => share switch
    {
        < .001 => "< 0.1 %",
        > .999 and < 1 => "> 99.9 %",
        _ => (100 * share).ToString(share < .0995 ? "0.0" : "0", CultureInfo.InvariantCulture) + " %",
    };

    private static Html Costs(ClassReportContent content)
    {
        if (content.Profits is not { } profits)
            return new();
        Html html = new($"""
            {PageSections.Section("costs", "What a row brings in")}
            <p>By the cost matrix that the models were compared with, in its unit: if each row goes to the class with the highest score, and
            if it gets the decision that is best for the model's probabilities.</p>
            {PageSections.Table(profits, "What a row brings in by model")}

            """);
        if (content.Costs is { } costs)
            html.Add($"<details><summary>The cost matrix</summary>{PageSections.Table(costs, "What each decision brings in")}</details>\n");
        return html.Add($"</section>\n");
    }

    private static Html Name(ClassReportContent content) => new($"“{Report.Html.Name(content.Models[content.Chosen].Name)}”");
}

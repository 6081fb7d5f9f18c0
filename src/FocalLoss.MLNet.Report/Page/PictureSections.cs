using System.Globalization;

namespace FocalMlNet.Report;

/// <summary>The parts of the page that are pictures, each with a table that says the same.</summary>
internal static class PictureSections
{
    private static readonly double[] Grid = [.1, .2, .3, .4, .5, .6, .7, .8, .9, 1];

    public static Html Curves(ReportContent content)
    {
        Picture[] pictures = [.. new CurvePictures(content, _ => true).All()];
        if (pictures.Length == 0)
            return new();
        Html html = new($"""
            {PageSections.Section("curves", "The models compared")}
            <p>The band, or the bars, are those of the model that is chosen above; point at a name to see those of another.</p>
            <ul class="legend" id="legend">

            """);
        foreach (var (entry, i) in pictures[0].Legend.Take(content.Models.Count).Select((entry, i) => (entry, i)))
        {
            html.Add($"""
                <li><button type="button" data-model="{i}" aria-pressed="{(i == content.Chosen ? "true" : "false")}">
                {PictureSvg.InlineSwatch(entry)} {Report.Html.Name(entry.Label)}</button></li>

                """);
        }

        html.Add($"<li class=\"plain\">{PictureSvg.InlineSwatch(pictures[0].Legend[^1])} chance, or a perfect match</li></ul>\n");
        html.Add($"<div class=\"pictures\">\n");
        foreach (var picture in pictures)
            html.Add($"{Figure(picture, TableOf(content, picture.Name), isCurve: true)}");
        return html.Add($"</div></section>\n");
    }

    public static Html Scores(ReportContent content)
    {
        if (content.Models.All(model => model.Histogram.Positives.Count == 0))
            return new();
        Html html = new($"""
            {PageSections.Section("scores", "How well the classes come apart")}
            <p>Of the model that is chosen above. Each class is drawn as shares of its own rows, so that the few positives are seen beside
            the many negatives. The line is the threshold.</p>

            """);
        foreach (var (model, i) in content.Models.Select((model, i) => (model, i)))
        {
            if (model.Histogram.Positives.Count == 0)
                continue;
            var histogram = BarPictures.Histogram(model, i);
            Html hidden = i == content.Chosen ? new() : new($" hidden");
            html.Add($"<div class=\"of-model\" data-model=\"{i}\"{hidden}>{Legend(histogram)}{Figure(histogram, Bins(model))}</div>\n");
        }

        return html.Add($"</section>\n");
    }

    public static Html Loss(ReportContent content)
    {
        if (content.LossShare is not { } loss)
            return new();
        var picture = BarPictures.LossShare(loss);
        TableContent table = new(
            ["own class", "rows", .. loss.Gammas.Select(gamma => $"loss, γ = {Text(gamma, "G3")}")],
            [.. loss.Bins.Select((bin, b) => (IReadOnlyList<string>)
                [bin, Percent(loss.Rows[b]), .. loss.Shares.Select(shares => Percent(shares[b]))])]);
        return new($"""
            {PageSections.Section("loss", "Where the loss is")}
            <p>How much of the whole loss the hard and the easy rows have. A larger γ takes weight from the rows that are easy already.</p>
            {Legend(picture)}{Figure(picture, table)}</section>

            """);
    }

    private static Html Legend(Picture picture)
    {
        Html html = new($"<ul class=\"legend\">");
        foreach (var entry in picture.Legend)
            html.Add($"<li class=\"plain\">{PictureSvg.InlineSwatch(entry)} {entry.Label}</li>");
        return html.Add($"</ul>\n");
    }

    private static Html Figure(Picture picture, TableContent table, bool isCurve = false)
    {
        var name = picture.Name;
        Html readout = isCurve ? new($"<p class=\"readout\" id=\"readout-{name}\"></p>") : new();
        Html focus = !isCurve ? new() : new($"""
             tabindex="0" role="group" aria-label="{picture.Title}: arrow keys read values" aria-describedby="readout-{name}"
            """);
        return new($"""
            <figure class="picture" id="{name}"><figcaption><h3>{picture.Title}</h3></figcaption>
            <div class="plot" {focus}>{PictureSvg.Inline(picture)}</div>{readout}
            <details><summary>{picture.Title}, as a table</summary>{PageSections.Table(table, picture.Title)}</details></figure>

            """);
    }

    private static TableContent TableOf(ReportContent content, string picture)
    {
        var (positives, negatives) = (content.Positives, content.Negatives);
        return picture switch
        {
            "precision-recall" => Along(
                "recall", Grid, s => s.TruePositives / positives, s => s.TruePositives / (s.TruePositives + s.FalsePositives)),
            "roc" => Along(
                "false-positive rate", [.001, .01, .05, .1, .2, .5, 1],
                s => s.FalsePositives / negatives, s => s.TruePositives / positives),
            "gain" => Along(
                "rows with an alert", [.001, .002, .005, .01, .02, .05, .1, .2, .5, 1],
                s => (s.TruePositives + s.FalsePositives) / (positives + negatives), s => s.TruePositives / positives),
            _ => new(
                ["model", "predicted", "came true", "95 % interval", "rows"],
                [.. content.Models.SelectMany(model => model.Reliability.Select(group => (IReadOnlyList<string>)[
                    model.Name, Percent(group.Mean), Percent(group.Share), $"{Percent(group.Low)} – {Percent(group.High)}",
                    Text(group.Rows, "#,0.#")]))]),
        };

        TableContent Along(string name, double[] grid, Func<StepContent, double> across, Func<StepContent, double> up) => new(
            [name, .. content.Models.Select(model => model.Name)],
            [.. grid.Select(at => (IReadOnlyList<string>)
                [Percent(at), .. content.Models.Select(model => Value(model.Steps, at, across, up))])]);
    }

    /// <summary>The value where a curve first reaches a place: all that grows along the steps does so from none to all.</summary>
    private static string Value(IReadOnlyList<StepContent> steps, double at, Func<StepContent, double> across, Func<StepContent, double> up)
    {
        for (var i = 0; i < steps.Count; i++)
        {
            if (across(steps[i]) >= at - 1e-12)
                return Percent(up(steps[i]));
        }

        return "–";
    }

    private static TableContent Bins(ModelContent model)
    {
        var h = model.Histogram;
        return new(["from", "to", "positives", "negatives"], [.. h.Positives.Select((count, b) => (IReadOnlyList<string>)[
            Text(h.Edges[b], "G4"), Text(h.Edges[b + 1], "G4"), Text(count, "#,0.##"), Text(h.Negatives[b], "#,0.##")])]);
    }

    private static string Percent(double share) => double.IsNaN(share) ? "–" : Text(share * 100, "0.##") + " %";

    private static string Text(double number, string format) => number.ToString(format, CultureInfo.InvariantCulture);
}

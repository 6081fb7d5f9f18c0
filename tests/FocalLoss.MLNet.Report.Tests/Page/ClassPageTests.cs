using Deque.AxeCore.Playwright;
using FocalMlNet.Report.Tests.Content;
using Microsoft.ML;
using Microsoft.Playwright;

namespace FocalMlNet.Report.Tests.Page;

/// <summary>The page of several classes, as a file and in a browser.</summary>
public sealed class ClassPageTests(Chromium chromium) : IClassFixture<Chromium>, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("classes").FullName;

    public static TheoryData<string> Names => AnyTextTests.Names;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_confusion_matrix_has_a_cell_for_each_pair_with_its_share()
    {
        await using var open = await Open(GivenClasses.TwoModels(new() { Model = "Given" }));
        Assert.Equal(["6\n60 %", "0", "4\n40 %", "0", "27\n90 %", "3\n10 %", "1\n1.7 %", "4\n6.7 %", "55\n92 %"],
            await open.Page.Locator(".matrix td").AllInnerTextsAsync());
        Assert.Equal(["miss d4"], await Classes("tr:nth-child(1) td:nth-child(4)"));
        Assert.Equal(["hit d6"], await Classes("tr:nth-child(1) td:nth-child(2)"));

        Task<string[]> Classes(string cell)
            => open.Page.EvaluateAsync<string[]>($"[document.querySelector('.matrix {cell}').className.replace('number ', '')]");
    }

    [Theory]
    [InlineData(ColorScheme.Light, 1200)]
    [InlineData(ColorScheme.Dark, 1200)]
    [InlineData(ColorScheme.Light, 360)]
    public async Task Nothing_is_said_nothing_is_loaded_and_an_accessibility_check_finds_nothing_serious(ColorScheme scheme, int width)
    {
        await using var open = await Open(
            GivenClasses.TwoModels(new() { Model = "Given", Baseline = "Perfect" }, ClassContentTests.Costs),
            new() { ColorScheme = scheme, ViewportSize = new() { Width = width, Height = 900 } });
        Assert.Empty(open.Messages);
        Assert.Equal([new Uri(open.File).AbsoluteUri], open.Requests);
        foreach (var id in (string[])["classes", "confusion", "figures", "differences", "costs", "hardest", "provenance"])
            Assert.True(await open.Page.Locator($"#{id}").IsVisibleAsync(), id);
        Assert.True(await open.Page.Locator("#class-average-precision .plot svg").BoundingBoxAsync() is { Width: > 200, Height: > 100 });
        var result = await open.Page.RunAxe();
        Assert.Empty(result.Violations.Where(v => v.Impact is "serious" or "critical" or "moderate")
            .Select(v => $"{v.Id}: {v.Help} {string.Join(" | ", v.Nodes.Take(3).Select(n => n.Html))}"));
        Assert.Contains(result.Passes, rule => rule.Id is "color-contrast");
    }

    [Theory]
    [InlineData(360, 20)]
    [InlineData(1200, 20)]
    [InlineData(360, 250)]
    public async Task There_is_no_scrolling_sideways_however_many_classes_there_are(int width, int classes)
    {
        await using var open = await Open(GivenClasses.Content([(new('x', 300), GivenClasses.Many(classes))]),
            new() { ViewportSize = new() { Width = width, Height = 800 } });
        Assert.Equal(0, await open.Page.EvaluateAsync<int>("Math.max(0, document.documentElement.scrollWidth - innerWidth)"));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_name_of_a_class_is_shown_as_text_everywhere(string name)
    {
        var content = GivenClasses.TwoModels(new() { Model = "Given" }, names: ["common", "middle", name]);
        await using var open = await Open(content);
        Assert.Empty(open.Messages);
        Assert.NotEqual("taken", await open.Page.TitleAsync());
        Assert.Equal(0, await open.Page.Locator("img, a:not(.skip), b, script").CountAsync());
        var shown = PlainText.Short(name);
        foreach (var place in (string[])["#classes tbody", "#confusion thead", "#confusion tbody", "#class-average-precision tbody"])
            Assert.Equal(shown, await open.Page.EvaluateAsync<string>($"document.querySelector('{place} bdi').textContent"));
        var svg = System.Xml.Linq.XDocument.Parse(Assert.Single(ClassPicture.Of(content)).Svg);
        var inPicture = PlainText.Short(name, name.Any(c => c >= 0x1100) ? 7 : 15);
        Assert.Contains(svg.Descendants(), e => e.Name.LocalName is "text" && e.Value == inPicture);
        Assert.DoesNotContain(svg.Descendants(), e => e.Name.LocalName is "script" or "img" or "b" or "a");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_name_of_a_class_and_a_value_of_a_row_are_text_among_the_hardest_rows(string name)
    {
        var content = GivenClasses.TwoModels(new() { Model = "Given" }, names: [name, "middle", "rare"]);
        var table = content.HardestRows!;
        content = content with
        {
            HardestRows = new([.. table.Columns, name], [.. table.Rows.Select(row => (IReadOnlyList<string>)[.. row, name])]),
        };
        await using var open = await Open(content);
        Assert.Empty(open.Messages);
        Assert.Equal(0, await open.Page.Locator("img, a:not(.skip), b, script").CountAsync());
        var shown = name.Length == 0 ? "" : PlainText.Short(name);
        Assert.Equal([shown, shown], [await Cell("td:nth-child(2)"), await Cell("td:last-child")]);
        if (name.Length > 0)
            Assert.Equal(shown, await Cell("th:last-child"));

        Task<string> Cell(string cell) => open.Page.EvaluateAsync<string>($"document.querySelector('#hardest {cell}').textContent");
    }

    [Fact]
    public async Task The_hardest_rows_stand_in_a_table_with_what_they_are_and_what_they_are_given_to()
    {
        await using var open = await Open(GivenClasses.TwoModels(new() { Model = "Given", HardestRows = 3 }));
        Assert.Equal(
            ["Row (from 0)", "Actual class", "Its probability", "Given to", "With probability", "Loss"],
            await open.Page.Locator("#hardest th").AllInnerTextsAsync());
        Assert.Equal(["55", "common", "0.15", "middle", "0.7", "1.9"],
            await open.Page.Locator("#hardest tbody tr:first-child td").AllInnerTextsAsync());
        Assert.Equal(3, await open.Page.Locator("#hardest tbody tr").CountAsync());
    }

    [Fact]
    public void The_picture_has_a_dot_for_each_class_and_model_at_its_figure()
    {
        var content = GivenClasses.TwoModels(new() { Model = "Given" });
        var picture = ClassPicture.Dots(content)!;
        var dots = picture.Plot.Series.OfType<OxyPlot.Series.ScatterSeries>().Select(s => s.Points.Select(p => p.X).ToArray()).ToArray();
        Assert.Equal(content.Dots.Values.Select(values => values.Select(figure => figure.Value).ToArray()), dots);
        var svg = System.Xml.Linq.XDocument.Parse(Assert.Single(ClassPicture.Of(content)).Svg);
        Assert.Equal(6, svg.Descendants().Count(e => e.Name.LocalName is "ellipse" or "circle"));
        Assert.DoesNotContain("NaN", svg.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("↑", svg.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_note_tells_the_level_of_the_intervals()
        => Assert.Contains("its 80 % interval", ClassPage.Html(GivenClasses.Content(
            [("Given", GivenClasses.Rows(GivenClasses.Three, GivenClasses.Counts))], level: .8)), StringComparison.Ordinal);

    [Fact]
    public void A_report_of_real_models_is_saved_with_its_picture_and_the_candidates_of_the_tuning()
    {
        var ml = DrawnRows.MlContext;
        var keys = ml.Transforms.Conversion.MapValueToKey("Label", "Note").Append(DrawnRows.Features());
        var (train, test) = (View(1), View(2));
        var prepared = keys.Fit(train);
        var tuned = ml.MulticlassClassification.TuneImbalanced(prepared.Transform(train), new() { Gammas = [0, 2], NumberOfFolds = 2 });
        var plain = ml.MulticlassClassification.Trainers.FocalSgd().Fit(prepared.Transform(train));
        var comparison = ml.MulticlassClassification.CompareImbalanced(
            prepared.Transform(test), [("Plain", plain), ("Tuned", tuned.Model)], options: new() { BootstrapResamples = 20 });
        DecisionReport report = new(comparison, new() { Title = "Three <classes>", Tuning = tuned, Baseline = "Plain" });
        var page = Path.Combine(_folder, "report.html");
        report.Save(page);
        var html = File.ReadAllText(page);
        Assert.Contains("<title>Three &lt;classes&gt;</title>", html, StringComparison.Ordinal);
        Assert.Contains("What was tried", html, StringComparison.Ordinal);
        Assert.StartsWith("“Tuned” ", report.ToString(), StringComparison.Ordinal);
        Assert.All(report.ToString().Split('\n'), line => Assert.InRange(line.Length, 0, 80));
        Assert.Equal([Path.Combine(_folder, "class-average-precision.svg")], report.SavePictures(_folder));
        var ofTwo = DrawnRows.Compared([true, false, true, false], [.9f, .1f, .8f, .2f]);
        Assert.Contains("of two, as the comparison is",
            Assert.Throws<ArgumentException>(() => new DecisionReport(ofTwo, new() { Tuning = tuned })).Message, StringComparison.Ordinal);

        static IDataView View(int seed)
        {
            var rows = DrawnRows.Of(600, .2, seed);
            foreach (var row in rows)
                row.Note = row.Label ? "rare" : row.Noise > .8 ? "some" : "most";
            return DrawnRows.View(rows);
        }
    }

    private Task<OpenPage> Open(ClassReportContent content, BrowserNewContextOptions? options = null)
        => chromium.Open(ClassPage.Html(content), options);
}

using System.Xml.Linq;
using FocalMlNet.Report.Tests.Content;
using Microsoft.ML;

namespace FocalMlNet.Report.Tests.Page;

public sealed class PageFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("page").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Five_models_with_2000_steps_each_make_a_page_below_1_500_000_bytes()
    {
        var content = MadeUp.Content(models: 5, rows: 40_000, maxSteps: 2000);
        Assert.All(content.Models, model => Assert.InRange(model.Steps.Count, 1900, 2000));
        // Weighted counts have more digits.
        content = content with { IsWeighted = true, Models = [.. content.Models.Select(model => model with { Steps = [.. model.Steps.Select(
            s => s with { TruePositives = s.TruePositives * Math.E, FalsePositives = s.FalsePositives * Math.PI })] })] };
        Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(Report.Page.Html(content)), 100_000, 1_500_000);
    }

    [Fact]
    public void A_file_is_replaced_when_the_new_one_is_whole_and_nothing_else_is_left()
    {
        var path = Path.Combine(_folder, "new folder", "page.html");
        WholeFile.Write(path, "one γ");
        WholeFile.Write(path, "two γ");
        Assert.Equal("two γ", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(Path.GetDirectoryName(path)!));
        Assert.Equal((byte)'t', File.ReadAllBytes(path)[0]);
    }

    [Fact]
    public void A_link_stays_and_what_it_points_to_is_replaced()
    {
        var (target, link) = (Path.Combine(_folder, "target.html"), Path.Combine(_folder, "link.html"));
        File.WriteAllText(target, "old");
        File.CreateSymbolicLink(link, target);
        WholeFile.Write(link, "new");
        Assert.Equal("new", File.ReadAllText(target));
        Assert.NotNull(new FileInfo(link).LinkTarget);
    }

    [Fact]
    public void What_cannot_be_written_is_an_IOException_and_leaves_nothing()
    {
        // A folder has the name already.
        var path = Path.Combine(_folder, "page.html");
        Directory.CreateDirectory(path);
        Assert.ThrowsAny<IOException>(() => WholeFile.Write(path, "text"));
        // Something of the way is a file.
        File.WriteAllText(Path.Combine(_folder, "file"), "");
        Assert.ThrowsAny<IOException>(() => WholeFile.Write(Path.Combine(_folder, "file", "page.html"), "text"));
        Assert.Equal(["file", "page.html"], Directory.GetFileSystemEntries(_folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Empty(Directory.GetFileSystemEntries(path));
    }

    [Fact]
    public void Each_picture_is_a_file_with_words_for_those_who_do_not_see_it_and_the_colours_of_paper()
    {
        var content = MadeUp.Content(models: 2);
        var files = Report.Pictures.Of(content).ToDictionary();
        Assert.Equal(
            ["cost", "features", "gain", "loss-share", "precision-recall", "reliability", "roc", "scores-1", "scores-2"],
            files.Keys.Order(StringComparer.Ordinal));
        foreach (var svg in files.Values)
        {
            var root = XDocument.Parse(svg).Root!;
            Assert.Equal("{http://www.w3.org/2000/svg}svg", root.Name.ToString());
            foreach (var name in (string[])["title", "desc"])
                Assert.True(root.Elements().Single(e => e.Name.LocalName == name).Value.Length > 3);
            Assert.All(root.Descendants(), e => Assert.Equal(root.Name.Namespace, e.Name.Namespace));
            Assert.DoesNotContain("class=", svg, StringComparison.Ordinal);
            // No sign of the colours that stand for others while a picture is drawn.
            Assert.DoesNotContain("rgb(", svg, StringComparison.Ordinal);
            Assert.DoesNotContain("NaN", svg, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_curve_in_a_picture_passes_within_a_fifth_of_a_pixel_of_every_step()
    {
        var content = MadeUp.Content(models: 1, rows: 20_000);
        var roc = XDocument.Parse(Report.Pictures.Of(content).Single(p => p.Name is "roc").Svg);
        // The chosen line is the widest.
        var line = roc.Descendants().Single(e => e.Name.LocalName is "polyline" && (string?)e.Attribute("stroke-width") is "2.6");
        var points = line.Attribute("points")!.Value.Split(' ')
            .Select(point => Array.ConvertAll(point.Split(','), number => double.Parse(number, null))).ToList();
        double left = points[0][0], bottom = points[0][1], width = points[^1][0] - left, height = bottom - points[^1][1];
        Assert.True(points.Count < 400, $"{points.Count} points");
        foreach (var step in content.Models[0].Steps)
        {
            double x = left + width * step.FalsePositives / content.Negatives, y = bottom - height * step.TruePositives / content.Positives;
            Assert.True(points.Zip(points.Skip(1)).Min(piece => Distance(x, y, piece.First, piece.Second)) < .2);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_page_can_be_made_of_little(bool probabilities)
    {
        var content = MadeUp.Content(models: 1, rows: 60, prevalence: .3, probabilities: probabilities) with
        {
            Worries = [],
            Differences = null,
            Candidates = null,
            Features = new("It has no names.", [], 0),
            HardestRows = null,
            LossShare = null,
            Provenance = [],
        };
        var html = Report.Page.Html(content);
        Assert.DoesNotContain("What to worry about", html, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", html[..html.LastIndexOf("<script>", StringComparison.Ordinal)], StringComparison.Ordinal);
        Assert.NotEmpty(Report.Pictures.Of(content));
    }

    [Fact]
    public void A_table_names_a_measure_once_and_a_column_of_numbers_may_hold_a_word()
    {
        TableContent content = new(
            ["Measure", "Minus", "Difference"], [["AP", "a", "-0.1"], ["AP", "b", "the same"], ["Brier", "a", "+0.2"]]);
        var table = PageSections.Table(content, "Differences", isGrouped: true).ToString();
        Assert.Contains("<td><span class=\"hidden\"><bdi>AP</bdi></span></td><td><bdi>b</bdi></td>", table, StringComparison.Ordinal);
        Assert.Contains("<td class=\"number\"><bdi>the same</bdi></td>", table, StringComparison.Ordinal);
        Assert.Contains("<td><bdi>Brier</bdi></td>", table, StringComparison.Ordinal);
        Assert.Contains("<td class=\"number\"><bdi>−0.1</bdi></td>", table, StringComparison.Ordinal);
    }

    [Fact]
    public void Models_that_do_the_same_on_every_row_are_called_the_same()
    {
        var scored = DrawnRows.View(DrawnRows.Of(600, .2, 1));
        var model = DrawnRows.Features().Append(DrawnRows.MlContext.BinaryClassification.Trainers.FocalSgd()).Fit(scored);
        var content = DrawnRows.Content(DrawnRows.Compare(scored, [("One", model), ("Two", model)]));
        Assert.All(content.Differences!.Rows, row => Assert.Equal("the same", row[2]));
    }

    private static double Distance(double x, double y, double[] a, double[] b)
    {
        double dx = b[0] - a[0], dy = b[1] - a[1], square = dx * dx + dy * dy;
        var way = square > 0 ? Math.Clamp(((x - a[0]) * dx + (y - a[1]) * dy) / square, 0, 1) : 0;
        return double.Hypot(x - a[0] - way * dx, y - a[1] - way * dy);
    }
}

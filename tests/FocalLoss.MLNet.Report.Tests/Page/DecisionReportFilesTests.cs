using FocalMlNet.Report.Tests.Content;
using Microsoft.ML;

namespace FocalMlNet.Report.Tests.Page;

public sealed class DecisionReportFilesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("report").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_report_is_saved_as_one_page_and_its_pictures_as_files()
    {
        var trainers = DrawnRows.MlContext.BinaryClassification.Trainers;
        var train = DrawnRows.View(DrawnRows.Of(1500, .1, 1));
        DecisionReport report = new(
            DrawnRows.Compare(DrawnRows.View(DrawnRows.Of(1500, .1, 2)),
            [
                ("Focal", DrawnRows.Features().Append(trainers.FocalSgd()).Fit(train)),
                ("Trees", DrawnRows.Features().Append(trainers.FastTree(numberOfTrees: 10)).Fit(train)),
            ]),
            new() { Title = "Two models" });
        var page = Path.Combine(_folder, "deep", "report.html");
        report.Save(page);
        Assert.Contains("<title>Two models</title>", File.ReadAllText(page), StringComparison.Ordinal);
        Assert.Equal([page], Directory.GetFiles(Path.GetDirectoryName(page)!));

        var pictures = Path.Combine(_folder, "pictures");
        var paths = report.SavePictures(pictures);
        Assert.Equal(paths.Order(StringComparer.Ordinal), Directory.GetFiles(pictures).Order(StringComparer.Ordinal));
        Assert.Contains(Path.Combine(pictures, "precision-recall.svg"), paths);
        Assert.All(paths, path => Assert.StartsWith("<?xml", File.ReadAllText(path), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    public void Without_a_name_there_is_no_file(string? name)
    {
        var (labels, probabilities) = DrawnRows.Calibrated(400, 1);
        DecisionReport report = new(DrawnRows.Compared(labels, probabilities));
        Assert.ThrowsAny<ArgumentException>(() => report.Save(name!));
        Assert.ThrowsAny<ArgumentException>(() => report.SavePictures(name!));
    }
}

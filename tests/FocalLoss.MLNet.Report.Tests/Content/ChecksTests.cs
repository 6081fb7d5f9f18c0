using Microsoft.ML;

namespace FocalMlNet.Report.Tests.Content;

public class ChecksTests
{
    private static readonly ModelComparison<ImbalancedBinaryMetrics> Comparison = DrawnRows.Compared([true, false], [.9f, .1f]);

    public static TheoryData<DecisionReportOptions, string> Refused => new()
    {
        { new() { Model = "Givn" }, "Model = Givn, but it should be one of Given." },
        { new() { Baseline = "x" }, "Baseline = x, but it should be one of Given." },
        { new() { HardestRows = -1 }, "HardestRows = -1, but it should be from 0 to 1000." },
        { new() { HardestRows = 1001 }, "HardestRows = 1001, but it should be from 0 to 1000." },
        { new() { Costs = new(new double[3, 3]) }, "Costs has 3 classes, but it should have 2." },
        { new() { ShownColumns = [""] }, "ShownColumns = \"\", but it should be the name of a column." },
        { new() { ShownColumns = ["Age"] }, "ShownColumns has Age, but the comparison does not know where its rows come from." },
        { new() { Provenance = [new("Data", null!)] }, "Provenance[0] lacks a name or a text." },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void An_option_that_cannot_be_used_is_named_with_what_is_allowed(DecisionReportOptions options, string message)
    {
        ArgumentNullException.ThrowIfNull(options);
        var error = Assert.ThrowsAny<ArgumentException>(() => new DecisionReport(Comparison, options));
        Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_column_that_is_not_there_is_named_with_those_that_are()
    {
        var rows = DrawnRows.View(DrawnRows.Of(200, .2, 1));
        var model = DrawnRows.Features().Append(DrawnRows.MlContext.BinaryClassification.Trainers.AveragedPerceptron()).Fit(rows);
        var comparison = DrawnRows.Compare(rows, [("Model", model)]);
        var error = Assert.Throws<ArgumentException>(() => new DecisionReport(comparison, new() { ShownColumns = ["Age"] }));
        Assert.StartsWith(
            "ShownColumns has Age, but it should be one of Label, Near, Far, Noise, Weight, Note.", error.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void More_models_than_there_are_signs_for_are_refused_and_so_many_are_each_drawn_as_themselves()
    {
        var rows = GivenClasses.Rows(GivenClasses.Three, GivenClasses.Counts);
        var most = GivenClasses.Content(Models(256));
        Assert.Contains("fill-model c7 m255", ClassPage.Html(most), StringComparison.Ordinal);
        const string expected = "The comparison has 257 models, but a page shows at most 256.";
        var error = Assert.Throws<ArgumentException>(() => GivenClasses.Content(Models(257)));
        Assert.StartsWith(expected, error.Message, StringComparison.Ordinal);
        Assert.Equal("comparison", error.ParamName);

        (string, Evaluation.ClassScoredRows)[] Models(int count)
            => [.. Enumerable.Range(0, count).Select(m => (FormattableString.Invariant($"m{m}"), rows))];
    }

    [Fact]
    public void Null_is_refused()
    {
        Assert.Throws<ArgumentNullException>(() => new DecisionReport((ModelComparison<ImbalancedBinaryMetrics>)null!));
        Assert.Throws<ArgumentNullException>(() => new DecisionReport(Comparison, new() { Policies = [null!] }));
        Assert.Throws<ArgumentNullException>(() => new DecisionReport(Comparison, new() { ShownColumns = null! }));
        Assert.Throws<ArgumentNullException>(() => new DecisionReport(Comparison, new() { Provenance = null! }));
        Assert.Throws<ArgumentNullException>(() => new DecisionReport(Comparison, new() { Title = null! }));
    }

    [Fact]
    public void The_text_of_a_report_is_the_answer_in_lines_of_80_characters()
    {
        var lines = new DecisionReport(Comparison).ToString().Split('\n');
        Assert.StartsWith("“Given” ranks the rows", lines[0], StringComparison.Ordinal);
        Assert.All(lines, line => Assert.InRange(line.Length, 1, 80));
    }
}

using Microsoft.ML;

namespace FocalMlNet.Report.Tests.Content;

public class HardRowsTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void They_are_those_of_HardExamples_by_their_number_in_the_data(bool isWeighted)
    {
        var catalog = DrawnRows.MlContext.BinaryClassification;
        var rows = DrawnRows.Of(500, .2, 1, weight: random => isWeighted ? random.Next(3) : 1);
        var model = DrawnRows.Features().Append(catalog.Trainers.FocalSgd()).Fit(DrawnRows.View(rows));
        var content = DrawnRows.Content(
            DrawnRows.Compare(DrawnRows.View(rows), [("Model", model)], isWeighted ? "Weight" : null),
            new() { HardestRows = 7, ShownColumns = ["Note", "Near", "Label"] }).HardestRows!;
        var expected = catalog.HardExamples(model.Transform(DrawnRows.View(rows)), 500, scoreColumnName: "Probability",
            scoresAreProbabilities: true, gamma: 0).Where(example => rows[example.Row].Weight > 0).Take(7).ToArray();
        Assert.Equal(expected.Select(example => $"{example.Row}"), content.Rows.Select(row => row[0]));
        Assert.Equal(expected.Select(example => example.Label == "True" ? "positive" : "negative"), content.Rows.Select(row => row[1]));
        Assert.Equal(expected.Select(example => rows[example.Row].Note), content.Rows.Select(row => row[4]));
        Assert.Equal(
            expected.Select(example => FormattableString.Invariant($"{rows[example.Row].Near}")), content.Rows.Select(row => row[5]));
        Assert.Equal(expected.Select(example => $"{rows[example.Row].Label}"), content.Rows.Select(row => row[6]));
        Assert.All(expected.Zip(content.Rows), pair => Assert.Equal(
            pair.First.Loss, double.Parse(pair.Second[3], System.Globalization.CultureInfo.InvariantCulture), .01));
        Assert.Equal(7, content.Columns.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Of_several_classes_they_are_those_of_HardExamples_by_their_number_in_the_data(bool isWeighted)
    {
        var ml = DrawnRows.MlContext;
        var rows = DrawnRows.Of(600, .2, 1, weight: random => isWeighted ? random.Next(3) : 1);
        foreach (var (row, i) in rows.Select((row, i) => (row, i)))
        {
            // Some have no label, as the model's own key does not know it.
            row.Note = isWeighted && i % 7 == 0 ? "" : row.Label ? "rare" : row.Noise > .8 ? "some" : "most";
        }

        var model = ml.Transforms.Conversion.MapValueToKey("Key", "Note").Append(DrawnRows.Features())
            .Append(ml.MulticlassClassification.Trainers.FocalSgd("Key")).Fit(DrawnRows.View(rows.Where(row => row.Note.Length > 0)));
        var comparison = ml.MulticlassClassification.CompareImbalanced(
            DrawnRows.View(rows), [("Model", model)], "Key", exampleWeightColumnName: isWeighted ? "Weight" : null,
            options: new() { BootstrapResamples = 20 });
        var content = ClassContent.Of(comparison, new() { HardestRows = 9, ShownColumns = ["Near", "Note"] }).HardestRows!;

        var expected = ml.MulticlassClassification.HardExamples(model.Transform(DrawnRows.View(rows)), 600, "Key", gamma: 0)
            .Where(example => rows[example.Row].Weight > 0).Take(9).ToArray();
        Assert.Equal(expected.Select(example => $"{example.Row}"), content.Rows.Select(row => row[0]));
        Assert.Equal(expected.Select(example => example.Label), content.Rows.Select(row => row[1]));
        Assert.Equal(
            expected.Select(example => FormattableString.Invariant($"{rows[example.Row].Near}")), content.Rows.Select(row => row[6]));
        Assert.Equal(expected.Select(example => rows[example.Row].Note), content.Rows.Select(row => row[7]));
        Assert.All(expected.Zip(content.Rows), pair => Assert.Equal(
            pair.First.Loss, double.Parse(pair.Second[5], System.Globalization.CultureInfo.InvariantCulture), .01));
        Assert.Equal(8, content.Columns.Count);
    }

    [Fact]
    public void No_values_of_rows_are_shown_unless_asked_for()
    {
        var rows = DrawnRows.Of(300, .2, 1);
        var model = DrawnRows.Features().Append(DrawnRows.MlContext.BinaryClassification.Trainers.FocalSgd()).Fit(DrawnRows.View(rows));
        var content = DrawnRows.Content(DrawnRows.Compare(DrawnRows.View(rows), [("Model", model)]));
        Assert.Equal(4, content.HardestRows!.Columns.Count);
        Assert.All(content.HardestRows.Rows, row => Assert.DoesNotContain("row", string.Concat(row), StringComparison.Ordinal));
    }

    [Fact]
    public void Long_text_is_shortened_and_no_character_is_halved()
    {
        var rows = DrawnRows.Of(300, .2, 1);
        foreach (var row in rows)
            row.Note = string.Concat(Enumerable.Repeat("😀", 5000));
        var model = DrawnRows.Features().Append(DrawnRows.MlContext.BinaryClassification.Trainers.FocalSgd()).Fit(DrawnRows.View(rows));
        var content = DrawnRows.Content(
            DrawnRows.Compare(DrawnRows.View(rows), [("Model", model)]), new() { ShownColumns = ["Note"] }).HardestRows!;
        Assert.All(content.Rows, row => Assert.InRange(row[4].Length, 150, 200));
        Assert.All(content.Rows, row => Assert.Equal(string.Concat(Enumerable.Repeat("😀", (row[4].Length - 1) / 2)) + "…", row[4]));
    }

    [Fact]
    public void They_are_listed_also_of_a_model_that_is_right_about_all_rows_and_not_if_none_are_wanted()
    {
        var comparison = DrawnRows.Compared([true, false], [.9f, .2f]);
        Assert.Equal(["1", "0"], DrawnRows.Content(comparison).HardestRows!.Rows.Select(row => row[0]));
        Assert.Null(DrawnRows.Content(comparison, new() { HardestRows = 0 }).HardestRows);
    }
}

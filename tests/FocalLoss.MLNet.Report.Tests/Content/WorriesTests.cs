using Microsoft.ML;

namespace FocalMlNet.Report.Tests.Content;

public class WorriesTests
{
    private static readonly BinaryClassificationCatalog Catalog = DrawnRows.MlContext.BinaryClassification;

    [Fact]
    public void Calibrated_probabilities_of_many_rows_are_no_worry()
    {
        var (labels, probabilities) = DrawnRows.Calibrated(20_000, 1);
        Assert.Empty(Worries(labels, probabilities, own: 1f / 21));
    }

    [Theory]
    [InlineData(12, "may not hold what they promise")]
    [InlineData(50, "small differences between models may be chance")]
    [InlineData(100, null)]
    public void Few_positives_are(int positives, string? words)
    {
        var random = new Random(1);
        var labels = Enumerable.Range(0, 2000).Select(i => i < positives).ToArray();
        float[] scores = [.. labels.Select(label => (float)(DrawnRows.Normal(random) + (label ? 1 : 0)))];
        var worries = DrawnRows.Content(DrawnRows.Compared(labels, null, scores)).Worries;
        Assert.Equal(words is not null, worries.Any(s => s.StartsWith($"There are only {positives} positives", StringComparison.Ordinal)));
        if (words is not null)
            Assert.Contains(words, worries[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_feature_that_tells_the_classes_apart_alone_is_named_in_either_direction()
    {
        var rows = DrawnRows.Of(1000, .2, 1);
        foreach (var row in rows)
            row.Noise = -row.Noise - (row.Label ? 20 : 0);
        var model = DrawnRows.Features().Append(Catalog.Trainers.FocalSgd()).Fit(DrawnRows.View(rows));
        var worries = DrawnRows.Content(DrawnRows.Compare(DrawnRows.View(rows), [("Model", model)])).Worries;
        Assert.Contains(worries, s => s.StartsWith("“Noise” tells the classes apart alone", StringComparison.Ordinal));
        Assert.Contains(worries, s => s.StartsWith("“Model” ranks nearly without error", StringComparison.Ordinal));
    }

    [Fact]
    public void Features_that_do_not_are_not_named()
    {
        var rows = DrawnRows.Of(1000, .2, 1);
        var model = DrawnRows.Features().Append(Catalog.Trainers.FocalSgd()).Fit(DrawnRows.View(rows));
        Assert.DoesNotContain(DrawnRows.Content(DrawnRows.Compare(DrawnRows.View(rows), [("Model", model)])).Worries,
            s => s.Contains("alone", StringComparison.Ordinal) || s.Contains("without error", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(.1, false)]
    [InlineData(.3, true)]
    public void Another_share_of_positives_than_in_the_tuning_is(double share, bool isWorry)
    {
        var train = DrawnRows.View(DrawnRows.Of(1500, .1, 1));
        var tuned = Catalog.TuneImbalanced(train, new() { Preparation = DrawnRows.Features(), NumberOfFolds = 2 });
        var test = DrawnRows.View(DrawnRows.Of(1500, share, 2));
        var worries = DrawnRows.Content(DrawnRows.Compare(test, [("Model", tuned.Model)]), new() { Tuning = tuned }).Worries;
        Assert.Equal(isWorry, worries.Contains(
            "Positives are more frequent here than where the model was tuned: 30 % against 10 % of the rows. "
            + "What holds here may not hold later: probabilities shift with the share."));
    }

    [Fact]
    public void Probabilities_that_are_too_low_on_the_whole_are_told_with_what_was_expected()
    {
        // 200 of 2000 are positive, and each had .05.
        var labels = Enumerable.Range(0, 2000).Select(i => i % 10 == 0).ToArray();
        var random = new Random(1);
        float[] probabilities = [.. labels.Select(_ => (float)(.04 + .02 * random.NextDouble()))];
        Assert.Contains("The probabilities of “Given” are too low on the whole: by them "
            + FormattableString.Invariant($"{Math.Round(probabilities.Sum(p => (double)p)):F0} positives were expected, and 200 came."),
            Worries(labels, probabilities));
    }

    [Theory]
    [InlineData(2.0, "too bold")]
    [InlineData(.5, "too cautious")]
    public void Log_odds_that_are_stretched_are_bold_or_cautious(double factor, string words)
    {
        var (labels, probabilities) = DrawnRows.Calibrated(20_000, 1);
        float[] stretched = [.. probabilities.Select(p => (float)(1 / (1 + Math.Exp(-factor * Math.Log(p / (1 - p))))))];
        Assert.Contains(Worries(labels, stretched), s => s.Contains(words, StringComparison.Ordinal)
            && s.Contains(FormattableString.Invariant($"calibration slope {1 / factor:F0}")[..19], StringComparison.Ordinal));
    }

    [Fact]
    public void A_threshold_that_costs_more_than_the_one_for_the_costs_is()
    {
        var (labels, probabilities) = DrawnRows.Calibrated(20_000, 1);
        Assert.Contains(Worries(labels, probabilities, own: .5f),
            s => s.StartsWith("The threshold that “Given” has now is not the one for these costs", StringComparison.Ordinal));
    }

    [Fact]
    public void Labels_that_the_model_all_but_excludes_are_counted()
    {
        // All below 1 %: about as many positives as they let expect, and 40 labels that are turned.
        var random = new Random(1);
        float[] probabilities = [.. Enumerable.Range(0, 8000).Select(i => i < 4000 ? .001f + .002f * (float)random.NextDouble() : .3f)];
        bool[] labels = [.. probabilities.Select((p, i) => i < 40 || random.NextDouble() < p)];
        var found = labels.Where((label, i) => label && probabilities[i] < .01).Count();
        Assert.Contains(Worries(labels, probabilities),
            s => s.StartsWith(
                $"{found} rows are what “Given” gives less than a 1 % chance ({found} of them positives)", StringComparison.Ordinal));
    }

    [Fact]
    public void Few_different_probabilities_are()
    {
        var random = new Random(1);
        float[] probabilities = [.. Enumerable.Range(0, 3000).Select(_ => random.Next(1, 5) / 10f)];
        bool[] labels = [.. probabilities.Select(p => random.NextDouble() < p)];
        Assert.Contains(Worries(labels, probabilities),
            s => s.StartsWith("“Given” has only 4 different probabilities", StringComparison.Ordinal));
    }

    private static IReadOnlyList<string> Worries(bool[] labels, float[] probabilities, float own = .5f)
        => DrawnRows.Content(DrawnRows.Compared(labels, probabilities, own: own)).Worries;
}

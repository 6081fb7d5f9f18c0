using Microsoft.ML;
using Microsoft.ML.Calibrators;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;

namespace FocalMlNet.Report.Tests.Content;

public class AnswerTests
{
    private static readonly BinaryClassificationCatalog Catalog = DrawnRows.MlContext.BinaryClassification;
    private static readonly DrawnRow[] Train = DrawnRows.Of(3000, .1, 1), Test = DrawnRows.Of(2000, .1, 2);

    [Fact]
    public void It_names_the_best_model_its_average_precision_with_interval_and_the_rows()
    {
        var comparison = Compare(("Good", Line()), ("Poor", Line("Noise")));
        var answer = DrawnRows.Content(comparison).Answer;
        var metrics = comparison.Models[0].Metrics;
        var (low, high) = metrics.Interval(BinaryMetric.AveragePrecision);
        Assert.Equal(
            FormattableString.Invariant($"“Good” ranks the rows best of 2 models: average precision {metrics.AveragePrecision:F2} ")
            + FormattableString.Invariant($"(95 % interval {low:F2} to {high:F2}); without a model it would be 0.1."), answer[0]);
        Assert.Equal("That is known from 2,000 held-out rows, 200 of them positive (10 %).", answer[1]);
        Assert.Equal("Clearly worse by average precision: “Poor”.", answer[^1]);
    }

    [Fact]
    public void What_it_saves_against_doing_nothing_is_counted_from_the_rows()
    {
        var model = Line();
        var content = DrawnRows.Content(Compare(("Model", model)), new() { Costs = CostMatrix.OfMissCost(5) });
        var scored = model.Transform(DrawnRows.View(Test));
        float[] probabilities = [.. DrawnRows.MlContext.Data.CreateEnumerable<Scored>(scored, false).Select(row => row.Probability)];
        bool IsCalled(int i) => probabilities[i] > 1.0 / 6;
        var tp = Test.Where((row, i) => IsCalled(i) && row.Label).Count();
        var fp = Test.Where((row, i) => IsCalled(i) && !row.Label).Count();
        Assert.Contains(FormattableString.Invariant($"it finds {tp} of 200 positives"), content.Answer[2], StringComparison.Ordinal);
        // Each found one saves 5, each false alert costs 1; the interval is that of a mean, by Student's t of about 2 with many rows.
        double[] saved = [.. Test.Select((row, i) => !IsCalled(i) ? 0 : row.Label ? 5.0 : -1)];
        var mean = saved.Average();
        var error = 1.97 * Math.Sqrt(saved.Sum(x => (x - mean) * (x - mean))) / Test.Length;
        Assert.Equal(5.0 * tp - fp, saved.Sum());
        Assert.Equal("If a missed positive costs 5 and a false alert 1, that saves "
            + FormattableString.Invariant($"{1000 * mean:F0} (95 % interval {1000 * (mean - error):F0} to {1000 * (mean + error):F0}) ")
            + "per 1,000 rows against doing nothing.", content.Answer[3]);
    }

    [Fact]
    public void Where_alerts_are_cheap_it_is_told_against_calling_every_row_positive()
    {
        var content = DrawnRows.Content(Compare(("Model", Line())), new() { Costs = CostMatrix.OfMissCost(50) });
        var policy = content.Models[0].Policies.Single(p => p.Name == "lowest cost by the probabilities");
        var step = content.Models[0].Steps[policy.Step];
        // 1800 false alerts against those of the model and what it misses.
        var saved = 1800 - step.FalsePositives - 50 * (200 - step.TruePositives);
        var words = content.Answer[3].Split(' ');
        Assert.EndsWith("against calling every row positive, the best without a model.", content.Answer[3], StringComparison.Ordinal);
        var told = double.Parse(words[Array.IndexOf(words, "saves") + 1], System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(1000 * saved / 2000, told, 5.0);
    }

    [Fact]
    public void A_baseline_that_is_clearly_worse_is_called_so_in_ranks_and_costs()
    {
        var answer = DrawnRows.Content(Compare(("Good", Line()), ("Poor", Line("Noise"))), new() { Baseline = "Poor" }).Answer;
        Assert.Contains(answer, s => s.StartsWith("That is more than “Poor” gives", StringComparison.Ordinal)
            && s.EndsWith("more than chance explains (p < 0.001).", StringComparison.Ordinal));
        Assert.Contains(answer, s => s.StartsWith("At these costs “Good” saves", StringComparison.Ordinal)
            && s.EndsWith("per 1,000 rows more than “Poor”.", StringComparison.Ordinal));
    }

    [Fact]
    public void A_baseline_that_may_be_as_good_is_called_so()
    {
        var content = DrawnRows.Content(
            Compare(("All", Line()), ("Fewer", Line("Near", "Far"))), new() { Model = "All", Baseline = "Fewer" });
        Assert.Contains(content.Answer, s => s.StartsWith("“Fewer” may be as good", StringComparison.Ordinal)
            && s.EndsWith("take the simpler of the two.", StringComparison.Ordinal));
    }

    [Fact]
    public void A_baseline_that_is_the_same_model_is_called_the_same()
    {
        var answer = DrawnRows.Content(Compare(("One", Line()), ("Two", Line())), new() { Baseline = "Two", Model = "One" }).Answer;
        Assert.Contains("“Two” ranks the rows in the same way.", answer);
        Assert.Contains("At these costs “Two” calls the same rows.", answer);
    }

    [Fact]
    public void A_model_that_is_better_than_the_chosen_one_is_named_first_among_others()
    {
        var answer = DrawnRows.Content(Compare(("Poor", Line("Noise")), ("Good", Line())), new() { Model = "Poor" }).Answer;
        Assert.EndsWith("“Good” has the highest.", answer[0], StringComparison.Ordinal);
        Assert.Contains(answer, s => s.StartsWith("“Good” is better: its average precision is", StringComparison.Ordinal));
    }

    [Fact]
    public void The_model_of_the_tuning_is_chosen_and_its_candidates_are_listed()
    {
        var train = DrawnRows.Features().Fit(DrawnRows.View(Train)).Transform(DrawnRows.View(Train));
        var tuned = Catalog.TuneImbalanced(train, new() { NumberOfFolds = 3 });
        var test = DrawnRows.Features().Fit(DrawnRows.View(Test)).Transform(DrawnRows.View(Test));
        var comparison = DrawnRows.Compare(test, [("Other", Catalog.Trainers.FocalSgd().Fit(test)), ("Tuned", tuned.Model)]);
        var content = DrawnRows.Content(comparison, new() { Tuning = tuned });
        Assert.Equal(1, content.Chosen);
        Assert.Equal("Average precision", content.Candidates!.Columns[1]);
        Assert.True(content.Candidates.Marked >= 0);
        var marked = content.Candidates.Rows[content.Candidates.Marked];
        Assert.Equal(tuned.Chosen.Mean, double.Parse(marked[1], System.Globalization.CultureInfo.InvariantCulture), .05);
        Assert.Equal(
            tuned.Candidates.Select(c => c.Gamma).Distinct().Count(),
            content.Candidates.Rows.Select(row => row[0].Split(',')[0]).Distinct().Count());
    }

    [Fact]
    public void Differences_are_those_of_the_comparison()
    {
        var comparison = Compare(("A", Line()), ("B", Line("Noise")), ("C", Line("Far")));
        var table = DrawnRows.Content(comparison, new() { Model = "B" }).Differences!;
        Assert.Equal("B minus", table.Columns[1]);
        Assert.Equal(["A", "C", "A", "C", "A", "C"], table.Rows.Select(row => row[1]));
        var expected = comparison.Difference("B", "A", ComparisonMetric.AveragePrecision);
        Assert.Equal(expected.Difference, double.Parse(table.Rows[0][2], System.Globalization.CultureInfo.InvariantCulture), .002);
        Assert.Equal("< 0.001", table.Rows[0][4]);
    }

    [Fact]
    public void The_costs_of_the_comparison_are_those_of_the_page_unless_others_are_given()
    {
        var comparison = DrawnRows.Compare(DrawnRows.View(Test), [("Model", Line())], costs: CostMatrix.OfMissCost(7));
        Assert.Equal(new CostContent(0, -1, -7, 0), DrawnRows.Content(comparison).Costs);
        Assert.Equal(new CostContent(3, -1, -2, 0), DrawnRows.Content(comparison, new() { Costs = new(3, -1, -2) }).Costs);
        Assert.Equal(new CostContent(0, -1, -20, 0), DrawnRows.Content(Compare(("Model", Line()))).Costs);
    }

    [Fact]
    public void A_page_is_the_same_on_any_number_of_threads_and_says_when_and_by_what_it_was_made()
    {
        var comparison = Compare(("A", Line()), ("B", Line("Noise")), ("C", Line("Far")));
        DecisionReportOptions options = new() { Provenance = [new("Data", "drawn"), new("Split", "none")], Seed = 5 };
        var time = new Noon();
        var text = Text(BinaryContent.Of(comparison, options, time));
        ThreadPool.GetMinThreads(out var workers, out var ports);
        ThreadPool.SetMinThreads(16, ports);
        Assert.Equal(text, Text(BinaryContent.Of(comparison, options, time)));
        ThreadPool.SetMinThreads(workers, ports);
        var provenance = BinaryContent.Of(comparison, options, time).Provenance;
        Assert.Equal(
            ["Data", "Split", "Held-out rows", "Positives", "Seed of the bands", "Made", "Versions"], provenance.Select(p => p.Key));
        Assert.Equal("2026-05-04 12:00 UTC", provenance[5].Value);
        Assert.Equal("5", provenance[4].Value);
        Assert.Contains("Microsoft.ML 5.0.1", provenance[6].Value, StringComparison.Ordinal);

        static string Text(ReportContent content) => System.Text.Json.JsonSerializer.Serialize(content);
    }

    private static ModelComparison<ImbalancedBinaryMetrics> Compare(params (string, ITransformer)[] models)
        => DrawnRows.Compare(DrawnRows.View(Test), models, resamples: 200);

    private static TransformerChain<BinaryPredictionTransformer<
        CalibratedModelParametersBase<LinearBinaryModelParameters, PlattCalibrator>>> Line(params string[] columns)
        => DrawnRows.Features(columns).Append(Catalog.Trainers.FocalSgd()).Fit(DrawnRows.View(Train));

    private sealed class Noon : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2026, 5, 4, 12, 0, 0, TimeSpan.Zero);
    }

    private sealed class Scored
    {
        public float Probability { get; set; }
    }
}

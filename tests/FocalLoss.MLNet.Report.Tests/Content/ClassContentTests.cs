namespace FocalMlNet.Report.Tests.Content;

/// <summary>Words and figures of several classes, against plain counts of rows that are right or wrong as told.</summary>
public class ClassContentTests
{
    public static readonly CostMatrix Costs = new(new double[,] { { 1, 0, 0 }, { 0, 1, 0 }, { -10, 0, 1 } });

    [Fact]
    public void The_answer_has_accuracy_beside_balanced_accuracy_and_the_rarest_class()
    {
        var answer = GivenClasses.Content([("Given", GivenClasses.Rows(GivenClasses.Three, GivenClasses.Counts))]).Answer;
        Assert.StartsWith("“Given” tells the classes apart: macro average precision 0.", answer[0], StringComparison.Ordinal);
        Assert.EndsWith("without a model it would be 0.333.", answer[0], StringComparison.Ordinal);
        Assert.Equal("That is known from 100 held-out rows of 3 classes.", answer[1]);
        // 55 + 27 + 6 of 100; the mean of 55/60, 27/30 and 6/10 is .8056; 60 of 100 are of the most frequent class.
        Assert.Matches(@"^It gives 88 % \(.*accuracy.*“common”, would be right in 60 %.* it is 81 % \(.*balanced.*33\.3 %", answer[2]);
        // -(88 ln .7 + 12 ln .15) / 100 = .5415; without a model -(.6 ln .6 + .3 ln .3 + .1 ln .1) = .898.
        Assert.Matches(@"^Its log-loss is 0\.5\d* \(.*without a model it would be 0\.898\.$", answer[3]);
        // 6 of 7 rows that are given to it.
        Assert.Matches(
            @"^The rarest class .*, “rare”, has 10 rows, of which 6 are found \(recall 60 % \(.*given to it 86 % \(", answer[4]);
        Assert.Equal(5, answer.Count);
    }

    [Fact]
    public void Classes_have_their_counts_and_figures_the_rarest_first()
    {
        var classes = GivenClasses.TwoModels(new() { Model = "Given" }).Classes;
        Assert.Equal([("rare", 10), ("middle", 30), ("common", 60)], classes.Select(one => (one.Name, one.Rows)));
        Equal([6 / 7.0, .6, 12 / 17.0, .6 * 6 / 7 + .4 * .1], classes[0]);
        Equal([27 / 31.0, .9, 54 / 61.0, .9 * 27 / 31 + .1 * .3], classes[1]);
        Equal([55 / 62.0, 55 / 60.0, 110 / 122.0, 55 / 60.0 * 55 / 62 + 5 / 60.0 * .6], classes[2]);

        static void Equal(double[] expected, ClassRowContent one)
        {
            Assert.All(expected.Zip(one.Metrics), pair => Assert.Equal(pair.First, pair.Second.Value, 1e-6));
            Assert.All(one.Metrics, metric => Assert.InRange(metric.Value, metric.Low, metric.High));
        }
    }

    [Fact]
    public void The_confusion_matrix_is_that_of_the_chosen_model_in_the_order_of_its_classes()
    {
        var confusion = GivenClasses.TwoModels(new() { Model = "Given" }).Confusion!;
        Assert.Equal(["rare", "middle", "common"], confusion.Classes);
        Assert.Equal([[6, 0, 4], [0, 27, 3], [1, 4, 55]], confusion.Weights.Select(row => row.Select(n => (int)n).ToArray()));
        var pairs = GivenClasses.TwoModels(new() { Model = "Given" }).ConfusedPairs.Rows;
        Assert.Equal([["rare", "common", "4", "40 %"], ["common", "middle", "4", "6.67 %"], ["middle", "common", "3", "10 %"],
            ["common", "rare", "1", "1.67 %"]], pairs);
        Assert.Empty(GivenClasses.TwoModels().ConfusedPairs.Rows);
    }

    [Fact]
    public void A_class_is_found_by_its_name_in_a_model_that_has_another_order()
    {
        var content = GivenClasses.TwoModels();
        Assert.Equal(1, content.Chosen);
        Assert.Equal(["rare", "middle", "common"], content.Dots.Classes);
        Assert.Equal(.6 * 6 / 7 + .4 * .1, content.Dots.Values[0][0].Value, 1e-6);
        Assert.Equal([1, 1, 1], content.Dots.Values[1].Select(figure => figure.Value));
    }

    [Fact]
    public void The_chosen_model_is_told_against_the_baseline()
    {
        var answer = GivenClasses.TwoModels(new() { Baseline = "Given" }, Costs).Answer;
        Assert.StartsWith("“Perfect” tells the classes apart best of 2 models: macro average", answer[0], StringComparison.Ordinal);
        Assert.Contains(answer, s => s.StartsWith("That is more than “Given” gives: its macro average", StringComparison.Ordinal));
        Assert.Contains(answer, s => s.StartsWith("Its log-loss is 0.5", StringComparison.Ordinal) && s.Contains(
            "lower than that of “Given” (p ", StringComparison.Ordinal));
        // 1 a row against (88 - 40) / 100.
        Assert.Contains(answer, s => s.StartsWith("By the cost matrix a row brings in 0.5", StringComparison.Ordinal) && s.Contains(
            "more than with “Given”", StringComparison.Ordinal));
        var worse = GivenClasses.TwoModels(new() { Model = "Given", Baseline = "Perfect" }).Answer;
        Assert.EndsWith("“Perfect” has the highest.", worse[0], StringComparison.Ordinal);
        Assert.Contains(worse, s => s.StartsWith("“Perfect” is better: its macro average precision is ", StringComparison.Ordinal));
    }

    [Fact]
    public void What_a_row_brings_in_is_that_of_the_comparison()
    {
        var content = GivenClasses.TwoModels(new() { Model = "Given", Costs = Costs }, Costs);
        Assert.StartsWith("0.5", content.Profits!.Rows[0][1], StringComparison.Ordinal);
        Assert.Equal("1", content.Profits.Rows[1][1]);
        // All rows given to “middle”: .3; to “common”: .6 - .1 · 10.
        Assert.Equal("0.3", content.Profits.Rows[2][1]);
        Assert.Equal(["rare", "-10", "0", "1"], content.Costs!.Rows[2]);
        Assert.Contains(content.Differences!.Rows, row => row[0] is "Profit per row, by the highest score");
        Assert.Contains(content.Differences.Rows, row => row[0] is "Macro average precision");
        Assert.Null(GivenClasses.TwoModels().Profits);
    }

    [Fact]
    public void Of_many_classes_the_rarest_are_listed_the_most_confused_pairs_told_and_some_drawn()
    {
        var content = GivenClasses.Content([("Given", GivenClasses.Many(250))]);
        Assert.Equal((200, 50), (content.Classes.Count, content.ClassesLeftOut));
        Assert.Equal("c0", content.Classes[0].Name);
        Assert.Null(content.Confusion);
        Assert.Equal(20, content.ConfusedPairs.Rows.Count);
        Assert.Equal((30, 220), (content.Dots.Classes.Distinct().Count(), content.Dots.LeftOut));
        Assert.Equal(("c0", "c249"), (content.Dots.Classes[0], content.Dots.Classes[^1]));
        Assert.NotNull(GivenClasses.Content([("Given", GivenClasses.Many(20))]).Confusion);
        Assert.Null(GivenClasses.Content([("Given", GivenClasses.Many(21))]).Confusion);
    }

    [Fact]
    public void What_is_to_worry_about_is_named_with_its_rows()
    {
        var content = GivenClasses.Content(
            [("Given", GivenClasses.Rows(["a", "b", "absent", "new"], [[200, 0, 0], [30, 0, 0], [0, 0, 0], [3, 0, 0]], 1, 4, sure: .86f))]);
        Assert.Collection(content.Worries,
            s => Assert.StartsWith("1 class has fewer than 20 rows: “new” (3). What is said of it", s, StringComparison.Ordinal),
            s => Assert.StartsWith("1 class has fewer than 100 rows: “b” (30).", s, StringComparison.Ordinal),
            s => Assert.StartsWith("“Given” never gives a row to “b” (30 rows).", s, StringComparison.Ordinal),
            s => Assert.Equal("Not in the training data of “Given”: “new” (3 rows). All rows of it count as errors.", s),
            s => Assert.Equal("No held-out row is of “absent”: nothing is known of how it does.", s),
            s => Assert.StartsWith("4 rows without a label are left out.", s, StringComparison.Ordinal));
        Assert.Equal(["not in the training data", "never predicted", "", "no row of it"], content.Classes.Select(one => one.Note));
        Assert.True(double.IsNaN(content.Classes[1].Metrics[0].Value));
        // “b” is the rarest that the model knows.
        Assert.Contains(content.Answer, s => s.Contains("“b”, has 30 rows, of which 0 are found", StringComparison.Ordinal)
            && s.EndsWith("no row is given to it.", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(
        .7f, "“Given” is too unsure of itself: in the mean it gives the class that it takes 70 %, and is right in 88 % of the rows")]
    [InlineData(.99f, "“Given” is too sure of itself: in the mean it gives the class that it takes 99 %, and is right in 88 % of the rows")]
    [InlineData(.88f, null)]
    public void A_model_that_is_too_sure_or_too_unsure_is_told(float sure, string? expected)
    {
        var worries = GivenClasses.Content([("Given", GivenClasses.Rows(GivenClasses.Three, GivenClasses.Counts, sure: sure))]).Worries;
        Assert.Equal(expected, worries.FirstOrDefault(s => s.Contains("of itself", StringComparison.Ordinal))?.TrimEnd('.'));
    }

    [Fact]
    public void Many_classes_with_few_rows_are_named_up_to_five()
    {
        var worry = GivenClasses.Content([("Given", GivenClasses.Many(8))]).Worries[0];
        const string expected = "8 classes have fewer than 20 rows: “c0” (2), “c1” (2), “c2” (2), “c3” (2), “c4” (2) and 3 more.";
        Assert.StartsWith(expected, worry, StringComparison.Ordinal);
    }

    [Fact]
    public void Scores_that_are_no_probabilities_have_no_log_loss_and_no_calibration()
    {
        var content = GivenClasses.Content([("Given", GivenClasses.Rows(GivenClasses.Three, GivenClasses.Counts, scale: 5))]);
        Assert.DoesNotContain(content.Answer.Concat(content.Worries), s => s.Contains("log-loss", StringComparison.Ordinal)
            || s.Contains("of itself", StringComparison.Ordinal) || s.Contains("NaN", StringComparison.Ordinal));
        Assert.DoesNotContain(content.Models[0].Metrics, metric => metric.Name is "Log-loss");
    }

    [Fact]
    public void With_weights_the_matrix_has_weights_and_rows_are_counted_beside()
    {
        var content = GivenClasses.Content([("Given", GivenClasses.Rows(GivenClasses.Three, GivenClasses.Counts, weight: .5f))]);
        Assert.True(content.IsWeighted);
        Assert.Equal((10, 5), (content.Classes[0].Rows, content.Classes[0].Weight));
        Assert.Equal([3, 0, 2], content.Confusion!.Weights[0]);
        Assert.Contains(content.Answer, s => s.Contains("has 10 rows of weight 5, of which weight 3 ", StringComparison.Ordinal));
    }

    [Fact]
    public void The_hardest_rows_are_those_whose_class_gets_the_lowest_probability_the_first_of_equal_ones_first()
    {
        // Rows 55 to 59 are common ones that are given to others, 60 to 62 middle ones, 90 to 93 rare ones; all wrong ones are alike.
        var hardest = GivenClasses.TwoModels(new() { Model = "Given", HardestRows = 7 }).HardestRows!;
        Assert.Equal(["55", "56", "57", "58", "59", "60", "61"], hardest.Rows.Select(row => row[0]));
        Assert.Equal(["common", "0.15", "middle", "0.7", "1.9"], hardest.Rows[0].Skip(1));
        Assert.Equal(["common", "0.15", "rare", "0.7", "1.9"], hardest.Rows[4].Skip(1));
        Assert.Equal(["middle", "0.15", "common", "0.7", "1.9"], hardest.Rows[5].Skip(1));
        Assert.Equal("Its probability", hardest.Columns[2]);
        Assert.Null(GivenClasses.TwoModels(new() { HardestRows = 0 }).HardestRows);
        Assert.Null(GivenClasses.Content(
            [("Given", GivenClasses.Rows(GivenClasses.Three, GivenClasses.Counts, scale: 5))]).HardestRows);
        Assert.Equal("", GivenClasses.TwoModels().HardestNote);
    }

    [Fact]
    public void Rows_of_a_class_that_the_model_does_not_know_are_not_among_the_hardest_and_that_is_said()
    {
        var content = GivenClasses.Content(
            [("Given", GivenClasses.Rows(["a", "b", "new"], [[20, 2, 0], [1, 30, 0], [4, 3, 0]], 1))], new() { HardestRows = 5 });
        // 7 rows of 60 are of “new”; of the others 53 could be listed, and 3 are wrong.
        Assert.Equal(["20", "21", "22"], content.HardestRows!.Rows.Take(3).Select(row => row[0]));
        Assert.DoesNotContain(content.HardestRows.Rows, row => row[1] is "new");
        Assert.StartsWith("Rows of classes that the model does not know", content.HardestNote, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_of_two_classes_are_refused()
    {
        Refused(new() { Policies = [ThresholdPolicy.MaximizeF(1)] }, "Policies");
        Refused(new() { ShownColumns = ["Age"] }, "ShownColumns has Age");
        Refused(new() { Costs = CostMatrix.OfMissCost(5) }, "Costs");
        Refused(new() { Model = "Other" }, "Model = Other");
        Refused(new() { Baseline = "Other" }, "Baseline = Other");
        var other = Assert.Throws<ArgumentException>(() => GivenClasses.TwoModels(new() { Costs = new(new double[3, 3]) }, Costs));
        Assert.Contains("Costs", other.Message, StringComparison.Ordinal);

        static void Refused(DecisionReportOptions options, string expected) => Assert.Contains(
            expected, Assert.Throws<ArgumentException>(() => GivenClasses.TwoModels(options)).Message, StringComparison.Ordinal);
    }
}

using FocalMlNet.Evaluation;
using FocalMlNet.Thresholds;

namespace FocalMlNet.Tests.Thresholds;

public sealed class CostMatrixTests
{
    [Theory]
    // (TN - FP) / (TN - FP + TP - FN), by hand.
    [InlineData(20, -3, -7, .25, 3.25 / 30.25)]
    [InlineData(0, -1, -19, 0, .05)]
    [InlineData(5, -5, 0, 0, .5)]
    // The lawful are losers too: only differences within a class count.
    [InlineData(-10, -3, -12, -2, 1.0 / 3)]
    [InlineData(1e100, -1e100, -1e100, 1e100, .5)]
    [InlineData(1e-300, -3e-300, 0, 0, .75)]
    public void The_Bayes_threshold_is_where_both_calls_are_worth_the_same(double tp, double fp, double fn, double tn, double expected)
        => Assert.Equal(expected, new CostMatrix(tp, fp, fn, tn).BayesThreshold!.Value, 1e-15);

    [Theory]
    [InlineData(1, 2, 0, 0, "to call a row positive never brings in less")]
    [InlineData(1, 0, 0, 0, "to call a row positive never brings in less")]
    [InlineData(0, 1, 0, 0, "to call a row positive never brings in less")]
    [InlineData(0, -1, 5, 0, "to call a row negative never brings in less")]
    [InlineData(0, -1, 0, 0, "to call a row negative never brings in less")]
    [InlineData(-1, 0, 0, 0, "to call a row negative never brings in less")]
    [InlineData(2, -1, 2, -1, "it makes no difference")]
    public void Where_one_decision_is_always_as_good_there_is_no_threshold(double tp, double fp, double fn, double tn, string words)
    {
        CostMatrix costs = new(tp, fp, fn, tn);

        Assert.Null(costs.BayesThreshold);
        Assert.Contains("No threshold matters: " + words, costs.ToString(), StringComparison.Ordinal);
        // What is called so, at any probability, brings in at least as much as the other call.
        for (var p = 0.0; p <= 1; p += .125)
        {
            var (positive, negative) = (p * tp + (1 - p) * fp, p * fn + (1 - p) * tn);
            Assert.True(p > costs.CallAbove ? positive >= negative : negative >= positive);
        }
    }

    [Fact]
    public void A_missed_positive_can_be_worth_so_many_false_alerts()
    {
        var costs = CostMatrix.OfMissCost(20);

        Assert.Equal(1.0 / 21, costs.BayesThreshold!.Value, 1e-15);
        Assert.Equal((0, -1, -20, 0), (costs.TruePositive, costs.FalsePositive, costs.FalseNegative, costs.TrueNegative));
        Assert.Contains("above 0.047619.", costs.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_chosen_threshold_of_calibrated_probabilities_is_near_the_Bayes_threshold()
    {
        var random = new Random(1);
        float[] probabilities = [.. Enumerable.Range(0, 200_000).Select(_ => MathF.Round(random.NextSingle(), 3))];
        bool[] labels = [.. probabilities.Select(p => random.NextDouble() < p)];
        CostMatrix costs = new(truePositive: 9, falsePositive: -2, falseNegative: -1, trueNegative: 1);

        var choice = ThresholdSearch.Choose(RankSteps.Of(ScoredRows.Of(probabilities, labels, [.. labels.Select(_ => 1f)])),
            ThresholdPolicy.MaximizeProfit(costs));

        Assert.Equal(3.0 / 13, costs.BayesThreshold!.Value, 1e-15);
        Assert.Equal(3.0 / 13, choice.Probability, .02);
        Assert.Equal(choice.Value / 200_000, costs.ProfitPerRow(choice.ConfusionCounts), 1e-12);
    }

    [Fact]
    public void The_profit_per_row_weighs_each_outcome()
    {
        // (20 · 3 - 3 · 8 - 7 · 2 + .25 · 87) / 100
        Assert.Equal(.4375, new CostMatrix(20, -3, -7, .25).ProfitPerRow(new ConfusionCounts(3, 8, 2, 87)), 1e-15);
        Assert.Equal(double.NaN, new CostMatrix(20, -3).ProfitPerRow(default(ConfusionCounts)));
        // (5 · 10 - 1 · 2 - 4 · 3 + 2 · 4 + 0 · 1 + 3 · 30) / 50
        CostMatrix three = new(new[,] { { 5, -1, -4.0 }, { 0, 2, 0 }, { -1, -1, 3 } });
        double[][] counts = [[10, 2, 3], [1, 4, 0], [0, 0, 30]];
        Assert.Equal(134 / 50.0, three.ProfitPerRow(counts), 1e-14);
        // Sums of weights that no double holds.
        Assert.Equal(1e100, new CostMatrix(1e100, -1).ProfitPerRow(new ConfusionCounts(1e300, 0, 0, 0)));
    }

    [Fact]
    public void The_best_decision_has_the_highest_expected_gain()
    {
        CostMatrix costs = new(new[,] { { 5, -1, -4.0 }, { 0, 2, 0 }, { -1, -1, 3 } });

        // Expected gains by hand: (2, .4, -.6), (-.3, -.1, 1.2), (.4, -.4, .4).
        Assert.Equal(0, costs.BestDecision([.5f, .25f, .25f]));
        Assert.Equal(2, costs.BestDecision([.1f, .1f, .8f]));
        Assert.Equal(0, costs.BestDecision([.5f, 0, .5f]));
        var two = CostMatrix.OfMissCost(3);
        Assert.Equal((0, 1), (two.BestDecision([.76f, .24f]), two.BestDecision([.74f, .26f])));
        // At the threshold itself a row is called negative, as by all thresholds.
        Assert.Equal(0, two.BestDecision([.75f, .25f]));
    }

    [Fact]
    public void A_matrix_of_two_classes_has_the_negatives_first()
    {
        CostMatrix costs = new(new[,] { { 4.0, 3 }, { 2, 1 } });

        Assert.Equal((1, 3, 2, 4), (costs.TruePositive, costs.FalsePositive, costs.FalseNegative, costs.TrueNegative));
        Assert.Equal((2, 3), (costs[1, 0], costs[0, 1]));
        Assert.Equal(2, costs.ClassCount);
    }

    [Fact]
    public void What_was_given_can_be_changed_afterwards()
    {
        var gains = new double[,] { { 1, 0, 0 }, { 0, 1, 0 }, { 0, 0, 1 } };
        CostMatrix costs = new(gains);
        gains[0, 0] = double.NaN;

        Assert.Equal(1, costs[0, 0]);
    }

    [Fact]
    public void Bad_input_is_refused_in_words()
    {
        static void Refused<T>(string message, Action make)
            where T : Exception
            => Assert.StartsWith(message, Assert.Throws<T>(make).Message, StringComparison.Ordinal);
        Refused<ArgumentOutOfRangeException>("truePositive = NaN, but it should be in [-1E+100; 1E+100].",
            () => _ = new CostMatrix(double.NaN, 0));
        Refused<ArgumentOutOfRangeException>("gains[1, 0] = -Infinity, but it should be in [-1E+100; 1E+100].",
            () => _ = new CostMatrix(new[,] { { 0, 0 }, { double.NegativeInfinity, 0 } }));
        Refused<ArgumentException>("gains has 2 rows and 3 columns, but it should have as many columns as rows, and at least 2.",
            () => _ = new CostMatrix(new double[2, 3]));
        Refused<ArgumentException>("gains has 1 rows and 1 columns", () => _ = new CostMatrix(new double[1, 1]));
        Refused<ArgumentException>("falsePositive = 1 is above trueNegative = 0, and falseNegative = 20 above truePositive = 0, but an "
            + "error should not bring in more than the right call: gains are positive, costs negative.",
            () => _ = new CostMatrix(0, 1, 20));
        Refused<ArgumentException>("gains[0, 0] = 0 is below gains[0, 1] = 1, and so in every row",
            () => _ = new CostMatrix(new double[,] { { 0, 1, 2 }, { 5, 0, 1 }, { 9, 3, 0 } }));
        Refused<ArgumentOutOfRangeException>("falseAlarms = 0, but it should be in (0; +∞).", () => CostMatrix.OfMissCost(0));
        Refused<ArgumentOutOfRangeException>("falseAlarms = 1E+101", () => CostMatrix.OfMissCost(1e101));
        CostMatrix three = new(new double[3, 3]);
        Refused<InvalidOperationException>("The cost matrix has 3 classes, but for positives and negatives it should have 2.",
            () => _ = three.BayesThreshold);
        Refused<ArgumentException>("costs has 3 classes, but it should have 2.", () => ThresholdPolicy.MaximizeProfit(three));
        Refused<ArgumentException>("probabilities has 2 elements, but it should have 3, the number of classes.",
            () => three.BestDecision([.5f, .5f]));
        Refused<ArgumentOutOfRangeException>("probabilities[1] = NaN", () => three.BestDecision([.5f, float.NaN, 0]));
        Refused<ArgumentException>("confusionMatrix has 2 elements", () => three.ProfitPerRow([[1.0, 2, 3], [1, 2, 3]]));
        Refused<ArgumentException>("confusionMatrix[2] has 2 elements", () => three.ProfitPerRow([[1.0, 2, 3], [1, 2, 3], [1, 2]]));
    }
}

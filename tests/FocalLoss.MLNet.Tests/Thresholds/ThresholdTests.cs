
using FocalMlNet.Evaluation;
using FocalMlNet.Tests.Evaluation;
using FocalMlNet.Thresholds;

namespace FocalMlNet.Tests.Thresholds;

public sealed class ThresholdTests
{
    private static readonly ThresholdPolicy[] Policies =
    [
        ThresholdPolicy.MaximizeF(), ThresholdPolicy.MaximizeF(2), ThresholdPolicy.MaximizeMatthewsCorrelation,
            ThresholdPolicy.MaximizeBalancedAccuracy,
        ThresholdPolicy.MaximizeProfit(new(20, -3, -7, .25)), ThresholdPolicy.ReachRecall(.75), ThresholdPolicy.ReachPrecision(.5),
        ThresholdPolicy.AlertRate(.2),
    ];

    public static TheoryData<string, string> CasesAndPolicies
        => new MatrixTheoryData<string, string>(["no ties", "ties", "weights"], Policies.Select(p => p.ToString()));

    [Theory]
    [MemberData(nameof(CasesAndPolicies))]
    public void The_chosen_threshold_is_as_good_as_the_best_found_by_brute_force(string name, string policyName)
    {
        var vector = MetricVectors.Case("binary", name);
        var policy = Policies.Single(p => p.ToString() == policyName);
        var (probabilities, labels, weights) =
            (MetricVectors.Floats(vector, "probabilities"), MetricVectors.Booleans(vector, "labels"), MetricVectors.Weights(vector));

        var choice = Choose(policy, probabilities, labels, weights);

        Assert.Equal(vector.GetProperty("best").GetProperty(policyName).GetDouble(), choice.Value, MetricVectors.Tolerance);
        // What it says it counts is what a comparison of each row with it counts.
        double Sum(bool label, bool called)
            => weights.Where((_, i) => labels[i] == label && probabilities[i] > choice.Probability == called).Sum(w => (double)w);
        MetricVectors.AssertTable(
            [[Sum(true, true), Sum(false, true), Sum(true, false), Sum(false, false)]],
            [[choice.ConfusionCounts.TruePositives, choice.ConfusionCounts.FalsePositives, choice.ConfusionCounts.FalseNegatives,
            choice.ConfusionCounts.TrueNegatives]]);
    }

    [Fact]
    public void It_lies_half_way_between_two_probabilities()
        => Assert.Equal(.375, Choose(ThresholdPolicy.MaximizeF(), (.75f, true), (.5f, true), (.25f, false)).Probability);

    [Fact]
    public void It_keeps_neighbouring_floats_apart()
    {
        var high = .3f;
        var low = MathF.BitDecrement(high);

        var choice = Choose(ThresholdPolicy.MaximizeF(), (high, true), (low, false));

        Assert.Equal((1, (double)low), (choice.Value, choice.Probability));
    }

    [Fact]
    public void It_is_a_single_also_where_halves_are_not()
    {
        var random = new Random(1);
        for (var trial = 0; trial < 100; trial++)
        {
            var choice = Choose(ThresholdPolicy.MaximizeF(), (random.NextSingle(), true), (random.NextSingle(), false));
            Assert.Equal(choice.Probability, (float)choice.Probability);
        }
    }

    [Fact]
    public void All_rows_can_be_called_positive()
        => Assert.Equal(new(1, 1, 0, 0), Choose(ThresholdPolicy.MaximizeF(), (.5f, false), (.25f, true)).ConfusionCounts);

    [Fact]
    public void No_row_is_called_positive_if_that_pays_best()
    {
        var choice = Choose(ThresholdPolicy.MaximizeProfit(new(1, -5)), (1, false), (.5f, true));

        Assert.Equal((1, 0), (choice.Probability, choice.Value));
        Assert.Equal(new(0, 0, 1, 1), choice.ConfusionCounts);
    }

    [Fact]
    public void Of_equally_good_thresholds_the_one_with_the_fewest_alerts_is_taken()
        => Assert.Equal(.75,
            Choose(ThresholdPolicy.ReachPrecision(.5), (1, true), (.5f, false), (.25f, false), (.125f, false)).Probability);

    [Fact]
    public void A_share_of_alerts_is_not_exceeded_by_rows_of_one_probability()
    {
        (float, bool)[] rows =
            [(.9f, true), (.8f, false), (.8f, true), (.8f, false), (.1f, false), (.1f, false), (.1f, false), (.1f, false), (.1f, false),
            (.1f, false)];

        Assert.Equal(.1, Choose(ThresholdPolicy.AlertRate(.3), rows).ConfusionCounts.AlertRate);
        Assert.Equal(.4, Choose(ThresholdPolicy.AlertRate(.4), rows).ConfusionCounts.AlertRate);
        Assert.Equal(1, Choose(ThresholdPolicy.AlertRate(1), rows).ConfusionCounts.AlertRate);
    }

    [Fact]
    public void What_cannot_be_reached_is_an_error_that_says_what_can()
    {
        Assert.Equal("No threshold gives a precision of at least 0.75: the highest of any is 0.5.",
            Unreachable(ThresholdPolicy.ReachPrecision(.75), (.9f, false), (.5f, true)));
        Assert.Equal("No threshold gives an alert rate of at most 0.1: the lowest of any is 0.5.",
            Unreachable(ThresholdPolicy.AlertRate(.1), (.9f, false), (.5f, true)));
        // A probability of 0 is above no threshold.
        Assert.Equal("No threshold gives a recall of at least 1: the highest of any is 0.5.",
            Unreachable(ThresholdPolicy.ReachRecall(1), (.9f, true), (.5f, false), (0, true)));
        Assert.Equal("No threshold gives a recall of at least 0.5: the highest of any is 0.",
            Unreachable(ThresholdPolicy.ReachRecall(.5), (0, true), (0, false)));
    }

    [Fact]
    public void Parameters_outside_their_ranges_are_refused()
    {
        static string Message(Func<ThresholdPolicy> make) => Assert.Throws<ArgumentOutOfRangeException>(make).Message;
        Assert.StartsWith("beta = 0, but it should be in (0; +∞).", Message(() => ThresholdPolicy.MaximizeF(0)), StringComparison.Ordinal);
        Assert.StartsWith("recall = 0, but it should be in (0; 1].", Message(() => ThresholdPolicy.ReachRecall(0)),
            StringComparison.Ordinal);
        Assert.StartsWith("precision = 1.5, but it should be in (0; 1].", Message(() => ThresholdPolicy.ReachPrecision(1.5)),
            StringComparison.Ordinal);
        Assert.StartsWith("share = NaN, but it should be in (0; 1].", Message(() => ThresholdPolicy.AlertRate(double.NaN)),
            StringComparison.Ordinal);
    }

    private static string Unreachable(ThresholdPolicy policy, params (float, bool)[] rows)
        => Assert.Throws<InvalidOperationException>(() => Choose(policy, rows)).Message;

    private static ThresholdChoice Choose(ThresholdPolicy policy, params (float Probability, bool Label)[] rows)
        => Choose(policy, [.. rows.Select(r => r.Probability)], [.. rows.Select(r => r.Label)], [.. rows.Select(_ => 1f)]);

    private static ThresholdChoice Choose(ThresholdPolicy policy, float[] probabilities, bool[] labels, float[] weights)
        => ThresholdSearch.Choose(RankSteps.Of(ScoredRows.Of(probabilities, labels, weights)), policy);
}

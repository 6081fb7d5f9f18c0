
using System.Numerics;
using FocalMlNet.Evaluation;
using FocalMlNet.Thresholds;

namespace FocalMlNet.Tests.Thresholds;

/// <summary>Weights are Singles, and sums of doubles are rounded: neither decides anything.</summary>
public sealed class RoundingTests
{
    private delegate BigInteger Sum(bool label, bool called);

    [Fact]
    public void A_recall_is_reached_that_only_single_precision_makes_smaller()
    {
        // .7f / (.7f + .3f) is .69999999.
        var steps = Steps((.9f, true, .7f), (.5f, false, 1), (.2f, true, .3f));
        Assert.Equal(.7, ThresholdSearch.Choose(steps, ThresholdPolicy.ReachRecall(.7)).Probability, 1e-6);
        Assert.Equal(1, steps.PrecisionAtRecall(.7));
        // Nothing may be missing of all.
        var all = ThresholdSearch.Choose(Steps((.9f, true, 1), (.2f, true, 1e-9f), (0, false, 1)), ThresholdPolicy.ReachRecall(1));
        Assert.Equal(.1, all.Probability, 1e-6);
    }

    [Fact]
    public void A_precision_is_reached_that_only_single_precision_makes_smaller()
    {
        var steps = Steps((.9f, true, .7f), (.9f, false, .3f), (.5f, false, 1));
        Assert.Equal(1, ThresholdSearch.Choose(steps, ThresholdPolicy.ReachPrecision(.7)).Value);
        Assert.Equal(1, steps.RecallAtPrecision(.7));
    }

    [Fact]
    public void An_alert_rate_is_kept_that_only_single_precision_makes_larger()
    {
        // .3f is .30000001.
        var steps = Steps((.9f, true, .3f), (.5f, false, .7f));
        Assert.Equal(.7, ThresholdSearch.Choose(steps, ThresholdPolicy.AlertRate(.3)).Probability, 1e-6);
    }

    [Theory]
    [InlineData(.1 * 7)]
    [InlineData(.7)]
    public void A_target_may_be_rounded_itself(double recall)
    {
        (float, bool, float)[] rows = [.. Enumerable.Range(0, 10).Select(i => (1 - i / 16f, true, 1f)), (.01f, false, 1)];
        Assert.Equal(7, ThresholdSearch.Choose(Steps(rows), ThresholdPolicy.ReachRecall(recall)).ConfusionCounts.TruePositives);
    }

    [Fact]
    public void Whole_numbers_are_compared_exactly()
    {
        // 10,000,001 of 20,000,002 + 1: below one half by less than a Single can tell.
        var steps = Steps((.9f, true, 10_000_001), (.5f, true, 10_000_002), (.1f, false, 1));
        Assert.Equal(20_000_003, ThresholdSearch.Choose(steps, ThresholdPolicy.ReachRecall(.5)).ConfusionCounts.TruePositives);
    }

    /// <summary>Every policy against exact arithmetic: the highest of the best thresholds, of few rows, weights with one decimal.</summary>
    [Fact]
    public void The_threshold_is_the_one_that_exact_arithmetic_takes()
    {
        var random = new Random(1);
        for (var trial = 0; trial < 5000; trial++)
        {
            var scale = random.Next(2) == 0 ? 1 : 10;
            var count = 2 + random.Next(7);
            bool[] labels = [.. Enumerable.Range(0, count).Select(i => i == 0 || (i > 1 && random.Next(2) == 0))];
            int[] tenths = [.. labels.Select(_ => 1 + random.Next(9))];
            float[] probabilities = [.. labels.Select(_ => (1 + random.Next(8)) / 9f)];
            var steps = RankSteps.Of(ScoredRows.Of(probabilities, labels, [.. tenths.Select(w => (float)w / scale)]));
            foreach (var (policy, isMet, isBetter) in Policies(random))
            {
                float? best = null;
                Sum counts = (_, _) => 0;
                foreach (var lowest in probabilities.Append(2).Distinct().OrderDescending())
                {
                    BigInteger Count(bool label, bool called)
                        => labels.Select((l, i) => l == label && probabilities[i] >= lowest == called ? tenths[i] : 0).Sum();
                    if (isMet(Count) && (best is null || isBetter(Count, counts)))
                        (best, counts) = (lowest, Count);
                }

                var where = $"{policy} of {string.Join("; ", probabilities.Select((p, i) => $"{p:g2} {labels[i]} {tenths[i]}"))} / {scale}";
                if (best is null)
                {
                    Assert.Throws<InvalidOperationException>(() => ThresholdSearch.Choose(steps, policy));
                    continue;
                }

                var choice = ThresholdSearch.Choose(steps, policy);
                Assert.True(probabilities.All(p => p > choice.Probability == p >= best), where);
            }
        }
    }

    [Fact]
    public void No_figure_leaves_its_range_and_no_interval_is_the_wrong_way_round()
    {
        var random = new Random(2);
        for (var trial = 0; trial < 3000; trial++)
        {
            bool[] labels = [.. Enumerable.Range(0, 2 + random.Next(30)).Select(i => i == 0 || (i > 1 && random.Next(3) == 0))];
            float[] scores = [.. labels.Select(label => (label ? .9f : 0) + .1f * random.NextSingle())];
            // Perfect and perfectly wrong ones are at the ends of the ranges.
            float[] probabilities = trial % 3 == 0 ? [.. labels.Select(label => label ? 0f : 1)] : scores;
            bool[] predicted = trial % 2 == 0 ? labels : [.. labels.Select(label => !label)];
            float[] weights = [.. labels.Select(_ => random.NextSingle() + .01f)];
            var metrics = BinaryEvaluation.Of(ScoredRows.Of(scores, labels, weights, probabilities, predicted), Options(trial));
            foreach (var metric in Enum.GetValues<BinaryMetric>().Except([BinaryMetric.LogLoss, BinaryMetric.FocalLoss]))
                AssertRange(metric == BinaryMetric.MatthewsCorrelation ? -1 : 0, 1, metrics[metric], metrics.Interval(metric));
            Assert.InRange(metrics.ConfusionCounts.MatthewsCorrelation, -1, 1);
        }
    }

    [Fact]
    public void No_figure_of_several_classes_leaves_its_range_and_no_interval_is_the_wrong_way_round()
    {
        var random = new Random(3);
        for (var trial = 0; trial < 2000; trial++)
        {
            const int Classes = 3;
            int[] labels = [.. Enumerable.Range(0, 4 + random.Next(20)).Select(i => i < Classes ? i : random.Next(Classes))];
            var scores = new float[labels.Length * Classes];
            for (var i = 0; i < labels.Length; i++)
                scores[i * Classes + (labels[i] + trial) % Classes] = 1;
            // Weights of all sizes: what is added up in another order is another sum.
            float[] weights = [.. labels.Select(_ => MathF.Exp(60 * random.NextSingle() - 30))];
            ClassScoredRows rows = new(["a", "b", "c"], scores, labels, weights);
            var metrics = MulticlassEvaluation.Of(rows, scoresAreProbabilities: true, Options(trial));
            foreach (var metric in Enum.GetValues<MulticlassMetric>().Except([MulticlassMetric.LogLoss, MulticlassMetric.FocalLoss]))
                AssertRange(0, metric == MulticlassMetric.BrierScore ? 2 : 1, metrics[metric], metrics.Interval(metric));
        }
    }

    private static void AssertRange(double least, double most, double value, ConfidenceInterval interval)
    {
        Assert.InRange(value, least, most);
        Assert.InRange(interval.Low, least, interval.High);
        Assert.InRange(interval.High, interval.Low, most);
    }

    private static EvaluationOptions Options(int seed) => new() { BootstrapResamples = 5, NumberOfThreads = 1, Seed = seed };

    private static RankSteps Steps(params (float Probability, bool Label, float Weight)[] rows)
        => RankSteps.Of(ScoredRows.Of(
            [.. rows.Select(r => r.Probability)], [.. rows.Select(r => r.Label)], [.. rows.Select(r => r.Weight)]));

    /// <summary>Each policy, what it demands of tenfold counts, and whether some are better than others.</summary>
    private static IEnumerable<(ThresholdPolicy Policy, Func<Sum, bool> IsMet, Func<Sum, Sum, bool> IsBetter)> Policies(Random random)
    {
        var tenth = 1 + random.Next(10);
        BigInteger[] gains = [.. Enumerable.Range(0, 4).Select(_ => (BigInteger)random.Next(-30, 31))];
        // Not both errors bring in more than the right calls.
        if (gains[0] < gains[2] && gains[3] < gains[1])
            gains = [gains[2], gains[3], gains[0], gains[1]];
        yield return (ThresholdPolicy.MaximizeF(), _ => true, (a, b) => F(a, 1) > F(b, 1));
        yield return (ThresholdPolicy.MaximizeF(2), _ => true, (a, b) => F(a, 4) > F(b, 4));
        yield return (ThresholdPolicy.MaximizeF(3), _ => true, (a, b) => F(a, 9) > F(b, 9));
        yield return (ThresholdPolicy.MaximizeBalancedAccuracy,
            _ => true, (a, b) => Recall(a) + Specificity(a) > Recall(b) + Specificity(b));
        yield return (ThresholdPolicy.MaximizeMatthewsCorrelation, _ => true, (a, b) => SquaredCorrelation(a) > SquaredCorrelation(b));
        var (tp, fp, fn, tn) = ((double)gains[0] / 10, (double)gains[1] / 10, (double)gains[2] / 10, (double)gains[3] / 10);
        yield return (ThresholdPolicy.MaximizeProfit(new(tp, fp, fn, tn)), _ => true, (a, b) => Profit(a) > Profit(b));
        var target = new Ratio(tenth, 10);
        yield return (ThresholdPolicy.ReachRecall(tenth / 10.0),
            c => Called(c) > 0 && Recall(c) >= target, (a, b) => Precision(a) > Precision(b));
        yield return (ThresholdPolicy.ReachPrecision(tenth / 10.0),
            c => Called(c) > 0 && Precision(c) >= target, (a, b) => Recall(a) > Recall(b));
        yield return (ThresholdPolicy.AlertRate(tenth / 10.0),
            c => Called(c) > 0 && new Ratio(Called(c), All(c)) <= target, (a, b) => Called(a) > Called(b));

        BigInteger Profit(Sum c)
            => gains[0] * c(true, true) + gains[1] * c(false, true) + gains[2] * c(true, false) + gains[3] * c(false, false);
        static BigInteger Called(Sum c) => c(true, true) + c(false, true);
        static BigInteger All(Sum c) => Called(c) + c(true, false) + c(false, false);
        static Ratio Recall(Sum c) => new(c(true, true), c(true, true) + c(true, false));
        static Ratio Specificity(Sum c) => new(c(false, false), c(false, false) + c(false, true));
        static Ratio Precision(Sum c) => new(c(true, true), Called(c));
        static Ratio F(Sum c, int square)
            => new((1 + square) * c(true, true), (1 + square) * c(true, true) + c(false, true) + square * c(true, false));

        static Ratio SquaredCorrelation(Sum c)
        {
            var covariance = c(true, true) * c(false, false) - c(false, true) * c(true, false);
            return new(BigInteger.Abs(covariance) * covariance,
                Called(c) * (c(true, true) + c(true, false)) * (c(false, false) + c(false, true)) * (c(false, false) + c(true, false)));
        }
    }

    /// <summary>An exact fraction; 0 over 0 is 0.</summary>
    private readonly record struct Ratio(BigInteger Part, BigInteger Whole)
    {
        public static Ratio operator +(Ratio a, Ratio b)
            => new(a.Part * b.Denominator + b.Part * a.Denominator, a.Denominator * b.Denominator);

        public static bool operator >(Ratio a, Ratio b) => a.Part * b.Denominator > b.Part * a.Denominator;

        public static bool operator <(Ratio a, Ratio b) => b > a;

        public static bool operator >=(Ratio a, Ratio b) => !(b > a);

        public static bool operator <=(Ratio a, Ratio b) => !(a > b);

        private BigInteger Denominator => Whole.IsZero ? 1 : Whole;
    }
}

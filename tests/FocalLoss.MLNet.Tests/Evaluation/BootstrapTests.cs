
using FocalMlNet.Evaluation;

namespace FocalMlNet.Tests.Evaluation;

public sealed class BootstrapTests
{
    /// <summary>
    /// 40 of 50 positives are found, so that the recall of a resample is binomial: its exact quantiles (scipy.stats.binom(50, .8).ppf) are
    /// 34 and 45 of 50.
    /// </summary>
    [Fact]
    public void The_interval_of_a_share_is_that_of_the_binomial_distribution()
    {
        var interval = Metrics(new() { BootstrapResamples = 4000, Seed = 3 }).Interval(BinaryMetric.Recall);

        Assert.Equal(34 / 50.0, interval.Low, MetricVectors.Tolerance);
        Assert.Equal(45 / 50.0, interval.High, MetricVectors.Tolerance);
    }

    [Fact]
    public void Classes_keep_their_sizes_in_each_resample()
    {
        var metrics = Metrics(new() { BootstrapResamples = 50 });

        Assert.Equal(new(metrics.Prevalence, metrics.Prevalence), metrics.Interval(BinaryMetric.Prevalence));
    }

    [Fact]
    public void The_same_seed_gives_the_same_intervals_on_any_number_of_threads()
    {
        ConfidenceInterval[] Intervals(int seed, int threads)
        {
            var metrics = Metrics(new() { BootstrapResamples = 200, Seed = seed, NumberOfThreads = threads });
            return [.. Enum.GetValues<BinaryMetric>().Select(metrics.Interval)];
        }

        Assert.Equal(Intervals(1, 1), Intervals(1, 7));
        Assert.NotEqual(Intervals(1, 1), Intervals(2, 1));
    }

    [Fact]
    public void Each_interval_contains_the_value_of_these_data_and_grows_with_the_level()
    {
        var narrow = Metrics(new() { BootstrapResamples = 500, ConfidenceLevel = .8 });
        var wide = Metrics(new() { BootstrapResamples = 500, ConfidenceLevel = .99 });
        foreach (var metric in Enum.GetValues<BinaryMetric>())
        {
            var (inner, outer) = (narrow.Interval(metric), wide.Interval(metric));
            // Not of the calibration error: a resample adds noise to the noise that is there.
            if (metric != BinaryMetric.ExpectedCalibrationError)
                Assert.InRange(narrow[metric], inner.Low, inner.High);
            Assert.True(outer.Low <= inner.Low && inner.High <= outer.High, $"{metric}");
            if (metric != BinaryMetric.Prevalence)
                Assert.True(outer.High - outer.Low > inner.High - inner.Low, $"{metric}");
        }
    }

    [Fact]
    public void Without_a_bootstrap_there_are_no_intervals()
        => Assert.Contains("BootstrapResamples = 0",
            Assert.Throws<InvalidOperationException>(() => Metrics(new()).Interval(BinaryMetric.Recall)).Message, StringComparison.Ordinal);

    private static ImbalancedBinaryMetrics Metrics(EvaluationOptions options)
    {
        var random = new Random(1);
        bool[] labels = [.. Enumerable.Range(0, 400).Select(i => i < 50)];
        float[] scores = [.. labels.Select(label => MathF.Round((float)(random.NextDouble() + (label ? .6 : 0)), 2) / 2)];
        bool[] predicted = [.. labels.Select((label, i) => label ? i < 40 : i < 90)];
        return BinaryEvaluation.Of(ScoredRows.Of(scores, labels, [.. labels.Select(_ => 1f)], scores, predicted), options);
    }
}

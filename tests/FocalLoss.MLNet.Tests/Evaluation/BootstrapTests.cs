
using FocalMlNet.Evaluation;

namespace FocalMlNet.Tests.Evaluation;

public sealed class BootstrapTests
{
    /// <summary>Clopper and Pearson's interval of 40 of 50, and of 50 of 400 (mpmath 1.3, from sums of binomial probabilities).</summary>
    [Fact]
    public void The_interval_of_a_share_is_exact()
    {
        var metrics = Metrics(new() { BootstrapResamples = 2 });

        Assert.Equal(0.66281689161651, metrics.Interval(BinaryMetric.Recall).Low, 1e-12);
        Assert.Equal(0.89969776252743, metrics.Interval(BinaryMetric.Recall).High, 1e-12);
        Assert.Equal(0.094218514686586, metrics.Interval(BinaryMetric.Prevalence).Low, 1e-12);
        Assert.Equal(0.16145865943061, metrics.Interval(BinaryMetric.Prevalence).High, 1e-12);
    }

    [Fact]
    public void Weights_count_by_how_unequal_they_are_and_not_by_their_unit()
    {
        // (4 · 1 + 4 · 3)² / (4 · 1 + 4 · 9) = 6.4 rows, of which .25 are hits.
        EffectiveRows hits = new(4 * 1e10, 4 * 1e20), others = new(4 * 3e10, 4 * 9e20);

        Assert.Equal(6.4, (hits + others).Count, 1e-12);
        Assert.Equal(new ShareInterval(.9).Of(.25, 6.4).High, new ShareInterval(.9).Of(hits, others).High, 1e-12);
    }

    [Theory]
    [InlineData(.95)]
    [InlineData(.5)]
    public void Shares_of_0_and_1_have_intervals(double level)
    {
        // (1 - level) / 2 = p^20 and (1 - p)^20.
        var end = Math.Pow((1 - level) / 2, 1 / 20.0);
        var (none, all) = (new ShareInterval(level).Of(0, 20), new ShareInterval(level).Of(1, 20));

        Assert.Equal((0, 1), (none.Low, all.High));
        Assert.Equal(1 - end, none.High, 1e-12);
        Assert.Equal(end, all.Low, 1e-12);
        Assert.Equal(new(0, 1), new ShareInterval(level).Of(.5, 0));
    }

    [Fact]
    public void The_normal_distribution_takes_over_without_a_step()
    {
        var (fewer, more) = (new ShareInterval(.95).Of(.5, 1.999e5), new ShareInterval(.95).Of(.5, 2.001e5));

        Assert.Equal(1, (fewer.High - fewer.Low) / (more.High - more.Low), 3e-3);
        Assert.Equal(1.959964 * 2 * .5 / Math.Sqrt(1e20), new ShareInterval(.95).Of(.5, 1e20) is var (low, high) ? high - low : 0, 1e-14);
    }

    [Fact]
    public void The_variance_of_a_figure_that_is_the_same_in_all_resamples_is_0()
    {
        var random = new Random(4);
        for (var trial = 0; trial < 1000; trial++)
        {
            var value = random.NextDouble();
            Assert.Equal(0, Bootstrap.Variance([.. Enumerable.Range(0, 2 + random.Next(40)).Select(_ => (double[])[value])], v => v[0]));
        }
    }

    [Fact]
    public void Variances_and_quantiles_are_those_of_the_textbook()
    {
        double[][] values = [[0, 3], [0, 1], [0, 7], [0, 5]];

        // (1 + 9 + 9 + 1) / 3.
        Assert.Equal(20.0 / 3, Bootstrap.Variance(values, v => v[1]), 1e-12);
        Assert.Equal((1, 4, 7), (Bootstrap.Quantile(values, v => v[1], 0), Bootstrap.Quantile(values, v => v[1], .5),
            Bootstrap.Quantile(values, v => v[1], 1)));
    }

    /// <summary>The mean of n rows, each of which counts as often as a Poisson variable of mean 1, has the variance s² / n.</summary>
    [Fact]
    public void The_variance_of_a_mean_is_that_of_theory()
    {
        double[] rows = [.. Enumerable.Range(0, 500).Select(i => i % 5 == 0 ? 4.0 : -1)];
        var values = Bootstrap.Values(new int[500], 1, repeats =>
        {
            double sum = 0, count = 0;
            for (var i = 0; i < rows.Length; i++)
                (sum, count) = (sum + repeats[i] * rows[i], count + repeats[i]);
            return [sum / count];
        }, new() { BootstrapResamples = 4000 });

        Assert.Equal(4.0 / 500, Bootstrap.Variance(values, v => v[0]), 4.0 / 500 * .08);
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

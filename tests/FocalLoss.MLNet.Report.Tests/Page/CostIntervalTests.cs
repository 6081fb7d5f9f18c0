namespace FocalMlNet.Report.Tests.Page;

public class CostIntervalTests(Chromium chromium) : IClassFixture<Chromium>
{
    private static readonly double[] Costs = [0, 1, 20, 0];

    // Of scipy.stats.binomtest(k, n).proportion_ci(.95, "exact").
    [Theory]
    [InlineData(0, 20, 0, 0.1684334)]
    [InlineData(3, 20, 0.0320709, 0.3789268)]
    [InlineData(10, 1000, 0.0048055, 0.0183136)]
    [InlineData(50, 50, 0.9288783, 1)]
    public void Exact_limits_are_the_published_ones(int k, int n, double low, double high)
    {
        var limits = CostIntervals.Exact(k, n);
        Assert.Equal(low, limits.Low, 5e-7);
        Assert.Equal(high, limits.High, 5e-7);
    }

    [Theory]
    [InlineData(20, .8, .01)]
    [InlineData(20, .99, .05)]
    [InlineData(40, .5, .002)]
    [InlineData(100, .9, .02)]
    public void The_interval_of_the_cost_holds_from_20_positives_on(int positives, double recall, double falseAlerts)
    {
        const int rows = 2000, times = 3000;
        Random random = new(positives);
        var share = positives / (double)rows;
        double[] shares = [share * recall, (1 - share) * falseAlerts, share * (1 - recall), (1 - share) * (1 - falseAlerts)];
        var truth = 1000 * shares.Zip(Costs, (p, c) => p * c).Sum();
        var held = 0;
        for (var t = 0; t < times; t++)
        {
            var interval = CostIntervals.Of(Draw(random, rows, shares), Costs);
            if (interval.Low <= truth && truth <= interval.High)
                held++;
        }

        Assert.True(held >= .93 * times, $"{held} of {times}");
    }

    [Fact]
    public void With_many_rows_the_interval_is_that_of_a_bootstrap()
    {
        int[] counts = [700, 900, 300, 38100];
        var n = counts.Sum();
        Random random = new(3);
        var shares = counts.Select(c => c / (double)n).ToArray();
        var drawn = Enumerable.Range(0, 600)
            .Select(_ => 1000.0 / n * Draw(random, n, shares).Zip(Costs, (c, cost) => c * cost).Sum()).Order().ToArray();
        var interval = CostIntervals.Of(counts, Costs);
        var width = interval.High - interval.Low;
        Assert.Equal(drawn[15], interval.Low, .08 * width);
        Assert.Equal(drawn[^16], interval.High, .08 * width);
    }

    [Fact]
    public async Task The_script_of_the_page_has_the_same_intervals()
    {
        await using var open = await chromium.Open(MadeUp.Content(models: 1, rows: 500));
        Random random = new(1);
        for (var t = 0; t < 40; t++)
        {
            int[] counts = [random.Next(30) * random.Next(2), random.Next(300), random.Next(20), 1 + random.Next(3000)];
            double[] costs = [-random.Next(3), random.Next(5), random.Next(100), -random.Next(2)];
            var n = counts.Sum();
            var expected = CostIntervals.Of(counts, costs);
            var got = await Ask(open, $"sumInterval([{string.Join(",", counts.Zip(costs, (k, c) => $"[{k}/{n},{n},{1000 * c}]"))}])");
            Assert.Equal(expected.Value, got[0], 1e-9 * n);
            Assert.Equal(expected.Low, got[1], 1e-5 * Math.Max(1, Math.Abs(expected.Low)));
            Assert.Equal(expected.High, got[2], 1e-5 * Math.Max(1, Math.Abs(expected.High)));
        }
    }

    [Theory]
    [InlineData(3, 20)]
    [InlineData(0, 7)]
    [InlineData(7, 7)]
    [InlineData(2, 1_000_000)]
    [InlineData(15_000, 60_000)]
    [InlineData(30_000, 90_000)]
    public async Task The_script_of_the_page_has_exact_intervals_of_shares(int k, int n)
    {
        await using var open = await chromium.Open(MadeUp.Content(models: 1, rows: 500));
        var expected = CostIntervals.Exact(k, n);
        var got = await Ask(open, $"(([low, high]) => ({{ value: 0, low, high }}))(shareInterval({k}/{n}, {n}))");
        // Above 20,000 of each kind it goes by the normal distribution.
        var tolerance = (k > 20_000 ? 3e-3 : 1e-7) * (expected.High - expected.Low);
        Assert.Equal(expected.Low, got[1], tolerance);
        Assert.Equal(expected.High, got[2], tolerance);
    }

    /// <summary>What the part of the script that knows intervals answers.</summary>
    private static async Task<double[]> Ask(OpenPage open, string expression)
    {
        var script = await open.Page.EvaluateAsync<string>("document.scripts[1].textContent");
        var from = script.IndexOf("// ---- intervals", StringComparison.Ordinal);
        var part = script[from..script.IndexOf("// ---- what a step", from, StringComparison.Ordinal)];
        return await open.Page.EvaluateAsync<double[]>($"() => {{ {part}\n const r = {expression}; return [r.value, r.low, r.high]; }}");
    }

    private static int[] Draw(Random random, int rows, double[] shares)
    {
        var counts = new int[shares.Length];
        for (var i = 0; i < rows; i++)
        {
            var (u, k) = (random.NextDouble(), 0);
            while (k < shares.Length - 1 && u >= shares[k])
                u -= shares[k++];
            counts[k]++;
        }

        return counts;
    }
}

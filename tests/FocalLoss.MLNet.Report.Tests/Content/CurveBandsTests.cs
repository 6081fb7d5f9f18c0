namespace FocalMlNet.Report.Tests.Content;

public class CurveBandsTests
{
    /// <summary>Normal scores that differ by this between the classes: then all curves are known.</summary>
    private const double Distance = 1.5;

    [Fact]
    public void Bands_hold_the_curves_of_all_possible_rows_about_as_often_as_they_promise_also_with_20_positives()
    {
        const int Times = 30, Count = 300;
        const double Share = 1.0 / 15;
        var (held, all) = (new int[3], new int[3]);
        for (var t = 0; t < Times; t++)
        {
            var random = new Random(t);
            var labels = Enumerable.Range(0, Count).Select(_ => random.NextDouble() < Share).ToArray();
            var scores = labels.Select(label => (float)(DrawnRows.Normal(random) + (label ? Distance : 0))).ToArray();
            var rows = new ModelRows(Evaluation.ScoredRows.Of(
                scores, labels, [.. labels.Select(_ => 1f)], null, new bool[Count]));
            var bands = new CurveBands(rows, [.. Enumerable.Range(0, rows.CutCount)], t, 0);
            Judge(0, bands.Precision, recall => Precision(recall, Share), .15, .95);
            Judge(1, bands.TruePositiveRate, rate => Cumulative(Distance - Quantile(1 - rate)), .02, .9);
            Judge(2, bands.Recall, share => RecallOf(share, Share), .02, .9);
        }

        // Of about 1500 places a curve, which hang together within a band: the standard error is near 1.5 %.
        Assert.All(held.Zip(all), one => Assert.InRange((double)one.First / one.Second, .93, .995));

        void Judge(int curve, CurveBand band, Func<double, double> truth, double from, double to)
        {
            for (var i = 0; i < band.X.Length; i++)
            {
                if (band.X[i] < from || band.X[i] > to)
                    continue;
                all[curve]++;
                var y = truth(band.X[i]);
                held[curve] += y >= band.Low[i] && y <= band.High[i] ? 1 : 0;
            }
        }
    }

    [Fact]
    public void Where_all_positives_are_found_the_band_is_as_wide_as_their_number_allows()
    {
        // 10 positives above 90 negatives: nothing more than (α/2)^(1/10) of Clopper and Pearson can be promised.
        bool[] labels = [.. Enumerable.Range(0, 100).Select(i => i < 10)];
        var content = DrawnRows.Content(DrawnRows.Compared(labels, [.. Enumerable.Range(0, 100).Select(i => 1 - i / 101f)])).Models[0];
        Assert.All(content.Roc.Low, low => Assert.Equal(Math.Pow(.025, .1), low, 1e-6));
        Assert.All(content.Roc.High, high => Assert.Equal(1, high));
    }

    [Fact]
    public void A_band_of_weighted_rows_is_as_wide_as_that_of_as_many_equal_rows_as_say_as_much()
    {
        // Half the rows weigh 3, half 1: (4 n/2)² / (10 n/2) = .8 n.
        var random = new Random(3);
        var labels = Enumerable.Range(0, 20_000).Select(i => i % 10 == 0).ToArray();
        var scores = labels.Select(label => (float)(DrawnRows.Normal(random) + (label ? Distance : 0))).ToArray();
        var weights = labels.Select(_ => random.Next(2) == 0 ? 3f : 1f).ToArray();
        var weighted = Band(weights);
        var plain = Band([.. labels.Select(_ => 1f)]);
        // In the middle, where both have about the same share.
        double[] ratios = [.. Enumerable.Range(30, 40).Select(i => (weighted.High[i] - weighted.Low[i]) / (plain.High[i] - plain.Low[i]))];
        Assert.Equal(Math.Sqrt(1 / .8), ratios.Average(), .05);

        CurveBand Band(float[] given)
        {
            var rows = new ModelRows(Evaluation.ScoredRows.Of(scores, labels, given, null, new bool[labels.Length]));
            return new CurveBands(rows, ThresholdSteps.Choose(rows, []), 1, 0).Precision;
        }
    }

    [Fact]
    public void The_seed_alone_decides()
    {
        var (labels, probabilities) = DrawnRows.Calibrated(500, 4);
        var comparison = DrawnRows.Compared(labels, probabilities);
        var (one, same, other) = (LowOf(0), LowOf(0), LowOf(1));
        Assert.Equal(one, same);
        Assert.NotEqual(one, other);

        IReadOnlyList<double> LowOf(int seed) => DrawnRows.Content(comparison, new() { Seed = seed }).Models[0].PrecisionRecall.Low;
    }

    private static double Precision(double recall, double share)
    {
        var rate = 1 - Cumulative(Distance - Quantile(recall));
        return share * recall / (share * recall + (1 - share) * rate);
    }

    private static double RecallOf(double alerts, double share)
    {
        double low = -10, high = 10;
        for (var i = 0; i < 60; i++)
        {
            var z = (low + high) / 2;
            if (share * Cumulative(Distance - z) + (1 - share) * Cumulative(-z) > alerts)
                low = z;
            else
                high = z;
        }

        return Cumulative(Distance - low);
    }

    /// <summary>Φ by Simpson's rule, and its inverse by halving.</summary>
    private static double Cumulative(double z)
    {
        const int Steps = 200;
        double sum = 0, h = z / Steps;
        for (var i = 0; i <= Steps; i++)
            sum += (i is 0 or Steps ? 1 : i % 2 == 1 ? 4 : 2) * Math.Exp(-i * h * i * h / 2);
        return .5 + sum * h / 3 / Math.Sqrt(2 * Math.PI);
    }

    private static double Quantile(double p)
    {
        double low = -8, high = 8;
        for (var i = 0; i < 60; i++)
        {
            if (Cumulative((low + high) / 2) < p)
                low = (low + high) / 2;
            else
                high = (low + high) / 2;
        }

        return low;
    }
}

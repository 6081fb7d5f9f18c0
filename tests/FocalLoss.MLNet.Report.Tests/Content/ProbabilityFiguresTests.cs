using FocalMlNet.Evaluation;

namespace FocalMlNet.Report.Tests.Content;

/// <summary>Reliability, histograms, shares of the loss, the test of the calibration.</summary>
public class ProbabilityFiguresTests
{
    [Fact]
    public void Reliability_has_the_intervals_of_Clopper_and_Pearson()
    {
        // Three of ten: scipy.stats.binomtest(3, 10).proportion_ci(method="exact").
        var content = DrawnRows.Content(DrawnRows.Compared(
            [true, true, true, false, false, false, false, false, false, false], [.. Enumerable.Repeat(.4f, 10)])).Models[0];
        var bin = Assert.Single(content.Reliability);
        Assert.Equal(.4f, bin.Mean, 1e-7);
        Assert.Equal(.3, bin.Share, 1e-12);
        Assert.Equal(.06673951117773447, bin.Low, 1e-9);
        Assert.Equal(.6524528500599972, bin.High, 1e-9);
        Assert.Equal(10, bin.Rows);
    }

    [Fact]
    public void Bins_of_reliability_know_about_equally_much_keep_ties_together_and_hold_all_rows()
    {
        var (labels, probabilities) = DrawnRows.Calibrated(5000, 9, -4);
        for (var i = 0; i < 1000; i++)
            probabilities[i] = .02f;
        var bins = DrawnRows.Content(DrawnRows.Compared(labels, probabilities)).Models[0].Reliability;
        Assert.InRange(bins.Count, 8, 12);
        Assert.Equal(5000, bins.Sum(bin => bin.Rows));
        Assert.Equal(labels.Count(label => label), bins.Sum(bin => bin.Rows * bin.Share), 1e-6);
        Assert.Equal(bins.Select(bin => bin.Mean), bins.Select(bin => bin.Mean).Order());
        // No bin has less than half of an equal part, by rows times p (1 - p) of the mean.
        var known = bins.Select(bin => bin.Rows * bin.Mean * (1 - bin.Mean)).ToArray();
        Assert.All(known, one => Assert.InRange(one, .5 * known.Sum() / bins.Count, 2 * known.Sum() / bins.Count));
    }

    [Theory]
    [InlineData(7, 1)]
    [InlineData(25, 3)]
    public void With_few_positives_there_are_few_bins(int positives, int most)
    {
        var labels = Enumerable.Range(0, 1000).Select(i => i < positives).ToArray();
        var random = new Random(1);
        float[] probabilities = [.. labels.Select(label => (float)(random.NextDouble() * (label ? 1 : .3)))];
        Assert.InRange(DrawnRows.Content(DrawnRows.Compared(labels, probabilities)).Models[0].Reliability.Count, 1, most);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Histograms_count_each_row_of_a_class_once(bool areProbabilities)
    {
        var (labels, probabilities) = DrawnRows.Calibrated(2000, 10);
        (probabilities[0], probabilities[1]) = (0, 1);
        var content = DrawnRows.Content(areProbabilities ? DrawnRows.Compared(labels, probabilities)
            : DrawnRows.Compared(labels, null, probabilities)).Models[0].Histogram;
        Assert.Equal(41, content.Edges.Count);
        Assert.Equal(content.Edges, content.Edges.Order());
        for (var b = 0; b < 40; b++)
        {
            bool IsIn(float p) => p <= content.Edges[b + 1] && (p > content.Edges[b] || (b == 0 && p >= content.Edges[0]));
            Assert.Equal(probabilities.Where((p, i) => labels[i] && IsIn(p)).Count(), content.Positives[b]);
            Assert.Equal(probabilities.Where((p, i) => !labels[i] && IsIn(p)).Count(), content.Negatives[b]);
        }

        Assert.Equal(2000, content.Positives.Sum() + content.Negatives.Sum());
        if (areProbabilities)
            Assert.Equal((0.0, 1.0), (content.Edges[0], content.Edges[^1]));
    }

    [Fact]
    public void Edges_of_probabilities_are_even_in_log_odds()
    {
        var (labels, probabilities) = DrawnRows.Calibrated(2000, 10);
        var edges = DrawnRows.Content(DrawnRows.Compared(labels, probabilities)).Models[0].Histogram.Edges;
        double[] logits = [.. edges.Skip(1).SkipLast(1).Select(p => Math.Log(p / (1 - p)))];
        Assert.All(logits.Zip(logits.Skip(1)), pair => Assert.Equal(logits[1] - logits[0], pair.Second - pair.First, 1e-6));
    }

    [Fact]
    public void Shares_of_the_loss_are_those_of_the_formula()
    {
        // Probability of the own class: .05, .3, .7, .95, .995.
        var content = DrawnRows.Content(DrawnRows.Compared([true, false, true, false, true], [.05f, .7f, .7f, .05f, .995f])).LossShare!;
        double[] own = [.05, .3, .7, .95, .995];
        Assert.Equal([0, 2], content.Gammas);
        foreach (var (gamma, shares) in content.Gammas.Zip(content.Shares))
        {
            double[] losses = [.. own.Select(p => -Math.Pow(1 - p, gamma) * Math.Log(p))];
            Assert.Equal(losses.Select(loss => loss / losses.Sum()), shares, (a, b) => Math.Abs(a - b) < 1e-6);
        }

        Assert.All(content.Rows, share => Assert.Equal(.2, share, 1e-12));
        Assert.Equal(5, content.Bins.Count);
    }

    [Fact]
    public void The_slope_of_the_calibration_is_that_of_the_closed_form_for_two_probabilities()
    {
        // 100 rows of p = .1, 20 of them positive; 50 of p = .6, 25 positive: a line through both log-odds.
        bool[] labels = [.. Enumerable.Range(0, 100).Select(i => i < 20), .. Enumerable.Range(0, 50).Select(i => i < 25)];
        float[] probabilities = [.. Enumerable.Repeat(.1f, 100), .. Enumerable.Repeat(.6f, 50)];
        var test = CalibrationTest.Of(ScoredRows.Of(probabilities, labels, [.. labels.Select(_ => 1f)], probabilities));
        static double Logit(double p) => Math.Log(p / (1 - p));
        var distance = Logit(.6f) - Logit(.1f);
        Assert.Equal((Logit(.5) - Logit(.2)) / distance, test.Slope, 1e-6);
        Assert.Equal(Math.Sqrt(1 / (100 * .2 * .8) + 1 / (50 * .5 * .5)) / distance, test.SlopeError, 1e-6);
        Assert.Equal(45, test.Observed);
        Assert.Equal(40, test.Expected, 1e-4);
        Assert.Equal(5 / Math.Sqrt(100 * .1 * .9 + 50 * .6 * .4), test.Z, 1e-5);
    }

    [Fact]
    public void Where_the_rows_do_not_tell_a_slope_there_is_none()
    {
        float[] one = [.. Enumerable.Repeat(.3f, 10)];
        var labels = Enumerable.Range(0, 10).Select(i => i < 3).ToArray();
        Assert.Equal(double.NaN, CalibrationTest.Of(ScoredRows.Of(one, labels, [.. labels.Select(_ => 1f)], one)).Slope);
        float[] apart = [.. labels.Select((label, i) => label ? .9f - i / 100f : .1f - i / 100f)];
        Assert.Equal(double.NaN, CalibrationTest.Of(ScoredRows.Of(apart, labels, [.. labels.Select(_ => 1f)], apart)).Slope);
    }
}

namespace FocalMlNet.Report.Tests.Content;

public class CurvesTests
{
    [Theory]
    [InlineData(8000, -3.0)]
    [InlineData(5000, -6.0)]
    [InlineData(40, 0.0)]
    public void Thinned_curves_are_within_a_thousandth_of_each_point_of_all_rows(int count, double middle)
    {
        var (labels, probabilities) = DrawnRows.Calibrated(count, 7, middle);
        var content = DrawnRows.Content(DrawnRows.Compared(labels, probabilities)).Models[0];
        double positives = labels.Count(label => label), negatives = count - positives, tp = 0, fp = 0;
        var points = 0;
        foreach (var group in labels.Zip(probabilities).GroupBy(row => row.Second).OrderByDescending(group => group.Key))
        {
            tp += group.Count(row => row.First);
            fp += group.Count(row => !row.First);
            Assert.InRange(Distance(content.Roc, fp / negatives, tp / positives), 0, .001);
            Assert.InRange(Distance(content.Gain, (tp + fp) / count, tp / positives), 0, .001);
            if (tp > 0)
                Assert.InRange(Distance(content.PrecisionRecall, tp / positives, tp / (tp + fp)), 0, .001);
            points++;
        }

        Assert.True(points < 100 || content.Roc.X.Count < points / 4);
        foreach (var curve in new[] { content.PrecisionRecall, content.Roc, content.Gain })
        {
            Assert.InRange(curve.X.Count, 2, 2000);
            Assert.Equal(curve.X, curve.X.Order());
        }

    }

    [Fact]
    public void The_area_below_precision_by_recall_is_the_average_precision()
    {
        // Ties: .8 has a positive and a negative, .4 two negatives and a positive.
        var content = DrawnRows.Content(DrawnRows.Compared(
            [false, true, true, false, false, true, false, true], [.9f, .85f, .8f, .8f, .4f, .4f, .4f, .1f]));
        // Σ (R_k - R_k-1) P_k = 1/4 (1/2 + 2/4 + 3/7 + 4/8).
        var expected = (1.0 / 2 + 2.0 / 4 + 3.0 / 7 + 4.0 / 8) / 4;
        var (x, y) = (content.Models[0].PrecisionRecall.X, content.Models[0].PrecisionRecall.Y);
        Assert.Equal(expected, x.Skip(1).Select((to, i) => (to - x[i]) * (y[i] + y[i + 1]) / 2).Sum(), 1e-12);
        Assert.Equal(0, x[0]);
        Assert.Equal(.5, y[0], 1e-12);
    }

    [Fact]
    public void Curves_begin_and_end_in_the_corners()
    {
        var (labels, probabilities) = DrawnRows.Calibrated(2000, 8);
        var content = DrawnRows.Content(DrawnRows.Compared(labels, probabilities)).Models[0];
        Assert.Equal((0.0, 0.0, 1.0, 1.0), (content.Roc.X[0], content.Roc.Y[0], content.Roc.X[^1], content.Roc.Y[^1]));
        Assert.Equal((0.0, 0.0, 1.0, 1.0), (content.Gain.X[0], content.Gain.Y[0], content.Gain.X[^1], content.Gain.Y[^1]));
        Assert.Equal((0.0, 1.0), (content.PrecisionRecall.X[0], content.PrecisionRecall.X[^1]));
        Assert.Equal(labels.Count(label => label) / 2000.0, content.PrecisionRecall.Y[^1], 1e-12);
    }

    [Fact]
    public void A_spike_between_two_points_on_a_line_is_kept()
    {
        var (x, y) = Thinning.Of([0, .1, .2, .2, .2, .3, 1], [0, 0, 0, .9, 0, 0, 0], .001, 100);
        Assert.Contains(.9, y);
        Assert.Equal([0, .2, .2, .2, 1], x);
    }

    /// <summary>How far a point is from the nearest of a curve's lines.</summary>
    private static double Distance(CurveContent curve, double x, double y)
    {
        var least = double.PositiveInfinity;
        for (var i = 1; i < curve.X.Count; i++)
        {
            double ax = curve.X[i - 1], ay = curve.Y[i - 1], dx = curve.X[i] - ax, dy = curve.Y[i] - ay;
            var length = dx * dx + dy * dy;
            var part = length > 0 ? Math.Clamp(((x - ax) * dx + (y - ay) * dy) / length, 0, 1) : 0;
            var (ox, oy) = (ax + part * dx - x, ay + part * dy - y);
            least = Math.Min(least, Math.Sqrt(ox * ox + oy * oy));
        }

        return least;
    }
}

using FocalMlNet.Calibration;

namespace FocalMlNet.Tests.Calibration;

public sealed class SoftmaxMapTests
{
    [Fact]
    public void Two_classes_are_the_binary_map()
    {
        double[] scores = [.. Enumerable.Range(-40, 81).Select(i => i / 10.0 - 1)];
        ScorePoints points = new(scores, [.. scores.Select((_, i) => 1.0 + i % 3)]);
        ScoreRows rows = new([.. scores.SelectMany(z => new[] { 0, z })], points.Weights);
        var binary = LinearMap.ForFocal(new FocalPosterior(2, 1, 9), points, prevalence: .2);
        var softmax = SoftmaxMap.ForFocal(new SoftmaxFocalPosterior(2, [1, 9]), rows, [8, 2]);
        Assert.Equal(binary.Slope, softmax.Slope, 1e-5);
        Assert.Equal(binary.Intercept, softmax.Intercepts[1] - softmax.Intercepts[0], 1e-5);
    }

    [Fact]
    public void The_mean_probabilities_are_the_prevalences()
    {
        var rows = Random(classes: 5, count: 400, spread: 2);
        double[] prevalences = [.5, .3, .15, .049, .001];
        var map = SoftmaxMap.ForFocal(new SoftmaxFocalPosterior(2, [1, 1, 2, 5, 100]), rows, prevalences);
        Assert.All(Means(map, rows).Zip(prevalences), pair => Assert.Equal(1, pair.First / pair.Second, 1e-4));
    }

    [Fact]
    public void A_class_without_rows_keeps_the_others_right()
    {
        var rows = Random(classes: 4, count: 300, spread: 2);
        for (var i = 0; i < rows.Weights.Length; i++)
            rows.Scores[4 * i + 3] = -30;
        var map = SoftmaxMap.ForFocal(new SoftmaxFocalPosterior(2), rows, [.6, .3, .1, 0]);
        Assert.All(map.Intercepts, b => Assert.True(double.IsFinite(b)));
        Assert.All(Means(map, rows).Zip([.6, .3, .1, 0]), pair => Assert.Equal(pair.Second, pair.First, 1e-4));
    }

    [Theory]
    [InlineData(1e3)]
    [InlineData(1e6)]
    public void Classes_told_apart_without_doubt_leave_a_finite_map(double spread)
    {
        ScoreRows rows = new([spread, 0, 0, 0, spread, 0, 0, 0, spread, spread, 0, 0], [1, 1, 1, 1]);
        var map = SoftmaxMap.ForFocal(new SoftmaxFocalPosterior(2, [1, 2, 3]), rows, [2, 1, 1]);
        Assert.InRange(map.Slope, 1, 4);
        Assert.All(map.Intercepts, b => Assert.InRange(b, -20, 20));
        Assert.True(double.IsFinite(SoftmaxMap.ForLabels(rows, [0, 1, 2, 0]).Slope));
    }

    [Fact]
    public void Labels_drawn_from_a_map_find_it_again()
    {
        var rows = Random(classes: 3, count: 20_000, spread: 1);
        var random = new Random(5);
        var truth = new SoftmaxMap(1.7, [0, -1, .5]);
        int[] labels = [.. Probabilities(truth, rows).Select(p =>
        {
            var u = random.NextDouble();
            return u < p[0] ? 0 : u < p[0] + p[1] ? 1 : 2;
        })];
        var found = SoftmaxMap.ForLabels(rows, labels);
        Assert.Equal(1.7, found.Slope, .1);
        Assert.Equal(-1, found.Intercepts[1] - found.Intercepts[0], .1);
        Assert.Equal(.5, found.Intercepts[2] - found.Intercepts[0], .1);
    }

    private static ScoreRows Random(int classes, int count, double spread)
    {
        var random = new Random(2);
        return new([.. Enumerable.Range(0, classes * count).Select(_ => spread * (2 * random.NextDouble() - 1))], [.. Enumerable.Range(0, count).Select(_ => random.NextDouble())]);
    }

    private static IEnumerable<double[]> Probabilities(SoftmaxMap map, ScoreRows rows)
        => rows.Scores.Chunk(rows.ClassCount).Select(row =>
        {
            var e = row.Select((z, k) => Math.Exp(map.Slope * z + map.Intercepts[k])).ToArray();
            return e.Select(v => v / e.Sum()).ToArray();
        });

    private static double[] Means(SoftmaxMap map, ScoreRows rows)
    {
        var means = new double[rows.ClassCount];
        foreach (var (p, weight) in Probabilities(map, rows).Zip(rows.Weights))
        {
            for (var k = 0; k < p.Length; k++)
                means[k] += weight * p[k] / rows.Weights.Sum();
        }

        return means;
    }
}

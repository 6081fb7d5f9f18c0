
using FocalMlNet.Calibration;

namespace FocalMlNet.Tests.Calibration;

public sealed class LinearMapTests
{
    private static readonly ScorePoints Even = new([.. Enumerable.Range(-40, 81).Select(i => i / 10.0)], [.. Enumerable.Repeat(1.0, 81)]);

    [Fact]
    public void A_sigmoid_is_found_again()
    {
        var map = LinearMap.Fit(Even, [.. Even.Scores.Select(z => Sigmoid(-.7 * z + 2))], new(1, 0));
        Assert.Equal(-.7, map.Slope, 1e-6);
        Assert.Equal(2, map.Intercept, 1e-6);
    }

    [Fact]
    public void No_neighbour_of_the_fitted_map_loses_less()
    {
        var curve = new FocalPosterior(2, .9);
        double[] targets = [.. Even.Scores.Select(curve.Probability)];
        var map = LinearMap.Fit(Even, targets, curve.Tangent);
        double Loss(LinearMap m)
            => -Even.Scores.Zip(targets, (z, t) => t * Math.Log(Sigmoid(m.Of(z))) + (1 - t) * Math.Log(Sigmoid(-m.Of(z)))).Sum();
        foreach (var (slope, intercept) in new (double, double)[] { (.01, 0), (-.01, 0), (0, .01), (0, -.01) })
            Assert.True(Loss(map) < Loss(new(map.Slope + slope, map.Intercept + intercept)));
    }

    [Theory]
    [InlineData(.5)]
    [InlineData(1e-3)]
    [InlineData(.99999)]
    public void The_mean_probability_is_the_one_asked_for(double mean)
    {
        var map = new LinearMap(2.5, 1).WithMean(Even, mean);
        Assert.Equal(2.5, map.Slope);
        Assert.Equal(1, Even.Scores.Average(z => Sigmoid(map.Of(z))) / mean, 1e-8);
    }

    [Fact]
    public void Weights_count_as_repetitions()
    {
        double[] Targets(ScorePoints points) => [.. points.Scores.Select(z => Sigmoid(z * z))];
        ScorePoints weighted = new([-1, 0, 2], [1, 2, 3]), repeated = new([-1, 0, 0, 2, 2, 2], [1, 1, 1, 1, 1, 1]);
        var (a, b) = (LinearMap.Fit(weighted, Targets(weighted), new(1, 0)), LinearMap.Fit(repeated, Targets(repeated), new(1, 0)));
        Assert.Equal(a.Slope, b.Slope, 1e-9);
        Assert.Equal(a.WithMean(weighted, .3).Intercept, b.WithMean(repeated, .3).Intercept, 1e-9);
        Assert.Equal(LinearMap.LeastSquares(weighted, [1, 2, 4]).Slope, LinearMap.LeastSquares(repeated, [1, 2, 2, 4, 4, 4]).Slope, 1e-12);
    }

    [Fact]
    public void Least_squares_finds_a_line_again()
    {
        var map = LinearMap.LeastSquares(Even, [.. Even.Scores.Select(z => 3 * z - 5)]);
        Assert.Equal(3, map.Slope, 1e-12);
        Assert.Equal(-5, map.Intercept, 1e-12);
        Assert.Equal(new LinearMap(0, 2), LinearMap.LeastSquares(new([1], [1]), [2]));
    }

    [Theory]
    [InlineData(50.0)]
    [InlineData(1e4)]
    [InlineData(1e30)]
    public void Classes_told_apart_without_doubt_leave_a_finite_map(double score)
    {
        ScorePoints points = new([-score, score], [90, 10]);
        var map = LinearMap.ForFocal(FocalPosterior.WithClassWeights(2, positiveWeight: 90, negativeWeight: 10), points, prevalence: .1);
        Assert.InRange(map.Slope, 2.5, 3);
        Assert.InRange(map.Intercept, -10, 10);
    }

    [Fact]
    public void Separated_classes_on_one_side_are_moved_to_their_prevalence()
    {
        ScorePoints points = new([100, 1000], [99, 1]);
        var map = LinearMap.ForFocal(new FocalPosterior(2), points, prevalence: .01);
        Assert.Equal(.01, (99 * Sigmoid(map.Of(100)) + Sigmoid(map.Of(1000))) / 100, 1e-9);
    }

    [Fact]
    public void One_score_for_all_becomes_the_prevalence()
    {
        ScorePoints points = new([-1.25], [1000]);
        var map = LinearMap.ForFocal(new FocalPosterior(2), points, prevalence: .02);
        Assert.Equal(.02, Sigmoid(map.Of(-1.25)), 1e-9);
        Assert.True(map.Slope > 0);
    }

    [Fact]
    public void Gamma_zero_without_weights_changes_nothing()
        => Assert.Equal(LinearMap.Identity, LinearMap.ForFocal(new FocalPosterior(0), Even, prevalence: .123));

    [Fact]
    public void A_histogram_keeps_mean_probabilities_to_a_hundred_thousandth()
    {
        var random = new Random(1);
        float[] scores = [.. Enumerable.Range(0, 100_000).Select(_ => (float)(4 * random.NextDouble() - 5))];
        float[] weights = [.. scores.Select(_ => (float)random.NextDouble())];
        var histogram = new ScoreHistogram();
        histogram.Add(scores.AsSpan(0, 30_000), weights);
        histogram.Add(scores.AsSpan(30_000), weights.AsSpan(30_000));
        var (points, pointWeights) = histogram.ToPoints();
        Assert.InRange(points.Length, 500, 5000);
        double Mean(IEnumerable<(double Score, double Weight)> of) => of.Sum(p => p.Weight * Sigmoid(3 * p.Score)) / of.Sum(p => p.Weight);
        var exact = Mean(scores.Zip(weights, (z, w) => ((double)z, (double)w)));
        Assert.Equal(1, Mean(points.Zip(pointWeights)) / exact, 1e-5);
    }

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
}

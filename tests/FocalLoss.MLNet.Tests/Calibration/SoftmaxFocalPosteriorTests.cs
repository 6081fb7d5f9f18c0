namespace FocalMlNet.Tests.Calibration;

public sealed class SoftmaxFocalPosteriorTests
{
    [Theory]
    [InlineData(0.0)]
    [InlineData(.5)]
    [InlineData(2.0)]
    [InlineData(5.0)]
    public void Two_classes_are_the_binary_curve(double gamma)
    {
        var (binary, softmax) = (new FocalPosterior(gamma, .8), new SoftmaxFocalPosterior(gamma, [.2, .8]));
        foreach (var z in new[] { -100, -40, -3, -.5, 0, .1, 2, 33, 900 })
        {
            var probabilities = Of(softmax, 5, 5 + z);
            Assert.Equal(1, probabilities[1] / binary.Probability(z), 1e-10);
        }
    }

    [Theory]
    [InlineData(.5)]
    [InlineData(2.0)]
    [InlineData(5.0)]
    public void At_the_scores_of_probabilities_the_expected_loss_is_stationary(double gamma)
    {
        double[] weights = [1, 3, .2, 1];
        float[] scores = [1.5f, -.5f, .25f, -3f];
        var probabilities = Of(new SoftmaxFocalPosterior(gamma, weights), [.. scores.Select(s => (double)s)]);
        Assert.Equal(1, probabilities.Sum(), 1e-14);
        var loss = new SoftmaxFocalLoss(gamma, weights);
        var slope = new double[4];
        for (var k = 0; k < 4; k++)
        {
            var gradient = new float[4];
            loss.Gradient(scores, k, gradient);
            for (var j = 0; j < 4; j++)
                slope[j] += probabilities[k] * gradient[j];
        }

        Assert.All(slope, s => Assert.Equal(0, s, 1e-6));
    }

    [Fact]
    public void Without_gamma_and_weights_it_is_softmax()
    {
        var found = Of(new SoftmaxFocalPosterior(0), 1, 2, 3);
        var sum = Math.Exp(1) + Math.Exp(2) + Math.Exp(3);
        Assert.Equal([Math.Exp(1) / sum, Math.Exp(2) / sum, Math.Exp(3) / sum], found, (a, b) => Math.Abs(a - b) < 1e-15);
    }

    [Fact]
    public void Huge_and_equal_scores_give_probabilities()
    {
        var curve = new SoftmaxFocalPosterior(2);
        Assert.Equal([1, 0, 0], Of(curve, 1e6, 0, -1e6));
        Assert.All(Of(curve, 1e6, 1e6, 1e6), p => Assert.Equal(1.0 / 3, p, 1e-12));
        Assert.Equal([.5, .5, 0], Of(curve, 40, 40, -1e4), (a, b) => Math.Abs(a - b) < 1e-12);
    }

    [Fact]
    public void Spans_of_the_wrong_length_are_refused()
    {
        var curve = new SoftmaxFocalPosterior(2, [1, 2]);
        Assert.Throws<ArgumentException>(() => curve.Probabilities([1], new double[1]));
        Assert.Throws<ArgumentException>(() => curve.Probabilities([1, 2], new double[3]));
        Assert.Throws<ArgumentException>(() => curve.Probabilities([1, 2, 3], new double[3]));
        Assert.Throws<ArgumentException>(() => new SoftmaxFocalPosterior(2, [1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SoftmaxFocalPosterior(2, [1, 0]));
    }

    private static double[] Of(SoftmaxFocalPosterior curve, params double[] scores)
    {
        curve.Probabilities(scores, scores);
        return scores;
    }
}

using FocalMlNet.Training;

namespace FocalMlNet.Tests.Training;

public sealed class FocalObjectiveTests
{
    [Theory]
    [InlineData(0, null)]
    [InlineData(.5, .9)]
    [InlineData(2, null)]
    [InlineData(3.7, .25)]
    public void Curvatures_are_second_derivatives_times_the_weights_of_row_and_class(double gamma, double? alpha)
    {
        var random = new Random(1);
        var loss = new FocalLoss(gamma, alpha);
        var objective = new FocalObjective(loss, positiveWeight: 3, negativeWeight: .5);
        foreach (var count in new[] { 1, 7, 8, 61, 256 })
        {
            float[] scores = [.. Enumerable.Range(0, count).Select(_ => (float)(20 * random.NextDouble() - 10))];
            float[] labels = [.. Enumerable.Range(0, count).Select(_ => (float)random.Next(2))];
            float[] weights = [.. Enumerable.Range(0, count).Select(i => i % 5 == 3 ? 0 : 2 * random.NextSingle())];
            var curvatures = new float[count];
            objective.Curvatures(scores, labels, weights, curvatures);
            for (var i = 0; i < count; i++)
            {
                var expected = weights[i] * (labels[i] == 1 ? 3 : .5) * loss.ExactSecondDerivative(scores[i], labels[i]);
                Assert.Equal(expected, curvatures[i], 2e-7 * Math.Abs(expected));
            }
        }
    }
}

using FocalMlNet.Training;

namespace FocalMlNet.Tests.Training;

/// <summary>Average precision on the rows that early stopping holds out, worked by hand.</summary>
public sealed class HeldOutJudgeTests
{
    [Theory]
    [InlineData(1, 1, (1 + 2 / 3.0) / 2)]
    [InlineData(3, 1, (3 + 4 / 5.0) / 4)]
    [InlineData(1, 3, (1 + 3 * 4 / 5.0) / 4)]
    public void Example_weights_count(float upperWeight, float lowerWeight, double expected)
    {
        // A positive, a negative, a positive.
        float[] weights = [upperWeight, 1, lowerWeight];
        Assert.Equal(
            expected, HeldOutJudge.Binary.Merit(EarlyStoppingMetric.AveragePrecision, [[1, 0, -1]], [1, 0, 1], weights, new()), 1e-12);
    }

    [Fact]
    public void Example_weights_count_for_each_of_several_classes()
    {
        // Sorted by the probability of class 0, its rows of weights 3 and 1 come first and third: (3 + 4/5) / 4. By that of class 1 its row
        // comes second of weight 1: 1/2.
        float[][] Scores() => [[3, 2, 1, 0], [-3, 0, .5f, -9], [-99, -99, -99, -99]];
        // Of class 2 there is a row of weight 0 only: it has no average precision, and does not count.
        float[] labels = [0, 1, 0, 2];

        foreach (var judge in new[] { HeldOutJudge.Softmax, HeldOutJudge.OneVersusAll })
        {
            var found = judge.Merit(EarlyStoppingMetric.AveragePrecision, Scores(), labels, [3, 1, 1, 0], new());
            Assert.Equal(((3 + 4 / 5.0) / 4 + 1 / 2.0) / 2, found, 1e-12);
        }
    }
}

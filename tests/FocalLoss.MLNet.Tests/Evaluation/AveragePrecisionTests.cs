
using FocalMlNet.Evaluation;

namespace FocalMlNet.Tests.Evaluation;

/// <summary>Worked by hand from the definition; <see cref="BinaryEvaluationTests"/> compares with scikit-learn.</summary>
public sealed class AveragePrecisionTests
{
    [Fact]
    public void It_is_the_sum_of_recall_gained_times_precision()
    {
        Assert.Equal(
            .5 * 1 + .5 * 2 / 3, RankSums.AveragePrecisionOf([.1f, .4f, .35f, .8f], [false, false, true, true], [1, 1, 1, 1]), 1e-12);
        Assert.Equal(.5 * (1.0 / 3) + .5 * .5, RankSums.AveragePrecisionOf([4, 3, 2, 1], [false, false, true, true], [1, 1, 1, 1]), 1e-12);
        // A positive of weight 3 below a negative of weight 2, and above one that comes too late to matter.
        Assert.Equal(3 / 5.0, RankSums.AveragePrecisionOf([2, 3, 1], [true, false, false], [3, 2, 9]), 1e-12);
    }

    [Fact]
    public void Without_a_positive_it_is_undefined()
        => Assert.True(double.IsNaN(RankSums.AveragePrecisionOf([1, 2], [false, false], [1, 1])));
}

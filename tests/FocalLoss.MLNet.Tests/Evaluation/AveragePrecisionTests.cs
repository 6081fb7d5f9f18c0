using FocalMlNet.Evaluation;

namespace FocalMlNet.Tests.Evaluation;

public sealed class AveragePrecisionTests
{
    /// <summary>Worked by hand from the definition: Σ (recall gained) × precision over distinct scores, highest first.</summary>
    [Fact]
    public void It_is_the_sum_of_recall_gained_times_precision()
    {
        Assert.Equal(.5 * 1 + .5 * 2 / 3, AveragePrecision.Of([.1f, .4f, .35f, .8f], [0, 0, 1, 1]), 1e-12);
        Assert.Equal(1, AveragePrecision.Of([1, 2, 3, 4], [0, 0, 1, 1]), 1e-12);
        Assert.Equal(.5 * (1.0 / 3) + .5 * .5, AveragePrecision.Of([4, 3, 2, 1], [0, 0, 1, 1]), 1e-12);
    }

    [Fact]
    public void Examples_of_a_tie_come_at_once()
    {
        Assert.Equal(.5, AveragePrecision.Of([1, 1, 1, 1], [1, 0, 0, 1]), 1e-12);
        Assert.Equal(.5 * 1 + .5 * 2 / 3, AveragePrecision.Of([3, 2, 2], [1, 0, 1]), 1e-12);
    }

    [Fact]
    public void Without_a_positive_it_is_undefined() => Assert.True(double.IsNaN(AveragePrecision.Of([1, 2], [0, 0])));

    [Fact]
    public void A_score_that_is_no_number_ranks_last() => Assert.Equal(.5, AveragePrecision.Of([float.NaN, 1], [1, 0]));
}

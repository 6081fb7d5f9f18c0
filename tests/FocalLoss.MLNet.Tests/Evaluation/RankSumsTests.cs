using FocalMlNet.Evaluation;

namespace FocalMlNet.Tests.Evaluation;

public sealed class RankSumsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_area_of_a_column_is_the_share_of_pairs_that_it_orders_with_ties_as_half_and_NaN_below_all(int seed)
    {
        var random = new Random(seed);
        float[] some = [float.NaN, -0f, 0, -1, 1, 2.5f, float.MaxValue, -float.MaxValue];
        float[] values = [.. Enumerable.Range(0, 120).Select(_ => some[random.Next(some.Length)])];
        bool[] labels = [.. values.Select(v => random.Next(4) == 0 || (v > 1 && random.Next(2) == 0))];
        var (ordered, pairs) = (0.0, 0);
        for (var i = 0; i < values.Length; i++)
        {
            for (var j = 0; j < values.Length; j++)
            {
                if (!labels[i] || labels[j])
                    continue;
                pairs++;
                ordered += Above(values[i], values[j]) ? 1 : Above(values[j], values[i]) ? 0 : .5;
            }
        }

        Assert.Equal(ordered / pairs, RankSums.AreaUnderRocCurveOf([.. values], [.. labels]), 1e-12);

        static bool Above(float a, float b) => float.IsNaN(b) ? !float.IsNaN(a) : a > b;
    }

    [Fact]
    public void Of_one_class_a_column_has_no_area()
        => Assert.True(double.IsNaN(RankSums.AreaUnderRocCurveOf([1.0, 2], [true, true])));
}

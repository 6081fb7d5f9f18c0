using FocalMlNet.Data;

namespace FocalMlNet.Tests.Data;

public sealed class StratificationTests
{
    [Theory]
    [InlineData(49)]
    [InlineData(93)]
    [InlineData(2)]
    public void Folds_that_divide_a_class_get_equal_counts(int folds)
    {
        int[] classes = [.. Enumerable.Range(0, 5 * folds).Select(_ => 0), .. Enumerable.Range(0, folds).Select(_ => 1)];
        var parts = Stratification.ByRow(classes, 2, [.. Enumerable.Repeat(1.0 / folds, folds)], seed: 1);
        for (var fold = 0; fold < folds; fold++)
        {
            Assert.Equal(5, parts.Zip(classes).Count(p => p.First == fold && p.Second == 0));
            Assert.Equal(1, parts.Zip(classes).Count(p => p.First == fold && p.Second == 1));
        }
    }

    [Fact]
    public void Many_small_classes_do_not_make_uneven_folds()
    {
        int[] classes = [.. Enumerable.Range(0, 100 * 6).Select(i => i / 6)];
        var parts = Stratification.ByRow(classes, 100, [.2, .2, .2, .2, .2], seed: 1);
        for (var fold = 0; fold < 5; fold++)
            Assert.Equal(120, parts.Count(p => p == fold));
    }

    [Fact]
    public void Groups_of_one_row_come_out_as_rows_do()
    {
        int[] classes = [.. Enumerable.Range(0, 100).Select(i => i < 10 ? 1 : 0)];
        int[] groups = [.. Enumerable.Range(0, 100)];
        var parts = Stratification.ByGroup(classes, 2, groups, 100, [.2, .8], seed: 1);
        Assert.Equal(2, parts.Zip(classes).Count(p => p.First == 0 && p.Second == 1));
        Assert.Equal(18, parts.Zip(classes).Count(p => p.First == 0 && p.Second == 0));
    }

    [Fact]
    public void One_huge_group_goes_to_the_larger_part()
    {
        int[] classes = [.. Enumerable.Range(0, 100).Select(i => i % 2)];
        int[] groups = [.. Enumerable.Range(0, 100).Select(i => i < 60 ? 0 : i)];
        var parts = Stratification.ByGroup(classes, 2, groups, 100, [.3, .7], seed: 1);
        Assert.All(parts[..60], part => Assert.Equal(1, part));
        Assert.Equal(30, parts.Count(p => p == 0));
    }
}

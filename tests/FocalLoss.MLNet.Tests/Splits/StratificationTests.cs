
using FocalMlNet.Splits;

namespace FocalMlNet.Tests.Splits;

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
        var parts = GroupStratification.Deal(classes, 2, groups, 100, [.2, .8], seed: 1, out _);
        Assert.Equal(2, parts.Zip(classes).Count(p => p.First == 0 && p.Second == 1));
        Assert.Equal(18, parts.Zip(classes).Count(p => p.First == 0 && p.Second == 0));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(7)]
    public void A_small_part_gets_a_group_of_each_class_if_there_are_as_many_as_parts(int positiveGroups)
    {
        // A tenth would be less than one group with positives.
        int[] groups = [.. Enumerable.Range(0, 400).Select(i => i / 10)];
        int[] classes = [.. groups.Select((g, i) => g < positiveGroups && i % 5 == 0 ? 1 : 0)];
        var parts = GroupStratification.Deal(classes, 2, groups, 40, [.1, .9], seed: 1, out _);
        Assert.Equal([0, 1], parts.Where((_, i) => classes[i] == 1).Distinct().Order().Select(p => (int)p));
        Assert.Single(groups.Where((_, i) => classes[i] == 1 && parts[i] == 0).Distinct());
        Assert.InRange(parts.Count(p => p == 0), 30, 50);
        Assert.All(groups.Zip(parts).GroupBy(p => p.First), ofGroup => Assert.Single(ofGroup.Select(p => p.Second).Distinct()));
    }

    [Fact]
    public void Folds_get_every_class_whose_groups_are_as_many_as_folds()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var (folds, groupCount) = (random.Next(2, 7), random.Next(12, 60));
            // Groups of very different sizes; of the rare class one to three rows in just as many groups as there are folds, or a few more.
            int[] groups = [.. Enumerable.Range(0, 600).Select(_ => (int)(groupCount * Math.Pow(random.NextDouble(), 3)))];
            int[] withRare = [.. groups.Distinct().OrderBy(_ => random.Next()).Take(folds + random.Next(3))];
            groups = [.. groups, .. withRare.SelectMany(g => Enumerable.Repeat(g, random.Next(1, 4)))];
            int[] classes = [.. groups.Select((_, i) => i < 600 ? 0 : 1)];
            var parts = GroupStratification.Deal(classes, 2, groups, groupCount, [.. Enumerable.Repeat(1.0 / folds, folds)], seed, out _);
            Assert.Equal(folds, parts.Where((_, i) => classes[i] == 1).Distinct().Count());
            Assert.Equal(folds, parts.Where((_, i) => classes[i] == 0).Distinct().Count());
        }
    }

    [Fact]
    public void One_huge_group_goes_to_the_larger_part()
    {
        int[] classes = [.. Enumerable.Range(0, 100).Select(i => i % 2)];
        int[] groups = [.. Enumerable.Range(0, 100).Select(i => i < 60 ? 0 : i)];
        var parts = GroupStratification.Deal(classes, 2, groups, 100, [.3, .7], seed: 1, out _);
        Assert.All(parts[..60], part => Assert.Equal(1, part));
        Assert.Equal(30, parts.Count(p => p == 0));
    }
}

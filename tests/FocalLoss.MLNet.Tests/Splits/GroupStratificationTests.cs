
using FocalMlNet.Splits;

namespace FocalMlNet.Tests.Splits;

public sealed class GroupStratificationTests
{
    /// <summary>
    /// Every assignment of groups to parts is tried: there is a split just if one of them gives each part each class, and none of those is
    /// more equal.
    /// </summary>
    [Theory]
    [InlineData(2, 2)]
    [InlineData(2, 3)]
    [InlineData(3, 2)]
    [InlineData(3, 3)]
    [InlineData(4, 2)]
    [InlineData(4, 3)]
    public void Whatever_can_be_split_is_split_as_equally_as_the_groups_allow(int classCount, int partCount)
    {
        var (found, none) = (0, 0);
        for (var seed = 0; seed < 250; seed++)
        {
            var random = new Random(1000 * classCount + 100 * partCount + seed);
            var (classes, groups) = RandomRows(random, classCount, groupCount: random.Next(partCount, partCount == 2 ? 9 : 8));
            var shares = Shares(random, partCount);
            var best = BruteForce(classes, groups, shares);

            var parts = Deal(classes, groups, shares, seed, out var fault);

            if (double.IsPositiveInfinity(best))
            {
                none++;
                Assert.True(fault is { IsCertain: true }, $"seed {seed}: there is no split, but one was found");
                continue;
            }

            found++;
            Assert.True(fault is null, $"seed {seed}: there is a split, but none was found");
            AssertTogether(groups, parts);
            Assert.Equal(partCount * classCount, parts.Zip(classes).Distinct().Count());
            var distance = Distance(classes, parts, shares);
            Assert.True(distance <= best + 1e-9, $"seed {seed}: {distance} instead of {best}");
        }

        Assert.True(found > 50 && none > 20, $"{found} with a split, {none} without");
    }

    /// <summary>Group 0 has class b, 1 has c, 2 has a and c, 3 has a and b: only {0, 2} | {1, 3} gives both parts all three.</summary>
    [Theory]
    [InlineData(.1)]
    [InlineData(.2)]
    [InlineData(.5)]
    public void The_only_split_there_is_is_found(double testFraction)
    {
        int[] classes = [0, 1, 2, 1, 2, 0];
        int[] groups = [0, 1, 2, 2, 3, 3];
        for (var seed = 0; seed < 10; seed++)
        {
            var parts = Deal(classes, groups, [testFraction, 1 - testFraction], seed, out var fault);
            Assert.Null(fault);
            Assert.Equal((parts[0], parts[1]), (parts[2], parts[4]));
            Assert.NotEqual(parts[0], parts[1]);
        }
    }

    [Fact]
    public void Positives_3_3_2_2_2_in_two_folds_are_6_and_6()
    {
        int[] positives = [3, 3, 2, 2, 2];
        // Four negatives in each group.
        int[] groups = [.. positives.SelectMany((count, g) => Enumerable.Repeat(g, count + 4))];
        int[] classes = [.. positives.SelectMany(count => (int[])[.. Enumerable.Repeat(1, count), 0, 0, 0, 0])];
        for (var seed = 0; seed < 10; seed++)
            Assert.Equal([6, 6], Counts(classes, Deal(classes, groups, [.5, .5], seed, out _), 2, 1));
    }

    [Theory]
    [InlineData(20, 2, 2)]
    [InlineData(60, 5, 2)]
    [InlineData(60, 5, 4)]
    [InlineData(100, 8, 3)]
    public void No_move_of_a_group_and_no_exchange_of_two_is_better(int groupCount, int partCount, int classCount)
    {
        for (var seed = 0; seed < 5; seed++)
        {
            var random = new Random(seed);
            var (classes, groups) = RandomRows(random, classCount, groupCount, largest: 30);
            var shares = partCount == 2 ? [.2, .8] : Shares(null, partCount);
            var parts = Deal(classes, groups, shares, seed, out var fault);
            Assert.Null(fault);
            var contents = Contents(classes, groups);
            int[] partOf = [.. contents.Select((_, g) => parts[Array.IndexOf(groups, g)])];
            var least = Distance(contents, partOf, shares);
            for (var a = 0; a < groupCount; a++)
            {
                for (var part = 0; part < partCount; part++)
                    AssertNoBetter(a, part, a, partOf[a]);
                for (var b = 0; b < a; b++)
                    AssertNoBetter(a, partOf[b], b, partOf[a]);
            }

            void AssertNoBetter(int a, int partOfA, int b, int partOfB)
            {
                var other = (int[])partOf.Clone();
                other[b] = partOfB;
                other[a] = partOfA;
                var isWorse = !HasAll(contents, other, partCount) || Distance(contents, other, shares) > least - 1e-9;
                Assert.True(isWorse, $"seed {seed}, groups {a} and {b}");
            }
        }
    }

    /// <summary>
    /// A split is hidden: the groups of each part have all classes together, and here and there one twice, but hardly in another way.
    /// </summary>
    [Theory]
    [InlineData(8, 5, 4)]
    [InlineData(10, 4, 6)]
    [InlineData(15, 3, 10)]
    [InlineData(12, 8, 7)]
    public void A_split_that_hardly_exists_is_found_among_many_groups_and_classes(int classCount, int partCount, int groupsOfPart)
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            List<int> classes = [], groups = [];
            for (var part = 0; part < partCount; part++)
            {
                for (var k = 0; k < classCount; k++)
                    Add(k, part);
                Add(random.Next(classCount), part);
            }

            var parts = Deal([.. classes], [.. groups], Shares(null, partCount), seed, out var fault);
            Assert.True(fault is null, $"seed {seed}");
            Assert.Equal(partCount * classCount, parts.Zip(classes).Distinct().Count());

            void Add(int k, int part)
            {
                classes.Add(k);
                groups.Add(part * groupsOfPart + random.Next(groupsOfPart));
            }
        }
    }

    [Theory]
    [InlineData(3, 3, 7)]
    [InlineData(4, 2, 8)]
    [InlineData(4, 3, 8)]
    public void The_search_for_any_split_ends_with_the_truth(int classCount, int partCount, int groupCount)
    {
        int found = 0, none = 0;
        for (var seed = 0; seed < 200; seed++)
        {
            var (classes, groups) = RandomRows(new Random(seed), classCount, groupCount, largest: 1, mostClasses: 3);
            var kinds = GroupKind.Of(classes, Totals(classes), groups, groupCount);
            var cover = new GroupCover(kinds, partCount, Enumerable.Range(0, classCount), classCount, 1_000_000);

            var exists = cover.Exists();

            Assert.Equal(!double.IsPositiveInfinity(BruteForce(classes, groups, Shares(null, partCount))), exists);
            found += exists == true ? 1 : 0;
            none += exists == false ? 1 : 0;
            if (exists != true)
                continue;
            // Each part has all classes, and no group is taken twice.
            var cells = cover.Found.SelectMany(taken => kinds[taken.Kind].Classes.Select(k => (taken.Part, k)));
            Assert.Equal(partCount * classCount, cells.Distinct().Count());
            Assert.All(cover.Found.CountBy(taken => taken.Kind), taken => Assert.InRange(taken.Value, 1, kinds[taken.Key].Groups.Length));
        }

        Assert.True(found > 20 && none > 20, $"{found} with a split, {none} without");
    }

    /// <summary>30 classes in 10 to 21 of 40 groups: nobody knows whether 10 parts can have all.</summary>
    [Fact]
    public void Where_there_are_too_many_ways_to_try_the_fault_is_not_certain()
    {
        var random = new Random(1);
        List<int> classes = [], groups = [];
        for (var k = 0; k < 30; k++)
        {
            foreach (var g in Enumerable.Range(0, 40).OrderBy(_ => random.Next()).Take(10 + random.Next(12)))
            {
                classes.Add(k);
                groups.Add(g);
            }
        }

        Deal([.. classes], [.. groups], Shares(null, 10), 0, out var fault);
        Assert.False(fault!.IsCertain);
        Assert.Equal((30, 40), (fault.Classes.Count, fault.GroupCount));
    }

    [Fact]
    public void The_cause_is_named_only_where_it_is_one()
    {
        // Class 2 in one group.
        Deal([0, 1, 2, 0, 1], [0, 0, 0, 1, 1], [.5, .5], 0, out var fault);
        Assert.Equal((2, 1, true), (Assert.Single(fault!.Classes), fault.GroupCount, fault.IsCertain));
        // Classes 1, 2 and 3 are in two of three groups each, but there is always a part that has one group alone; class 0 is everywhere
        // and has no part in it.
        Deal([0, 1, 2, 0, 1, 3, 0, 2, 3], [0, 0, 0, 1, 1, 1, 2, 2, 2], [.5, .5], 0, out fault);
        Assert.Equal([1, 2, 3], fault!.Classes);
        Assert.Equal((3, true), (fault.GroupCount, fault.IsCertain));
    }

    [Fact]
    public void Groups_that_are_alike_go_where_the_seed_says()
    {
        int[] classes = [.. Enumerable.Range(0, 100).Select(i => i % 2)];
        int[] groups = [.. Enumerable.Range(0, 100).Select(i => i / 2)];
        ushort[] Of(int seed) => Deal(classes, groups, Shares(null, 5), seed, out _);
        Assert.Equal(Of(1), Of(1));
        Assert.NotEqual(Of(1), Of(2));
        // Two groups, one for each part: which is which is chance, too.
        var ofFirst = Enumerable.Range(0, 20).Select(seed => (int)Deal([0, 1, 0, 1, 1], [0, 0, 1, 1, 1], [.5, .5], seed, out _)[0]);
        Assert.Equal([0, 1], ofFirst.Distinct().Order());
    }

    private static ushort[] Deal(int[] classes, int[] groups, double[] shares, int seed, out GroupFault? fault)
        => GroupStratification.Deal(classes, classes.Max() + 1, groups, groups.Max() + 1, shares, seed, out fault);

    /// <summary>Equal shares, or by chance a test part and the rest.</summary>
    private static double[] Shares(Random? random, int partCount)
    {
        if (random is null || partCount != 2 || random.Next(2) == 0)
            return [.. Enumerable.Repeat(1.0 / partCount, partCount)];
        var test = random.Next(1, 10) / 10.0;
        return [test, 1 - test];
    }

    /// <summary>Groups of few classes and up to some rows of each; every class and every group occurs.</summary>
    private static (int[] Classes, int[] Groups) RandomRows(
        Random random, int classCount, int groupCount, int largest = 4, int mostClasses = int.MaxValue)
    {
        List<int> classes = [], groups = [];
        for (var g = 0; g < groupCount; g++)
        {
            var some = random.Next(1, Math.Min(classCount, mostClasses) + 1);
            foreach (var k in Enumerable.Range(0, classCount).OrderBy(_ => random.Next()).Take(some))
                Add(k, g, random.Next(1, largest + 1));
        }

        for (var k = 0; k < classCount; k++)
        {
            if (!classes.Contains(k))
                Add(k, random.Next(groupCount), 1);
        }

        return ([.. classes], [.. groups]);

        void Add(int k, int g, int count)
        {
            classes.AddRange(Enumerable.Repeat(k, count));
            groups.AddRange(Enumerable.Repeat(g, count));
        }
    }

    /// <summary>The least distance of all ways; infinite if there is none.</summary>
    private static double BruteForce(int[] classes, int[] groups, double[] shares)
    {
        var contents = Contents(classes, groups);
        var partOf = new int[contents.Length];
        var least = double.PositiveInfinity;
        for (long way = 0; way < (long)Math.Pow(shares.Length, contents.Length); way++)
        {
            var rest = way;
            for (var g = 0; g < partOf.Length; g++, rest /= shares.Length)
                partOf[g] = (int)(rest % shares.Length);
            if (HasAll(contents, partOf, shares.Length))
                least = Math.Min(least, Distance(contents, partOf, shares));
        }

        return least;
    }

    private static int[] Totals(int[] classes) => [.. Enumerable.Range(0, classes.Max() + 1).Select(k => classes.Count(c => c == k))];

    private static int[][] Contents(int[] classes, int[] groups)
    {
        var contents = Enumerable.Range(0, groups.Max() + 1).Select(_ => new int[classes.Max() + 1]).ToArray();
        for (var i = 0; i < classes.Length; i++)
            contents[groups[i]][classes[i]]++;
        return contents;
    }

    private static bool HasAll(int[][] contents, int[] partOf, int partCount)
    {
        var has = new bool[partCount, contents[0].Length];
        for (var g = 0; g < contents.Length; g++)
        {
            for (var k = 0; k < contents[g].Length; k++)
                has[partOf[g], k] |= contents[g][k] > 0;
        }

        return has.Cast<bool>().All(one => one);
    }

    /// <summary>Σ (n_pk / n_k - s_p)².</summary>
    private static double Distance(int[][] contents, int[] partOf, double[] shares)
    {
        double sum = 0;
        for (var k = 0; k < contents[0].Length; k++)
        {
            double total = contents.Sum(content => content[k]);
            for (var part = 0; part < shares.Length; part++)
            {
                var count = 0;
                for (var g = 0; g < contents.Length; g++)
                    count += partOf[g] == part ? contents[g][k] : 0;
                sum += Math.Pow(count / total - shares[part], 2);
            }
        }

        return sum;
    }

    private static double Distance(int[] classes, ushort[] parts, double[] shares)
        => Enumerable.Range(0, classes.Max() + 1).Sum(k =>
        {
            var counts = Counts(classes, parts, shares.Length, k);
            return counts.Zip(shares, (count, share) => Math.Pow((double)count / counts.Sum() - share, 2)).Sum();
        });

    private static int[] Counts(int[] classes, ushort[] parts, int partCount, int k)
        => [.. Enumerable.Range(0, partCount).Select(part => parts.Zip(classes).Count(p => p.First == part && p.Second == k))];

    private static void AssertTogether(int[] groups, ushort[] parts)
        => Assert.All(groups.Zip(parts).GroupBy(p => p.First), ofGroup => Assert.Single(ofGroup.Select(p => p.Second).Distinct()));
}


using FocalMlNet.Matrix;

namespace FocalMlNet.Tests.Matrix;

public sealed class HoldOutTests
{
    [Theory]
    [InlineData(.1)]
    [InlineData(.25)]
    [InlineData(.07)]
    public void Each_class_gives_its_share_to_one_row(double share)
    {
        var random = new Random(1);
        bool[] labels = [.. Enumerable.Range(0, 10_000).Select(_ => random.NextDouble() < .02)];
        var held = HeldOut(labels, share, seed: 3);
        foreach (var label in new[] { true, false })
        {
            var all = labels.Count(l => l == label);
            Assert.InRange(held.Count(i => labels[i] == label), share * all - 1, share * all + 1);
        }
    }

    [Fact]
    public void The_same_rows_are_held_out_again_and_others_with_another_seed()
    {
        bool[] labels = [.. Enumerable.Range(0, 500).Select(i => i % 9 == 0)];
        Assert.Equal(HeldOut(labels, .1, 1), HeldOut(labels, .1, 1));
        Assert.NotEqual(HeldOut(labels, .1, 1), HeldOut(labels, .1, 2));
    }

    [Fact]
    public void Rows_are_chosen_at_random_within_each_run()
    {
        // Of ten consecutive rows one is taken; over many runs each place comes about as often.
        var places = HeldOut(new bool[20_000], .1, seed: 5).GroupBy(i => i % 10).Select(g => g.Count());
        Assert.All(places, count => Assert.InRange(count, 140, 260));
    }

    private static int[] HeldOut(bool[] labels, double share, int seed)
    {
        var holdOut = new HoldOut(share, seed, classCount: 2);
        return [.. Enumerable.Range(0, labels.Length).Where(i => holdOut.Takes(labels[i] ? 1 : 0))];
    }
}

using FocalMlNet.Evaluation;

namespace FocalMlNet.Tests.Evaluation;

public sealed class RowResamplingTests
{
    /// <summary>exp(-1) / k!, times a million rows; five standard deviations of a count.</summary>
    [Fact]
    public void Rows_are_drawn_as_often_as_a_Poisson_variable_of_mean_1_says()
    {
        const int Rows = 1_000_003;
        var repeats = new byte[Rows];
        new RowResampling(new int[Rows], 1).Draw(seed: 1, resample: 2, repeats);

        var expected = Rows * Math.Exp(-1);
        for (var k = 0; k <= 7; k++)
        {
            Assert.Equal(expected, repeats.Count(count => count == k), 5 * Math.Sqrt(expected) + 8);
            expected /= k + 1;
        }
    }

    [Fact]
    public void No_class_is_lost()
    {
        int[] classes = [0, 1, 1, .. Enumerable.Repeat(2, 100), 4];
        var resampling = new RowResampling(classes, 5);
        var repeats = new byte[classes.Length];
        for (var resample = 0; resample < 500; resample++)
        {
            resampling.Draw(3, resample, repeats);
            Assert.All([0, 1, 2, 4], k => Assert.Contains(classes.Zip(repeats), row => row.First == k && row.Second > 0));
        }
    }

    [Fact]
    public void The_sizes_of_the_classes_are_left_to_chance()
    {
        int[] classes = [.. Enumerable.Range(0, 400).Select(i => i < 100 ? 1 : 0)];
        var resampling = new RowResampling(classes, 2);
        var repeats = new byte[400];
        double[] sizes = [.. Enumerable.Range(0, 2000).Select(resample =>
        {
            resampling.Draw(0, resample, repeats);
            return (double)repeats.Take(100).Sum(count => count);
        })];

        Assert.Equal(100, sizes.Average(), 1.5);
        Assert.Equal(100, sizes.Sum(size => (size - 100) * (size - 100)) / sizes.Length, 12.0);
    }

    [Fact]
    public void Each_resample_and_each_seed_draws_other_rows_and_always_the_same()
    {
        byte[] Drawn(int seed, int resample)
        {
            var repeats = new byte[3000];
            new RowResampling(new int[3000], 1).Draw(seed, resample, repeats);
            return repeats;
        }

        Assert.Equal(Drawn(1, 5), Drawn(1, 5));
        Assert.NotEqual(Drawn(1, 5), Drawn(1, 6));
        Assert.NotEqual(Drawn(1, 5), Drawn(2, 5));
    }
}

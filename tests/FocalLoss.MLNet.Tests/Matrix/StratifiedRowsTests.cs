
using FocalMlNet.Matrix;

namespace FocalMlNet.Tests.Matrix;

public sealed class StratifiedRowsTests
{
    /// <summary>
    /// Class 0 has 600 rows, class 1 has 300 and class 2 has 10; of at most 210 rows 100 are left for each of the two large ones.
    /// </summary>
    [Fact]
    public void The_large_classes_are_thinned_and_each_class_keeps_its_weight()
    {
        RowBlock[] blocks = [.. Enumerable.Range(0, 10).Select(Block)];
        var totals = new ClassTotals(3);
        foreach (var block in blocks)
            totals.Add(block);
        var rows = new StratifiedRows(totals, 210);
        RowBlock[] kept = [.. blocks.Select(rows.Take)];

        var left = new ClassTotals(3);
        foreach (var block in kept)
            left.Add(block);
        Assert.Equal([100, 100, 10], left.Counts);
        for (var k = 0; k < 3; k++)
            Assert.Equal(totals.Weights[k], left.Weights[k] * rows.Factors[k], 1e-6 * totals.Weights[k]);
        Assert.All(kept, block => Assert.InRange(block.RowCount, 19, 23));
        Assert.All(kept, block =>
        {
            var row = new float[1];
            for (var i = 0; i < block.RowCount; i++)
            {
                block.CopyRow(i, row);
                Assert.Equal(block.Weights[i], row[0]);
            }
        });
    }

    [Fact]
    public void Rows_that_are_few_enough_stay_but_for_those_of_weight_0()
    {
        var block = new DenseBlock([1, 2, 3], 1, [0, 1, 1], [1, 0, 2]);
        var totals = new ClassTotals(2);
        totals.Add(block);
        var rows = new StratifiedRows(totals, 10);
        Assert.Equal([1, 2], rows.Take(block).Weights.ToArray());
        Assert.Equal([1, 1], rows.Factors);
    }

    /// <summary>49 · fl(1/49) is below 1: what rounding falls short by must not count as one row more.</summary>
    [Theory]
    [InlineData(98, 2)]
    [InlineData(4900, 100)]
    [InlineData(1030, 10)]
    [InlineData(10_000, 7)]
    public void As_many_rows_are_left_as_were_asked_for(int count, int most)
    {
        float[] ones = [.. Enumerable.Repeat(1f, count)];
        DenseBlock[] blocks = [.. ones.Chunk(98).Select(some => new DenseBlock(some, 1, new float[some.Length], some))];
        var totals = new ClassTotals(1);
        foreach (var block in blocks)
            totals.Add(block);
        var rows = new StratifiedRows(totals, most);
        Assert.Equal(most, blocks.Sum(block => rows.Take(block).RowCount));
    }

    /// <summary>A feature that is the weight.</summary>
    private static DenseBlock Block(int b)
    {
        float[] labels = [.. Enumerable.Range(0, 91).Select(i => i < 60 ? 0f : i < 90 ? 1 : 2)];
        float[] weights = [.. labels.Select((_, i) => 1 + (b * 91 + i) % 7f)];
        return new DenseBlock(weights, 1, labels, weights);
    }
}

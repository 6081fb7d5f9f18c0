using FocalMlNet.Matrix;

namespace FocalMlNet.Tests.Matrix;

public sealed class GatheredRowsTests
{
    private const int Columns = 3;

    private static readonly int[] Sizes = [5, 1, 64, 512, 2];

    /// <summary>Each value says where it comes from.</summary>
    private static readonly RowBlock[] Blocks = [.. Sizes.Select((size, b) => (RowBlock)new DenseBlock(
        [.. Enumerable.Range(0, Columns).SelectMany(j => Enumerable.Range(0, size).Select(i => Value(b, i, j)))], Columns,
        [.. Enumerable.Range(0, size).Select(i => Value(b, i, Columns))],
        [.. Enumerable.Range(0, size).Select(i => Value(b, i, Columns + 1))]))];

    [Fact]
    public void All_rows_in_their_order_come_as_they_are()
        => AssertGathered([.. Sizes.SelectMany((size, b) => Enumerable.Range(0, size).Select(i => (b, i)))]);

    [Fact]
    public void A_run_ends_with_its_block_and_goes_on_in_the_next()
    {
        AssertGathered([(0, 3), (0, 4), (1, 0), (2, 0), (2, 1)]);
        AssertGathered([(2, 62), (2, 63), (3, 0), (3, 1), (3, 510), (3, 511), (4, 0), (4, 1), (0, 0), (0, 1)]);
        // The next row of another block is none of the run.
        AssertGathered([(2, 0), (2, 1), (3, 2), (3, 3), (2, 2), (2, 3)]);
        AssertGathered([(4, 1)]);
        AssertGathered([]);
    }

    [Fact]
    public void Rows_that_come_twice_or_backwards_are_no_run()
    {
        AssertGathered([(0, 0), (0, 0), (0, 1), (0, 1), (0, 2)]);
        AssertGathered([(0, 4), (0, 3), (0, 2), (0, 3), (0, 4), (0, 2)]);
        AssertGathered([(0, 0), (0, 2), (0, 4), (2, 10), (2, 11), (2, 13)]);
    }

    [Fact]
    public void Runs_and_single_rows_are_mixed_in_any_order()
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var random = new Random(seed);
            var places = new List<(int, int)>();
            while (places.Count < 100)
            {
                var b = random.Next(Sizes.Length);
                var first = random.Next(Sizes[b]);
                var count = random.Next(3) == 0 ? 1 : random.Next(1, Math.Min(40, Sizes[b] - first) + 1);
                places.AddRange(Enumerable.Range(first, count).Select(i => (b, i)));
            }

            AssertGathered([.. places]);
        }
    }

    private static float Value(int block, int row, int column) => block * 10_000 + row * 10 + column;

    private static void AssertGathered((int Block, int Row)[] places)
    {
        var gathered = RowBlock.Gather(Blocks, places);
        Assert.IsType<DenseBlock>(gathered);
        Assert.Equal((places.Length, Columns), (gathered.RowCount, gathered.ColumnCount));
        var row = new float[Columns];
        for (var i = 0; i < places.Length; i++)
        {
            gathered.CopyRow(i, row);
            Assert.Equal(
                Enumerable.Range(0, Columns + 2).Select(j => Value(places[i].Block, places[i].Row, j)),
                [.. row, gathered.Labels[i], gathered.Weights[i]]);
        }
    }
}

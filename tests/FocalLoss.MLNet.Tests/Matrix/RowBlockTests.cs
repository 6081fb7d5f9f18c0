using FocalMlNet.Matrix;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Tests.Matrix;

public sealed class RowBlockTests
{
    public static TheoryData<int, int, double> Shapes => new()
    {
        { 1, 1, 1 }, { 7, 3, 1 }, { 8, 4, 1 }, { 9, 5, 1 }, { 67, 9, 1 }, { 512, 30, 1 }, { 300, 13, .5 },
        { 1, 3, .01 }, { 67, 9, .1 }, { 512, 40, .05 },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void A_block_computes_what_plain_loops_compute(int rowCount, int columnCount, double density)
    {
        var random = new Random(7);
        float[][] rows = [.. Enumerable.Range(0, rowCount).Select(_ => Numbers(random, columnCount, density))];
        var block = Build(rows);
        Assert.Equal((rowCount, columnCount), (block.RowCount, block.ColumnCount));
        Assert.Equal(density < .25 ? typeof(SparseBlock) : typeof(DenseBlock), block.GetType());

        var coefficients = Numbers(random, columnCount, 1);
        var scores = new float[rowCount];
        block.Scores(coefficients, .25f, scores);
        Assert.All(rows.Zip(scores), p => Assert.Equal(.25 + p.First.Zip(coefficients, (x, c) => (double)x * c).Sum(), p.Second, 1e-4));

        var slopes = Numbers(random, rowCount, 1);
        var gradient = Enumerable.Repeat(1.0, columnCount).ToArray();
        block.AddGradient(slopes, gradient);
        Assert.All(Enumerable.Range(0, columnCount),
            j => Assert.Equal(1 + rows.Zip(slopes, (row, s) => (double)row[j] * s).Sum(), gradient[j], 1e-3));

        var origin = block is DenseBlock ? rows[0] : new float[columnCount];
        var (sums, squares) = (new double[columnCount], new double[columnCount]);
        block.AddMoments(slopes, origin, sums, squares);
        Assert.All(Enumerable.Range(0, columnCount), j =>
        {
            Assert.Equal(rows.Zip(slopes, (row, s) => (double)s * (row[j] - origin[j])).Sum(), sums[j], 1e-3);
            Assert.Equal(rows.Zip(slopes, (row, s) => (double)s * (row[j] - origin[j]) * (row[j] - origin[j])).Sum(), squares[j], 1e-3);
        });

        var occurrences = new double[columnCount];
        block.AddOccurrences(slopes, occurrences);
        Assert.All(Enumerable.Range(0, columnCount),
            j => Assert.Equal(rows.Zip(slopes, (row, s) => row[j] != 0 ? (double)s : 0).Sum(), occurrences[j], 1e-4));

        var copy = new float[columnCount];
        var buffer = default(VBuffer<float>);
        for (var i = 0; i < rowCount; i++)
        {
            block.CopyRow(i, copy);
            Assert.Equal(rows[i], copy);
            block.GetRow(i, ref buffer);
            Assert.Equal(rows[i], buffer.DenseValues());
        }
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, false)]
    [InlineData(true, false)]
    public void Rows_of_several_blocks_are_gathered_as_they_are(bool isFirstSparse, bool isSecondSparse)
    {
        var random = new Random(3);
        RowBlock[] blocks = [Block(isFirstSparse), Block(isSecondSparse)];
        (int Block, int Row)[] places = [(1, 4), (0, 0), (1, 4), (0, 29)];
        var gathered = RowBlock.Gather(blocks, places);
        Assert.Equal(isFirstSparse && isSecondSparse, gathered is SparseBlock);
        var (expected, actual) = (new float[20], new float[20]);
        for (var i = 0; i < places.Length; i++)
        {
            var from = blocks[places[i].Block];
            from.CopyRow(places[i].Row, expected);
            gathered.CopyRow(i, actual);
            Assert.Equal(expected, actual);
            Assert.Equal((from.Labels[places[i].Row], from.Weights[places[i].Row]), (gathered.Labels[i], gathered.Weights[i]));
        }

        RowBlock Block(bool isSparse)
        {
            var builder = new RowBlockBuilder(columnCount: 20, capacity: 30);
            for (var i = 0; i < 30; i++)
            {
                // A sparse block may have rows that are not.
                float[] values = [.. Enumerable.Range(0, 20)
                    .Select(_ => !isSparse || (i == 4 && random.Next(8) > 0) || random.Next(10) == 0 ? random.NextSingle() : 0)];
                var row = new VBuffer<float>(20, values);
                builder.Append(ref row, i % 2, i + 1);
            }

            return builder.Take();
        }
    }

    [Fact]
    public void A_builder_takes_dense_and_sparse_rows_in_any_order_and_can_be_used_again()
    {
        var builder = new RowBlockBuilder(columnCount: 4, capacity: 3);
        for (var round = 0; round < 2; round++)
        {
            Append(builder, new VBuffer<float>(4, [1, 0, 2, 0]), 1, .5f);
            Append(builder, new VBuffer<float>(4, 1, [3], [2]), 0, 2);
            Append(builder, new VBuffer<float>(4, [0, 4, 0, 5]), 0, 1);
            Assert.True(builder.IsFull);
            var block = builder.Take();
            Assert.True(builder.IsEmpty);
            float[][] rows = [[1, 0, 2, 0], [0, 0, 3, 0], [0, 4, 0, 5]];
            var copy = new float[4];
            for (var i = 0; i < 3; i++)
            {
                block.CopyRow(i, copy);
                Assert.Equal(rows[i], copy);
            }

            Assert.Equal([1, 0, 0], block.Labels.ToArray());
            Assert.Equal([.5f, 2, 1], block.Weights.ToArray());
        }
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void A_row_that_is_not_finite_is_known_wherever_the_value_is(float bad)
    {
        for (var length = 1; length < 40; length++)
        {
            for (var at = 0; at < length; at++)
            {
                var row = new float[length];
                Array.Fill(row, float.MaxValue);
                var batch = new RowBatch();
                ValueGetter<VBuffer<float>> features = (ref VBuffer<float> value) => new VBuffer<float>(length, row).CopyTo(ref value);
                batch.Append(() => 1, features, null);
                row[at] = bad;
                batch.Append(() => 1, features, null);
                Assert.Equal((true, false), (batch.IsFinite(0), batch.IsFinite(1)));
            }
        }
    }

    private static void Append(RowBlockBuilder builder, VBuffer<float> row, float label, float weight)
        => builder.Append(ref row, label, weight);

    private static RowBlock Build(float[][] rows)
    {
        var builder = new RowBlockBuilder(rows[0].Length, rows.Length);
        for (var i = 0; i < rows.Length; i++)
        {
            int[] at = [.. Enumerable.Range(0, rows[i].Length).Where(j => rows[i][j] != 0)];
            var buffer = i % 2 == 0 ? new VBuffer<float>(rows[i].Length, rows[i])
                : new VBuffer<float>(rows[i].Length, at.Length, [.. at.Select(j => rows[i][j])], at);
            builder.Append(ref buffer, i % 3 == 0 ? 1 : 0, 1);
        }

        return builder.Take();
    }

    private static float[] Numbers(Random random, int count, double density)
        => [.. Enumerable.Range(0, count).Select(_ => random.NextDouble() < density ? (float)(2 * random.NextDouble() - 1) : 0)];
}

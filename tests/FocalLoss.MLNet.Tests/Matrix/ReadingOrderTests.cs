using FocalMlNet.Matrix;
using Microsoft.ML.Data;

namespace FocalMlNet.Tests.Matrix;

/// <summary>Blocks are the same, bit by bit, whatever the threads that read them and whoever has which rows.</summary>
public sealed class ReadingOrderTests
{
    private const int Seeds = 30;

    [Fact]
    public void Blocks_of_any_view_are_those_of_its_rows_whatever_the_threads()
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            var random = new Random(seed);
            var (view, rows, columns) = RandomView(random);
            var (isWeighted, isGrouped, share) = (random.Next(4) > 0, random.Next(3) == 0, random.Next(3) == 0 ? .3 : 0);
            RowReader Reader(int threads) => new(
                view, "Label", "Features", isWeighted ? "Weight" : null,
                share > 0 ? new HoldOut(share, seed, CursorSetView.ClassCount) : null,
                parallel: new() { MaxDegreeOfParallelism = threads }, samplingKeyColumnName: isGrouped ? "Group" : null);
            int[] used = [.. Enumerable.Range(0, rows.Length).Where(i => IsUsed(rows[i], isWeighted))];

            var one = Reader(1);
            RowBlock[] blocks = [.. one.Read()];
            if (share == 0)
                AssertRows([.. used.Select(i => rows[i])], blocks, columns, isWeighted);
            Assert.Equal(used.Length, blocks.Concat(one.HeldOut).Sum(block => block.RowCount));
            var several = Reader(random.Next(2, 9));
            AssertSame(blocks, [.. several.Read()]);
            AssertSame(one.HeldOut, several.HeldOut);
            Assert.Equal((one.RowsSkipped, one.RowsOfNoWeight), (several.RowsSkipped, several.RowsOfNoWeight));
            Assert.Equal(rows.Length - used.Length, one.RowsSkipped + one.RowsOfNoWeight);

            ushort[] partOf = [.. rows.Select(_ => (ushort)random.Next(3))];
            var parts = Reader(random.Next(1, 9)).ReadParts(partOf, 3, "Other rows.");
            for (var part = 0; part < 3; part++)
            {
                Assert.Equal(used.Where(i => partOf[i] == part), parts[part].Rows);
                AssertRows([.. parts[part].Rows.Select(i => rows[i])], parts[part].Blocks, columns, isWeighted);
            }
        }
    }

    [Fact]
    public void Of_cursors_that_have_the_same_number_the_first_one_comes_first()
    {
        ViewRow[] rows = [.. Enumerable.Range(0, 60_000).Select(i => new ViewRow(1, new VBuffer<float>(1, [i])))];
        using var isAhead = new ManualResetEventSlim();
        // The second one reads much before the first one has begun.
        var view = new CursorSetView(rows, 1, _ => 0, (i, _) => i < 30_000 ? 0 : 1)
        {
            Visit = (k, row) =>
            {
                if (row == 50_000)
                    isAhead.Set();
                if (k == 0)
                    isAhead.Wait(TimeSpan.FromSeconds(20));
            },
        };
        var reader = new RowReader(view, "Label", "Features", null, parallel: new() { MaxDegreeOfParallelism = 2 });
        AssertRows(rows, [.. reader.Read()], columns: 1, isWeighted: false);
    }

    /// <summary>Rows of any density, which changes from one stretch to the next, with some that cannot be used.</summary>
    private static (CursorSetView View, ViewRow[] Rows, int Columns) RandomView(Random random)
    {
        var mostColumns = new[] { 4, 70, 600, 2000 }[random.Next(4)];
        var columns = random.Next(mostColumns / 4, mostColumns) + 1;
        var mostRows = random.Next(8) switch { 0 => 3, 1 => 200, _ => Math.Min(5000, 100_000 / columns) };
        var count = random.Next(mostRows);
        var (density, stretch, badShare) = (0.0, 0, random.Next(2) * .02);
        var rows = new ViewRow[count];
        for (var i = 0; i < count; i++)
        {
            if (stretch-- == 0)
                (density, stretch) = (random.Next(4) switch { 0 => 0, 1 => 1, _ => random.NextDouble() }, random.Next(1, 700));
            var values = new float[columns];
            foreach (ref var value in values.AsSpan())
                value = random.NextDouble() >= density ? 0 : random.Next(20) == 0 ? -0f : random.NextSingle() - .5f;
            if (random.NextDouble() < badShare)
                values[random.Next(columns)] = random.Next(2) == 0 ? float.NaN : float.NegativeInfinity;
            // A sparse row may have zeros, too.
            int[] stored = [.. Enumerable.Range(0, columns).Where(j => values[j] != 0 || random.Next(10) == 0)];
            var features = random.Next(3) == 0 || stored.Length == columns ? new VBuffer<float>(columns, values)
                : new VBuffer<float>(columns, stored.Length, [.. stored.Select(j => values[j])], stored);
            var weight = random.NextDouble() < badShare ? random.Next(2) == 0 ? 0 : float.NaN : i + 1;
            rows[i] = new((uint)random.Next(random.NextDouble() < badShare ? 0 : 1, 4), features, weight, random.Next(count));
        }

        var (longest, batch) = (random.Next(1, 300), 0L);
        var batches = new long[count];
        for (int i = 0, left = 0; i < count; i++, left--)
        {
            if (left == 0)
                (batch, left) = (batch + random.Next(1, 3), random.Next(1, longest + 1));
            batches[i] = batch;
        }

        // Some cursors may have no rows.
        var salt = random.Next();
        return (new CursorSetView(rows, columns, i => batches[i], (i, n) => new Random((int)batches[i] ^ salt).Next(n)), rows, columns);
    }

    private static bool IsUsed(ViewRow row, bool isWeighted)
        => row.Class > 0 && (!isWeighted || row.Weight > 0) && row.Features.Items().All(item => float.IsFinite(item.Value));

    /// <summary>Blocks are of as many rows as they may have, and dense as soon as a quarter of their values are not 0.</summary>
    private static void AssertRows(ViewRow[] rows, IReadOnlyList<RowBlock> blocks, int columns, bool isWeighted)
    {
        var size = RowBlock.RowCountFor(columns, 1);
        Assert.Equal((rows.Length + size - 1) / size, blocks.Count);
        var features = new float[columns];
        for (var b = 0; b < blocks.Count; b++)
        {
            ViewRow[] own = [.. rows.Skip(b * size).Take(size)];
            Assert.Equal(own.Length, blocks[b].RowCount);
            var isDense = own.Sum(row => row.Features.GetValues().ToArray().Count(x => x != 0)) >= .25 * own.Length * columns;
            Assert.Equal(isDense, blocks[b] is DenseBlock);
            Assert.Equal(own.Select(row => row.Class - 1f), blocks[b].Labels.ToArray());
            Assert.Equal(own.Select(row => isWeighted ? row.Weight : 1), blocks[b].Weights.ToArray());
            for (var i = 0; i < own.Length; i++)
            {
                blocks[b].CopyRow(i, features);
                // Zeros have no sign where they are not stored.
                var expected = own[i].Features.DenseValues().Select(x => isDense || x != 0 ? x : 0).Select(BitConverter.SingleToInt32Bits);
                Assert.Equal(expected, features.Select(BitConverter.SingleToInt32Bits));
            }
        }
    }

    private static void AssertSame(IReadOnlyList<RowBlock> expected, IReadOnlyList<RowBlock> actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        for (var b = 0; b < expected.Count; b++)
            Assert.Equal(Bytes(expected[b]), Bytes(actual[b]));
    }

    /// <summary>Type, labels, weights, groups and features.</summary>
    private static byte[] Bytes(RowBlock block)
    {
        var bytes = new byte[block.StoredLength];
        block.Write(bytes);
        return bytes;
    }
}

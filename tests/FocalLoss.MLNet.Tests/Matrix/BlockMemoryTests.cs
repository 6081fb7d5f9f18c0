using System.Runtime.CompilerServices;
using FocalMlNet.Matrix;
using Microsoft.ML.Data;

namespace FocalMlNet.Tests.Matrix;

/// <summary>Memory that blocks have in common, or had, one after the other.</summary>
public sealed class BlockMemoryTests
{
    private const int Columns = 5;

    [Fact]
    public void Memory_that_was_given_back_is_not_that_of_data_in_use()
    {
        using var kept = Read(1);
        var first = Read(2);
        first.Dispose();
        using var second = Read(3);
        // Once more: what it had is another's by now.
        first.Dispose();
        using var third = Read(4);
        // Part of the rows has no memory of its own to give back.
        kept.Part(kept.Loaded).Dispose();
        using var fourth = Read(5);
        AssertRows(kept, 1);
        AssertRows(second, 3);
        AssertRows(third, 4);
        AssertRows(fourth, 5);
    }

    /// <summary>A collection between two fits must not make the second pay for new memory, nor may that live for ever.</summary>
    [Fact]
    public void Memory_that_was_given_back_outlives_a_collection_until_it_is_released()
    {
        const int OfNoOther = (1 << 22) + 4711;
        const float Mark = 42;
        var memory = Marked();
        GC.Collect();
        Assert.True(memory.IsAlive);
        Assert.Equal(Mark, First());
        BlockMemory.ReleaseSpare();
        GC.Collect();
        Assert.False(memory.IsAlive);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static WeakReference Marked()
        {
            var memory = new BlockMemory();
            var numbers = memory.Take(OfNoOther);
            numbers[0] = Mark;
            memory.Return();
            return new(numbers.Array);
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        static float First()
        {
            var memory = new BlockMemory();
            var first = memory.Take(OfNoOther)[0];
            memory.Return();
            return first;
        }
    }

    [Fact]
    public void Not_more_than_256_MiB_are_kept()
    {
        var memory = new BlockMemory();
        for (var i = 0; i < 10; i++)
            _ = memory.Take(1 << 23);
        memory.Return();
        Assert.InRange(BlockMemory.SpareBytes, 1, 256 << 20);
        BlockMemory.ReleaseSpare();
    }

    /// <summary>
    /// How a block begins says where its rows are kept, but not what it becomes, nor may one have memory that another has.
    /// </summary>
    [Theory]
    [InlineData(64, false)]
    [InlineData(64, true)]
    [InlineData(41, false)]
    [InlineData(41, true)]
    public void A_block_may_end_otherwise_than_it_begins(int rowCount, bool isSoonSpilled)
    {
        var (memory, stays) = (new BlockMemory(), true);
        var builder = new RowBlockBuilder(Columns, capacity: 64, () => stays ? memory : null);
        var built = new List<(RowBlock Block, VBuffer<float>[] Rows, bool IsDense)>();
        foreach (var (first, rest) in new[] { (1, 0), (0, 1), (1, 1), (0, 0), (1, 0), (1, 1), (1, 0), (0, 1), (0, 1), (1, 1) })
        {
            VBuffer<float>[] rows = [.. Enumerable.Range(0, rowCount).Select(i => Row(100 * built.Count + i, i == 0 ? first : rest))];
            for (var i = 0; i < rowCount; i++)
            {
                var row = default(VBuffer<float>);
                rows[i].CopyTo(ref row);
                builder.Append(ref row, i % 2, i);
            }

            built.Add((builder.Take(), rows, rest == 1));
            stays = !isSoonSpilled;
        }

        var features = new float[Columns];
        foreach (var (block, rows, isDense) in built)
        {
            Assert.Equal(isDense, block is DenseBlock);
            Assert.Equal(rowCount, block.RowCount);
            for (var i = 0; i < rowCount; i++)
            {
                block.CopyRow(i, features);
                Assert.Equal(rows[i].DenseValues(), features);
            }
        }

        memory.Return();
    }

    [Theory]
    [InlineData(1, 512)]
    [InlineData(1 << 10, 64)]
    [InlineData(1 << 22, 64)]
    [InlineData((1 << 22) + 1, 63)]
    // 64 times as much is 64 in 32 bits.
    [InlineData((1 << 26) + 1, 3)]
    [InlineData(int.MaxValue, 1)]
    public void The_rows_of_a_block_are_few_enough_for_an_array(int columns, int rows)
        => Assert.Equal(rows, RowBlock.RowCountFor(columns, 1));

    /// <summary>Row i with no zeros, or sparse with one value.</summary>
    private static VBuffer<float> Row(int i, int isDense)
        => isDense == 1 ? new(Columns, [.. Enumerable.Range(1, Columns).Select(j => i + j / 8f)])
            : new(Columns, 1, [i + 1f], [i % Columns]);

    private static TrainingData Read(int seed)
    {
        ViewRow[] rows = [.. Enumerable.Range(0, 30_000).Select(i => new ViewRow(1, Features(seed, i)))];
        var view = new CursorSetView(rows, Columns, i => i / 64, (i, n) => i / 64 % n);
        var holdOut = new HoldOut(.5, seed: 1, CursorSetView.ClassCount);
        var reader = new RowReader(view, "Label", "Features", null, holdOut);
        return TrainingData.Read(reader, memoryBudget: long.MaxValue);
    }

    private static VBuffer<float> Features(int seed, int i) => new(Columns, [i, seed, seed, seed, seed]);

    /// <summary>Both the rows to train on and those held out, which together are all.</summary>
    private static void AssertRows(TrainingData data, int seed)
    {
        var (seen, features) = (new bool[30_000], new float[Columns]);
        foreach (var block in data.Blocks.Concat(data.HeldOut))
        {
            for (var i = 0; i < block.RowCount; i++)
            {
                block.CopyRow(i, features);
                seen[(int)features[0]] = true;
                Assert.Equal(Features(seed, (int)features[0]).DenseValues(), features);
            }
        }

        Assert.DoesNotContain(false, seen);
    }
}

using FocalMlNet.Matrix;
using Microsoft.ML.Data;

namespace FocalMlNet.Tests.Matrix;

public sealed class BlockStoreTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("spill").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(1)]
    [InlineData(20_000)]
    [InlineData(1_000_000)]
    public void Blocks_come_back_as_they_were(long budget)
    {
        RowBlock[] blocks = [.. Enumerable.Range(0, 12).Select(seed => Block(seed, seed % 3 == 0 ? .1 : 1, rows: 50 + seed))];
        using var store = new BlockStore(budget, _folder);
        foreach (var block in blocks)
            store.Add(block);
        Assert.Equal(budget == 1_000_000, store.IsInMemory);
        Assert.Equal(blocks.Sum(block => block.Bytes), store.Bytes);
        // In any order, and on several threads.
        Parallel.For(0, 10 * blocks.Length, i => AssertSame(blocks[i * 7 % blocks.Length], store[i * 7 % blocks.Length]));
        Assert.Equal(blocks.Select(block => block.RowCount), store.Select(block => block.RowCount));
    }

    [Fact]
    public void The_file_has_no_name_and_is_its_owners_alone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no modes of files, and an open file keeps its name.");
        FileStream? file = null;
        using (var store = new BlockStore(1, _folder, folder => file = BlockStore.Create(folder)))
        {
            store.Add(Block(1, 1, 100));
            Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
            if (!OperatingSystem.IsWindows())
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file!.SafeFileHandle));
        }

        Assert.True(file!.SafeFileHandle.IsClosed);
    }

    [Fact]
    public void A_folder_that_is_not_there_is_one_clear_error()
    {
        var folder = Path.Combine(_folder, "missing");
        using var store = new BlockStore(3 << 20, folder);
        for (var i = 0; i < 5; i++)
            store.Add(Block(i, 1, 512, columns: 300));
        var error = Assert.Throws<IOException>(() => store.Add(Block(5, 1, 512, columns: 300)));
        Assert.StartsWith(
            "The training data needs more than the MemoryBudget of 3 MiB, and what exceeds it cannot be written to a temporary file in "
            + $"SpillFolder = '{folder}' (after 0 MiB): ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_full_disk_is_one_clear_error()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "There is no /dev/full, the device that is always full.");
        using var store = new BlockStore(1, _folder, _ => new FileStream("/dev/full", FileMode.Open, FileAccess.Write));
        var error = Assert.Throws<IOException>(() => store.Add(Block(1, 1, 100)));
        Assert.Contains("No space left on device", error.Message, StringComparison.Ordinal);
        Assert.Contains($"SpillFolder = '{_folder}'", error.Message, StringComparison.Ordinal);
    }

    private static RowBlock Block(int seed, double density, int rows, int columns = 10)
    {
        var random = new Random(seed);
        var builder = new RowBlockBuilder(columns, rows);
        for (var i = 0; i < rows; i++)
        {
            float[] values = [.. Enumerable.Range(0, columns).Select(_ => random.NextDouble() < density ? random.NextSingle() + .5f : 0)];
            var row = new VBuffer<float>(columns, values);
            builder.Append(ref row, random.Next(3), random.NextSingle());
        }

        return builder.Take();
    }

    private static void AssertSame(RowBlock expected, RowBlock actual)
    {
        Assert.Equal(expected.GetType(), actual.GetType());
        Assert.Equal((expected.RowCount, expected.ColumnCount, expected.EntryCount, expected.Bytes),
            (actual.RowCount, actual.ColumnCount, actual.EntryCount, actual.Bytes));
        Assert.Equal(expected.Labels, actual.Labels);
        Assert.Equal(expected.Weights, actual.Weights);
        var (own, other) = (new float[expected.ColumnCount], new float[expected.ColumnCount]);
        for (var i = 0; i < expected.RowCount; i++)
        {
            expected.CopyRow(i, own);
            actual.CopyRow(i, other);
            Assert.Equal(own, other);
        }
    }
}

using FocalMlNet.Matrix;
using Microsoft.ML.Data;

namespace FocalMlNet.Tests.Matrix;

/// <summary>
/// Whatever ends a reading before its time, nothing hangs, the error is the same one each time, and all cursors are closed.
/// </summary>
public sealed class ReadingErrorTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>
    /// With 2 cursors, 64 blocks are all that may wait: the rows that the second one has read before it fails are in many more.
    /// </summary>
    [Fact]
    public void Rows_that_have_been_read_before_an_error_are_written_however_far_ahead_they_are()
    {
        using var hasFailed = new ManualResetEventSlim();
        var view = new CursorSetView(Alike(200_000), 1, i => i / 64, (i, n) => i / 64 % n)
        {
            Visit = (k, _) => Assert.True(k == 1 || hasFailed.Wait(Patience)),
            Get = row =>
            {
                if (row < 120_000 || row / 64 % 2 == 0)
                    return;
                hasFailed.Set();
                throw new FormatException();
            },
        };
        AssertFails<FormatException>(view, 2);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void The_first_of_several_errors_counts_be_it_of_a_cursor_or_of_what_a_row_says(int threads)
    {
        var rows = Alike(20_000);
        rows[1000] = new(7, rows[0].Features);
        var view = new CursorSetView(rows, 1, i => i / 64, (i, n) => i / 64 % n)
        {
            Get = row => _ = row is 2000 or 9000 ? throw new FormatException($"Row {row}.") : row,
        };
        Assert.Contains("row 1000", AssertFails<InvalidOperationException>(view, threads).Message, StringComparison.Ordinal);
        rows[1000] = rows[0];
        view = new CursorSetView(rows, 1, i => i / 64, (i, n) => i / 64 % n) { Get = view.Get };
        Assert.Equal("Row 2000.", AssertFails<FormatException>(view, threads).Message);
    }

    [Fact]
    public void An_error_that_comes_to_light_first_waits_for_the_rows_before()
    {
        using var hasFailed = new ManualResetEventSlim();
        var view = new CursorSetView(Alike(20_000), 1, i => i / 64, (i, n) => i / 64 % n)
        {
            Visit = (k, row) => Assert.True(k == 1 || row == 0 || hasFailed.Wait(Patience)),
            Get = row =>
            {
                if (row == 64)
                    hasFailed.Set();
                _ = row is 63 or 64 ? throw new FormatException($"Row {row}.") : row;
            },
        };
        Assert.Equal("Row 63.", AssertFails<FormatException>(view, 2).Message);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void An_error_where_a_block_is_made_ends_all(int threads)
    {
        var view = new CursorSetView(Alike(200_000), 1, i => i / 64, (i, n) => i / 64 % n);
        var builder = new RowBlockBuilder(1, 512);
        void Place(RowBatch? batch, Queue<(RowBlockBuilder, int)> complete)
        {
            for (var i = 0; i < batch?.RowCount;)
            {
                i += batch.Place(i, batch.RowCount - i, builder);
                if (!builder.IsFull)
                    continue;
                complete.Enqueue((builder, 0));
                builder = new(1, 512);
            }
        }

        AssertFails<FormatException>(view, () =>
        {
            using var cursors = new RowCursors(view, "Label", "Features", null, threads, CancellationToken.None);
            foreach (var _ in cursors.Read(Place, _ => throw new FormatException()))
                Assert.Fail("There is no block.");
        });
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_cursor_that_cannot_be_closed_is_an_error(int threads)
    {
        var rows = Alike(1000);
        var view = new CursorSetView(rows, 1, i => i / 64, (i, n) => i / 64 % n) { Close = () => throw new FormatException() };
        AssertFails<FormatException>(view, threads);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Threads_that_wait_for_whoever_takes_the_blocks_end_when_he_gives_up(bool isCancelled)
    {
        using var source = new CancellationTokenSource();
        var read = 0;
        var view = new CursorSetView(Alike(1_000_000), 1, i => i / 64, (i, n) => i / 64 % n)
        {
            Visit = (_, _) => Interlocked.Increment(ref read),
        };
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = source.Token };
        var after = 0;
        void Read()
        {
            foreach (var _ in new RowReader(view, "Label", "Features", null, parallel: parallel).Read())
            {
                // By then they wait, most probably; if not, it is well all the same.
                for (var before = -1; before != Volatile.Read(ref read);)
                {
                    before = Volatile.Read(ref read);
                    Thread.Sleep(50);
                }

                if (!isCancelled)
                    throw new OperationCanceledException();
                after += source.IsCancellationRequested ? 1 : 0;
                source.Cancel();
            }
        }

        AssertFails<OperationCanceledException>(view, Read);
        Assert.Equal(0, after);
        // 32 blocks of each thread may wait, and some parcels.
        Assert.InRange(read, 1, 500_000);
    }

    private static ViewRow[] Alike(int count) => [.. Enumerable.Repeat(new ViewRow(1, new VBuffer<float>(1, [1f])), count)];

    private static TError AssertFails<TError>(CursorSetView view, int threads)
        where TError : Exception
    {
        var reader = new RowReader(view, "Label", "Features", null, parallel: new() { MaxDegreeOfParallelism = threads });
        return AssertFails<TError>(view, () => _ = reader.Read().Count());
    }

    private static TError AssertFails<TError>(CursorSetView view, Action read)
        where TError : Exception
    {
        var reading = Task.Run(() => Assert.Throws<TError>(read));
        Assert.True(reading.ContinueWith(_ => { }, TaskScheduler.Default).Wait(Patience), "It hangs.");
        Assert.True(SpinWait.SpinUntil(() => view.CursorsClosed == view.CursorsOpened, Patience), "A cursor is open.");
        return reading.GetAwaiter().GetResult();
    }
}

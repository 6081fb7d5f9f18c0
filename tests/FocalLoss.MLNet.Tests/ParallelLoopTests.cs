namespace FocalMlNet.Tests;

/// <summary>Errors in parallel loops come as they were thrown.</summary>
public sealed class ParallelLoopTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void An_error_of_the_body_or_of_a_loop_within_it_is_thrown_as_it_is(int threads)
    {
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = threads };
        Assert.Equal("7", Assert.Throws<InvalidOperationException>(
            () => ParallelLoop.For(8, parallel, i => Fail(i, i == 7))).Message);
        Assert.Equal("3", Assert.Throws<InvalidOperationException>(() => ParallelLoop.For(
            8, parallel, i => ParallelLoop.For(8, parallel, j => Fail(j, i == 2 && j == 3)))).Message);
        Assert.Throws<InvalidOperationException>(() => ParallelLoop.For(8, parallel, i => Fail(i, true)));
        Assert.Equal("1", Assert.Throws<InvalidOperationException>(
            () => OrderedSum.Of(2, 1, parallel, (chunk, _) => Fail(chunk, chunk == 1))).Message);

        static void Fail(int i, bool isSo)
        {
            if (isSo)
                throw new InvalidOperationException($"{i}");
        }
    }

    [Fact]
    public void A_cancellation_stays_one_whatever_else_goes_wrong()
    {
        using var source = new CancellationTokenSource();
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = 2, CancellationToken = source.Token };
        var error = Assert.Throws<OperationCanceledException>(() => ParallelLoop.For(4, parallel, i => ParallelLoop.For(4, parallel, j =>
        {
            source.Cancel();
            throw new InvalidOperationException("It was closed.");
        })));
        Assert.Equal(source.Token, error.CancellationToken);
    }

    [Fact]
    public void Each_number_comes_once()
    {
        var counts = new int[1000];
        ParallelLoop.For(counts.Length, new(), i => Interlocked.Increment(ref counts[i]));
        Assert.All(counts, count => Assert.Equal(1, count));
    }
}

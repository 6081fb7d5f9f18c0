using System.Numerics.Tensors;

namespace FocalMlNet;

/// <summary>
/// Sums that are taken in parallel and have the same bits whatever the number of threads: what is summed together, and in which order, is
/// given.
/// </summary>
/// <param name="chunks">Number of chunks, at least 1, each of which is summed by one thread.</param>
/// <param name="length">The number of sums.</param>
internal sealed class OrderedSum(int chunks, int length)
{
    private readonly double[][] _parts = [.. Enumerable.Range(0, chunks).Select(_ => new double[length])];

    /// <summary>The number of sums.</summary>
    public int Length => length;

    /// <summary>The sums of a chunk.</summary>
    public double[] this[int chunk] => _parts[chunk];

    /// <summary>Sets all to 0.</summary>
    public void Clear()
    {
        foreach (var part in _parts)
            Array.Clear(part);
    }

    /// <summary>Writes the first of the sums over all chunks, in their order.</summary>
    public void AddUp(Span<double> total)
    {
        total.Clear();
        foreach (var part in _parts)
            TensorPrimitives.Add(total, part.AsSpan(0, total.Length), total);
    }

    /// <summary>One of the sums over all chunks, in their order.</summary>
    public double Total(int at) => _parts.Sum(part => part[at]);

    /// <summary>Which of some items are those of a chunk.</summary>
    public static (int First, int End) Items(int chunk, int chunks, int count)
        => ((int)((long)chunk * count / chunks), (int)((chunk + 1L) * count / chunks));

    /// <summary>The sum of the chunks' sums, in their order.</summary>
    /// <param name="chunks">Number of chunks, at least 1.</param>
    /// <param name="length">The number of sums.</param>
    /// <param name="parallel">Threads and cancellation.</param>
    /// <param name="add">Adds those of the chunk with this number.</param>
    public static double[] Of(int chunks, int length, ParallelOptions parallel, Action<int, double[]> add)
    {
        var (sum, total) = (new OrderedSum(chunks, length), new double[length]);
        ParallelLoop.For(chunks, parallel, chunk => add(chunk, sum[chunk]));
        sum.AddUp(total);
        return total;
    }
}

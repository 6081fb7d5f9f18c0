
using System.Numerics.Tensors;

namespace FocalMlNet;

/// <summary>
/// Sums that are taken in parallel and have the same bits whatever the number of threads: what is summed together, and in which order, is
/// given.
/// </summary>
internal static class OrderedSum
{
    /// <summary>The sum of the chunks' sums, in their order.</summary>
    /// <param name="chunks">Number of chunks, at least 1.</param>
    /// <param name="length">The number of sums.</param>
    /// <param name="parallel">Threads and cancellation.</param>
    /// <param name="add">Adds those of the chunk with this number.</param>
    public static double[] Of(int chunks, int length, ParallelOptions parallel, Action<int, double[]> add)
    {
        var parts = new double[chunks][];
        ParallelLoop.For(chunks, parallel, chunk => add(chunk, parts[chunk] = new double[length]));
        for (var chunk = 1; chunk < chunks; chunk++)
            TensorPrimitives.Add<double>(parts[0], parts[chunk], parts[0]);
        return parts[0];
    }
}

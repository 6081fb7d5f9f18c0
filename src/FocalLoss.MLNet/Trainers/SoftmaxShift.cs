using System.Numerics.Tensors;
using FocalMlNet.Data;
using FocalMlNet.Optimization;

namespace FocalMlNet.Trainers;

/// <summary>
/// A stock one-versus-all model gives class k the probability σ(z_k) / Σ_j σ(z_j). Far left, σ(z) is e^z: with a large enough constant taken off all scores, which the
/// softmax does not notice, that is the softmax.
/// </summary>
internal static class SoftmaxShift
{
    /// <summary>σ(-17) is e^-17 to 4e-8 of it: room for scores somewhat above those seen in training.</summary>
    private const double Above = 17;

    /// <summary>At -80, e^z is still a normal float, with room for scores somewhat below.</summary>
    private const double Below = 80;

    /// <summary>What to take off all scores: just enough for the largest score of the training rows.</summary>
    /// <remarks>
    /// Not more, for floats lose digits as scores grow, and a row all of whose sigmoids are 0 in a float would have no class: each row's largest score stays above -80.
    /// </remarks>
    /// <param name="model">Scores of each class.</param>
    /// <param name="data">The training rows.</param>
    /// <param name="parallel">Threads and cancellation.</param>
    /// <param name="isExact">Whether no training row has a score too large for the approximation.</param>
    public static double For(LinearModel model, TrainingData data, ParallelOptions parallel, out bool isExact)
    {
        var gate = new Lock();
        var (least, most) = (float.PositiveInfinity, float.NegativeInfinity);
        Parallel.ForEach(data.Blocks, parallel, block =>
        {
            var n = block.RowCount;
            var scores = new float[n * model.OutputCount];
            model.Score(block, scores);
            var largest = scores.AsSpan(0, n);
            for (var k = 1; k < model.OutputCount; k++)
                TensorPrimitives.Max(largest, scores.AsSpan(k * n, n), largest);
            lock (gate)
            {
                least = Math.Min(least, TensorPrimitives.Min<float>(largest));
                most = Math.Max(most, TensorPrimitives.Max<float>(largest));
            }
        });
        isExact = most + Above <= least + Below;
        return Math.Min(most + Above, least + Below);
    }
}

using System.Numerics.Tensors;
using FocalMlNet.Data;
using FocalMlNet.Optimization;

namespace FocalMlNet.Trainers;

/// <summary>
/// The softmax does not notice a constant taken off all scores, but the stock model does: it takes e^z of each score as it is.
/// </summary>
internal static class SoftmaxShift
{
    /// <summary>e^700 is in the range of a double, and so is e^-700.</summary>
    private const double Most = 700;

    /// <summary>
    /// What to take off all scores: the mean over the training rows of the largest score, for digits where most rows are; but so that the largest scores of all rows lie
    /// within ±700 if that can be.
    /// </summary>
    /// <param name="model">Scores of each class.</param>
    /// <param name="data">The training rows.</param>
    /// <param name="parallel">Threads and cancellation.</param>
    /// <param name="isInRange">Whether that can be.</param>
    public static double For(LinearModel model, TrainingData data, ParallelOptions parallel, out bool isInRange)
    {
        var gate = new Lock();
        var (least, most) = (float.PositiveInfinity, float.NegativeInfinity);
        var sums = new double[data.BlockCount];
        Parallel.ForEach(data.Blocks, parallel, (block, _, b) =>
        {
            var n = block.RowCount;
            var scores = new float[n * model.OutputCount];
            model.Score(block, scores);
            var largest = scores.AsSpan(0, n);
            for (var k = 1; k < model.OutputCount; k++)
                TensorPrimitives.Max(largest, scores.AsSpan(k * n, n), largest);
            sums[b] = TensorPrimitives.Sum<float>(largest);
            lock (gate)
                (least, most) = (Math.Min(least, TensorPrimitives.Min<float>(largest)), Math.Max(most, TensorPrimitives.Max<float>(largest)));
        });
        isInRange = most - least <= 2 * Most;
        return isInRange ? Math.Clamp(sums.Sum() / data.RowCount, most - Most, least + Most) : (most + least) / 2;
    }
}

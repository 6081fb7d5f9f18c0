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
    /// <param name="difference">The largest difference of a probability of a training row from the softmax, rounding apart.</param>
    public static double For(LinearModel model, TrainingData data, ParallelOptions parallel, out double difference)
    {
        var (least, most) = (float.PositiveInfinity, float.NegativeInfinity);
        ForEachBlock(model, data, parallel, (scores, n) =>
        {
            var largest = scores.AsSpan(0, n);
            for (var k = 1; k < model.OutputCount; k++)
                TensorPrimitives.Max(largest, scores.AsSpan(k * n, n), largest);
            return (TensorPrimitives.Min<float>(largest), TensorPrimitives.Max<float>(largest));
        }, range => (least, most) = (Math.Min(least, range.Item1), Math.Max(most, range.Item2)));
        difference = 0;
        if (most + Above <= least + Below)
            return most + Above;

        // Rows with very large scores mostly have one class far above the others, whose probability is 1 either way: what counts is what comes out.
        var shift = least + Below;
        var worst = 0.0;
        ForEachBlock(model, data, parallel, (scores, n) => LargestDifference(scores, n, shift), found => worst = Math.Max(worst, found));
        difference = worst;
        return shift;
    }

    private static void ForEachBlock<T>(LinearModel model, TrainingData data, ParallelOptions parallel, Func<float[], int, T> examine, Action<T> collect)
    {
        var gate = new Lock();
        Parallel.ForEach(data.Blocks, parallel, block =>
        {
            var scores = new float[block.RowCount * model.OutputCount];
            model.Score(block, scores);
            var found = examine(scores, block.RowCount);
            lock (gate)
                collect(found);
        });
    }

    private static double LargestDifference(float[] scores, int n, double shift)
    {
        double worst = 0;
        for (var i = 0; i < n; i++)
        {
            var largest = double.NegativeInfinity;
            for (var at = i; at < scores.Length; at += n)
                largest = Math.Max(largest, scores[at]);
            double softmaxSum = 0, sigmoidSum = 0;
            for (var at = i; at < scores.Length; at += n)
            {
                softmaxSum += Math.Exp(scores[at] - largest);
                sigmoidSum += Sigmoid(scores[at] - shift);
            }

            for (var at = i; at < scores.Length; at += n)
                worst = Math.Max(worst, Math.Abs(Math.Exp(scores[at] - largest) / softmaxSum - Sigmoid(scores[at] - shift) / sigmoidSum));
        }

        return worst;
    }

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
}

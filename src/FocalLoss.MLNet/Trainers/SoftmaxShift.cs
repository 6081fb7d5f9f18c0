using System.Numerics.Tensors;
using FocalMlNet.Data;
using FocalMlNet.Optimization;

namespace FocalMlNet.Trainers;

/// <summary>
/// The softmax does not notice a linear function taken off the scores of all classes, but the stock model does: it takes e^z of each score as it is, in the range of a double.
/// </summary>
internal static class SoftmaxShift
{
    /// <summary>Room for rows with larger scores than those of the training rows: e^709 is the largest double.</summary>
    private const double Most = 500;

    /// <summary>e^-700 still has all digits.</summary>
    private const double Least = -700;

    /// <summary>Blocks whose scores are computed at the same time.</summary>
    private const int BlocksAtOnce = 64;

    /// <summary>Takes the mean of the scores off: the largest of a row is never below 0 then, and the penalty is at its least.</summary>
    public static void Centre(LinearModel model)
    {
        var mean = new float[model.Coefficients[0].Length];
        foreach (var coefficients in model.Coefficients)
            TensorPrimitives.Add<float>(mean, coefficients, mean);
        TensorPrimitives.Divide<float>(mean, model.OutputCount, mean);
        foreach (var coefficients in model.Coefficients)
            TensorPrimitives.Subtract<float>(coefficients, mean, coefficients);
        var meanOffset = model.Offsets.Average();
        TensorPrimitives.Subtract<float>(model.Offsets, meanOffset, model.Offsets);
    }

    /// <summary>
    /// What to take off all scores of a centred model: the mean over the training rows of the largest score, for digits where most rows are, or as much as the largest of all
    /// needs.
    /// </summary>
    /// <param name="model">Scores of each class.</param>
    /// <param name="data">The training rows.</param>
    /// <param name="parallel">Threads and cancellation.</param>
    /// <param name="scale">What all scores have been multiplied with, 1 or less: where even that does not bring the largest into the range, they are made smaller.</param>
    public static double For(LinearModel model, TrainingData data, ParallelOptions parallel, out double scale)
    {
        double sum = 0;
        var largestOfAll = float.NegativeInfinity;
        // Blocks are not asked for inside of a parallel loop, which would wrap an error of the view that is read again.
        foreach (var some in data.Blocks.Chunk(BlocksAtOnce))
        {
            var (sums, maxima) = (new double[some.Length], new float[some.Length]);
            Parallel.For(0, some.Length, parallel, b => (sums[b], maxima[b]) = LargestScores(model, some[b]));
            sum += sums.Sum();
            largestOfAll = Math.Max(largestOfAll, TensorPrimitives.Max<float>(maxima));
        }

        scale = Math.Min(1, (Most - Least) / largestOfAll);
        if (scale < 1)
        {
            foreach (var coefficients in model.Coefficients)
                TensorPrimitives.Multiply<float>(coefficients, (float)scale, coefficients);
            TensorPrimitives.Multiply<float>(model.Offsets, (float)scale, model.Offsets);
        }

        return Math.Min(-Least, Math.Max(scale * sum / data.RowCount, scale * largestOfAll - Most));
    }

    /// <summary>The sum over the rows of a block of each one's largest score, and the largest of all; a row with weight 0 counts as one at 0, the least there can be.</summary>
    private static (double Sum, float Most) LargestScores(LinearModel model, RowBlock block)
    {
        var n = block.RowCount;
        var scores = new float[n * model.OutputCount];
        model.Score(block, scores);
        var largest = scores.AsSpan(0, n);
        for (var k = 1; k < model.OutputCount; k++)
            TensorPrimitives.Max(largest, scores.AsSpan(k * n, n), largest);
        for (var i = 0; i < n; i++)
            largest[i] = block.Weights[i] == 0 ? 0 : largest[i];
        return (TensorPrimitives.Sum<float>(largest), TensorPrimitives.Max<float>(largest));
    }
}


using FocalMlNet.Evaluation;

namespace FocalMlNet.Training;

/// <summary>What scores are worth, higher being better.</summary>
/// <param name="metric">How it is measured.</param>
/// <param name="scores">scores[k n + i] is output k of row i; they may be overwritten.</param>
/// <param name="labels">The class of each row.</param>
/// <param name="weights">The example weight of each row.</param>
/// <param name="parallel">Threads and cancellation: sorting the scores of thousands of classes may take as long as training.</param>
internal delegate double HeldOutJudge(
    EarlyStoppingMetric metric, float[] scores, float[] labels, float[] weights, ParallelOptions parallel);

/// <summary>Judges of the outputs of two classes and of several.</summary>
internal static class HeldOutJudges
{
    private static readonly FocalLoss CrossEntropy = new(gamma: 0);

    /// <summary>One score for each row, whose sigmoid is the probability of class 1.</summary>
    public static double Binary(EarlyStoppingMetric metric, float[] scores, float[] labels, float[] weights, ParallelOptions parallel)
        => metric == EarlyStoppingMetric.AveragePrecision
            ? AveragePrecision.Of(scores, Array.ConvertAll(labels, label => label == 1), weights)
            : -WeightedMean(weights, i => CrossEntropy.Loss(scores[i], labels[i]));

    /// <summary>A score for each class, whose softmax is its probability.</summary>
    public static double Softmax(EarlyStoppingMetric metric, float[] scores, float[] labels, float[] weights, ParallelOptions parallel)
    {
        Normalize(scores, labels.Length, SoftmaxShare);
        return OfProbabilities(metric, scores, labels, weights, parallel);
    }

    /// <summary>A score for each class; the probabilities are the sigmoids divided by their sum.</summary>
    public static double OneVersusAll(EarlyStoppingMetric metric, float[] scores, float[] labels, float[] weights, ParallelOptions parallel)
    {
        Normalize(scores, labels.Length, OneVersusAllShare);
        return OfProbabilities(metric, scores, labels, weights, parallel);
    }

    /// <summary>
    /// Average precision of each class against the rest, averaged over the classes that have rows with a weight above 0; or the log-loss.
    /// </summary>
    private static double OfProbabilities(
        EarlyStoppingMetric metric, float[] probabilities, float[] labels, float[] weights, ParallelOptions parallel)
    {
        var n = labels.Length;
        if (metric == EarlyStoppingMetric.LogLoss)
            return WeightedMean(weights, i => Math.Log(Math.Max(probabilities[(int)labels[i] * n + i], float.Epsilon)));
        float[] occurring = [.. labels.Where((_, i) => weights[i] > 0).Distinct()];
        var ofClasses = new double[occurring.Length];
        ParallelLoop.For(occurring.Length, parallel, at =>
        {
            var k = occurring[at];
            var (ofClass, isTrue) = (probabilities.AsSpan((int)k * n, n).ToArray(), Array.ConvertAll(labels, label => label == k));
            ofClasses[at] = AveragePrecision.Of(ofClass, isTrue, weights);
        });
        return ofClasses.Average();
    }

    private static void Normalize(float[] scores, int n, Func<double, double, double> share)
    {
        for (var i = 0; i < n; i++)
        {
            var largest = double.NegativeInfinity;
            for (var at = i; at < scores.Length; at += n)
                largest = Math.Max(largest, scores[at]);
            double sum = 0;
            for (var at = i; at < scores.Length; at += n)
                sum += share(scores[at], largest);
            for (var at = i; at < scores.Length; at += n)
                scores[at] = (float)(share(scores[at], largest) / sum);
        }
    }

    /// <summary>Of one score for each row, the probability of its own class.</summary>
    public static double[] BinaryProbabilities(float[] scores, float[] labels)
        => [.. scores.Select((score, i) => 1 / (1 + Math.Exp(labels[i] == 1 ? -score : score)))];

    /// <summary>Of a score for each class, the probability of a row's own class; the scores are overwritten.</summary>
    public static double[] SoftmaxProbabilities(float[] scores, float[] labels)
    {
        Normalize(scores, labels.Length, SoftmaxShare);
        return OfOwnClass(scores, labels);
    }

    /// <inheritdoc cref="SoftmaxProbabilities"/>
    public static double[] OneVersusAllProbabilities(float[] scores, float[] labels)
    {
        Normalize(scores, labels.Length, OneVersusAllShare);
        return OfOwnClass(scores, labels);
    }

    private static double SoftmaxShare(double score, double largest) => Math.Exp(score - largest);

    private static double OneVersusAllShare(double score, double largest) => 1 / (1 + Math.Exp(-score));

    private static double[] OfOwnClass(float[] probabilities, float[] labels)
        => [.. labels.Select((label, i) => (double)probabilities[(int)label * labels.Length + i])];

    private static double WeightedMean(float[] weights, Func<int, double> value)
    {
        double sum = 0, weight = 0;
        for (var i = 0; i < weights.Length; i++)
        {
            sum += weights[i] * value(i);
            weight += weights[i];
        }

        return sum / weight;
    }
}

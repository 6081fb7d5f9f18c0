using FocalMlNet.Evaluation;

namespace FocalMlNet.Training;

/// <summary>What scores are worth on rows that a model was not trained on, and which probabilities they are.</summary>
/// <param name="share">
/// Of a class's score, and the largest of the row, a number in proportion to its probability; null for one score a row.
/// </param>
internal sealed class HeldOutJudge(Func<double, double, double>? share)
{
    private static readonly FocalLoss CrossEntropy = new(gamma: 0);

    /// <summary>One score for each row, whose sigmoid is the probability of class 1.</summary>
    public static HeldOutJudge Binary { get; } = new(null);

    /// <summary>A score for each class, whose softmax is its probability.</summary>
    public static HeldOutJudge Softmax { get; } = new((score, largest) => Math.Exp(score - largest));

    /// <summary>A score for each class; the probabilities are the sigmoids divided by their sum.</summary>
    public static HeldOutJudge OneVersusAll { get; } = new((score, _) => 1 / (1 + Math.Exp(-score)));

    /// <summary>
    /// What scores are worth, higher being better: average precision, of several classes that of each against the rest, averaged over the
    /// classes that have rows with a weight above 0; or the log-loss.
    /// </summary>
    /// <param name="metric">How it is measured.</param>
    /// <param name="scores">scores[k][i] is output k of row i; they may be overwritten.</param>
    /// <param name="labels">The class of each row.</param>
    /// <param name="weights">The example weight of each row.</param>
    /// <param name="parallel">Threads and cancellation: sorting the scores of thousands of classes may take as long as training.</param>
    public double Merit(EarlyStoppingMetric metric, float[][] scores, float[] labels, float[] weights, ParallelOptions parallel)
    {
        var n = labels.Length;
        Normalize(scores, n);
        if (metric == EarlyStoppingMetric.LogLoss)
        {
            double sum = 0, weight = 0;
            for (var i = 0; i < n; i++)
            {
                sum += weights[i] * (share is null ? -CrossEntropy.Loss(scores[0][i], labels[i])
                    : Math.Log(Math.Max(scores[(int)labels[i]][i], float.Epsilon)));
                weight += weights[i];
            }

            return sum / weight;
        }

        if (share is null)
            return RankSums.AveragePrecisionOf(scores[0], Array.ConvertAll(labels, label => label == 1), weights);
        float[] occurring = [.. labels.Where((_, i) => weights[i] > 0).Distinct()];
        var ofClasses = new double[occurring.Length];
        ParallelLoop.For(occurring.Length, parallel, at =>
        {
            var k = occurring[at];
            var isTrue = Array.ConvertAll(labels, label => label == k);
            ofClasses[at] = RankSums.AveragePrecisionOf(scores[(int)k], isTrue, weights);
        });
        return ofClasses.Average();
    }

    /// <summary>The probability of each row's own class; the scores may be overwritten.</summary>
    public double[] TrueProbabilities(float[][] scores, float[] labels)
    {
        if (share is null)
            return [.. scores[0].Select((score, i) => 1 / (1 + Math.Exp(labels[i] == 1 ? -score : score)))];
        Normalize(scores, labels.Length);
        return [.. labels.Select((label, i) => (double)scores[(int)label][i])];
    }

    /// <summary>Makes scores of several classes probabilities, in their place; that of one output stays a score.</summary>
    /// <param name="scores">scores[k][i] is output k of row i.</param>
    /// <param name="n">The number of rows.</param>
    public void Normalize(float[][] scores, int n)
    {
        for (var i = 0; i < n && share is not null; i++)
        {
            var largest = double.NegativeInfinity;
            foreach (var ofClass in scores)
                largest = Math.Max(largest, ofClass[i]);
            double sum = 0;
            foreach (var ofClass in scores)
                sum += share(ofClass[i], largest);
            foreach (var ofClass in scores)
                ofClass[i] = (float)(share(ofClass[i], largest) / sum);
        }
    }
}

namespace FocalMlNet;

/// <summary>The class probabilities that belong to scores which minimise the softmax focal loss (<see cref="SoftmaxFocalLoss"/>).</summary>
/// <remarks>
/// <para>With the softmax probabilities v_k, class weights a_k, and g as for <see cref="FocalPosterior"/>, class k has the
/// probability</para>
/// <code>
/// η_k  =  (h(v_k) / a_k) / Σ_j (h(v_j) / a_j)
/// h(v) =  v / (1-v)^γ / (1 + γ g(logit v))
/// </code>
/// <para>
/// (Charoenphakdee et al. 2021, theorem 11, there without class weights). It is computed from logarithms and exact for the largest and the
/// smallest scores. For γ = 0 with equal weights it is softmax. An instance is immutable and thread-safe.
/// </para>
/// </remarks>
public sealed class SoftmaxFocalPosterior
{
    /// <summary>Multiplied with 1 + γ it is finite.</summary>
    private const double MostScore = 1e300;

    private readonly double[]? _logWeights;

    /// <summary>The curve of a loss.</summary>
    /// <param name="gamma">The focusing parameter γ of the loss, in [0; 50].</param>
    /// <param name="classWeights">
    /// A weight above 0 for each class, at least two, of which only the ratios count; null, the default, for equal weights.
    /// </param>
    /// <exception cref="ArgumentException">There are fewer than two weights.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is outside its range.</exception>
    public SoftmaxFocalPosterior(double gamma = 2, IReadOnlyList<double>? classWeights = null)
    {
        Gamma = Guard.Gamma(gamma);
        if (classWeights is null)
            return;
        Guard.AtLeastElements(2, classWeights.Count, nameof(classWeights));
        _logWeights = [.. classWeights.Select((weight, k) => Math.Log(Guard.Positive(weight, $"classWeights[{k}]")))];
    }

    /// <summary>The focusing parameter γ of the loss.</summary>
    public double Gamma { get; }

    /// <summary>The probabilities of all classes for one row.</summary>
    /// <param name="scores">
    /// The raw score of each class, at least two; one beyond ±1e300, infinite too, counts as that. With a NaN all probabilities are NaN.
    /// </param>
    /// <param name="probabilities">
    /// Receives as many probabilities, each in [0; 1], with the sum 1. It may be the span of the scores.
    /// </param>
    /// <exception cref="ArgumentException">
    /// The spans are not of one length, shorter than two, or not as long as there are class weights.
    /// </exception>
    public void Probabilities(ReadOnlySpan<double> scores, Span<double> probabilities)
    {
        Guard.AtLeastElements(2, scores.Length, nameof(scores));
        Guard.Count(scores.Length, "as many as scores", probabilities.Length, nameof(probabilities));
        if (_logWeights is { } weights)
            Guard.Count(weights.Length, "one for each class weight", scores.Length, nameof(scores));
        scores.CopyTo(probabilities);
        foreach (ref var score in probabilities)
            score = Math.Clamp(score, -MostScore, MostScore);
        LogOdds(probabilities);
        Softmax(probabilities);
    }

    /// <summary>Whether the softmax of the scores is the answer: γ is 0 and all classes weigh the same.</summary>
    internal bool IsIdentity => Gamma == 0 && (_logWeights is null || Array.TrueForAll(_logWeights, weight => weight == _logWeights[0]));

    /// <summary>-ln a_k: what the weights add to the log-odds.</summary>
    internal double[] LogWeightShifts(int classCount)
        => _logWeights is null ? new double[classCount] : [.. _logWeights.Select(weight => -weight)];

    /// <summary>Replaces scores by those whose softmax are the probabilities: ln(h(v_k) / a_k).</summary>
    private void LogOdds(Span<double> scores)
    {
        // Of the largest score the others' sum is needed, of another one the sum without its own term: never 1 - v.
        var first = 0;
        for (var k = 1; k < scores.Length; k++)
            first = scores[k] > scores[first] ? k : first;
        double top = scores[first], rest = 0, second = double.NegativeInfinity;
        for (var k = 0; k < scores.Length; k++)
        {
            if (k != first)
                second = Math.Max(second, scores[k]);
        }

        for (var k = 0; k < scores.Length; k++)
            rest += k == first ? 0 : Math.Exp(scores[k] - second);
        for (var k = 0; k < scores.Length; k++)
        {
            // The margin logit v: the score less the logarithm of the sum of the others.
            var own = scores[k];
            var s = k == first ? own - second - Math.Log(rest)
                : own - top - Math.Log(1 + (rest - Math.Exp(own - second)) * Math.Exp(second - top));
            var (lnP, lnQ) = BinaryFocal.LogProbabilities(s);
            scores[k] = lnP - Gamma * lnQ - Math.Log(1 + Gamma * FocalPosterior.Entropy(s)) - (_logWeights?[k] ?? 0);
        }
    }

    /// <summary>Replaces scores by their softmax.</summary>
    internal static void Softmax(Span<double> scores)
    {
        var top = double.NegativeInfinity;
        foreach (var score in scores)
            top = Math.Max(top, score);
        double sum = 0;
        foreach (ref var score in scores)
            sum += score = Math.Exp(score - top);
        foreach (ref var score in scores)
            score /= sum;
    }
}

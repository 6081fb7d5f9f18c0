using FocalMlNet.Matrix;

namespace FocalMlNet.Training;

/// <summary>
/// The scores that are best when features are not looked at: where training starts. They are not the logarithms of the class shares, since
/// the focal loss has its minimum elsewhere.
/// </summary>
internal static class ConstantScores
{
    /// <summary>The score of a class without rows, below the mean of the others' for softmax: its probability is 2e-9 at most.</summary>
    public const double OfEmptyClass = -20;

    private const double Tolerance = 1e-7;

    /// <summary>Of the softmax focal loss Σ_k weights[k] f(p_k) with f(p) = -(1 - p)^γ ln p.</summary>
    /// <remarks>
    /// f is convex, so the minimum under Σ_k p_k = 1 is where weights[k] f'(p_k) is the same for all classes. For a given value of that,
    /// each p_k is found by bisection, since f' is monotonous; the value itself, by which all p_k fall, too.
    /// </remarks>
    /// <param name="weights">The total weight of each class's rows, class weights included; two at least are above 0.</param>
    /// <param name="gamma">γ.</param>
    /// <returns>ln p_k; of a class without weight what is so much lower than their mean that no features make it likely.</returns>
    public static double[] Softmax(IReadOnlyList<double> weights, double gamma)
    {
        double[] lnWeights = [.. weights.Select(weight => Math.Log(weight))];
        var most = lnWeights.Max();
        var present = Enumerable.Range(0, lnWeights.Length).Where(k => weights[k] > 0).ToArray();
        double[] logits = new double[lnWeights.Length];
        Bisection.Find(-100, 200, _ => Tolerance, lnMultiplier =>
        {
            double sum = 0;
            foreach (var k in present)
            {
                logits[k] = Bisection.Find(
                    -100, 100, _ => Tolerance, x => LnSlope(x, gamma) + lnWeights[k] - most > lnMultiplier);
                sum += Math.Exp(BinaryFocal.LogProbabilities(logits[k]).LnP);
            }

            return sum > 1;
        });
        var mean = present.Average(k => BinaryFocal.LogProbabilities(logits[k]).LnP);
        return [.. logits.Select((x, k) => weights[k] > 0 ? BinaryFocal.LogProbabilities(x).LnP : mean + OfEmptyClass)];
    }

    /// <summary>Of one binary focal loss for each class.</summary>
    /// <param name="weights">The total weight of each class's rows, class weights included; two at least are above 0.</param>
    /// <param name="gammas">γ of each class.</param>
    public static double[] OneVersusAll(IReadOnlyList<double> weights, IReadOnlyList<double> gammas)
        => [.. weights.Select((weight, k) => weight > 0
            ? new FocalLoss(gammas[k]).BestConstantScore(weight, ClassTotals.OfOthers(weights, k)) : OfEmptyClass)];

    /// <summary>ln -f'(σ(x)): falls as x rises.</summary>
    private static double LnSlope(double x, double gamma)
    {
        // dL/dx = f'(p) p q.
        var (lnP, lnQ) = BinaryFocal.LogProbabilities(x);
        return Math.Log(-BinaryFocal.Derivative(x, gamma)) - lnP - lnQ;
    }
}

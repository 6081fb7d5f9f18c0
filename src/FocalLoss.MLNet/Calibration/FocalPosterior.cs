namespace FocalMlNet;

/// <summary>
/// The class probability that belongs to a score which minimises the focal loss: for γ above 0, or with class weights, it is not the
/// sigmoid of the score, but there is exactly one.
/// </summary>
/// <remarks>
/// <para>
/// If an example is positive with probability η, its expected loss η a₁ FL(z) + (1 - η) a₀ FL(-z) is least at a score z at which both
/// slopes cancel, so η is in proportion to a₀ |FL'(-z)| and 1 - η to a₁ |FL'(z)|. With g(s) = e^s ln(1 + e^-s), which rises from 0 to 1,
/// </para>
/// <code>
/// |FL'(s)|  =  σ(-s)^(γ+1) (1 + γ g(s))
/// logit η   =  (1 + γ) z + ln[(1 + γ g(-z)) / (1 + γ g(z))] + ln(a₀ / a₁)
/// </code>
/// <para>
/// This is the curve of Charoenphakdee, Vongkulbhisal, Chairatanakul and Sugiyama, "On Focal Loss for Class-Posterior Probability
/// Estimation" (2021), theorem 11, in a form without cancellation, and with class weights. It needs no data; but it holds for the score
/// that minimises the loss, which a model attains only where its features can express it. An instance is immutable and thread-safe.
/// </para>
/// </remarks>
public sealed class FocalPosterior
{
    /// <summary>The curve of a loss with the class weights of <see cref="FocalLoss"/>.</summary>
    /// <param name="gamma">The focusing parameter γ of the loss, in [0; 50].</param>
    /// <param name="alpha">
    /// The weight of the positive class, in (0; 1), that of the negative class being 1 - alpha; null, the default, for equal weights.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is outside its range.</exception>
    public FocalPosterior(double gamma = 2, double? alpha = null)
    {
        Gamma = Guard.Gamma(gamma);
        var (positive, negative) = AlphaWeights.Of(Guard.Alpha(alpha));
        WeightLogRatio = Math.Log(negative / positive);
    }

    /// <summary>The curve of a loss with any class weights; only their ratio counts.</summary>
    /// <param name="gamma">The focusing parameter γ of the loss, in [0; 50].</param>
    /// <param name="positiveWeight">The weight a₁ of the positive class, above 0.</param>
    /// <param name="negativeWeight">The weight a₀ of the negative class, above 0.</param>
    /// <returns>The curve.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is outside its range.</exception>
    public static FocalPosterior WithClassWeights(double gamma, double positiveWeight, double negativeWeight)
        => new(gamma) { WeightLogRatio = Math.Log(Guard.Positive(negativeWeight)) - Math.Log(Guard.Positive(positiveWeight)) };

    /// <summary>The focusing parameter γ of the loss.</summary>
    public double Gamma { get; }

    /// <summary>ln(a₀ / a₁).</summary>
    private double WeightLogRatio { get; init; }

    /// <summary>Whether the score is the log-odds: γ is 0 and the classes weigh the same.</summary>
    internal bool IsIdentity => Gamma == 0 && WeightLogRatio == 0;

    /// <summary>The tangent of the curve at score 0.</summary>
    internal Calibration.LinearMap Tangent => new(1 + Gamma * (2 + (Gamma - 2) * Ln2) / (1 + Gamma * Ln2), WeightLogRatio);

    /// <summary>The probability of the positive class.</summary>
    /// <param name="score">The raw score z.</param>
    /// <returns>η, in [0; 1]; 0 and 1 for an infinite score, NaN for NaN.</returns>
    public double Probability(double score) => 1 / (1 + Math.Exp(-LogOdds(score)));

    /// <summary>The log-odds of the positive class, ln(η / (1 - η)): exact also where the probability rounds to 0 or 1.</summary>
    /// <param name="score">The raw score z.</param>
    /// <returns>In (-∞; +∞) for a score up to 1e306; infinite for an infinite one, NaN for NaN.</returns>
    public double LogOdds(double score)
        => (1 + Gamma) * score + Math.Log((1 + Gamma * Entropy(-score)) / (1 + Gamma * Entropy(score))) + WeightLogRatio;

    /// <summary>The way back: the score that minimises the expected loss of an example.</summary>
    /// <param name="probability">The probability η of the positive class, in (0; 1).</param>
    /// <returns>The raw score z with <see cref="Probability"/>(z) = η.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The probability is outside its range.</exception>
    public double Score(double probability)
    {
        Guard.OpenUnitInterval(probability);
        return ScoreOfLogOdds(Math.Log(probability) - Math.Log(1 - probability));
    }

    /// <summary>The score with the given log-odds.</summary>
    /// <param name="logOdds">A finite number.</param>
    internal double ScoreOfLogOdds(double logOdds)
    {
        // The logarithm in LogOdds is between ±ln(1 + γ), which brackets the score; the curve rises.
        var (middle, reach) = ((logOdds - WeightLogRatio) / (1 + Gamma), Math.Log(1 + Gamma) / (1 + Gamma));
        return Bisection.Find(middle - reach, middle + reach, Bisection.Relative(1e-15), score => LogOdds(score) < logOdds);
    }

    /// <summary>g(s) = e^s ln(1 + e^-s) = -p ln p / (1 - p) with p = σ(s): 0 at -∞, ln 2 at 0, 1 at +∞.</summary>
    internal static double Entropy(double s)
    {
        var lnP = BinaryFocal.LogProbabilities(s).LnP;
        // Far right e^s is infinite and ln p 0, and their product 1 - e^-s / 2.
        return s > 30 ? 1 - Math.Exp(-s) / 2 : -lnP * Math.Exp(s);
    }

    private const double Ln2 = .69314718055994530942;
}

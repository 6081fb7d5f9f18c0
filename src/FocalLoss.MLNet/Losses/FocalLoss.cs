using System.Diagnostics.CodeAnalysis;
using Microsoft.ML.Trainers;

namespace FocalMlNet;

/// <summary>
/// The binary focal loss of Lin, Goyal, Girshick, He and Dollár, "Focal Loss for Dense Object Detection" (2017), equation 5, of a raw score
/// (a logit), for any trainer that takes an <see cref="IClassificationLoss"/>.
/// </summary>
/// <remarks>
/// <para>
/// With the score z, the signed margin s (s = z for a positive example, s = -z for a negative one), p = σ(s) the probability given to the
/// true class, q = 1 - p, and the class weight a:
/// </para>
/// <code>
/// loss     =  -a q^γ ln p
/// dL/ds    =   a q^γ (γ p ln p - q)
/// d²L/ds²  =   a p q^γ [q (1 + 2γ) + γ (1 - (1 + γ) p) ln p]
/// </code>
/// <para>
/// For one score all three are computed in double precision from the logarithms of p and q, without a clamp or an epsilon: they are exact
/// to the last digits of a <see cref="float"/> and finite for every score but NaN, where an infinite one counts as the largest finite
/// <see cref="float"/> of its sign. For a span of scores they are computed in single precision, many at a time, within 1e-5 of that (or
/// 1e-30). γ = 0 is cross-entropy (log-loss in nats). γ is at most 50: an example with p = ½ then has 1e-15 of its cross-entropy, and one
/// with p = .8 has 1e-35, the least that a float holds.
/// </para>
/// <para>
/// γ may differ between the classes (asymmetric focusing). A soft label y in [0, 1] counts as y positive and 1 - y negative examples: its
/// loss is y FL₊ + (1 - y) FL₋, with the losses FL₊ and FL₋ of a positive and a negative example. Label smoothing with ε replaces y by y (1
/// - ε) + ε / 2 first (Szegedy et al. 2016, section 7, for two classes). Such mixtures are computed in double precision in spans, too:
/// where their two derivatives cancel, what is left is right within 1e-15. So are second derivatives, hard labels or not.
/// </para>
/// <para>
/// For one score a label above zero is the positive class, any other the negative class, as in ML.NET's own losses, and a label of NaN
/// gives NaN. For spans labels are in [0, 1]: 1 is the positive class, 0 the negative class, and NaN an example to be ignored, with loss
/// and derivatives 0. A score of NaN gives NaN. For γ above zero the loss is not convex in the score: the second derivative is negative for
/// badly misclassified examples.
/// </para>
/// <para>
/// An output span may be the same as an input span; otherwise it must not overlap one. Nothing is allocated. An instance is immutable and
/// thread-safe.
/// </para>
/// </remarks>
public sealed class FocalLoss : IClassificationLoss
{

    /// <summary>Creates a focal loss.</summary>
    /// <param name="gamma">
    /// The focusing parameter γ, in [0; 50]. The larger it is, the less do examples count that are already classified well. 0 is
    /// cross-entropy; the paper uses 2.
    /// </param>
    /// <param name="alpha">
    /// The weight of the positive class, in (0; 1); the negative class weighs 1 - alpha. Null, the default, gives both classes weight 1. A
    /// value above .5 favours the positive class. Note that the paper's .25 makes negatives count three times as much as positives.
    /// </param>
    /// <param name="gammaPositive">γ of positive examples, in [0; 50]; null, the default, for <paramref name="gamma"/>.</param>
    /// <param name="gammaNegative">
    /// γ of negative examples, in [0; 50]; null, the default, for <paramref name="gamma"/>. Above <paramref name="gammaPositive"/> it plays
    /// down easy negatives without playing down rare positives.
    /// </param>
    /// <param name="labelSmoothing">ε of label smoothing, in [0, 1]; 0, the default, for none.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is outside its range, NaN or infinite.</exception>
    public FocalLoss(double gamma = 2, double? alpha = null, double? gammaPositive = null, double? gammaNegative = null,
        double labelSmoothing = 0)
    {
        Gamma = Guard.Gamma(gamma);
        Alpha = Guard.Alpha(alpha);
        GammaPositive = Guard.Gamma(gammaPositive ?? gamma, nameof(gammaPositive));
        GammaNegative = Guard.Gamma(gammaNegative ?? gamma, nameof(gammaNegative));
        LabelSmoothing = Guard.UnitInterval(labelSmoothing);
        Weights = AlphaWeights.Of(alpha);
        Spans = new BinaryFocal.Spans(GammaPositive, GammaNegative, Weights.Positive, Weights.Negative, LabelSmoothing);
    }

    /// <summary>The focusing parameter γ of every class that has none of its own.</summary>
    public double Gamma { get; }

    /// <summary>γ of positive examples.</summary>
    public double GammaPositive { get; }

    /// <summary>γ of negative examples.</summary>
    public double GammaNegative { get; }

    /// <summary>The weight of the positive class, or null if the classes are not weighted.</summary>
    public double? Alpha { get; }

    /// <summary>ε of label smoothing.</summary>
    public double LabelSmoothing { get; }

    /// <summary>What alpha makes of a positive and of a negative.</summary>
    internal (double Positive, double Negative) Weights { get; }

    /// <summary>The same loss for blocks of rows with weights, without checks.</summary>
    internal BinaryFocal.Spans Spans { get; }

    /// <summary>The loss of one example.</summary>
    /// <param name="score">The raw score z (a logit).</param>
    /// <param name="label">Above 0 for the positive class, otherwise the negative class.</param>
    /// <returns>The loss in nats, at least 0.</returns>
    public double Loss(float score, float label) => float.IsNaN(label) ? double.NaN : ExactLoss(score, label > 0 ? 1 : 0);

    /// <summary>The derivative of the loss of one example with respect to the score.</summary>
    /// <inheritdoc cref="Loss" path="/param"/>
    /// <returns>dL/dz: without label smoothing at most 0 for a positive example, at least 0 for a negative one.</returns>
    [SuppressMessage("Naming", "CA1725", Justification = "A score is called so everywhere here; ML.NET's interface says output.")]
    public float Derivative(float score, float label)
        => float.IsNaN(label) ? float.NaN : (float)ExactDerivative(score, label > 0 ? 1 : 0);

    /// <summary>The second derivative of the loss of one example with respect to the score.</summary>
    /// <inheritdoc cref="Loss" path="/param"/>
    /// <returns>d²L/dz²; negative where the example is badly misclassified and γ is above 0.</returns>
    public float SecondDerivative(float score, float label)
        => float.IsNaN(label) ? float.NaN : (float)ExactSecondDerivative(score, label > 0 ? 1 : 0);

    /// <summary>The sum of the losses of many examples.</summary>
    /// <param name="scores">The raw scores z.</param>
    /// <param name="labels">As many labels in [0, 1]; NaN for an example to be ignored.</param>
    /// <returns>The sum in double precision; 0 if all are ignored.</returns>
    /// <exception cref="ArgumentException">The spans are not of one length.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A label is outside [0, 1]. Nothing has been written then.</exception>
    public double Sum(ReadOnlySpan<float> scores, ReadOnlySpan<float> labels)
    {
        Check(scores, labels);
        return Spans.Sum(scores, labels);
    }

    /// <summary>The mean of the losses of many examples, over those that are not ignored.</summary>
    /// <inheritdoc cref="Sum" path="/param|/exception"/>
    /// <returns>The mean; NaN if all are ignored.</returns>
    public double Mean(ReadOnlySpan<float> scores, ReadOnlySpan<float> labels)
    {
        var sum = Sum(scores, labels);
        var counted = 0;
        foreach (var label in labels)
            counted += float.IsNaN(label) ? 0 : 1;
        return sum / counted;
    }

    /// <summary>
    /// The sum of the losses over the number of positive examples, or over 1 if that is smaller, as object detectors do (Lin et al. 2017,
    /// section 4.1). A label in (0, 1) counts as that much of a positive example.
    /// </summary>
    /// <inheritdoc cref="Sum" path="/param|/exception"/>
    /// <returns>The quotient; 0 if all are ignored.</returns>
    public double MeanOverPositives(ReadOnlySpan<float> scores, ReadOnlySpan<float> labels)
    {
        var sum = Sum(scores, labels);
        double positives = 0;
        foreach (var label in labels)
            positives += float.IsNaN(label) ? 0 : label;
        return sum / Math.Max(1, positives);
    }

    /// <summary>The losses of many examples.</summary>
    /// <param name="scores">The raw scores z.</param>
    /// <param name="labels">As many labels in [0, 1]; NaN for an example to be ignored.</param>
    /// <param name="losses">Receives as many losses, in nats.</param>
    /// <inheritdoc cref="Sum" path="/exception"/>
    public void Losses(ReadOnlySpan<float> scores, ReadOnlySpan<float> labels, Span<float> losses)
    {
        Check(scores, labels);
        AsManyAsScores(scores, losses.Length, nameof(losses));
        Spans.Run(scores, labels, default, default, losses, default);
    }

    /// <summary>The derivatives of the losses of many examples, each with respect to its own score.</summary>
    /// <param name="scores">The raw scores z.</param>
    /// <param name="labels">As many labels in [0, 1]; NaN for an example to be ignored.</param>
    /// <param name="derivatives">Receives as many derivatives dL/dz.</param>
    /// <inheritdoc cref="Sum" path="/exception"/>
    public void Derivatives(ReadOnlySpan<float> scores, ReadOnlySpan<float> labels, Span<float> derivatives)
    {
        Check(scores, labels);
        AsManyAsScores(scores, derivatives.Length, nameof(derivatives));
        Spans.Run(scores, labels, default, default, default, derivatives);
    }

    /// <summary>Losses and derivatives of many examples, for little more than the price of one of the two.</summary>
    /// <param name="scores">The raw scores z.</param>
    /// <param name="labels">As many labels in [0, 1]; NaN for an example to be ignored.</param>
    /// <param name="losses">Receives as many losses, in nats.</param>
    /// <param name="derivatives">Receives as many derivatives dL/dz; does not overlap <paramref name="losses"/>.</param>
    /// <inheritdoc cref="Sum" path="/exception"/>
    public void LossesAndDerivatives(ReadOnlySpan<float> scores, ReadOnlySpan<float> labels, Span<float> losses, Span<float> derivatives)
    {
        Check(scores, labels);
        AsManyAsScores(scores, losses.Length, nameof(losses));
        AsManyAsScores(scores, derivatives.Length, nameof(derivatives));
        Spans.Run(scores, labels, default, default, losses, derivatives);
    }

    /// <summary>The second derivatives of the losses of many examples, each with respect to its own score.</summary>
    /// <param name="scores">The raw scores z.</param>
    /// <param name="labels">As many labels in [0, 1]; NaN for an example to be ignored.</param>
    /// <param name="secondDerivatives">Receives as many second derivatives d²L/dz².</param>
    /// <inheritdoc cref="Sum" path="/exception"/>
    public void SecondDerivatives(ReadOnlySpan<float> scores, ReadOnlySpan<float> labels, Span<float> secondDerivatives)
    {
        Check(scores, labels);
        AsManyAsScores(scores, secondDerivatives.Length, nameof(secondDerivatives));
        Spans.SecondDerivatives(scores, labels, secondDerivatives);
    }

    /// <summary>The loss in double precision.</summary>
    /// <param name="z">The raw score.</param>
    /// <param name="y">The label, in [0, 1].</param>
    internal double ExactLoss(double z, double y)
    {
        var (positive, negative) = Shares(y);
        return (IsSkipped(positive, z) ? 0 : positive * BinaryFocal.Loss(z, GammaPositive))
            + (IsSkipped(negative, z) ? 0 : negative * BinaryFocal.Loss(-z, GammaNegative));
    }

    /// <summary>dL/dz in double precision.</summary>
    /// <inheritdoc cref="ExactLoss" path="/param"/>
    internal double ExactDerivative(double z, double y)
    {
        var (positive, negative) = Shares(y);
        return (IsSkipped(positive, z) ? 0 : positive * BinaryFocal.Derivative(z, GammaPositive))
            - (IsSkipped(negative, z) ? 0 : negative * BinaryFocal.Derivative(-z, GammaNegative));
    }

    /// <summary>d²L/dz² in double precision.</summary>
    /// <inheritdoc cref="ExactLoss" path="/param"/>
    internal double ExactSecondDerivative(double z, double y)
    {
        var (positive, negative) = Shares(y);
        return (IsSkipped(positive, z) ? 0 : positive * BinaryFocal.SecondDerivative(z, GammaPositive))
            + (IsSkipped(negative, z) ? 0 : negative * BinaryFocal.SecondDerivative(-z, GammaNegative));
    }

    /// <summary>
    /// The score that minimises the loss if every example gets the same one: where training starts. It is not the log-odds of the
    /// prevalence unless γ is 0.
    /// </summary>
    /// <param name="positives">The summed weight of the positive examples, above 0; <see cref="Alpha"/> comes on top.</param>
    /// <param name="negatives">The summed weight of the negative examples, above 0.</param>
    internal double BestConstantScore(double positives, double negatives)
        // The slope of the sum has one sign change; beyond ±100 nothing in a float can be told apart.
        => Bisection.Find(-100, 100, Bisection.Relative(1e-12),
            z => positives * ExactDerivative(z, 1) + negatives * ExactDerivative(z, 0) < 0);

    private static void Check(ReadOnlySpan<float> scores, ReadOnlySpan<float> labels)
    {
        AsManyAsScores(scores, labels.Length, nameof(labels));
        Guard.Labels(labels);
    }

    private static void AsManyAsScores(ReadOnlySpan<float> scores, int count, string name)
        => Guard.Count(scores.Length, "as many as scores", count, name);

    /// <summary>A share of 0 is skipped, not multiplied, as most labels are hard; but a score of NaN gives NaN.</summary>
    private static bool IsSkipped(double share, double z) => share == 0 && !double.IsNaN(z);

    /// <summary>How much of the loss of a positive and of a negative example an example has.</summary>
    private (double Positive, double Negative) Shares(double y)
    {
        var uniform = LabelSmoothing / 2;
        return ((y * (1 - LabelSmoothing) + uniform) * Weights.Positive, ((1 - y) * (1 - LabelSmoothing) + uniform) * Weights.Negative);
    }
}

using Microsoft.ML.Trainers;

namespace FocalMlNet;

/// <summary>
/// The binary focal loss of Lin, Goyal, Girshick, He and Dollár, "Focal Loss for Dense Object Detection" (2017), equation 5,
/// of a raw score (a logit), for any trainer that takes an <see cref="IClassificationLoss"/>.
/// </summary>
/// <remarks>
/// <para>
/// With the score z, the signed margin s (s = z for a positive example, s = -z for a negative one), p = σ(s) the probability
/// given to the true class, q = 1 - p, and the class weight a:
/// </para>
/// <code>
/// loss     =  -a q^γ ln p
/// dL/ds    =   a q^γ (γ p ln p - q)
/// d²L/ds²  =   a p q^γ [q (1 + 2γ) + γ (1 - (1 + γ) p) ln p]
/// </code>
/// <para>
/// All three are computed in double precision from the logarithms of p and q, without a clamp or an epsilon: they are exact
/// to the last digits of a <see cref="float"/> and finite for every finite score. γ = 0 is cross-entropy (log-loss in nats).
/// </para>
/// <para>
/// A label above zero is the positive class, any other the negative class, as in ML.NET's own losses; a label or score of NaN
/// gives NaN. For γ above zero the loss is not convex in the score: the second derivative is negative for badly misclassified examples.
/// </para>
/// </remarks>
public sealed class FocalLoss : IClassificationLoss
{
    private readonly double _positiveWeight;
    private readonly double _negativeWeight;

    /// <summary>Creates a focal loss.</summary>
    /// <param name="gamma">
    /// The focusing parameter γ, finite and at least 0. The larger it is, the less do examples count that are already classified well.
    /// 0 is cross-entropy; the paper uses 2.
    /// </param>
    /// <param name="alpha">
    /// The weight of the positive class, in [0, 1]; the negative class weighs 1 - alpha. Null, the default, gives both classes weight 1.
    /// A value above .5 favours the positive class. Note that the paper's .25 makes negatives count three times as much as positives.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is outside its range, NaN or infinite.</exception>
    public FocalLoss(double gamma = 2, double? alpha = null)
    {
        Gamma = Guard.NotNegative(gamma);
        if (alpha is { } given)
            Guard.UnitInterval(given, nameof(alpha));
        Alpha = alpha;
        _positiveWeight = alpha ?? 1;
        _negativeWeight = 1 - alpha ?? 1;
    }

    /// <summary>The focusing parameter γ.</summary>
    public double Gamma { get; }

    /// <summary>The weight of the positive class, or null if the classes are not weighted.</summary>
    public double? Alpha { get; }

    /// <summary>The loss of one example.</summary>
    /// <param name="output">The raw score z (a logit).</param>
    /// <param name="label">Above 0 for the positive class, otherwise the negative class.</param>
    /// <returns>The loss in nats, at least 0.</returns>
    public double Loss(float output, float label) => float.IsNaN(label) ? double.NaN : WeightOf(label) * BinaryFocal.Loss(Margin(output, label), Gamma);

    /// <summary>The derivative of the loss of one example with respect to the score.</summary>
    /// <inheritdoc cref="Loss" path="/param"/>
    /// <returns>dL/dz: at most 0 for a positive example, at least 0 for a negative one.</returns>
    public float Derivative(float output, float label)
    {
        if (float.IsNaN(label))
            return float.NaN;
        var slope = WeightOf(label) * BinaryFocal.Derivative(Margin(output, label), Gamma);
        return (float)(label > 0 ? slope : -slope);
    }

    /// <summary>The second derivative of the loss of one example with respect to the score.</summary>
    /// <inheritdoc cref="Loss" path="/param"/>
    /// <returns>d²L/dz²; negative where the example is badly misclassified and γ is above 0.</returns>
    public float SecondDerivative(float output, float label)
        => float.IsNaN(label) ? float.NaN : (float)(WeightOf(label) * BinaryFocal.SecondDerivative(Margin(output, label), Gamma));

    /// <summary>
    /// The score that minimises the loss if every example gets the same one: where training starts. It is not the log-odds of the
    /// prevalence unless γ is 0.
    /// </summary>
    /// <param name="positives">The summed weight of the positive examples, above 0; <see cref="Alpha"/> comes on top.</param>
    /// <param name="negatives">The summed weight of the negative examples, above 0.</param>
    internal double BestConstantScore(double positives, double negatives)
    {
        var up = positives * _positiveWeight;
        var down = negatives * _negativeWeight;
        // The slope of the sum has one sign change; beyond ±100 nothing in a float can be told apart.
        double low = -100, high = 100;
        while (high - low > 1e-12 * Math.Max(1, Math.Abs(low)))
        {
            var middle = (low + high) / 2;
            if (middle <= low || middle >= high)
                break;
            var slope = up * BinaryFocal.Derivative(middle, Gamma) - down * BinaryFocal.Derivative(-middle, Gamma);
            if (slope < 0)
                low = middle;
            else
                high = middle;
        }

        return (low + high) / 2;
    }

    private static double Margin(float output, float label) => label > 0 ? output : -(double)output;

    private double WeightOf(float label) => label > 0 ? _positiveWeight : _negativeWeight;
}

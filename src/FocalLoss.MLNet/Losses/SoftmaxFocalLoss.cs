namespace FocalMlNet;

/// <summary>
/// The focal loss of one true class among several, of the scores of all classes: the loss of Lin, Goyal, Girshick, He and Dollár, "Focal
/// Loss for Dense Object Detection" (2017), equation 5, with the softmax probability of the true class.
/// </summary>
/// <remarks>
/// <para>
/// With the scores (logits) z, the true class y, p = e^{z_y} / Σ_j e^{z_j}, q = 1 - p = Σ_{j≠y} p_j and the class weight a_y:
/// </para>
/// <code>
/// loss     =  -a_y q^γ ln p
/// dL/dz_j  =   a_y A (δ_jy - p_j)   with A = γ q^{γ-1} p ln p - q^γ
/// </code>
/// <para>
/// γ = 0 is cross-entropy in nats. Since p = σ(s) with the margin s = z_y - ln Σ_{j≠y} e^{z_j}, the loss is the binary focal loss of s, and
/// is computed so. Two classes give the binary focal loss of z_1 - z_0.
/// </para>
/// <para>
/// Label smoothing with ε mixes the losses of all classes: Σ_k a_k t_k FL_k with t_k = (1 - ε) δ_ky + ε / K, where FL_k is the loss as if k
/// were the true class (Szegedy et al. 2016, section 7). Many rows with label smoothing are taken one by one, which is slower.
/// </para>
/// <para>Shapes, ranges and precision are those of <see cref="MulticlassFocalLoss"/>.</para>
/// </remarks>
public sealed class SoftmaxFocalLoss : MulticlassFocalLoss
{
    private readonly SoftmaxFocal.Rows _rows;

    /// <summary>Creates a softmax focal loss.</summary>
    /// <param name="gamma">The focusing parameter γ, in [0; 50]; 0 is cross-entropy, the paper uses 2.</param>
    /// <param name="classWeights">
    /// The weight a_k of each class, 0 or in [1e-30; 1e30], one above 0; null, the default, for 1. The more, the more the class counts.
    /// </param>
    /// <param name="labelSmoothing">ε of label smoothing, in [0, 1]; 0, the default, for none.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is outside its range, NaN or infinite.</exception>
    /// <exception cref="ArgumentException">There are fewer than two class weights, or all are 0.</exception>
    public SoftmaxFocalLoss(double gamma = 2, IReadOnlyList<double>? classWeights = null, double labelSmoothing = 0)
        : base(gamma, classWeights)
    {
        LabelSmoothing = Guard.UnitInterval(labelSmoothing);
        _rows = new SoftmaxFocal.Rows(gamma, ClassWeights?.ToArray());
    }

    /// <summary>ε of label smoothing.</summary>
    public double LabelSmoothing { get; }

    internal override double ExactLoss(ReadOnlySpan<double> z, int y)
    {
        using var scratch = new Scratch<double>(3 * z.Length);
        return LabelSmoothing == 0
            ? WeightOf(y) * BinaryFocal.Loss(SoftmaxFocal.Margin(z, y, scratch.Span), Gamma)
            : Mixture(z, y, scratch.Span).Loss();
    }

    internal override void ExactGradient(ReadOnlySpan<double> z, int y, Span<double> gradient)
    {
        if (LabelSmoothing == 0)
        {
            SoftmaxFocal.Gradient(z, y, Gamma, WeightOf(y), gradient);
            return;
        }

        using var scratch = new Scratch<double>(3 * z.Length);
        Mixture(z, y, scratch.Span).Gradient(gradient);
    }

    internal override void ExactProduct(ReadOnlySpan<double> z, int y, ReadOnlySpan<double> v, Span<double> product)
    {
        if (LabelSmoothing == 0)
        {
            SoftmaxFocal.HessianVectorProduct(z, y, Gamma, WeightOf(y), v, product);
            return;
        }

        using var scratch = new Scratch<double>(3 * z.Length);
        Mixture(z, y, scratch.Span).HessianVectorProduct(v, product);
    }

    private protected override void Rows(
        ReadOnlySpan<float> scores, ReadOnlySpan<int> labels, Span<float> losses, Span<float> gradients)
    {
        if (LabelSmoothing == 0)
        {
            _rows.Run(scores, labels, losses, gradients);
            return;
        }

        var classes = labels.IsEmpty ? 0 : scores.Length / labels.Length;
        for (var i = 0; i < labels.Length; i++)
        {
            var row = scores.Slice(i * classes, classes);
            if (!losses.IsEmpty)
                losses[i] = (float)Math.Min(RowLoss(row, labels[i]), float.MaxValue);
            if (!gradients.IsEmpty)
                RowGradient(row, labels[i], gradients.Slice(i * classes, classes));
        }
    }

    private SoftmaxFocal.Mixture Mixture(ReadOnlySpan<double> z, int y, Span<double> scratch)
    {
        var factors = scratch[..z.Length];
        for (var k = 0; k < factors.Length; k++)
            factors[k] = WeightOf(k) * (LabelSmoothing / z.Length + (k == y ? 1 - LabelSmoothing : 0));
        return new SoftmaxFocal.Mixture(z, factors, Gamma, scratch[z.Length..]);
    }
}

using System.Buffers;

namespace FocalMlNet;

/// <summary>
/// The focal loss of one true class among several as a sum of binary losses, one for each class against all others, of the scores of all
/// classes: the sigmoid form of Lin, Goyal, Girshick, He and Dollár, "Focal Loss for Dense Object Detection" (2017), section 4.
/// </summary>
/// <remarks>
/// <para>With the scores (logits) z, the true class y, and for each class k the signed margin s_k = z_k for k = y and -z_k otherwise,
/// p_k = σ(s_k), q_k = 1 - p_k:</para>
/// <code>
/// loss     =  Σ_k a_k (-q_k^γ_k ln p_k)
/// dL/dz_k  =  ± a_k q_k^γ_k (γ_k p_k ln p_k - q_k)   with + for k = y and - otherwise
/// </code>
/// <para>
/// The weight a_k multiplies the whole loss of class k, as a positive and as a negative one, and γ_k is its focusing parameter. The Hessian
/// is diagonal.
/// </para>
/// <para>Shapes, ranges and precision are those of <see cref="MulticlassFocalLoss"/>.</para>
/// </remarks>
public sealed class OneVersusAllFocalLoss : MulticlassFocalLoss
{
    /// <summary>About as many scores are handled at a time; they stay in the cache.</summary>
    private const int BlockSize = 1024;

    private readonly BinaryFocal.Spans _spans;

    /// <summary>Creates a one-versus-all focal loss.</summary>
    /// <param name="gamma">The focusing parameter γ of all classes, in [0; 50]; 0 is cross-entropy, the paper uses 2.</param>
    /// <param name="classWeights">
    /// The weight a_k of each class, 0 or in [1e-30; 1e30], one above 0; null, the default, for 1. The more, the more the class counts.
    /// </param>
    /// <param name="classGammas">γ_k of each class, in [0; 50]; null, the default, for <paramref name="gamma"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is outside its range, NaN or infinite.</exception>
    /// <exception cref="ArgumentException">
    /// There are fewer than two class weights or gammas, not as many of the one as of the other, or all weights are 0.
    /// </exception>
    public OneVersusAllFocalLoss(double gamma = 2, IReadOnlyList<double>? classWeights = null, IReadOnlyList<double>? classGammas = null)
        : base(gamma, classWeights)
    {
        _spans = new BinaryFocal.Spans(gamma, gamma, 1, 1);
        if (classGammas is null)
            return;
        Guard.AtLeastElements(2, classGammas.Count, nameof(classGammas));
        if (classWeights is not null)
            Guard.Count(classWeights.Count, "one for each class weight", classGammas.Count, nameof(classGammas));
        ClassGammas = Array.AsReadOnly([.. Guard.Gammas(classGammas)]);
    }

    /// <summary>γ of each class, or null if all have <see cref="MulticlassFocalLoss.Gamma"/>.</summary>
    public IReadOnlyList<double>? ClassGammas { get; }

    private protected override int? ClassCount => base.ClassCount ?? ClassGammas?.Count;

    internal override double ExactLoss(ReadOnlySpan<double> z, int y)
    {
        double loss = 0;
        for (var k = 0; k < z.Length; k++)
            loss += WeightOf(k) * BinaryFocal.Loss(k == y ? z[k] : -z[k], GammaOf(k));
        return loss;
    }

    internal override void ExactGradient(ReadOnlySpan<double> z, int y, Span<double> gradient)
    {
        for (var k = 0; k < z.Length; k++)
            gradient[k] = WeightOf(k) * (k == y ? BinaryFocal.Derivative(z[k], GammaOf(k)) : -BinaryFocal.Derivative(-z[k], GammaOf(k)));
    }

    internal override void ExactProduct(ReadOnlySpan<double> z, int y, ReadOnlySpan<double> v, Span<double> product)
    {
        for (var k = 0; k < z.Length; k++)
            product[k] = WeightOf(k) * BinaryFocal.SecondDerivative(k == y ? z[k] : -z[k], GammaOf(k)) * v[k];
    }

    private protected override void Rows(
        ReadOnlySpan<float> scores, ReadOnlySpan<int> labels, Span<float> losses, Span<float> gradients)
    {
        if (labels.IsEmpty)
            return;
        var classes = scores.Length / labels.Length;
        var blockRows = Math.Clamp(BlockSize / classes, 1, labels.Length);
        var size = blockRows * classes;
        var rented = ArrayPool<float>.Shared.Rent(4 * size);
        var isTrue = rented.AsSpan(0, size);
        var factors = Tiled(ClassWeights, rented.AsSpan(size, size));
        var γs = Tiled(ClassGammas, rented.AsSpan(2 * size, size));
        var elementLosses = losses.IsEmpty ? default : rented.AsSpan(3 * size, size);
        isTrue.Clear();
        for (var first = 0; first < labels.Length; first += blockRows)
        {
            var rows = Math.Min(blockRows, labels.Length - first);
            var (start, length) = (first * classes, rows * classes);
            for (var row = 0; row < rows; row++)
                isTrue[row * classes + labels[first + row]] = 1;
            _spans.Run(
                scores.Slice(start, length), isTrue[..length], Some(factors, 0, length), Some(γs, 0, length),
                Some(elementLosses, 0, length), Some(gradients, start, length));
            for (var row = 0; row < rows; row++)
            {
                isTrue[row * classes + labels[first + row]] = 0;
                if (losses.IsEmpty)
                    continue;
                double loss = 0;
                foreach (var term in elementLosses.Slice(row * classes, classes))
                    loss += term;
                losses[first + row] = (float)Math.Min(loss, float.MaxValue);
            }
        }

        ArrayPool<float>.Shared.Return(rented);
    }

    private double GammaOf(int k) => ClassGammas?[k] ?? Gamma;

    /// <summary>The values of the classes, row after row; empty if there are none.</summary>
    private static Span<float> Tiled(IReadOnlyList<double>? classValues, Span<float> tiled)
    {
        if (classValues is null)
            return default;
        for (var i = 0; i < tiled.Length; i++)
            tiled[i] = (float)classValues[i % classValues.Count];
        return tiled;
    }

    private static Span<float> Some(Span<float> all, int start, int length) => all.IsEmpty ? default : all.Slice(start, length);
}

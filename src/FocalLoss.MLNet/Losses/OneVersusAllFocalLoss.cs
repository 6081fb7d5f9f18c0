
using System.Buffers;

namespace FocalMlNet;

/// <summary>
/// The focal loss of one true class among several as a sum of binary losses, one for each class against all others, of the logits of all
/// classes: the sigmoid form of Lin, Goyal, Girshick, He and Dollár, "Focal Loss for Dense Object Detection" (2017), section 4.
/// </summary>
/// <remarks>
/// <para>With the logits z, the true class y, and for each class k the signed margin s_k = z_k for k = y and -z_k otherwise, p_k = σ(s_k),
/// q_k = 1 - p_k:</para>
/// <code>
/// loss     =  Σ_k a_k (-q_k^γ_k ln p_k)
/// dL/dz_k  =  ± a_k q_k^γ_k (γ_k p_k ln p_k - q_k)   with + for k = y and - otherwise
/// </code>
/// <para>
/// The weight a_k multiplies the whole loss of class k, as a positive and as a negative one, and γ_k is its focusing parameter. The Hessian
/// is
/// diagonal. For one row computed in double precision, finite for all logits but NaN, where an infinite one counts as the largest finite
/// float of its sign; for rows in a batch within 1e-5 of that (or 1e-30, times a class weight above 1), and a loss above the range of a
/// float is the largest float.
/// </para>
/// <para>
/// Scores are rows of K logits, one after the other; labels are class numbers from 0 to K - 1, K at least 2. An instance is immutable and
/// thread-safe.
/// An output span may be the same as an input span; otherwise it must not overlap one.
/// </para>
/// </remarks>
public sealed class OneVersusAllFocalLoss
{
    /// <summary>About as many scores are handled at a time; they stay in the cache.</summary>
    private const int BlockSize = 1024;

    private readonly BinaryFocalBatch _batch;
    private readonly int? _classes;

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
    {
        Gamma = Guard.Gamma(gamma);
        if (classWeights is not null)
        {
            Guard.AtLeastElements(2, classWeights.Count, nameof(classWeights));
            ClassWeights = Array.AsReadOnly([.. Guard.Weights(classWeights)]);
        }

        if (classGammas is not null)
        {
            Guard.AtLeastElements(2, classGammas.Count, nameof(classGammas));
            if (classWeights is not null)
                Guard.Count(classWeights.Count, "one for each class weight", classGammas.Count, nameof(classGammas));
            ClassGammas = Array.AsReadOnly([.. Guard.Gammas(classGammas)]);
        }

        _classes = ClassWeights?.Count ?? ClassGammas?.Count;
        _batch = new BinaryFocalBatch(Gamma, Gamma, 1, 1, 0);
    }

    /// <summary>The focusing parameter γ of every class that has none of its own.</summary>
    public double Gamma { get; }

    /// <summary>The weight of each class, or null if the classes are not weighted.</summary>
    public IReadOnlyList<double>? ClassWeights { get; }

    /// <summary>γ of each class, or null if all have <see cref="Gamma"/>.</summary>
    public IReadOnlyList<double>? ClassGammas { get; }

    /// <summary>The loss of one row.</summary>
    /// <param name="logits">One logit for each class.</param>
    /// <param name="label">The true class.</param>
    /// <returns>The loss in nats, at least 0.</returns>
    /// <exception cref="ArgumentException">The number of logits is not that of the class weights or gammas, or is below 2.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such class.</exception>
    public double Loss(ReadOnlySpan<float> logits, int label)
    {
        CheckRow(logits, label);
        return RowLoss(logits, label);
    }

    /// <summary>The gradient of the loss of one row with respect to its logits.</summary>
    /// <param name="logits">One logit for each class.</param>
    /// <param name="label">The true class.</param>
    /// <param name="gradient">Receives dL/dz_k for each class.</param>
    /// <inheritdoc cref="Loss" path="/exception"/>
    public void Gradient(ReadOnlySpan<float> logits, int label, Span<float> gradient)
    {
        CheckRow(logits, label);
        Guard.Count(logits.Length, "as many as logits", gradient.Length, nameof(gradient));
        for (var k = 0; k < logits.Length; k++)
            gradient[k] = (float)ExactDerivative(k, logits[k], k == label);
    }

    /// <summary>The losses of many rows.</summary>
    /// <param name="scores">Rows of one logit for each class.</param>
    /// <param name="labels">The true class of each row.</param>
    /// <param name="losses">Receives the loss of each row.</param>
    /// <exception cref="ArgumentException">The lengths do not fit together.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such class. Nothing has been written then.</exception>
    public void Losses(ReadOnlySpan<float> scores, ReadOnlySpan<int> labels, Span<float> losses)
    {
        CheckRows(scores, labels);
        Guard.Count(labels.Length, "as many as labels", losses.Length, nameof(losses));
        SumAndGradients(scores, labels, default, losses, default);
    }

    /// <summary>The gradients of the losses of many rows.</summary>
    /// <param name="scores">Rows of one logit for each class.</param>
    /// <param name="labels">The true class of each row.</param>
    /// <param name="gradients">Receives rows of the gradients.</param>
    /// <inheritdoc cref="Losses" path="/exception"/>
    public void Gradients(ReadOnlySpan<float> scores, ReadOnlySpan<int> labels, Span<float> gradients)
    {
        CheckRows(scores, labels);
        Guard.Count(scores.Length, "as many as scores", gradients.Length, nameof(gradients));
        SumAndGradients(scores, labels, default, default, gradients);
    }

    /// <summary>The losses of many rows and their gradients.</summary>
    /// <param name="scores">Rows of one logit for each class.</param>
    /// <param name="labels">The true class of each row.</param>
    /// <param name="losses">Receives the loss of each row.</param>
    /// <param name="gradients">Receives rows of the gradients.</param>
    /// <inheritdoc cref="Losses" path="/exception"/>
    public void LossesAndGradients(ReadOnlySpan<float> scores, ReadOnlySpan<int> labels, Span<float> losses, Span<float> gradients)
    {
        CheckRows(scores, labels);
        Guard.Count(labels.Length, "as many as labels", losses.Length, nameof(losses));
        Guard.Count(scores.Length, "as many as scores", gradients.Length, nameof(gradients));
        SumAndGradients(scores, labels, default, losses, gradients);
    }

    /// <summary>The loss of many rows, reduced.</summary>
    /// <param name="scores">Rows of one logit for each class.</param>
    /// <param name="labels">The true class of each row.</param>
    /// <param name="reduction">None, sum or mean. The mean is over the rows, whatever their class weights.</param>
    /// <returns>For <see cref="Reduction.None"/> the loss of each row, otherwise a single element.</returns>
    /// <exception cref="ArgumentException">The lengths do not fit together.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such class, or the reduction is not one of those allowed.</exception>
    public double[] Compute(ReadOnlySpan<float> scores, ReadOnlySpan<int> labels, Reduction reduction = Reduction.Mean)
    {
        var classes = CheckRows(scores, labels);
        Guard.MulticlassReduction(reduction);
        var losses = new double[labels.Length];
        for (var i = 0; i < losses.Length; i++)
            losses[i] = RowLoss(scores.Slice(i * classes, classes), labels[i]);
        return losses.Reduced(reduction);
    }

    /// <summary>
    /// The weighted sum of the losses of many rows in double precision; writes the weighted losses and gradients where the span for them is
    /// not
    /// empty. Nothing is checked.
    /// </summary>
    /// <param name="scores">Rows of one logit for each class.</param>
    /// <param name="labels">The true class of each row.</param>
    /// <param name="weights">A factor for each row; empty for 1.</param>
    /// <param name="losses">Receives the loss of each row.</param>
    /// <param name="gradients">Receives rows of the gradients.</param>
    internal double SumAndGradients(
        ReadOnlySpan<float> scores, ReadOnlySpan<int> labels, ReadOnlySpan<float> weights, Span<float> losses, Span<float> gradients)
    {
        if (labels.IsEmpty)
            return 0;
        var classes = scores.Length / labels.Length;
        var blockRows = Math.Clamp(BlockSize / classes, 1, labels.Length);
        var size = blockRows * classes;
        var rented = ArrayPool<float>.Shared.Rent(4 * size);
        var isTrue = rented.AsSpan(0, size);
        var factors = rented.AsSpan(size, size);
        var γs = rented.AsSpan(2 * size, size);
        var elementLosses = rented.AsSpan(3 * size, size);
        if (ClassWeights is null)
            factors = default;
        else
            Tile(ClassWeights, factors);
        if (ClassGammas is null)
            γs = default;
        else
            Tile(ClassGammas, γs);

        double sum = 0;
        isTrue.Clear();
        for (var first = 0; first < labels.Length; first += blockRows)
        {
            var rows = Math.Min(blockRows, labels.Length - first);
            var length = rows * classes;
            for (var row = 0; row < rows; row++)
                isTrue[row * classes + labels[first + row]] = 1;
            _batch.Run(
                scores.Slice(first * classes, length), isTrue[..length], factors.IsEmpty ? default : factors[..length], γs.IsEmpty
                    ? default : γs[..length],
                elementLosses[..length], gradients.IsEmpty ? default : gradients.Slice(first * classes, length));
            for (var row = 0; row < rows; row++)
            {
                isTrue[row * classes + labels[first + row]] = 0;
                double loss = 0;
                foreach (var term in elementLosses.Slice(row * classes, classes))
                    loss += term;
                if (!weights.IsEmpty)
                {
                    loss *= weights[first + row];
                    if (!gradients.IsEmpty)
                    {
                        foreach (ref var derivative in gradients.Slice((first + row) * classes, classes))
                            derivative *= weights[first + row];
                    }
                }

                sum += loss;
                if (!losses.IsEmpty)
                    losses[first + row] = (float)Math.Min(loss, float.MaxValue);
            }
        }

        ArrayPool<float>.Shared.Return(rented);
        return sum;
    }

    /// <summary>The loss of class <paramref name="k"/> in double precision.</summary>
    internal double ExactLoss(int k, double z, bool isTrue) => WeightOf(k) * BinaryFocal.Loss(isTrue ? z : -z, GammaOf(k));

    /// <summary>Its derivative with respect to <paramref name="z"/>.</summary>
    internal double ExactDerivative(int k, double z, bool isTrue)
        => WeightOf(k) * (isTrue ? BinaryFocal.Derivative(z, GammaOf(k)) : -BinaryFocal.Derivative(-z, GammaOf(k)));

    private double WeightOf(int k) => ClassWeights?[k] ?? 1;

    private double GammaOf(int k) => ClassGammas?[k] ?? Gamma;

    private double RowLoss(ReadOnlySpan<float> logits, int label)
    {
        double loss = 0;
        for (var k = 0; k < logits.Length; k++)
            loss += ExactLoss(k, logits[k], k == label);
        return loss;
    }

    private static void Tile(IReadOnlyList<double>? classValues, Span<float> tiled)
    {
        for (var i = 0; i < tiled.Length; i++)
            tiled[i] = classValues is null ? 1 : (float)classValues[i % classValues.Count];
    }

    private void CheckRow(ReadOnlySpan<float> logits, int label)
    {
        if (_classes is { } classes)
            Guard.Count(classes, "one for each class", logits.Length, nameof(logits));
        Guard.AtLeastElements(2, logits.Length, nameof(logits));
        Guard.ClassIndex(logits.Length, label);
    }

    private int CheckRows(ReadOnlySpan<float> scores, ReadOnlySpan<int> labels) => Guard.ClassRows(scores, labels, _classes);
}

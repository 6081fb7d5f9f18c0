
using System.Numerics.Tensors;

namespace FocalMlNet;

/// <summary>
/// A focal loss of one true class among several, of the scores of all classes: <see cref="SoftmaxFocalLoss"/> or
/// <see cref="OneVersusAllFocalLoss"/>. Code written for this type works with both.
/// </summary>
/// <remarks>
/// <para>
/// Scores are logits, one for each of K classes; those of many rows lie one row after the other. Labels are class numbers from 0 to K - 1,
/// K at least 2. All losses are in nats.
/// </para>
/// <para>
/// One row, sums and means are computed in double precision, finite for all scores but NaN, where an infinite one counts as the largest
/// finite float of its sign. Losses and gradients of many rows are within 1e-5 of that (or 1e-30, times a class weight above 1), and a loss
/// above the range of a float is the largest float.
/// </para>
/// <para>
/// An output span may be the same as an input span; otherwise it must not overlap one. An instance is immutable and thread-safe.
/// </para>
/// </remarks>
public abstract class MulticlassFocalLoss
{
    private readonly double[]? _weights;

    private protected MulticlassFocalLoss(double gamma, IReadOnlyList<double>? classWeights)
    {
        Gamma = Guard.Gamma(gamma);
        if (classWeights is null)
            return;
        Guard.AtLeastElements(2, classWeights.Count, nameof(classWeights));
        _weights = [.. Guard.Weights(classWeights)];
        ClassWeights = Array.AsReadOnly(_weights);
    }

    /// <summary>The focusing parameter γ of every class that has none of its own.</summary>
    public double Gamma { get; }

    /// <summary>The weight of each class, or null if the classes are not weighted.</summary>
    public IReadOnlyList<double>? ClassWeights { get; }

    /// <summary>The number of classes if the parameters tell it.</summary>
    private protected virtual int? ClassCount => ClassWeights?.Count;

    /// <summary>The loss of one row.</summary>
    /// <param name="scores">One score for each class.</param>
    /// <param name="label">The true class.</param>
    /// <returns>The loss in nats, at least 0.</returns>
    /// <exception cref="ArgumentException">
    /// The number of scores is not that of the class weights or gammas, or is below 2, or another span has not as many elements.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such class.</exception>
    public double Loss(ReadOnlySpan<float> scores, int label)
    {
        CheckRow(scores, label);
        return RowLoss(scores, label);
    }

    /// <summary>The gradient of the loss of one row with respect to its scores.</summary>
    /// <param name="scores">One score for each class.</param>
    /// <param name="label">The true class.</param>
    /// <param name="gradient">Receives dL/dz_k for each class k.</param>
    /// <inheritdoc cref="Loss" path="/exception"/>
    public void Gradient(ReadOnlySpan<float> scores, int label, Span<float> gradient)
    {
        CheckRow(scores, label);
        AsManyAsScores(scores, gradient.Length, nameof(gradient));
        RowGradient(scores, label, gradient);
    }

    /// <summary>The product of the Hessian of the loss of one row, with respect to its scores, with a vector.</summary>
    /// <param name="scores">One score for each class.</param>
    /// <param name="label">The true class.</param>
    /// <param name="vector">One number v_k for each class k.</param>
    /// <param name="product">Receives Σ_k d²L/dz_j dz_k v_k for each class j.</param>
    /// <inheritdoc cref="Loss" path="/exception"/>
    public void HessianVectorProduct(ReadOnlySpan<float> scores, int label, ReadOnlySpan<float> vector, Span<float> product)
    {
        CheckRow(scores, label);
        AsManyAsScores(scores, vector.Length, nameof(vector));
        AsManyAsScores(scores, product.Length, nameof(product));
        RowProduct(scores, label, vector, product);
    }

    /// <summary>The sum of the losses of many rows.</summary>
    /// <param name="scores">Rows of one score for each class.</param>
    /// <param name="labels">The true class of each row.</param>
    /// <returns>The sum; 0 if there are no rows.</returns>
    /// <exception cref="ArgumentException">The lengths do not fit together.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such class. Nothing has been written then.</exception>
    public double Sum(ReadOnlySpan<float> scores, ReadOnlySpan<int> labels)
    {
        var classes = CheckRows(scores, labels);
        double sum = 0;
        for (var i = 0; i < labels.Length; i++)
            sum += RowLoss(scores.Slice(i * classes, classes), labels[i]);
        return sum;
    }

    /// <summary>The mean of the losses of many rows, over the rows, whatever their class weights.</summary>
    /// <inheritdoc cref="Sum" path="/param|/exception"/>
    /// <returns>The mean; NaN if there are no rows.</returns>
    public double Mean(ReadOnlySpan<float> scores, ReadOnlySpan<int> labels) => Sum(scores, labels) / labels.Length;

    /// <summary>The losses of many rows.</summary>
    /// <param name="scores">Rows of one score for each class.</param>
    /// <param name="labels">The true class of each row.</param>
    /// <param name="losses">Receives the loss of each row.</param>
    /// <inheritdoc cref="Sum" path="/exception"/>
    public void Losses(ReadOnlySpan<float> scores, ReadOnlySpan<int> labels, Span<float> losses)
    {
        CheckRows(scores, labels);
        Guard.Count(labels.Length, "as many as labels", losses.Length, nameof(losses));
        Rows(scores, labels, losses, default);
    }

    /// <summary>The gradients of the losses of many rows.</summary>
    /// <param name="scores">Rows of one score for each class.</param>
    /// <param name="labels">The true class of each row.</param>
    /// <param name="gradients">Receives rows of the gradients.</param>
    /// <inheritdoc cref="Sum" path="/exception"/>
    public void Gradients(ReadOnlySpan<float> scores, ReadOnlySpan<int> labels, Span<float> gradients)
    {
        CheckRows(scores, labels);
        AsManyAsScores(scores, gradients.Length, nameof(gradients));
        Rows(scores, labels, default, gradients);
    }

    /// <summary>The losses of many rows and their gradients, for little more than the price of one of the two.</summary>
    /// <param name="scores">Rows of one score for each class.</param>
    /// <param name="labels">The true class of each row.</param>
    /// <param name="losses">Receives the loss of each row.</param>
    /// <param name="gradients">Receives rows of the gradients.</param>
    /// <inheritdoc cref="Sum" path="/exception"/>
    public void LossesAndGradients(ReadOnlySpan<float> scores, ReadOnlySpan<int> labels, Span<float> losses, Span<float> gradients)
    {
        CheckRows(scores, labels);
        Guard.Count(labels.Length, "as many as labels", losses.Length, nameof(losses));
        AsManyAsScores(scores, gradients.Length, nameof(gradients));
        Rows(scores, labels, losses, gradients);
    }

    /// <summary>The product of each row's Hessian with a vector of its own.</summary>
    /// <param name="scores">Rows of one score for each class.</param>
    /// <param name="labels">The true class of each row.</param>
    /// <param name="vectors">Rows of the vectors.</param>
    /// <param name="products">Receives rows of the products.</param>
    /// <inheritdoc cref="Sum" path="/exception"/>
    public void HessianVectorProducts(
        ReadOnlySpan<float> scores, ReadOnlySpan<int> labels, ReadOnlySpan<float> vectors, Span<float> products)
    {
        var classes = CheckRows(scores, labels);
        AsManyAsScores(scores, vectors.Length, nameof(vectors));
        AsManyAsScores(scores, products.Length, nameof(products));
        for (var (i, at) = (0, 0); i < labels.Length; i++, at += classes)
            RowProduct(scores.Slice(at, classes), labels[i], vectors.Slice(at, classes), products.Slice(at, classes));
    }

    /// <summary>The loss of one row in double precision.</summary>
    /// <param name="z">The scores.</param>
    /// <param name="y">The true class.</param>
    internal abstract double ExactLoss(ReadOnlySpan<double> z, int y);

    /// <summary><paramref name="gradient"/> receives the gradient in double precision.</summary>
    /// <inheritdoc cref="ExactLoss" path="/param"/>
    internal abstract void ExactGradient(ReadOnlySpan<double> z, int y, Span<double> gradient);

    /// <summary><paramref name="product"/> receives the Hessian times <paramref name="v"/> in double precision.</summary>
    /// <inheritdoc cref="ExactLoss" path="/param"/>
    internal abstract void ExactProduct(ReadOnlySpan<double> z, int y, ReadOnlySpan<double> v, Span<double> product);

    /// <summary>Writes each row's loss and gradient where the span for it is not empty. Nothing is checked.</summary>
    private protected abstract void Rows(ReadOnlySpan<float> scores, ReadOnlySpan<int> labels, Span<float> losses, Span<float> gradients);

    private protected double WeightOf(int k) => _weights is null ? 1 : _weights[k];

    private protected double RowLoss(ReadOnlySpan<float> scores, int label)
    {
        using var scratch = new Scratch<double>(scores.Length);
        Widen(scores, scratch.Span);
        return ExactLoss(scratch.Span, label);
    }

    private protected void RowGradient(ReadOnlySpan<float> scores, int label, Span<float> gradient)
    {
        using var scratch = new Scratch<double>(2 * scores.Length);
        var z = scratch.Span[..scores.Length];
        var result = scratch.Span[scores.Length..];
        Widen(scores, z);
        ExactGradient(z, label, result);
        TensorPrimitives.ConvertTruncating(result, gradient);
    }

    private void RowProduct(ReadOnlySpan<float> scores, int label, ReadOnlySpan<float> vector, Span<float> product)
    {
        using var scratch = new Scratch<double>(3 * scores.Length);
        var z = scratch.Span[..scores.Length];
        var v = scratch.Span.Slice(scores.Length, scores.Length);
        var result = scratch.Span[(2 * scores.Length)..];
        Widen(scores, z);
        Widen(vector, v);
        ExactProduct(z, label, v, result);
        TensorPrimitives.ConvertTruncating(result, product);
    }

    private static void Widen(ReadOnlySpan<float> from, Span<double> to)
    {
        for (var j = 0; j < from.Length; j++)
            to[j] = BinaryFocal.Bounded(from[j]);
    }

    private void CheckRow(ReadOnlySpan<float> scores, int label)
    {
        if (ClassCount is { } classes)
            Guard.Count(classes, "one for each class", scores.Length, nameof(scores));
        Guard.AtLeastElements(2, scores.Length, nameof(scores));
        Guard.ClassIndex(scores.Length, label);
    }

    private int CheckRows(ReadOnlySpan<float> scores, ReadOnlySpan<int> labels) => Guard.ClassRows(scores, labels, ClassCount);

    private static void AsManyAsScores(ReadOnlySpan<float> scores, int count, string name)
        => Guard.Count(scores.Length, "as many as scores", count, name);
}

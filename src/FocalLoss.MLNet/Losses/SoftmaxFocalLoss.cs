namespace FocalMlNet;

/// <summary>
/// The focal loss of one true class among several, of the logits of all classes: the loss of Lin, Goyal, Girshick, He and Dollár, "Focal
/// Loss
/// for Dense Object Detection" (2017), equation 5, with the softmax probability of the true class.
/// </summary>
/// <remarks>
/// <para>
/// With the logits z, the true class y, p = e^{z_y} / Σ_j e^{z_j}, q = 1 - p = Σ_{j≠y} p_j and the class weight a_y:
/// </para>
/// <code>
/// loss     =  -a_y q^γ ln p
/// dL/dz_j  =   a_y A (δ_jy - p_j)   with A = γ q^{γ-1} p ln p - q^γ
/// </code>
/// <para>
/// γ = 0 is cross-entropy in nats. Since p = σ(s) with the margin s = z_y - ln Σ_{j≠y} e^{z_j}, the loss is the binary focal loss
/// of s, and is computed so: for one row in double precision, finite for all logits but NaN, where an infinite one counts as the
/// largest finite float of its sign; for rows in a batch within 1e-5 of that (or 1e-30, times a class weight above 1), and a loss above
/// the range of a float is the largest float. Two classes give the binary focal loss of z_1 - z_0.
/// </para>
/// <para>
/// Label smoothing with ε mixes the losses of all classes: Σ_k a_k t_k FL_k with t_k = (1 - ε) δ_ky + ε / K, where FL_k is the loss as if
/// k were the true class (Szegedy et al. 2016, section 7). A batch with label smoothing goes row by row and is slower.
/// </para>
/// <para>
/// Scores are rows of K logits, one after the other; labels are class numbers from 0 to K - 1, K at least 2. An instance is immutable and
/// thread-safe.
/// An output span may be the same as an input span; otherwise it must not overlap one.
/// </para>
/// </remarks>
public sealed class SoftmaxFocalLoss
{
    private readonly SoftmaxFocalBatch _batch;

    /// <summary>Creates a softmax focal loss.</summary>
    /// <param name="gamma">The focusing parameter γ, in [0; 50]; 0 is cross-entropy, the paper uses 2.</param>
    /// <param name="classWeights">
    /// The weight a_k of each class, 0 or in [1e-30; 1e30], one above 0; null, the default, for 1. The more, the more the class counts.
    /// </param>
    /// <param name="labelSmoothing">ε of label smoothing, in [0, 1]; 0, the default, for none.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is outside its range, NaN or infinite.</exception>
    /// <exception cref="ArgumentException">There are fewer than two class weights, or all are 0.</exception>
    public SoftmaxFocalLoss(double gamma = 2, IReadOnlyList<double>? classWeights = null, double labelSmoothing = 0)
    {
        Gamma = Guard.Gamma(gamma);
        LabelSmoothing = Guard.UnitInterval(labelSmoothing);
        double[]? weights = null;
        if (classWeights is not null)
        {
            Guard.AtLeastElements(2, classWeights.Count, nameof(classWeights));
            weights = [.. Guard.Weights(classWeights)];
            ClassWeights = Array.AsReadOnly(weights);
        }

        Row = new SoftmaxFocalRow(Gamma, weights, LabelSmoothing);
        _batch = new SoftmaxFocalBatch(Gamma, weights);
    }

    /// <summary>The focusing parameter γ.</summary>
    public double Gamma { get; }

    /// <summary>The weight of each class, or null if the classes are not weighted.</summary>
    public IReadOnlyList<double>? ClassWeights { get; }

    /// <summary>ε of label smoothing.</summary>
    public double LabelSmoothing { get; }

    /// <summary>The loss of one row in double precision.</summary>
    internal SoftmaxFocalRow Row { get; }

    /// <summary>The loss of one row.</summary>
    /// <param name="logits">One logit for each class.</param>
    /// <param name="label">The true class.</param>
    /// <returns>The loss in nats, at least 0.</returns>
    /// <exception cref="ArgumentException">The number of logits is not that of the class weights, or is below 2.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such class.</exception>
    public double Loss(ReadOnlySpan<float> logits, int label)
    {
        CheckRow(logits, label);
        return RowLoss(logits, label);
    }

    /// <summary>The gradient of the loss of one row with respect to its logits.</summary>
    /// <param name="logits">One logit for each class.</param>
    /// <param name="label">The true class.</param>
    /// <param name="gradient">Receives dL/dz_j for each class.</param>
    /// <inheritdoc cref="Loss" path="/exception"/>
    public void Gradient(ReadOnlySpan<float> logits, int label, Span<float> gradient)
    {
        CheckRow(logits, label);
        Guard.Count(logits.Length, "as many as logits", gradient.Length, nameof(gradient));
        RowGradient(logits, label, gradient);
    }

    /// <summary>The product of the Hessian of the loss of one row, with respect to its logits, with a vector.</summary>
    /// <param name="logits">One logit for each class.</param>
    /// <param name="label">The true class.</param>
    /// <param name="vector">One number for each class.</param>
    /// <param name="product">Receives Σ_k d²L/dz_j dz_k v_k for each class j.</param>
    /// <inheritdoc cref="Loss" path="/exception"/>
    public void HessianVectorProduct(ReadOnlySpan<float> logits, int label, ReadOnlySpan<float> vector, Span<float> product)
    {
        CheckRow(logits, label);
        Guard.Count(logits.Length, "as many as logits", vector.Length, nameof(vector));
        Guard.Count(logits.Length, "as many as logits", product.Length, nameof(product));
        RowProduct(logits, label, vector, product);
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
        Rows(scores, labels, default, losses, default);
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
        Rows(scores, labels, default, default, gradients);
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
        Rows(scores, labels, default, losses, gradients);
    }

    /// <summary>The product of each row's Hessian with a vector of its own.</summary>
    /// <param name="scores">Rows of one logit for each class.</param>
    /// <param name="labels">The true class of each row.</param>
    /// <param name="vectors">Rows of the vectors.</param>
    /// <param name="products">Receives rows of the products.</param>
    /// <inheritdoc cref="Losses" path="/exception"/>
    public void HessianVectorProducts(
        ReadOnlySpan<float> scores, ReadOnlySpan<int> labels, ReadOnlySpan<float> vectors, Span<float> products)
    {
        var classes = CheckRows(scores, labels);
        Guard.Count(scores.Length, "as many as scores", vectors.Length, nameof(vectors));
        Guard.Count(scores.Length, "as many as scores", products.Length, nameof(products));
        for (var i = 0; i < labels.Length; i++)
            RowProduct(scores.Slice(i * classes, classes), labels[i], vectors.Slice(i * classes, classes),
                products.Slice(i * classes, classes));
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
    /// The weighted sum of the losses of many rows in double precision, and their weighted gradients: what a solver needs of a block.
    /// </summary>
    /// <remarks>Nothing is checked.</remarks>
    /// <param name="scores">Rows of one logit for each class.</param>
    /// <param name="labels">The true class of each row.</param>
    /// <param name="weights">A factor for each row; empty for 1.</param>
    /// <param name="gradients">Receives rows of the gradients; may be empty.</param>
    internal double SumAndGradients(
        ReadOnlySpan<float> scores, ReadOnlySpan<int> labels, ReadOnlySpan<float> weights, Span<float> gradients)
        => Rows(scores, labels, weights, default, gradients);

    private double Rows(
        ReadOnlySpan<float> scores, ReadOnlySpan<int> labels, ReadOnlySpan<float> weights, Span<float> losses, Span<float> gradients)
    {
        if (LabelSmoothing == 0)
            return _batch.Run(scores, labels, weights, losses, gradients);

        double sum = 0;
        for (var i = 0; i < labels.Length; i++)
        {
            var classes = scores.Length / labels.Length;
            var row = scores.Slice(i * classes, classes);
            var weight = weights.IsEmpty ? 1 : weights[i];
            var loss = weight * RowLoss(row, labels[i]);
            sum += loss;
            if (!losses.IsEmpty)
                losses[i] = (float)Math.Min(loss, float.MaxValue);
            if (gradients.IsEmpty)
                continue;
            var gradient = gradients.Slice(i * classes, classes);
            RowGradient(row, labels[i], gradient);
            for (var j = 0; j < classes; j++)
                gradient[j] *= weight;
        }

        return sum;
    }

    private double RowLoss(ReadOnlySpan<float> logits, int label)
    {
        using var z = new Scratch(logits.Length);
        Scores(logits, z.Span);
        return Row.Loss(z.Span, label);
    }

    private void RowGradient(ReadOnlySpan<float> logits, int label, Span<float> gradient)
    {
        using var scratch = new Scratch(2 * logits.Length);
        var z = scratch.Span[..logits.Length];
        var result = scratch.Span[logits.Length..];
        Scores(logits, z);
        Row.Gradient(z, label, result);
        Narrow(result, gradient);
    }

    private void RowProduct(ReadOnlySpan<float> logits, int label, ReadOnlySpan<float> vector, Span<float> product)
    {
        using var scratch = new Scratch(3 * logits.Length);
        var z = scratch.Span[..logits.Length];
        var v = scratch.Span.Slice(logits.Length, logits.Length);
        var result = scratch.Span[(2 * logits.Length)..];
        Scores(logits, z);
        Widen(vector, v);
        Row.HessianVectorProduct(z, label, v, result);
        Narrow(result, product);
    }

    private static void Scores(ReadOnlySpan<float> from, Span<double> to)
    {
        for (var j = 0; j < from.Length; j++)
            to[j] = BinaryFocal.Bounded(from[j]);
    }

    private static void Widen(ReadOnlySpan<float> from, Span<double> to)
    {
        for (var j = 0; j < from.Length; j++)
            to[j] = from[j];
    }

    private static void Narrow(ReadOnlySpan<double> from, Span<float> to)
    {
        for (var j = 0; j < from.Length; j++)
            to[j] = (float)from[j];
    }

    private void CheckRow(ReadOnlySpan<float> logits, int label)
    {
        if (ClassWeights is not null)
            Guard.Count(ClassWeights.Count, "one for each class weight", logits.Length, nameof(logits));
        Guard.AtLeastElements(2, logits.Length, nameof(logits));
        Guard.ClassIndex(logits.Length, label);
    }

    private int CheckRows(ReadOnlySpan<float> scores, ReadOnlySpan<int> labels) => Guard.ClassRows(scores, labels, ClassWeights?.Count);
}

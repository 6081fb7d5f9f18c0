namespace FocalMlNet;

/// <summary>The softmax focal loss of one row in double precision, with class weights and label smoothing.</summary>
internal readonly struct SoftmaxFocalRow(double γ, double[]? classWeights, double smoothing)
{
    /// <summary>The loss.</summary>
    /// <param name="z">The logits.</param>
    /// <param name="y">The true class.</param>
    public double Loss(ReadOnlySpan<double> z, int y)
    {
        using var scratch = new Scratch(3 * z.Length);
        return smoothing == 0
            ? WeightOf(y) * BinaryFocal.Loss(SoftmaxFocal.Margin(z, y, scratch.Span), γ)
            : Smoothed(z, y, scratch.Span).Loss();
    }

    /// <summary><paramref name="gradient"/> receives the gradient.</summary>
    /// <inheritdoc cref="Loss" path="/param"/>
    public void Gradient(ReadOnlySpan<double> z, int y, Span<double> gradient)
    {
        if (smoothing == 0)
        {
            SoftmaxFocal.Gradient(z, y, γ, WeightOf(y), gradient);
            return;
        }

        using var scratch = new Scratch(3 * z.Length);
        Smoothed(z, y, scratch.Span).Gradient(gradient);
    }

    /// <summary><paramref name="product"/> receives the Hessian times <paramref name="v"/>.</summary>
    /// <inheritdoc cref="Loss" path="/param"/>
    public void HessianVectorProduct(ReadOnlySpan<double> z, int y, ReadOnlySpan<double> v, Span<double> product)
    {
        if (smoothing == 0)
        {
            SoftmaxFocal.HessianVectorProduct(z, y, γ, WeightOf(y), v, product);
            return;
        }

        using var scratch = new Scratch(3 * z.Length);
        Smoothed(z, y, scratch.Span).HessianVectorProduct(v, product);
    }

    private double WeightOf(int k) => classWeights is null ? 1 : classWeights[k];

    private SmoothedSoftmaxFocal Smoothed(ReadOnlySpan<double> z, int y, Span<double> scratch)
    {
        var factors = scratch[..z.Length];
        for (var k = 0; k < factors.Length; k++)
            factors[k] = WeightOf(k) * (smoothing / z.Length + (k == y ? 1 - smoothing : 0));
        return new SmoothedSoftmaxFocal(z, factors, γ, scratch[z.Length..]);
    }
}

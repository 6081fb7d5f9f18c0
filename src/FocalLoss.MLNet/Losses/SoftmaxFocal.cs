namespace FocalMlNet;

/// <summary>
/// The softmax focal loss of one row with one true class, in double precision. The other files of this type have the mixture of the losses
/// of all classes, and many rows at a time.
/// </summary>
/// <remarks>
/// With the margin s = z_y - ln Σ_{j≠y} e^{z_j} the probability of the true class is p = σ(s): the loss is the binary one of s. With r_j =
/// e^{z_j} / Σ_{i≠y} e^{z_i} for j ≠ y, the shares of the other classes, ∂s/∂z_y = 1 and ∂s/∂z_j = -r_j. Nothing here is a difference of
/// nearly equal numbers, and q = 1 - p is never formed. For a vector v, v̄ = Σ_j r_j v_j:
/// <code>
/// gradient = L' ∂s                Hessian · v = L'' (v_y - v̄) ∂s - L' r ∘ (v - v̄)
/// </code>
/// </remarks>
internal static partial class SoftmaxFocal
{
    /// <summary>The margin of class <paramref name="y"/>; <paramref name="shares"/> receives r, with 0 for class y.</summary>
    public static double Margin(ReadOnlySpan<double> z, int y, Span<double> shares)
    {
        var largest = double.NegativeInfinity;
        for (var j = 0; j < z.Length; j++)
        {
            if (j != y && !(z[j] <= largest))
                largest = z[j];
        }

        double sum = 0;
        for (var j = 0; j < z.Length; j++)
        {
            shares[j] = j == y ? 0 : Math.Exp(z[j] - largest);
            sum += shares[j];
        }

        for (var j = 0; j < z.Length; j++)
            shares[j] /= sum;
        return z[y] - largest - Math.Log(sum);
    }

    /// <summary><paramref name="gradient"/> receives the gradient, times a class weight.</summary>
    public static void Gradient(ReadOnlySpan<double> z, int y, double γ, double weight, Span<double> gradient)
    {
        var shares = gradient;
        var slope = weight * BinaryFocal.Derivative(Margin(z, y, shares), γ);
        for (var j = 0; j < z.Length; j++)
            gradient[j] = -slope * shares[j];
        gradient[y] = slope;
    }

    /// <summary><paramref name="product"/> receives the Hessian times <paramref name="v"/>, times a class weight.</summary>
    public static void HessianVectorProduct(
        ReadOnlySpan<double> z, int y, double γ, double weight, ReadOnlySpan<double> v, Span<double> product)
    {
        var shares = product;
        var s = Margin(z, y, shares);
        double mean = 0;
        for (var j = 0; j < z.Length; j++)
            mean += shares[j] * v[j];

        var slope = weight * BinaryFocal.Derivative(s, γ);
        var along = weight * BinaryFocal.SecondDerivative(s, γ) * (v[y] - mean);
        for (var j = 0; j < z.Length; j++)
            product[j] = -shares[j] * (along + slope * (v[j] - mean));
        product[y] = along;
    }
}

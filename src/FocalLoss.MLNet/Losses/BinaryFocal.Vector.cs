using System.Numerics;
using System.Runtime.CompilerServices;

namespace FocalMlNet;

// The same formulas for a vector of margins, in single and in double precision.
internal static partial class BinaryFocal
{
    /// <summary>Loss = factor (-q^γ ln p) and slope = signedFactor q^γ (γ p ln p - q).</summary>
    /// <param name="s">The signed margins.</param>
    /// <param name="γ">The focusing parameters.</param>
    /// <param name="γLow">What is missing in the floats <paramref name="γ"/>.</param>
    /// <param name="factor">A factor of the losses.</param>
    /// <param name="signedFactor">A factor of the slopes.</param>
    /// <param name="loss">The losses.</param>
    /// <param name="slope">The slopes.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Evaluate<TGamma>(
        Vector<float> s, Vector<float> γ, Vector<float> γLow, Vector<float> factor, Vector<float> signedFactor,
        out Vector<float> loss, out Vector<float> slope)
        where TGamma : struct
    {
        var distance = Vector.Abs(s);
        var e = VectorMath.Exp(-distance, Vector<float>.Zero);
        var larger = Vector<float>.One / (Vector<float>.One + e);
        var smaller = e * larger;
        var tail = VectorMath.LogOnePlus(e);

        // p is the larger of the two where s ≥ 0. The sign bit, spread over the lane, picks without a branch.
        var isWrong = Vector.AsVectorSingle(Vector.ShiftRightArithmetic(Vector.AsVectorInt32(s), 31));
        var exchange = (larger ^ smaller) & isWrong;
        var p = larger ^ exchange;
        var q = smaller ^ exchange;
        // An infinity counts as the largest finite float; NaN stays.
        var minusLnP = Vector.MinNative(Vector.Create(float.MaxValue), (distance & isWrong) + tail);
        var power = Power<TGamma>(q, Vector.AndNot(distance, isWrong), tail, γ, γLow);

        loss = factor * (power * minusLnP);
        // p ln p first: at the far left p is 0 and ln p is huge, and their product must come out as 0.
        slope = -power * (signedFactor * Vector.FusedMultiplyAdd(γ, p * minusLnP, q));
    }

    /// <summary>
    /// In double precision, for elements with a share of both classes: loss = Σ share (-q^γ ln p) and slope = Σ ± share q^γ (γ p ln p - q).
    /// </summary>
    /// <remarks>The two slopes have opposite signs and cancel where the loss is least: single precision leaves nothing there.</remarks>
    public static void EvaluateMixture(
        Vector<double> score, Vector<double> γPositive, Vector<double> γNegative, Vector<double> positive, Vector<double> negative,
        out Vector<double> loss, out Vector<double> slope)
    {
        // A lane of NaN computes with 0, lest it change the last bits of the others.
        var isNumber = Vector.Equals<double>(score, score);
        // Both classes have the same e^-|score|.
        var distance = Vector.Min(Vector.Abs(score) & isNumber, Vector.Create((double)float.MaxValue));
        var e = VectorMath.Exp(-distance);
        var sum = Vector<double>.One + e;
        var tail = LogOfSum(sum, e);
        var larger = Vector<double>.One / sum;
        var smaller = e * larger;
        var isRight = Vector.GreaterThanOrEqual<double>(score, Vector<double>.Zero);
        var (high, low) = (distance + tail, tail);
        var (p, q) = (Vector.ConditionalSelect(isRight, larger, smaller), Vector.ConditionalSelect(isRight, smaller, larger));
        var (minusLnP, minusLnQ) = (Vector.ConditionalSelect(isRight, low, high), Vector.ConditionalSelect(isRight, high, low));
        positive *= VectorMath.Exp(-γPositive * minusLnQ);
        negative *= VectorMath.Exp(-γNegative * minusLnP);
        loss = Vector.ConditionalSelect(isNumber, positive * minusLnP + negative * minusLnQ, score);
        slope = Vector.ConditionalSelect(
            isNumber, negative * (γNegative * (q * minusLnQ) + p) - positive * (γPositive * (p * minusLnP) + q), score);
    }

    /// <summary>
    /// In double precision: loss = -q^γ ln p, slope = q^γ (γ p ln p - q) and the second derivative bend = p q^γ [q (1 + 2γ) + γ (q - γ p)
    /// ln p].
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Evaluate(Vector<double> s, double γ, out Vector<double> loss, out Vector<double> slope, out Vector<double> bend)
    {
        var e = VectorMath.Exp(-Vector.Abs(s));
        var sum = Vector<double>.One + e;
        var tail = LogOfSum(sum, e);
        var larger = Vector<double>.One / sum;
        var smaller = e * larger;
        var isRight = Vector.GreaterThanOrEqual<double>(s, Vector<double>.Zero);
        var (p, q) = (Vector.ConditionalSelect(isRight, larger, smaller), Vector.ConditionalSelect(isRight, smaller, larger));
        var minusLnP = Vector.Max(-s, Vector<double>.Zero) + tail;
        var power = γ switch
        {
            0 => Vector<double>.One,
            1 => q,
            2 => q * q,
            _ => VectorMath.Exp(-γ * (Vector.Max(s, Vector<double>.Zero) + tail)),
        };
        loss = power * minusLnP;
        slope = -power * (γ * (p * minusLnP) + q);
        bend = power * (p * q * (1 + 2 * γ) - γ * (q - γ * p) * (p * minusLnP));
    }

    /// <summary>ln(1 + x) where sum = 1 + x has been rounded (Kahan's correction).</summary>
    private static Vector<double> LogOfSum(Vector<double> sum, Vector<double> x)
    {
        var rounded = sum - Vector<double>.One;
        var isLost = Vector.Equals<double>(rounded, Vector<double>.Zero);
        return Vector.ConditionalSelect(isLost, x, Vector.Log(sum) * (x / rounded));
    }

    /// <summary>q^γ from q and from -ln q = margin + tail. The γ that people use most need no second exponential.</summary>
    /// <param name="q">The probability given to the wrong class.</param>
    /// <param name="margin">max(s, 0).</param>
    /// <param name="tail">ln(1 + e^-|s|).</param>
    /// <param name="γ">The focusing parameters.</param>
    /// <param name="γLow">What is missing in the floats <paramref name="γ"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> Power<TGamma>(
        Vector<float> q, Vector<float> margin, Vector<float> tail, Vector<float> γ, Vector<float> γLow)
        where TGamma : struct
    {
        if (typeof(TGamma) == typeof(Zero))
            return Vector<float>.One;
        if (typeof(TGamma) == typeof(Half))
            return Vector.SquareRoot(q);
        if (typeof(TGamma) == typeof(One))
            return q;
        if (typeof(TGamma) == typeof(Two))
            return q * q;
        if (typeof(TGamma) == typeof(Three))
            return q * q * q;
        if (typeof(TGamma) == typeof(Five))
            return q * q * (q * q) * q;

        // The exponent reaches -88, so what a float loses of it would show in the fifth digit: what the sum and the product lose goes
        // along.
        margin = Vector.MinNative(Vector.Create(-VectorMath.LowestExponent), margin);
        var minusLnQ = margin + tail;
        var lost = tail - (minusLnQ - margin);
        var exponent = -γ * minusLnQ;
        var rest = Vector.FusedMultiplyAdd(γ, minusLnQ, exponent);
        rest = Vector.FusedMultiplyAdd(γLow, minusLnQ, rest);
        rest = Vector.FusedMultiplyAdd(γ, lost, rest);
        return VectorMath.Exp(exponent, -rest);
    }

    // A γ that is known when a loop is compiled.
    private readonly struct Zero;
    private readonly struct Half;
    private readonly struct One;
    private readonly struct Two;
    private readonly struct Three;
    private readonly struct Five;

    /// <summary>Any γ, also one that differs from element to element.</summary>
    private readonly struct Any;
}

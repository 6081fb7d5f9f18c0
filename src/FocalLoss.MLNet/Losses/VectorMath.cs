
using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;

namespace FocalMlNet;

/// <summary>Elementary functions of a vector, right to one or two units in the last place, for the arguments a loss has.</summary>
/// <remarks>
/// The polynomials are minimax approximations made with Remez' exchange; their terms are grouped to keep chains of dependent steps short.
/// </remarks>
internal static class VectorMath
{
    /// <summary>At and below it e^x is 0 here: the smallest normal float is e^-87.34.</summary>
    public const float LowestExponent = -88;

    /// <summary>
    /// The lowest argument whose exponential in double precision does not depend on where it lies: with one below, the platform's vector
    /// function takes all numbers of the same register one by one, which gives them other last bits.
    /// </summary>
    private const double LowestDoubleExponent = -708;

    private const float Log2E = 1.44269504088896f;

    // ln 2 as the sum of two floats.
    private const float Ln2High = .693147180559945f;
    private const float Ln2Low = -1.90465429995776e-9f;

    /// <summary>Added to a small float it leaves the nearest whole number in the low bits.</summary>
    private const float Rounder = 12_582_912;

    private const int MantissaBits = 23;
    private const int BitsOfOne = 0x3F800000;

    /// <summary>e^(x + correction) for x ≤ 0 and a correction that is small against 1. NaN stays NaN.</summary>
    /// <remarks>
    /// x = n ln 2 + r with whole n and |r| ≤ ln 2 / 2, and e^r = 1 + r + r² P(r) with P of degree 4 (relative error of e^r 3e-9). For n =
    /// -127, the least there is, the bits of the scale factor are those of 0.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Exp(Vector<float> x, Vector<float> correction)
    {
        x = Vector.MaxNative(Vector.Create(LowestExponent), x);
        var rounded = Vector.FusedMultiplyAdd(x, Vector.Create(Log2E), Vector.Create(Rounder));
        var n = rounded - Vector.Create(Rounder);
        var r = Vector.FusedMultiplyAdd(n, Vector.Create(-Ln2High), x) + Vector.FusedMultiplyAdd(n, Vector.Create(-Ln2Low), correction);

        var square = r * r;
        var low = Vector.FusedMultiplyAdd(Vector.Create(.1666652113199234f), r, Vector.Create(.4999999403953552f));
        var high = Vector.FusedMultiplyAdd(Vector.Create(.001381459878757596f), r, Vector.Create(.008368716575205326f));
        high = Vector.FusedMultiplyAdd(high, r, Vector.Create(.04166838899254799f));
        var polynomial = Vector.FusedMultiplyAdd(high, square, low);

        var scale = Vector.AsVectorSingle((Vector.AsVectorInt32(rounded) << MantissaBits) + Vector.Create(BitsOfOne));
        return Vector.FusedMultiplyAdd(scale, Vector.FusedMultiplyAdd(square, polynomial, r), scale);
    }

    /// <summary>e^x in double precision for x ≤ 0, but e^-708, which no float tells from 0, for one below and for NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<double> Exp(Vector<double> x)
    {
        var lowest = Vector.Create(LowestDoubleExponent);
        return Vector.Exp(Vector.ConditionalSelect(Vector.GreaterThan(x, lowest), x, lowest));
    }

    /// <summary>The same of many numbers, in their place.</summary>
    public static void Exp(Span<double> x)
    {
        TensorPrimitives.MaxNumber(x, LowestDoubleExponent, x);
        TensorPrimitives.Exp<double>(x, x);
    }

    /// <summary>ln(1 + x) for x in [0, 1], as x + x² P(x) with P of degree 7 (relative error 3e-8).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> LogOnePlus(Vector<float> x)
    {
        var square = x * x;
        var a = Vector.FusedMultiplyAdd(Vector.Create(.3332132399082184f), x, Vector.Create(-.49999648332595825f));
        var b = Vector.FusedMultiplyAdd(Vector.Create(.1915365606546402f), x, Vector.Create(-.24857163429260254f));
        var c = Vector.FusedMultiplyAdd(Vector.Create(.07920456677675247f), x, Vector.Create(-.13753804564476013f));
        var d = Vector.FusedMultiplyAdd(Vector.Create(.005364829674363136f), x, Vector.Create(-.030065814033150673f));
        var low = Vector.FusedMultiplyAdd(b, square, a);
        var high = Vector.FusedMultiplyAdd(d, square, c);
        return Vector.FusedMultiplyAdd(square, Vector.FusedMultiplyAdd(high, square * square, low), x);
    }
}

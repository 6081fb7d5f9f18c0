namespace FocalMlNet;

/// <summary>
/// The binary focal loss with class weight 1 as a function of the signed margin s, for one margin in double precision. The other files of
/// this type have the same formulas for a vector of margins, and for spans of scores with labels and class weights.
/// </summary>
/// <remarks>
/// Symbols: p = σ(s), q = 1 - p, γ. Everything is built from ln p = -softplus(-s) and ln q = -softplus(s), so nothing overflows and nothing
/// is lost near p = 0 or p = 1. An infinite margin counts as the largest finite Single of its sign: all is finite but for NaN.
/// </remarks>
internal static partial class BinaryFocal
{
    /// <summary>-q^γ ln p.</summary>
    public static double Loss(double s, double γ)
    {
        var (lnP, lnQ) = LogProbabilities(s);
        return -Power(γ, lnQ) * lnP;
    }

    /// <summary>q^γ (γ p ln p - q).</summary>
    public static double Derivative(double s, double γ)
    {
        var (lnP, lnQ) = LogProbabilities(s);
        return Power(γ, lnQ) * (γ * Math.Exp(lnP) * lnP - Math.Exp(lnQ));
    }

    /// <summary>p q^γ [q (1 + 2γ) + γ (q - γ p) ln p]; the last factor is 1 - (1 + γ) p without its cancellation.</summary>
    public static double SecondDerivative(double s, double γ)
    {
        var (lnP, lnQ) = LogProbabilities(s);
        double p = Math.Exp(lnP), q = Math.Exp(lnQ);
        // p ln p first: at the far left p is 0 and ln p is huge, and their product must come out as 0.
        return Power(γ, lnQ) * (p * q * (1 + 2 * γ) + γ * (q - γ * p) * (p * lnP));
    }

    /// <summary>The number, or if it is infinite the largest finite Single of its sign: scores come as Singles, none larger.</summary>
    public static double Bounded(double x) => double.IsInfinity(x) ? Math.CopySign(float.MaxValue, x) : x;

    /// <summary>ln σ(s) and ln σ(-s).</summary>
    public static (double LnP, double LnQ) LogProbabilities(double s)
    {
        s = Bounded(s);
        var tail = LogOnePlus(Math.Exp(-Math.Abs(s)));
        return s >= 0 ? (-tail, -s - tail) : (s - tail, -tail);
    }

    /// <summary>q^γ from ln q. γ = 0 is 1 also where ln q is -∞ in effect.</summary>
    private static double Power(double γ, double lnQ) => γ == 0 ? 1 : Math.Exp(γ * lnQ);

    /// <summary>
    /// ln(1 + x) for x in [0, 1] to full precision (Kahan's correction): the runtime's <see cref="double.LogP1"/> rounds 1 + x first and so
    /// loses small x.
    /// </summary>
    private static double LogOnePlus(double x)
    {
        var u = 1 + x;
        return u == 1 ? x : Math.Log(u) * (x / (u - 1));
    }
}

namespace FocalMlNet;

/// <summary>Focal loss as re-weighted log-loss, in double precision: by the signed margin s, with p = σ(s) and q = 1 - p.</summary>
/// <remarks>
/// The derivative of the focal loss is that of log-loss, -q, times r = q^(γ-1) (q - γ p ln p), a weight that depends on the margin: fits of
/// log-loss with weights r, taken from the margins of the fit before, stand still only where the focal loss is stationary.
/// </remarks>
internal static class FocalReweighting
{
    /// <summary>ln r = γ ln q + ln(1 + γ p (-ln p) / q): finite for each margin but NaN. r is 1 for γ = 0.</summary>
    public static double LogWeight(double s, double γ)
    {
        if (γ == 0)
            return double.IsNaN(s) ? double.NaN : 0;
        var (lnP, lnQ) = BinaryFocal.LogProbabilities(s);
        // Both -ln p and q go to 0 as p goes to 1; below e^-30 they are the same to the last digit.
        var p = Math.Exp(lnP);
        var ratio = lnQ < -30 ? 1 : p == 0 ? 0 : -p * lnP / Math.Exp(lnQ);
        return γ * lnQ + Math.Log(1 + γ * ratio);
    }
}

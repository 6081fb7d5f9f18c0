using FocalMlNet.Evaluation;

namespace FocalMlNet.Report;

/// <summary>How much of the loss easy and hard rows have: what γ changes.</summary>
internal static class LossShares
{
    private static readonly double[] UpperEnds = [.1, .5, .9, .99];

    private static readonly string[] Names = ["below 10 %", "10 to 50 %", "50 to 90 %", "90 to 99 %", "above 99 %"];

    /// <summary>γ of a page without a tuning, that of the paper.</summary>
    private const double UsualGamma = 2;

    public static LossShareContent? Of(ModelRows model, double? tunedGamma)
    {
        if (!model.HasProbabilities)
            return null;
        double[] gammas = [0, tunedGamma is > 0 ? tunedGamma.Value : UsualGamma];
        var (weights, losses) = (new double[Names.Length], new[] { new double[Names.Length], new double[Names.Length] });
        var rows = model.Rows;
        for (var i = 0; i < rows.Labels.Length; i++)
        {
            var p = BinaryEvaluation.Moved(rows.Probabilities[i]);
            var own = rows.Labels[i] ? p : 1 - p;
            var bin = 0;
            while (bin < UpperEnds.Length && own > UpperEnds[bin])
                bin++;
            double weight = rows.Weights[i], loss = -Math.Log(own);
            weights[bin] += weight;
            losses[0][bin] += weight * loss;
            losses[1][bin] += weight * loss * Math.Pow(1 - own, gammas[1]);
        }

        return new(Names, Shares(weights), gammas, [.. losses.Select(Shares)]);
    }

    private static double[] Shares(double[] parts)
    {
        var whole = parts.Sum();
        return Array.ConvertAll(parts, part => whole > 0 ? part / whole : 0);
    }
}

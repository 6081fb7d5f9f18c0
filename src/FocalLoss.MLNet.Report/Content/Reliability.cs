using FocalMlNet.Evaluation;

namespace FocalMlNet.Report;

/// <summary>
/// The share of positives beside the probability: bins that know about equally much, Σ p (1 - p) over the rows, as bins of equally many
/// rows would all but one lie at 0 where positives are rare. Equal probabilities stay together.
/// </summary>
internal static class Reliability
{
    private const int MostBins = 12;

    /// <summary>With fewer rows of the rarer class in a bin its interval says nothing.</summary>
    private const double RowsOfABin = 8;

    public static IReadOnlyList<ReliabilityContent> Of(ModelRows model)
    {
        if (!model.HasProbabilities)
            return [];
        var rarer = Math.Min(model.AllPositives.Count, model.AllNegatives.Count);
        var count = (int)Math.Clamp(rarer / RowsOfABin, 1, MostBins);
        var intervals = new ShareInterval(.95);
        double whole = 0;
        for (var k = 0; k < model.Values.Length; k++)
            whole += Information(k);
        List<ReliabilityContent> bins = [];
        var (first, sum, passed, end) = (0, 0.0, 0.0, whole / count);
        for (var k = 0; k < model.Values.Length; k++)
        {
            passed += Information(k);
            sum += Weight(k, k + 1) * model.Values[k];
            // The rows of the last value always end a bin; the rest is not too small for one.
            if (k + 1 < model.Values.Length && (bins.Count + 1 == count || passed < end
                || Rows(first, k + 1) < RowsOfABin || Rows(k + 1, model.Values.Length) < RowsOfABin))
                continue;
            var positives = model.TruePositives(k + 1) - model.TruePositives(first);
            var negatives = model.FalsePositives(k + 1) - model.FalsePositives(first);
            var mean = sum / Weight(first, k + 1);
            var (low, high) = intervals.Of(positives, negatives);
            bins.Add(new(mean, positives.Weight / (positives.Weight + negatives.Weight), low, high, positives.Weight + negatives.Weight));
            // Many rows of one probability may have passed the end of several bins: the rest is shared by those that are left.
            (first, sum, end) = (k + 1, 0, passed + (whole - passed) / Math.Max(count - bins.Count, 1));
        }

        bins.Reverse();
        return bins;

        double Weight(int from, int to)
            => model.TruePositives(to).Weight - model.TruePositives(from).Weight
                + model.FalsePositives(to).Weight - model.FalsePositives(from).Weight;

        double Rows(int from, int to)
            => ((model.TruePositives(to) - model.TruePositives(from))
                + (model.FalsePositives(to) - model.FalsePositives(from))).Count;

        double Information(int k) => Weight(k, k + 1) * model.Values[k] * (1 - model.Values[k]);
    }
}

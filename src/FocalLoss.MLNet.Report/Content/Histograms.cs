using FocalMlNet.Evaluation;

namespace FocalMlNet.Report;

/// <summary>Scores by class.</summary>
internal static class Histograms
{
    private const int Bins = 40;

    /// <summary>A bin of probabilities does not end outside of these.</summary>
    private const double Least = 1e-6;

    public static HistogramContent Of(ModelRows model)
    {
        var edges = model.HasProbabilities ? LogOdds(model) : Even(model.Values[^1], model.Values[0]);
        var (positives, negatives) = (new double[Bins], new double[Bins]);
        var cuts = new int[Bins + 1];
        // A bin has its upper edge, the first its lower one too.
        cuts[0] = model.Values.Length;
        for (var b = 1; b < Bins; b++)
            cuts[b] = model.CutAbove(edges[b]);
        for (var b = 0; b < Bins; b++)
        {
            positives[b] = model.TruePositives(cuts[b]).Weight - model.TruePositives(cuts[b + 1]).Weight;
            negatives[b] = model.FalsePositives(cuts[b]).Weight - model.FalsePositives(cuts[b + 1]).Weight;
        }

        return new(edges, positives, negatives);
    }

    /// <summary>Even in log-odds between nearly all probabilities; then 0 and 1 are the ends.</summary>
    private static double[] LogOdds(ModelRows model)
    {
        double total = model.AllPositives.Weight + model.AllNegatives.Weight;
        var (low, high) = (Quantile(.001), Quantile(.9995));
        double from = BinaryEvaluation.Logit(Math.Clamp(low, Least, .01)), to = BinaryEvaluation.Logit(Math.Clamp(high, .5, 1 - Least));
        double[] edges = [.. Even(from, to).Select(z => 1 / (1 + Math.Exp(-z)))];
        (edges[0], edges[^1]) = (0, 1);
        return edges;

        double Quantile(double q)
        {
            int a = 0, b = model.Values.Length;
            while (b - a > 1)
            {
                var middle = (a + b) / 2;
                if (model.TruePositives(middle).Weight + model.FalsePositives(middle).Weight > (1 - q) * total)
                    b = middle;
                else
                    a = middle;
            }

            return model.Values[a];
        }
    }

    private static double[] Even(double low, double high)
    {
        var width = high > low ? high - low : 1;
        return [.. Enumerable.Range(0, Bins + 1).Select(b => low + width * b / Bins)];
    }
}

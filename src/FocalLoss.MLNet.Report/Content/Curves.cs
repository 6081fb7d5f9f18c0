using FocalMlNet.Evaluation;

namespace FocalMlNet.Report;

/// <summary>The curves of a model over the order of its scores, with their bands.</summary>
internal static class Curves
{
    private const int MostPoints = 2000;

    /// <summary>In the unit of the axes: a third of a pixel of a picture of 600.</summary>
    private const double Tolerance = .0005;

    public static (CurveContent PrecisionRecall, CurveContent Roc, CurveContent Gain) Of(ScoredRows rows, CurveBands bands)
    {
        var ranks = RankSteps.Of(rows);
        double positives = ranks.Positives, negatives = ranks.Negatives, total = positives + negatives;
        var steps = ranks.Steps;
        var (recalls, falseRates, alerts) = (new double[steps.Count + 1], new double[steps.Count + 1], new double[steps.Count + 1]);
        for (var k = 0; k < steps.Count; k++)
        {
            recalls[k + 1] = steps[k].TruePositives / positives;
            falseRates[k + 1] = steps[k].FalsePositives / negatives;
            alerts[k + 1] = (steps[k].TruePositives + steps[k].FalsePositives) / total;
        }

        var (stairs, heights) = Staircase(steps, positives);
        return (Content(stairs, heights, bands.Precision), Content(falseRates, recalls, bands.TruePositiveRate),
            Content(alerts, recalls, bands.Recall));

        static CurveContent Content(double[] x, double[] y, CurveBand band)
        {
            var (keptX, keptY) = Thinning.Of(x, y, Tolerance, MostPoints);
            return new(keptX, keptY, band.X, band.Low, band.High);
        }
    }

    /// <summary>
    /// Between two recalls there is the precision of the higher, as the average precision takes it: a straight line would promise more than
    /// any threshold gives. Before the first positive there is nothing to draw.
    /// </summary>
    private static (double[] Recalls, double[] Precisions) Staircase(IReadOnlyList<RankStep> steps, double positives)
    {
        List<double> recalls = [], precisions = [];
        var last = 0.0;
        foreach (var step in steps)
        {
            if (step.TruePositives == 0)
                continue;
            var (recall, precision) = (step.TruePositives / positives, step.TruePositives / (step.TruePositives + step.FalsePositives));
            if (recall > last)
            {
                recalls.Add(last);
                precisions.Add(precision);
            }

            recalls.Add(last = recall);
            precisions.Add(precision);
        }

        return ([.. recalls], [.. precisions]);
    }
}

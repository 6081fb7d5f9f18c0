namespace FocalMlNet.Report;

/// <summary>
/// Which of all cuts a page offers: all if they are few; otherwise those where a curve bends, and between them so many that nothing that is
/// counted changes by a leap.
/// </summary>
internal static class ThresholdSteps
{
    public const int Most = 2000;

    /// <summary>So many are kept for bends at most: the others fill what lies between.</summary>
    private const int MostBends = 1200;

    private const double Tolerance = .0005;

    /// <summary>The cuts, from the one with the fewest alerts.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="named">Cuts that must be among them.</param>
    public static int[] Choose(ModelRows rows, IEnumerable<int> named)
    {
        if (rows.CutCount <= Most)
            return [.. Enumerable.Range(0, rows.CutCount)];
        double positives = rows.AllPositives.Weight, negatives = rows.AllNegatives.Weight, total = positives + negatives;
        var places = new (double Recall, double FalseRate, double Precision, double Alerts)[rows.CutCount];
        for (var k = 0; k < places.Length; k++)
        {
            double tp = rows.TruePositives(k).Weight, fp = rows.FalsePositives(k).Weight;
            places[k] = (tp / positives, fp / negatives, k == 0 ? 1 : tp / (tp + fp), (tp + fp) / total);
        }

        var kept = Bends(places);
        foreach (var cut in named)
            kept[cut] = true;
        // The finest filling that there is room for, by halving.
        double fine = 1e-5, coarse = 1;
        while (coarse / fine > 1.02)
        {
            var middle = Math.Sqrt(fine * coarse);
            if (Filled(kept, places, middle).Count > Most)
                fine = middle;
            else
                coarse = middle;
        }

        return [.. Filled(kept, places, coarse)];
    }

    private static bool[] Bends((double Recall, double FalseRate, double Precision, double Alerts)[] places)
    {
        for (var tolerance = Tolerance; ; tolerance *= 2)
        {
            var kept = new bool[places.Length];
            Thinning.Mark(k => places[k].Recall, k => places[k].Precision, kept, tolerance);
            Thinning.Mark(k => places[k].FalseRate, k => places[k].Recall, kept, tolerance);
            Thinning.Mark(k => places[k].Alerts, k => places[k].Recall, kept, tolerance);
            if (kept.Count(isKept => isKept) <= MostBends)
                return kept;
        }
    }

    /// <summary>
    /// The cuts that are kept, and others where a share has moved by so much, or the alerts have grown by ten times as much.
    /// </summary>
    private static List<int> Filled(bool[] kept, (double Recall, double FalseRate, double Precision, double Alerts)[] places, double move)
    {
        List<int> cuts = [];
        var last = places[0];
        for (var k = 0; k < places.Length; k++)
        {
            var place = places[k];
            var hasMoved = place.Recall - last.Recall > move || place.FalseRate - last.FalseRate > move
                || Math.Abs(place.Precision - last.Precision) > move || place.Alerts > last.Alerts * (1 + 10 * move);
            if (!kept[k] && !hasMoved)
                continue;
            cuts.Add(k);
            last = place;
            if (cuts.Count > Most)
                break;
        }

        return cuts;
    }
}

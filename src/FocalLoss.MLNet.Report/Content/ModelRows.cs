using FocalMlNet.Evaluation;

namespace FocalMlNet.Report;

/// <summary>
/// The held-out rows of a model by what thresholds are set on: its probability or, where it has none, its score. Cut k calls the rows of
/// the k highest values positive.
/// </summary>
internal sealed class ModelRows
{
    private readonly EffectiveRows[] _positives, _negatives;
    private readonly int[] _rowsThrough;

    public ModelRows(ScoredRows rows)
    {
        (Rows, HasProbabilities) = (rows, rows.Probabilities.Length > 0);
        var (values, order) = Descending(HasProbabilities ? rows.Probabilities : rows.Scores);
        List<float> distinct = [];
        List<EffectiveRows> positives = [default], negatives = [default];
        List<int> through = [0];
        EffectiveRows ofPositives = default, ofNegatives = default;
        for (var i = 0; i < values.Length; i++)
        {
            var row = order is null ? i : order[i];
            double weight = rows.Weights[row];
            (rows.Labels[row] ? ref ofPositives : ref ofNegatives) += new EffectiveRows(weight, weight * weight);
            if (i + 1 < values.Length && values[i + 1] == values[i])
                continue;
            distinct.Add(values[i]);
            positives.Add(ofPositives);
            negatives.Add(ofNegatives);
            through.Add(i + 1);
        }

        (Values, _positives, _negatives, _rowsThrough) = ([.. distinct], [.. positives], [.. negatives], [.. through]);
        // Nothing in [0; 1] is below a probability of 0.
        CutCount = Values.Length + (HasProbabilities && Values[^1] == 0 ? 0 : 1);
        OwnCut = FindOwn(order);
    }

    public ScoredRows Rows { get; }

    public bool HasProbabilities { get; }

    /// <summary>The values that occur, from the highest.</summary>
    public float[] Values { get; }

    /// <summary>How many cuts a threshold can make, with the one that calls no row positive.</summary>
    public int CutCount { get; }

    /// <summary>The cut that the model makes itself; -1 if no threshold calls the rows as it does.</summary>
    public int OwnCut { get; }

    public EffectiveRows AllPositives => _positives[^1];

    public EffectiveRows AllNegatives => _negatives[^1];

    public EffectiveRows TruePositives(int cut) => _positives[cut];

    public EffectiveRows FalsePositives(int cut) => _negatives[cut];

    public ConfusionCounts Counts(int cut)
    {
        var (tp, fp) = (_positives[cut].Weight, _negatives[cut].Weight);
        return new(tp, fp, AllPositives.Weight - tp, AllNegatives.Weight - fp);
    }

    /// <summary>The cut of a threshold: how many of the values are above it.</summary>
    public int CutAbove(double threshold)
    {
        int low = 0, high = Values.Length;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (Values[middle] > threshold)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    /// <summary>A threshold that makes a cut: the one with the fewest digits, near the middle between the values on both sides.</summary>
    public float Threshold(int cut)
    {
        // Without probabilities there is no end to the scale: a tenth of the scores' range is as good as anything.
        var margin = Math.Max((double)Values[0] - Values[^1], Math.Abs(Values[0])) / 10 + 1e-6;
        var high = cut > 0 ? Values[cut - 1] : HasProbabilities ? 1 : Values[0] + margin;
        var low = cut < Values.Length ? Values[cut] : HasProbabilities ? 0 : Values[^1] - margin;
        var middle = low + (high - low) / 2;
        if (cut == 0 && HasProbabilities && low < 1 && low + (1 - low) / 2 >= high)
            return 1;
        for (var digits = 1; digits < 9; digits++)
        {
            var rounded = ShortNumber.Rounded(middle, digits);
            // Strictly between, as a Double too: a reader types the digits.
            if (rounded > low && rounded < high)
                return rounded;
        }

        var between = (float)middle;
        return between >= low && between < high ? between : (float)low;
    }

    /// <summary>A threshold of at least three digits that makes the same cut as this one.</summary>
    public float ThresholdNear(double threshold)
    {
        var cut = CutAbove(threshold);
        for (var digits = 3; digits < 9; digits++)
        {
            var rounded = ShortNumber.Rounded(threshold, digits);
            if (CutAbove(rounded) == cut && (cut >= Values.Length || Values[cut] != rounded))
                return rounded;
        }

        return Threshold(cut);
    }

    private static (float[] Values, int[]? Order) Descending(float[] values)
    {
        var isSorted = true;
        for (var i = 1; i < values.Length && isSorted; i++)
            isSorted = values[i] <= values[i - 1];
        if (isSorted)
            return (values, null);
        int[] order = [.. Enumerable.Range(0, values.Length)];
        var keys = Array.ConvertAll(values, value => -value);
        Array.Sort(keys, order);
        return (Array.ConvertAll(order, i => values[i]), order);
    }

    private int FindOwn(int[]? order)
    {
        var called = Rows.PredictedLabels.Count(isCalled => isCalled);
        var cut = Array.BinarySearch(_rowsThrough, called);
        if (cut < 0 || cut >= CutCount)
            return -1;
        for (var i = 0; i < called; i++)
        {
            if (!Rows.PredictedLabels[order is null ? i : order[i]])
                return -1;
        }

        return cut;
    }
}

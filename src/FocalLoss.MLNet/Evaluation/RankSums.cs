namespace FocalMlNet.Evaluation;

/// <summary>
/// Average precision and AUROC of rows that come from the highest score to the lowest, as running sums: after the rows of a tie,
/// <see cref="EndTie"/>.
/// </summary>
internal struct RankSums
{
    private double _truePositives, _falsePositives;
    private double _tiedPositives, _tiedNegatives;
    private double _precisionSum, _pairSum;

    /// <summary>NaN without positives.</summary>
    public readonly double AveragePrecision => _truePositives > 0 ? _precisionSum / _truePositives : double.NaN;

    /// <summary>NaN without positives or without negatives.</summary>
    public readonly double AreaUnderRocCurve
        => _truePositives > 0 && _falsePositives > 0 ? Math.Min(_pairSum / _truePositives / _falsePositives, 1) : double.NaN;

    public readonly double Positives => _truePositives;

    public readonly double Negatives => _falsePositives;

    /// <summary>
    /// Σ over distinct scores, from the highest, of the recall gained there times the precision there; all rows of a tie come at once.
    /// </summary>
    /// <param name="scores">Scores.</param>
    /// <param name="labels">True for positives.</param>
    /// <param name="weights">Example weights of at least 0.</param>
    /// <returns>In [0, 1]; NaN if there is no positive row.</returns>
    public static double AveragePrecisionOf(float[] scores, bool[] labels, float[] weights)
    {
        var rows = ScoredRows.Of(scores, labels, weights);
        var sums = new RankSums();
        for (var i = 0; i < rows.Scores.Length; i++)
        {
            sums.Add(rows.Labels[i], rows.Weights[i]);
            if (rows.IsEndOfTie(i))
                sums.EndTie();
        }

        return sums.AveragePrecision;
    }

    /// <summary>How often a value is higher for a positive than for a negative; equal ones count half.</summary>
    /// <param name="values">Values; one that is NaN is below all numbers. They are left in order.</param>
    /// <param name="labels">True for positives; they are left in the order of the values.</param>
    /// <returns>In [0, 1]; NaN without positives or without negatives.</returns>
    public static double AreaUnderRocCurveOf<T>(T[] values, bool[] labels)
        where T : IComparable<T>
    {
        Array.Sort(values, labels);
        var sums = new RankSums();
        for (var i = values.Length - 1; i >= 0; i--)
        {
            sums.Add(labels[i], 1);
            if (i == 0 || values[i - 1].CompareTo(values[i]) != 0)
                sums.EndTie();
        }

        return sums.AreaUnderRocCurve;
    }

    /// <summary>The next row.</summary>
    public void Add(bool label, double weight)
    {
        if (label)
            _tiedPositives += weight;
        else
            _tiedNegatives += weight;
    }

    /// <summary>The next row has a lower score, or there is none.</summary>
    public void EndTie()
    {
        // A positive of the tie is above none of its negatives, and counts half with each.
        _pairSum += _tiedNegatives * (_truePositives + _tiedPositives / 2);
        _truePositives += _tiedPositives;
        _falsePositives += _tiedNegatives;
        // A resample may have drawn no row of the tie, at the beginning of all.
        if (_tiedPositives > 0)
            _precisionSum += _tiedPositives * (_truePositives / (_truePositives + _falsePositives));
        _tiedPositives = _tiedNegatives = 0;
    }
}

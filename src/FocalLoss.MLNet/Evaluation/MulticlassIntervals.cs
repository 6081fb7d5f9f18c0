namespace FocalMlNet.Evaluation;

/// <summary>
/// Confidence intervals of the figures of several classes, by the rules of <see cref="BinaryIntervals"/>; those of a class against all
/// others are those of two classes.
/// </summary>
internal sealed class MulticlassIntervals
{
    private static readonly double MostLoss = -Math.Log(BinaryEvaluation.SmallestProbability);

    private readonly MulticlassFigures _figures;
    private readonly EffectiveRows[][] _cells;
    private readonly EffectiveRows[] _actual, _predicted;
    private readonly double[][] _resamples;
    private readonly double[] _values;
    private readonly double _level, _total;
    private readonly ShareInterval _shares;
    private readonly int _unseenCount;
    private readonly UnseenLosses _unseen;

    /// <param name="figures">The figures of the rows as they are.</param>
    /// <param name="cells">Weights and their squares: [actual class][class it is given to].</param>
    /// <param name="unseenCount">How many of the last classes have no score.</param>
    /// <param name="resamples">What <see cref="MulticlassEvaluation.Resampled"/> gives for each resample.</param>
    /// <param name="unseen">By how much one more row may raise the means of losses.</param>
    /// <param name="level">The confidence level.</param>
    private MulticlassIntervals(
        MulticlassFigures figures, EffectiveRows[][] cells, int unseenCount, double[][] resamples, UnseenLosses unseen, double level)
    {
        (_figures, _cells, _unseenCount, _resamples, _level, _shares) = (figures, cells, unseenCount, resamples, level, new(level));
        (_values, _unseen) = (figures.All, unseen);
        _actual = [.. cells.Select(row => Sum(row))];
        _predicted = [.. cells.Select((_, k) => Sum(cells.Select(row => row[k])))];
        _total = _actual.Sum(rows => rows.Weight);
    }

    /// <summary>Intervals in the order of <see cref="MulticlassFigures.All"/>.</summary>
    /// <inheritdoc cref="MulticlassIntervals(MulticlassFigures, EffectiveRows[][], int, double[][], UnseenLosses, double)" path="/param"/>
    public static ConfidenceInterval[] Of(
        MulticlassFigures figures, EffectiveRows[][] cells, int unseenCount, double[][] resamples, UnseenLosses unseen, double level)
    {
        var intervals = new MulticlassIntervals(figures, cells, unseenCount, resamples, unseen, level);
        return
        [
            .. Enum.GetValues<MulticlassMetric>().Select(intervals.OfMetric),
            .. cells.SelectMany((_, k) => intervals.OfClass(k)),
        ];
    }

    private ConfidenceInterval OfMetric(MulticlassMetric metric)
    {
        int[] all = [.. Enumerable.Range(0, _cells.Length)];
        int[] occurring = [.. all.Where(k => _actual[k].Weight > 0)];
        int[] counted = [.. all.Where(k => _actual[k].Weight > 0 || _predicted[k].Weight > 0)];
        return metric switch
        {
            MulticlassMetric.Accuracy or MulticlassMetric.WeightedRecall
                => _shares.Of(Sum(all.Select(k => _cells[k][k])), Sum(all.Select(k => Others(_cells[k], k)))),
            MulticlassMetric.BalancedAccuracy => ShareInterval.OfMean([.. occurring.Select(k => (_figures.Classes[k].Recall, Recall(k)))]),
            MulticlassMetric.MacroRecall => ShareInterval.OfMean([.. counted.Select(k => (_figures.Classes[k].Recall, Recall(k)))]),
            MulticlassMetric.MacroPrecision
                => ShareInterval.OfMean([.. counted.Select(k => (_figures.Classes[k].Precision, Precision(k)))]),
            MulticlassMetric.MacroF1Score => OfVariance(metric, 1, MostRows(occurring, _ => 1.0 / counted.Length)),
            MulticlassMetric.WeightedPrecision or MulticlassMetric.WeightedF1Score
                => OfVariance(metric, 1, MostRows(occurring, k => _actual[k].Weight / _total)),
            MulticlassMetric.MacroAveragePrecision => OfVariance(metric, 1, MostRows(occurring, _ => 1.0 / occurring.Length)),
            MulticlassMetric.ExpectedCalibrationError => OfCalibrationError(),
            MulticlassMetric.BrierScore => OfVariance(metric, 2, double.PositiveInfinity, _unseen.Squares),
            MulticlassMetric.FocalLoss => OfVariance(metric, MostLoss, double.PositiveInfinity, _unseen.Focal),
            _ => OfVariance(metric, MostLoss, double.PositiveInfinity, _unseen.Log),
        };
    }

    private IEnumerable<ConfidenceInterval> OfClass(int k)
    {
        var hits = _cells[k][k];
        double[] sizes = [_actual[k].Count, Sum(_actual.Where((_, j) => j != k)).Count];
        return
        [
            Precision(k), Recall(k), BinaryIntervals.OfF1(_shares, hits, Others(_cells[k], k) + Others(Column(k), k)),
            OfVariance(_values[ClassFigure()], values => values[ClassFigure()], sizes, 1, BinaryIntervals.MostRows(sizes.Min())),
        ];

        int ClassFigure() => _figures.Values.Length + (k + 1) * MulticlassFigures.OfOneClass - 1;
    }

    /// <summary>Of a class that no row can be given to it is 0.</summary>
    private ConfidenceInterval Precision(int k)
        => k >= _cells.Length - _unseenCount ? new(0, 0) : _shares.Of(_cells[k][k], Others(Column(k), k));

    /// <summary>Of a class that does not occur it counts as 0.</summary>
    private ConfidenceInterval Recall(int k) => _actual[k].Weight > 0 ? _shares.Of(_cells[k][k], Others(_cells[k], k)) : new(0, 0);

    private IEnumerable<EffectiveRows> Column(int k) => _cells.Select(row => row[k]);

    /// <summary>The most rows that a mean over classes is taken to be worth: each adds to its variance as its share of the mean.</summary>
    private double MostRows(int[] classes, Func<int, double> share)
        => 1 / classes.Sum(k => share(k) * share(k) / BinaryIntervals.MostRows(_actual[k].Count));

    private ConfidenceInterval OfVariance(MulticlassMetric metric, double most, double mostRows, double? unseen = null)
        => OfVariance(_figures.Values[(int)metric], values => values[(int)metric],
            [.. _actual.Where(rows => rows.Weight > 0).Select(rows => rows.Count)], most, mostRows, unseen);

    private ConfidenceInterval OfVariance(
        double value, Func<double[], double> figure, double[] sizes, double most, double mostRows, double? unseen = null)
    {
        var freedom = EffectiveRows.DegreesOfFreedom(sizes);
        return _shares.OfVariance(value, (freedom + 1) / freedom * Bootstrap.Variance(_resamples, figure), 0, most, mostRows, unseen);
    }

    private ConfidenceInterval OfCalibrationError()
    {
        const int Error = (int)MulticlassMetric.ExpectedCalibrationError;
        var value = _figures.Values[Error];
        return double.IsNaN(value) ? new(value, value)
            : BinaryIntervals.OfCalibrationError(value, _resamples, values => values[Error], values => values[^1], _level);
    }

    private static EffectiveRows Others(IEnumerable<EffectiveRows> rows, int k) => Sum(rows.Where((_, j) => j != k));

    private static EffectiveRows Sum(IEnumerable<EffectiveRows> rows) => rows.Aggregate(default(EffectiveRows), (a, b) => a + b);
}

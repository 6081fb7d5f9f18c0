using Microsoft.ML;

namespace FocalMlNet.Evaluation;

/// <summary>Computes all figures of scored rows, and their confidence intervals.</summary>
internal sealed class BinaryEvaluation
{
    /// <summary>
    /// Probabilities are moved this far from 0 and 1 before their logarithm is taken: the distance of 1 to the next Single, as in
    /// scikit-learn.
    /// </summary>
    public const double SmallestProbability = 1.0 / (1 << 23);

    private readonly ScoredRows _rows;
    private readonly CalibrationBins? _bins;
    private readonly double[] _logLosses = [];
    private readonly double[] _focalLosses = [];

    public BinaryEvaluation(ScoredRows rows, EvaluationOptions options)
    {
        _rows = rows;
        if (rows.Probabilities.Length == 0)
            return;
        _bins = CalibrationBins.Of(rows.Probabilities, options.CalibrationBinning, options.CalibrationBinCount);
        _logLosses = new double[rows.Labels.Length];
        _focalLosses = new double[rows.Labels.Length];
        var (positive, negative) = AlphaWeights.Of(options.Alpha);
        for (var i = 0; i < _logLosses.Length; i++)
        {
            var p = Moved(rows.Probabilities[i]);
            var (ofClass, ofOther) = rows.Labels[i] ? (p, 1 - p) : (1 - p, p);
            _logLosses[i] = -Math.Log(ofClass);
            _focalLosses[i] = (rows.Labels[i] ? positive : negative) * Math.Pow(ofOther, options.Gamma) * _logLosses[i];
        }
    }

    /// <summary>A probability, moved away from 0 and 1.</summary>
    public static double Moved(double p) => Math.Clamp(p, SmallestProbability, 1 - SmallestProbability);

    /// <summary>The log-odds of a probability that is moved away from 0 and 1.</summary>
    public static double Logit(double probability) => Math.Log(Moved(probability)) - Math.Log(1 - Moved(probability));

    /// <summary>Reads and evaluates a view.</summary>
    public static ImbalancedBinaryMetrics Of(IDataView data, ScoredColumns columns, EvaluationOptions options)
    {
        options.Validate();
        Guard.NotEmpty(columns.PredictedLabel, "predicted label column name");
        return Of(ScoredRows.Read(data, columns), options);
    }

    /// <summary>Evaluates rows.</summary>
    public static ImbalancedBinaryMetrics Of(ScoredRows rows, EvaluationOptions options)
    {
        var evaluation = new BinaryEvaluation(rows, options);
        var figures = evaluation.Figures([]);
        if (options.BootstrapResamples == 0)
            return new(rows, figures, []);
        var resamples = Bootstrap.Values(
            Array.ConvertAll(rows.Labels, label => label ? 1 : 0), 2, repeats => evaluation.Resampled(repeats, figures), options);
        return new(rows, figures, evaluation.Intervals(figures, resamples, options));
    }

    /// <summary>Confidence intervals, in the order of the metrics.</summary>
    public ConfidenceInterval[] Intervals(BinaryFigures figures, double[][] resamples, EvaluationOptions options)
    {
        var cells = BinaryCells.Of(_rows);
        var prevalence = figures.Values[(int)BinaryMetric.Prevalence];
        var (isPositive, rare) = (prevalence <= .5, Math.Min(prevalence, 1 - prevalence));
        var (positive, negative) = AlphaWeights.Of(options.Alpha);
        var log = -Math.Log(Moved(rare));
        UnseenLosses ofRarest = new(
            log, (1 - rare) * (1 - rare), (isPositive ? positive : negative) * Math.Pow(1 - rare, options.Gamma) * log);
        double[] squares = [.. _rows.Probabilities.Select((p, i) => ((double)p - (_rows.Labels[i] ? 1 : 0)) is var off ? off * off : 0)];
        return BinaryIntervals.Of(figures, cells, resamples,
            UnseenLosses.Of((_logLosses, squares, _focalLosses), _rows.Weights, ofRarest), options.ConfidenceLevel);
    }

    /// <summary>
    /// All figures of resampled rows, and how far the bins of the calibration error are, together, from those of all rows.
    /// </summary>
    /// <param name="repeats">How often each row counts.</param>
    /// <param name="ofAll">The figures of the rows as they are.</param>
    public double[] Resampled(ReadOnlySpan<byte> repeats, BinaryFigures ofAll)
    {
        var figures = Figures(repeats);
        return [.. figures.Values, BinSums.Distance(figures.Bins, ofAll.Bins)];
    }

    /// <summary>All figures, in one pass over the rows.</summary>
    /// <param name="repeats">How often each row counts; empty for once.</param>
    public BinaryFigures Figures(ReadOnlySpan<byte> repeats)
    {
        var rows = _rows;
        var ranks = new RankSums();
        var bins = new BinSums[_bins?.Count ?? 0];
        double logLoss = 0, squares = 0, focalLoss = 0, truePositives = 0, falsePositives = 0, falseNegatives = 0, trueNegatives = 0;
        for (var i = 0; i < rows.Scores.Length; i++)
        {
            var weight = repeats.IsEmpty ? rows.Weights[i] : (double)rows.Weights[i] * repeats[i];
            var label = rows.Labels[i];
            ranks.Add(label, weight);
            if (rows.IsEndOfTie(i))
                ranks.EndTie();
            switch (label, rows.PredictedLabels[i])
            {
                case (true, true): truePositives += weight; break;
                case (false, true): falsePositives += weight; break;
                case (true, false): falseNegatives += weight; break;
                default: trueNegatives += weight; break;
            }

            if (_bins is null)
                continue;
            double p = rows.Probabilities[i], y = label ? 1 : 0;
            logLoss += weight * _logLosses[i];
            squares += weight * (p - y) * (p - y);
            focalLoss += weight * _focalLosses[i];
            bins[_bins.OfRow[i]].Add(weight, p, label);
        }

        var total = ranks.Positives + ranks.Negatives;
        var confusion = new ConfusionCounts(truePositives, falsePositives, falseNegatives, trueNegatives);
        var values = new double[Enum.GetValues<BinaryMetric>().Length];
        Set(BinaryMetric.Prevalence, ranks.Positives / total);
        Set(BinaryMetric.AveragePrecision, ranks.AveragePrecision);
        Set(BinaryMetric.AreaUnderRocCurve, ranks.AreaUnderRocCurve);
        Set(BinaryMetric.LogLoss, _bins is null ? double.NaN : logLoss / total);
        Set(BinaryMetric.BrierScore, _bins is null ? double.NaN : squares / total);
        Set(BinaryMetric.ExpectedCalibrationError, _bins is null ? double.NaN : bins.Sum(bin => bin.Error) / total);
        Set(BinaryMetric.FocalLoss, _bins is null ? double.NaN : focalLoss / total);
        Set(BinaryMetric.Precision, confusion.Precision);
        Set(BinaryMetric.Recall, confusion.Recall);
        Set(BinaryMetric.F1Score, confusion.FScore(1));
        Set(BinaryMetric.F2Score, confusion.FScore(2));
        Set(BinaryMetric.MatthewsCorrelation, confusion.MatthewsCorrelation);
        Set(BinaryMetric.BalancedAccuracy, confusion.BalancedAccuracy);
        Set(BinaryMetric.GeometricMean, confusion.GeometricMean);
        Set(BinaryMetric.Accuracy, confusion.Accuracy);
        return new(values, confusion, bins);

        // A mean of numbers up to 1 is rounded to more where their weights were not added up in the same order as the total.
        void Set(BinaryMetric metric, double value)
            => values[(int)metric] = metric is BinaryMetric.LogLoss or BinaryMetric.FocalLoss ? value : Math.Min(value, 1);
    }
}

/// <summary>The values of all metrics, and what the curves need.</summary>
internal sealed record BinaryFigures(double[] Values, ConfusionCounts Confusion, BinSums[] Bins);

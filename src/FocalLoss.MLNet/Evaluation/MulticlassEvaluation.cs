namespace FocalMlNet.Evaluation;

/// <summary>Computes all figures of rows with a score for each class, and their confidence intervals.</summary>
internal sealed class MulticlassEvaluation
{
    /// <summary>
    /// How far the scores of a row may sum to something else than 1 and still be probabilities. The stock softmax is e^(z - ln Σ e^z) of
    /// single precision numbers: where z is 200,000, as a row far out may have, rounding moves it by up to .8 %. What is judged is divided
    /// by the sum.
    /// </summary>
    public const double SumTolerance = .02;

    private readonly ClassScoredRows _rows;
    private readonly int[] _predicted;
    private readonly int[][] _rankings;
    private readonly Losses? _losses;

    /// <param name="rows">The rows, at least one.</param>
    /// <param name="scoresAreProbabilities">Whether to judge the scores as probabilities.</param>
    /// <param name="options">What can be chosen.</param>
    /// <exception cref="InvalidOperationException">The scores are said to be probabilities, but they are not.</exception>
    public MulticlassEvaluation(ClassScoredRows rows, bool scoresAreProbabilities, EvaluationOptions options)
    {
        _rows = rows;
        _predicted = new int[rows.Labels.Length];
        for (var i = 0; i < _predicted.Length; i++)
            _predicted[i] = ArgMax(rows.ScoresOf(i));
        _rankings = new int[rows.ScoreCount][];
        ParallelLoop.For(_rankings.Length, options.Parallel, k => _rankings[k] = Ranking(k));
        _losses = scoresAreProbabilities ? Losses.Of(rows, _predicted, options) : null;
    }

    /// <summary>The class that each row is given to.</summary>
    public int[] Predicted => _predicted;

    /// <summary>Whether the scores of all rows are probabilities.</summary>
    public static bool AreProbabilities(ClassScoredRows rows)
    {
        for (var i = 0; i < rows.Labels.Length; i++)
        {
            if (!AreProbabilities(rows.ScoresOf(i)))
                return false;
        }

        return true;
    }

    /// <summary>Evaluates rows.</summary>
    public static ImbalancedMulticlassMetrics Of(ClassScoredRows rows, bool scoresAreProbabilities, EvaluationOptions options)
    {
        options.Validate();
        Guard.NoAlpha(options.Alpha, nameof(options));
        var evaluation = new MulticlassEvaluation(rows, scoresAreProbabilities, options);
        var figures = evaluation.Figures([]);
        if (options.BootstrapResamples == 0)
            return new(rows, figures, []);
        var resamples = Bootstrap.Values(
            rows.Labels, rows.ClassNames.Count, repeats => evaluation.Resampled(repeats, figures), options);
        return new(rows, figures, evaluation.Intervals(figures, resamples, options));
    }

    /// <summary>
    /// All figures of resampled rows, and how far the bins of the calibration error are, together, from those of all rows.
    /// </summary>
    /// <param name="repeats">How often each row counts.</param>
    /// <param name="ofAll">The figures of the rows as they are.</param>
    public double[] Resampled(ReadOnlySpan<byte> repeats, MulticlassFigures ofAll)
    {
        var figures = Figures(repeats);
        return [.. figures.All, BinSums.Distance(figures.Bins, ofAll.Bins)];
    }

    /// <summary>Confidence intervals, in the order of <see cref="MulticlassFigures.All"/>.</summary>
    public ConfidenceInterval[] Intervals(MulticlassFigures figures, double[][] resamples, EvaluationOptions options)
    {
        EffectiveRows[][] cells = [.. figures.Confusion.Select(row => new EffectiveRows[row.Length])];
        for (var i = 0; i < _predicted.Length; i++)
        {
            double weight = _rows.Weights[i];
            cells[_rows.Labels[i]][_predicted[i]] += new EffectiveRows(weight, weight * weight);
        }

        var weights = figures.Classes.Where(c => c.Weight > 0).Select(c => c.Weight);
        var rare = weights.Min() / weights.Sum();
        var log = -Math.Log(BinaryEvaluation.Moved(rare));
        var unseen = _losses is null ? default : UnseenLosses.Of(
            (_losses.Log, _losses.Squares, _losses.Focal), _rows.Weights,
            new(log, (1 - rare) * (1 - rare), Math.Pow(1 - rare, options.Gamma) * log));
        return MulticlassIntervals.Of(figures, cells, _rows.UnseenCount, resamples, unseen, options.ConfidenceLevel);
    }

    /// <summary>All figures.</summary>
    /// <param name="repeats">How often each row counts; empty for once.</param>
    public MulticlassFigures Figures(ReadOnlySpan<byte> repeats)
    {
        var count = _rows.ClassNames.Count;
        var confusion = new double[count][];
        for (var k = 0; k < count; k++)
            confusion[k] = new double[count];
        for (var i = 0; i < _predicted.Length; i++)
            confusion[_rows.Labels[i]][_predicted[i]] += Weight(i, repeats);

        var classes = new ClassFigures[count];
        for (var k = 0; k < count; k++)
        {
            var hits = confusion[k][k];
            var actual = confusion[k].Sum();
            var predicted = confusion.Sum(row => row[k]);
            // For one class against the others: all that is not a hit, a miss or a false alert is a true negative, which none of these
            // counts.
            var counts = new ConfusionCounts(hits, predicted - hits, actual - hits, 0);
            classes[k] = new(actual, predicted, counts.Precision, counts.Recall, counts.FScore(1), AveragePrecision(k, repeats));
        }

        var total = classes.Sum(c => c.Weight);
        ClassFigures[] occurring = [.. classes.Where(c => c.Weight > 0)];
        ClassFigures[] counted = [.. classes.Where(c => c.Weight > 0 || c.PredictedWeight > 0)];
        var values = new double[Enum.GetValues<MulticlassMetric>().Length];
        Set(MulticlassMetric.Accuracy, confusion.Select((row, k) => row[k]).Sum() / total);
        Set(MulticlassMetric.BalancedAccuracy, occurring.Average(c => c.Recall));
        Set(MulticlassMetric.MacroPrecision, counted.Average(c => c.Precision));
        Set(MulticlassMetric.MacroRecall, counted.Average(c => c.Recall));
        Set(MulticlassMetric.MacroF1Score, counted.Average(c => c.F1Score));
        Set(MulticlassMetric.WeightedPrecision, occurring.Sum(c => c.Weight * c.Precision) / total);
        Set(MulticlassMetric.WeightedRecall, occurring.Sum(c => c.Weight * c.Recall) / total);
        Set(MulticlassMetric.WeightedF1Score, occurring.Sum(c => c.Weight * c.F1Score) / total);
        Set(MulticlassMetric.MacroAveragePrecision, occurring.Average(c => c.AveragePrecision));
        Set(MulticlassMetric.LogLoss, Mean(_losses?.Log, repeats, total));
        // Such a mean is rounded to more than its largest term where weights were not added up in the same order as the total.
        Set(MulticlassMetric.BrierScore, Math.Min(Mean(_losses?.Squares, repeats, total), 2));
        var bins = Bins(repeats);
        Set(MulticlassMetric.ExpectedCalibrationError,
            _losses is null ? double.NaN : Math.Min(bins.Sum(bin => bin.Error) / total, 1));
        Set(MulticlassMetric.FocalLoss, Mean(_losses?.Focal, repeats, total));
        return new(values, classes, confusion, bins);

        void Set(MulticlassMetric metric, double value) => values[(int)metric] = value;
    }

    /// <summary>
    /// The probability of a row's class and the sum of all, each moved away from 0 and 1. A class without a score has probability 0.
    /// </summary>
    /// <exception cref="InvalidOperationException">The scores are no probabilities.</exception>
    public static (double Own, double Sum) Probability(ReadOnlySpan<float> scores, int label, long row)
    {
        double moved = 0;
        foreach (var p in scores)
            moved += BinaryEvaluation.Moved(p);
        if (!AreProbabilities(scores))
        {
            throw new InvalidOperationException(FormattableString.Invariant(
                $"The scores of row {row} are [{string.Join(", ", scores.ToArray())}], but they should be probabilities: ")
                + "in [0; 1], with sum 1. Otherwise set scoresAreProbabilities to false.");
        }

        return label < scores.Length ? (BinaryEvaluation.Moved(scores[label]), moved) : (BinaryEvaluation.SmallestProbability, 1);
    }

    /// <summary>Whether a row's scores are in [0; 1], with sum 1 but for rounding.</summary>
    public static bool AreProbabilities(ReadOnlySpan<float> scores)
    {
        double sum = 0;
        foreach (var p in scores)
            sum += p is >= 0 and <= 1 ? p : double.NaN;
        return Math.Abs(sum - 1) <= SumTolerance;
    }

    /// <summary>The class with the highest score; the first of several.</summary>
    public static int ArgMax(ReadOnlySpan<float> scores)
    {
        var best = 0;
        for (var k = 1; k < scores.Length; k++)
        {
            if (scores[k] > scores[best])
                best = k;
        }

        return best;
    }

    private double Weight(int i, ReadOnlySpan<byte> repeats) => repeats.IsEmpty ? _rows.Weights[i] : (double)_rows.Weights[i] * repeats[i];

    /// <summary>The rows from the highest score of class k to the lowest; the last of each tie as its complement.</summary>
    private int[] Ranking(int k)
    {
        var keys = new float[_rows.Labels.Length];
        var order = new int[keys.Length];
        for (var i = 0; i < order.Length; i++)
            (keys[i], order[i]) = (-_rows.ScoresOf(i)[k], i);
        Array.Sort(keys, order);
        for (var i = 0; i < order.Length; i++)
        {
            if (i + 1 == order.Length || keys[i + 1] != keys[i])
                order[i] = ~order[i];
        }

        return order;
    }

    private double AveragePrecision(int k, ReadOnlySpan<byte> repeats)
    {
        var sums = new RankSums();
        if (k >= _rankings.Length)
        {
            // No score tells one row from another: all are tied.
            for (var i = 0; i < _rows.Labels.Length; i++)
                sums.Add(_rows.Labels[i] == k, Weight(i, repeats));
            sums.EndTie();
            return sums.AveragePrecision;
        }

        foreach (var place in _rankings[k])
        {
            var i = place < 0 ? ~place : place;
            sums.Add(_rows.Labels[i] == k, Weight(i, repeats));
            if (place < 0)
                sums.EndTie();
        }

        return sums.AveragePrecision;
    }

    private double Mean(double[]? ofRows, ReadOnlySpan<byte> repeats, double total)
    {
        if (ofRows is null)
            return double.NaN;
        double sum = 0;
        for (var i = 0; i < ofRows.Length; i++)
            sum += Weight(i, repeats) * ofRows[i];
        return sum / total;
    }

    private BinSums[] Bins(ReadOnlySpan<byte> repeats)
    {
        if (_losses is null)
            return [];
        var bins = new BinSums[_losses.Bins.Count];
        for (var i = 0; i < _predicted.Length; i++)
            bins[_losses.Bins.OfRow[i]].Add(Weight(i, repeats), _losses.Highest[i], _predicted[i] == _rows.Labels[i]);
        return bins;
    }

    /// <summary>What the probabilities of each row cost.</summary>
    private sealed record Losses(double[] Log, double[] Focal, double[] Squares, float[] Highest, CalibrationBins Bins)
    {
        public static Losses Of(ClassScoredRows rows, int[] predicted, EvaluationOptions options)
        {
            var count = predicted.Length;
            var (log, focal, squares, highest) = (new double[count], new double[count], new double[count], new float[count]);
            for (var i = 0; i < count; i++)
            {
                var scores = rows.ScoresOf(i);
                var label = rows.Labels[i];
                var (own, total) = Probability(scores, label, i);
                // A class without a score has probability 0.
                double square = label < scores.Length ? 0 : 1;
                for (var k = 0; k < scores.Length; k++)
                {
                    var (p, y) = (scores[k], k == label ? 1 : 0);
                    square += (p - (double)y) * (p - (double)y);
                }

                var truth = own / total;
                log[i] = -Math.Log(truth);
                focal[i] = Math.Pow(1 - truth, options.Gamma) * log[i];
                squares[i] = square;
                highest[i] = scores[predicted[i]];
            }

            return new(log, focal, squares, highest, CalibrationBins.Of(highest, options.CalibrationBinning, options.CalibrationBinCount));
        }
    }
}

/// <summary>The figures of one class.</summary>
internal readonly record struct ClassFigures(
    double Weight, double PredictedWeight, double Precision, double Recall, double F1Score, double AveragePrecision);

/// <summary>The values of all metrics, and those of each class.</summary>
internal sealed record MulticlassFigures(double[] Values, ClassFigures[] Classes, double[][] Confusion, BinSums[] Bins)
{
    /// <summary>Figures of a class for which there are intervals.</summary>
    public const int OfOneClass = 4;

    /// <summary>The values of all metrics, then those of the first class, and so on.</summary>
    public double[] All => [.. Values, .. Classes.SelectMany(c => (double[])[c.Precision, c.Recall, c.F1Score, c.AveragePrecision])];
}

namespace FocalMlNet.Evaluation;

/// <summary>Computes all figures of rows with a score for each class.</summary>
internal static class MulticlassEvaluation
{
    /// <summary>How far the scores of a row may sum to something else than 1 and still be probabilities: they are sums of rounded numbers.</summary>
    private const double SumTolerance = 1e-3;

    /// <param name="rows">The rows, at least one.</param>
    /// <param name="scoresAreProbabilities">Whether to compute a log-loss of the scores.</param>
    /// <exception cref="InvalidOperationException">The scores are said to be probabilities, but they are not.</exception>
    public static ImbalancedMulticlassMetrics Of(ClassScoredRows rows, bool scoresAreProbabilities)
    {
        var count = rows.ClassNames.Count;
        var confusion = new double[count][];
        for (var k = 0; k < count; k++)
            confusion[k] = new double[count];
        for (var i = 0; i < rows.Labels.Length; i++)
            confusion[rows.Labels[i]][ArgMax(ScoresOf(rows, i))] += rows.Weights[i];

        ClassMetrics[] classes = [.. Enumerable.Range(0, count).Select(k =>
        {
            var hits = confusion[k][k];
            var actual = confusion[k].Sum();
            var predicted = confusion.Sum(row => row[k]);
            // For one class against the others: all that is not a hit, a miss or a false alarm is a true negative, which none of these counts.
            var counts = new ConfusionCounts(hits, predicted - hits, actual - hits, 0);
            return new ClassMetrics(rows.ClassNames[k], actual, counts.Precision, counts.Recall, counts.FScore(1), AveragePrecisionOf(rows, k));
        })];

        var total = classes.Sum(c => c.Weight);
        ClassMetrics[] occurring = [.. classes.Where(c => c.Weight > 0)];
        ClassMetrics[] counted = [.. classes.Where((c, k) => c.Weight > 0 || confusion.Any(row => row[k] > 0))];
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
        Set(MulticlassMetric.LogLoss, scoresAreProbabilities ? LogLoss(rows) : double.NaN);
        return new(rows.Labels.Length, values, classes, confusion);

        void Set(MulticlassMetric metric, double value) => values[(int)metric] = value;
    }

    private static ReadOnlySpan<float> ScoresOf(ClassScoredRows rows, int i) => rows.Scores.AsSpan(i * rows.ClassNames.Count, rows.ClassNames.Count);

    /// <summary>The class with the highest score; the first of several.</summary>
    private static int ArgMax(ReadOnlySpan<float> scores)
    {
        var best = 0;
        for (var k = 1; k < scores.Length; k++)
        {
            if (scores[k] > scores[best])
                best = k;
        }

        return best;
    }

    private static double AveragePrecisionOf(ClassScoredRows rows, int k)
    {
        var scores = new float[rows.Labels.Length];
        for (var i = 0; i < scores.Length; i++)
            scores[i] = ScoresOf(rows, i)[k];
        return AveragePrecision.Of(scores, Array.ConvertAll(rows.Labels, label => label == k), rows.Weights);
    }

    private static double LogLoss(ClassScoredRows rows)
    {
        double loss = 0, total = 0;
        for (var i = 0; i < rows.Labels.Length; i++)
        {
            double sum = 0, clampedSum = 0;
            foreach (var p in ScoresOf(rows, i))
            {
                sum += p is >= 0 and <= 1 ? p : double.NaN;
                clampedSum += Clamped(p);
            }

            if (!(Math.Abs(sum - 1) <= SumTolerance))
            {
                throw new InvalidOperationException(FormattableString.Invariant(
                    $"The scores of row {i} are [{string.Join(", ", ScoresOf(rows, i).ToArray())}], but they should be probabilities: in [0; 1], with sum 1. Otherwise set scoresAreProbabilities to false."));
            }

            loss -= rows.Weights[i] * Math.Log(Clamped(ScoresOf(rows, i)[rows.Labels[i]]) / clampedSum);
            total += rows.Weights[i];
        }

        return loss / total;
    }

    private static double Clamped(float p) => Math.Clamp(p, BinaryEvaluation.SmallestProbability, 1 - BinaryEvaluation.SmallestProbability);
}

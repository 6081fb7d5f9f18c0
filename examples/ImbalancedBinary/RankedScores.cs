namespace ImbalancedBinary;

/// <summary>Scores in falling order: what AUPRC, AUROC and the best threshold need.</summary>
internal sealed class RankedScores
{
    private readonly List<Step> _steps = [];
    private readonly int _positives;
    private readonly int _negatives;

    /// <summary>Ranks the scores of rows of both classes.</summary>
    public RankedScores(IReadOnlyCollection<Prediction> predictions)
    {
        var (truePositives, falsePositives) = (0, 0);
        foreach (var tied in predictions.GroupBy(p => p.Score).OrderByDescending(group => group.Key))
        {
            var positives = tied.Count(p => p.Label);
            truePositives += positives;
            falsePositives += tied.Count() - positives;
            _steps.Add(new Step(tied.Key, truePositives, falsePositives));
        }

        (_positives, _negatives) = (truePositives, falsePositives);
    }

    /// <summary>What is counted when all rows with at least this score are called positive.</summary>
    private readonly record struct Step(float Score, int TruePositives, int FalsePositives);

    /// <summary>
    /// Area under the precision-recall curve as average precision, Σ_k (R_k - R_{k-1}) P_k over the distinct scores; P is precision, R recall.
    /// Nothing is interpolated. It is what scikit-learn's average_precision_score computes.
    /// </summary>
    public double AveragePrecision()
    {
        var (sum, before) = (0.0, 0);
        foreach (var step in _steps)
        {
            sum += (step.TruePositives - before) * (double)step.TruePositives / (step.TruePositives + step.FalsePositives);
            before = step.TruePositives;
        }

        return sum / _positives;
    }

    /// <summary>Area under the ROC curve: how often a positive has a higher score than a negative; a tie counts half.</summary>
    public double AreaUnderRoc()
    {
        var (sum, before) = (0.0, default(Step));
        foreach (var step in _steps)
        {
            sum += (step.FalsePositives - before.FalsePositives) * (before.TruePositives + step.TruePositives) / 2.0;
            before = step;
        }

        return sum / ((double)_positives * _negatives);
    }

    /// <summary>The threshold that makes <paramref name="quality"/> highest, half-way between two scores; a score above it is called positive.</summary>
    public float BestThreshold(Func<Confusion, double> quality)
    {
        var best = Enumerable.Range(0, _steps.Count).MaxBy(k => quality(ConfusionAt(_steps[k])));
        var least = _steps[best].Score;
        if (best == _steps.Count - 1)
            return float.BitDecrement(least);
        var below = _steps[best + 1].Score;
        var middle = below + (least - below) / 2;
        return middle < least ? middle : below;
    }

    private Confusion ConfusionAt(Step step)
        => new(step.TruePositives, step.FalsePositives, _positives - step.TruePositives, _negatives - step.FalsePositives);
}

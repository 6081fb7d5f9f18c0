using FocalMlNet.Thresholds;

namespace FocalMlNet.Evaluation;

/// <summary>What is counted when all rows with at least this score are called positive.</summary>
internal readonly record struct RankStep(float Score, double TruePositives, double FalsePositives);

/// <summary>The distinct scores from the highest, and what is counted at each: the curves, and what can be read from them.</summary>
internal sealed class RankSteps
{
    private readonly List<RankStep> _steps = [];

    private RankSteps(double rounding) => Rounding = rounding;

    /// <summary>The relative error that the sums may have.</summary>
    public double Rounding { get; }

    public IReadOnlyList<RankStep> Steps => _steps;

    public double Positives => _steps[^1].TruePositives;

    public double Negatives => _steps[^1].FalsePositives;

    public static RankSteps Of(ScoredRows rows)
    {
        var steps = new RankSteps(WeightRounding.OfSums(rows.Weights));
        double truePositives = 0, falsePositives = 0;
        for (var i = 0; i < rows.Scores.Length; i++)
        {
            (rows.Labels[i] ? ref truePositives : ref falsePositives) += rows.Weights[i];
            if (rows.IsEndOfTie(i))
                steps._steps.Add(new(rows.Scores[i], truePositives, falsePositives));
        }

        return steps;
    }

    /// <summary>What is counted when all rows with a higher score are called positive.</summary>
    public ConfusionCounts CountsAbove(float threshold)
    {
        var (truePositives, falsePositives) = (0.0, 0.0);
        foreach (var step in _steps.TakeWhile(step => step.Score > threshold))
            (truePositives, falsePositives) = (step.TruePositives, step.FalsePositives);
        return new(truePositives, falsePositives, Positives - truePositives, Negatives - falsePositives);
    }

    public double PrecisionAtRecall(double recall)
        => _steps.Where(s => WeightRounding.CompareShare(s.TruePositives, Positives - s.TruePositives, recall, Rounding) >= 0)
            .Max(Precision);

    public double RecallAtPrecision(double precision)
        => _steps.Where(s => WeightRounding.CompareShare(s.TruePositives, s.FalsePositives, precision, Rounding) >= 0).Select(Recall)
            .DefaultIfEmpty(0).Max();

    public PrecisionRecallPoint[] PrecisionRecallCurve()
        => [.. _steps.Select(s => new PrecisionRecallPoint(s.Score, Recall(s), Precision(s)))];

    public RocPoint[] RocCurve()
        => [new(float.PositiveInfinity, 0, 0), .. _steps.Select(s => new RocPoint(s.Score, s.FalsePositives / Negatives, Recall(s)))];

    public LiftPoint[] LiftCurve()
    {
        var total = Positives + Negatives;
        return [.. _steps.Select(
            s => new LiftPoint(s.Score, (s.TruePositives + s.FalsePositives) / total, Precision(s) / (Positives / total), Recall(s)))];
    }

    private static double Precision(RankStep step) => step.TruePositives / (step.TruePositives + step.FalsePositives);

    private double Recall(RankStep step) => step.TruePositives / Positives;
}

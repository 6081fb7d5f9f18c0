using FocalMlNet.Thresholds;

namespace FocalMlNet.Report;

/// <summary>What a page shows of each model.</summary>
internal static class BinaryModels
{
    private static readonly (BinaryMetric Metric, string Name)[] Shown =
    [
        (BinaryMetric.AveragePrecision, "Average precision"), (BinaryMetric.AreaUnderRocCurve, "Area under the ROC curve"),
        (BinaryMetric.LogLoss, "Log-loss"), (BinaryMetric.BrierScore, "Brier score"),
        (BinaryMetric.ExpectedCalibrationError, "Calibration error"), (BinaryMetric.Precision, "Precision, at its threshold"),
        (BinaryMetric.Recall, "Recall, at its threshold"), (BinaryMetric.F1Score, "F1 score, at its threshold"),
    ];

    /// <summary>The policies that are marked where none are given.</summary>
    public static IReadOnlyList<ThresholdPolicy> UsualPolicies(CostMatrix costs) =>
    [
        ThresholdPolicy.MaximizeProfit(costs), ThresholdPolicy.MaximizeF(1), ThresholdPolicy.ReachRecall(.8),
        ThresholdPolicy.ReachPrecision(.8),
    ];

    /// <summary>A model's content, and the names of the policies that no threshold of it meets.</summary>
    public static (ModelContent Content, IReadOnlyList<string> Unmet) Of(BinaryFacts facts, int model)
    {
        var rows = facts.Models[model];
        var rounding = WeightRounding.OfSums(rows.Rows.Weights);
        List<(string Name, int Cut)> policies = [];
        List<string> unmet = [];
        if (facts.Options.Policies is null && rows.HasProbabilities && facts.Costs.BayesThreshold is not null)
            policies.Add(("lowest cost by the probabilities", facts.CostCut(model)));
        var candidates = Enumerable.Range(0, rows.CutCount).Select(cut => (cut, rows.Counts(cut)));
        foreach (var policy in facts.Options.Policies ?? UsualPolicies(facts.Costs))
        {
            if (ThresholdSearch.Best(candidates, policy, rounding) is var (cut, _))
                policies.Add((policy.Words, cut));
            else
                unmet.Add(policy.Words);
        }

        int[] named = [.. policies.Select(policy => policy.Cut), .. new[] { facts.CostCut(model), rows.OwnCut }.Where(cut => cut >= 0)];
        var cuts = ThresholdSteps.Choose(rows, named);
        var (precisionRecall, roc, gain) = Curves.Of(rows.Rows, new(rows, cuts, facts.Options.Seed ?? 0, model));
        var metrics = facts.MetricsOf(model);
        ModelContent content = new()
        {
            Name = facts.NameOf(model),
            HasProbabilities = rows.HasProbabilities,
            Metrics = [.. Shown.Where(shown => !double.IsNaN(metrics[shown.Metric])).Select(
                shown => new MetricContent(shown.Name, metrics[shown.Metric], metrics.Interval(shown.Metric).Low,
                    metrics.Interval(shown.Metric).High))],
            Steps = [.. cuts.Select(cut => new StepContent(
                ThresholdOf(cut), rows.TruePositives(cut).Weight, rows.FalsePositives(cut).Weight))],
            Policies = [.. policies.Select(policy => new PolicyContent(policy.Name, Array.BinarySearch(cuts, policy.Cut)))],
            OwnThreshold = rows.OwnCut < 0 ? -1 : Array.BinarySearch(cuts, rows.OwnCut),
            PrecisionRecall = precisionRecall,
            Roc = roc,
            Gain = gain,
            Reliability = Reliability.Of(rows),
            Histogram = Histograms.Of(rows),
        };
        return (content, unmet);

        // That of the costs is told as it is, though others in the gap make the same cut.
        float ThresholdOf(int cut) => rows.HasProbabilities && cut == facts.CostCut(model) && facts.Costs.BayesThreshold is { } given
            ? rows.ThresholdNear(given) : rows.Threshold(cut);
    }
}

using System.Globalization;
using FocalMlNet.Evaluation;

namespace FocalMlNet.Report;

/// <summary>The tables of a page of two classes.</summary>
internal static class BinaryTables
{
    /// <summary>The chosen model against each other one, by all that models are compared by; null for one model.</summary>
    public static TableContent? Differences<TMetrics>(
        ModelComparison<TMetrics> comparison, int chosen, Func<ComparisonMetric, string>? nameOf = null)
    {
        if (comparison.Models.Count < 2)
            return null;
        var name = comparison.Models[chosen].Name;
        List<IReadOnlyList<string>> rows = [];
        foreach (var metric in Enum.GetValues<ComparisonMetric>())
        {
            foreach (var other in comparison.Models.Where((_, m) => m != chosen))
            {
                var difference = comparison.Difference(name, other.Name, metric);
                if (double.IsNaN(difference.Difference))
                    continue;
                var (low, high) = difference.Interval;
                var error = (high - low) / 2;
                // Of models that do the same on every row there is no interval, and nothing to test.
                var measure = (nameOf ?? NameOf)(metric);
                rows.Add(difference.Difference == 0 && error == 0 ? [measure, other.Name, "the same", "", ""]
                    :
                    [
                        measure, other.Name, Signed(difference.Difference, error), $"{Signed(low, error)} to {Signed(high, error)}",
                        ShortNumber.PValue(difference.AdjustedPValue),
                    ]);
            }
        }

        var level = ShortNumber.Digits(100 * comparison.ConfidenceLevel);
        return new(["Measure", $"{name} minus", "Difference", $"{level} % interval", "p (Holm)"], rows);
    }

    /// <summary>The candidates of a tuning.</summary>
    public static TableContent Candidates(TuningResult tuning)
    {
        TunedCandidate[] shown = [.. tuning.Shown];
        return new(
            ["Candidate", Words(tuning.Metric), "To the best", "Standard error", "p (Holm)", "Folds", "Seconds"],
            [.. shown.Select(Row)], Array.IndexOf(shown, tuning.Chosen));

        static IReadOnlyList<string> Row(TunedCandidate candidate)
        {
            var name = candidate.Gamma is null ? candidate.Name : candidate.ShortName;
            if (candidate.Error is not null)
                return [name, "failed", "", "", "", "", ""];
            double error = candidate.DifferenceStandardError, own = candidate.StandardError;
            return
            [
                name, ShortNumber.Known(candidate.Mean, own), ShortNumber.Known(candidate.DifferenceToBest, error),
                error is not > 0 ? "" : ShortNumber.Known(error, error / 10),
                double.IsNaN(candidate.HolmPValue) ? "" : ShortNumber.PValue(candidate.HolmPValue),
                candidate.FoldCount.ToString(CultureInfo.InvariantCulture),
                TextTable.Seconds(candidate.Seconds),
            ];
        }
    }

    /// <summary>A name of the library's, such as AveragePrecision, as words.</summary>
    public static string Words(string name)
        => string.Concat(name.Select(
            (c, i) => i > 0 && char.IsUpper(c) && char.IsLower(name[i - 1]) ? $" {char.ToLowerInvariant(c)}" : $"{c}"));

    public static string NameOf(ComparisonMetric metric) => metric switch
    {
        ComparisonMetric.LogLoss => "Log-loss (lower is better)",
        ComparisonMetric.BrierScore => "Brier score (lower is better)",
        ComparisonMetric.Profit => "Profit per row, at the own threshold",
        ComparisonMetric.BestDecisionProfit => "Profit per row, at the threshold for the costs",
        _ => "Average precision",
    };

    private static string Signed(double value, double error)
        => (value > 0 ? "+" : "") + ShortNumber.Known(value, error / 10);
}

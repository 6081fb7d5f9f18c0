using System.Globalization;

namespace FocalMlNet.Report;

/// <summary>The tables and the picture's figures of a page of several classes.</summary>
internal sealed class ClassTables(ClassFacts facts)
{
    /// <summary>So many classes are listed, and so many are in the picture.</summary>
    public const int MostClasses = 200, MostDots = 30;

    /// <summary>A confusion matrix of more classes is no longer read; so many pairs stand for it.</summary>
    public const int MostConfusion = 20, MostPairs = 20;

    private static readonly (MulticlassMetric Metric, string Name)[] Shown =
    [
        (MulticlassMetric.MacroAveragePrecision, "Macro average precision"), (MulticlassMetric.LogLoss, "Log-loss"),
        (MulticlassMetric.BrierScore, "Brier score"), (MulticlassMetric.ExpectedCalibrationError, "Calibration error"),
        (MulticlassMetric.Accuracy, "Accuracy"), (MulticlassMetric.BalancedAccuracy, "Balanced accuracy"),
        (MulticlassMetric.MacroPrecision, "Macro precision"), (MulticlassMetric.MacroF1Score, "Macro F1 score"),
    ];

    private readonly ImbalancedMulticlassMetrics _metrics = facts.ModelOf(facts.Chosen).Metrics;

    public static ClassModelContent Model(ComparedModel<ImbalancedMulticlassMetrics> model)
        => new(model.Name, [.. Shown.Where(shown => !double.IsNaN(model.Metrics[shown.Metric])).Select(
            shown => Metric(shown.Name, model.Metrics[shown.Metric], model.Metrics.Interval(shown.Metric)))]);

    public IReadOnlyList<ClassRowContent> Classes() => [.. facts.Classes.Take(MostClasses).Select(Row)];

    /// <summary>In the order of the table of classes; null with too many of them.</summary>
    public ConfusionContent? Confusion()
    {
        ClassFact[] shown = [.. facts.Classes.Where(one => one.Rows > 0 || one.Given > 0)];
        return shown.Length > MostConfusion ? null
            : new([.. shown.Select(one => one.Name)], [.. shown.Select(actual => (IReadOnlyList<double>)[
                .. shown.Select(given => _metrics.ConfusionMatrix[actual.Place][given.Place])])]);
    }

    public TableContent ConfusedPairs()
    {
        var pairs = facts.Occurring.SelectMany(actual => facts.Classes.Where(given => given.Place != actual.Place)
                .Select(given => (Actual: actual, Given: given, Weight: _metrics.ConfusionMatrix[actual.Place][given.Place])))
            .Where(pair => pair.Weight > 0).OrderByDescending(pair => pair.Weight).Take(MostPairs);
        return new(["Actual class", "Given to", facts.IsWeighted ? "Weight" : "Rows", "Of the actual class"],
            [.. pairs.Select(pair => (IReadOnlyList<string>)[
                pair.Actual.Name, pair.Given.Name, ShortNumber.Count(pair.Weight),
                ShortNumber.Percent(pair.Weight / pair.Actual.Weight)])]);
    }

    /// <summary>Classes are found by name, as each model may have its own order.</summary>
    public ClassDotsContent Dots()
    {
        var all = facts.Occurring;
        ClassFact[] shown = all.Length <= MostDots ? all
            : [.. Enumerable.Range(0, MostDots).Select(i => all[(int)Math.Round(i * (all.Length - 1.0) / (MostDots - 1))])];
        return new([.. shown.Select(one => one.Name)], [.. facts.Comparison.Models.Select(OfModel)], all.Length - shown.Length);

        IReadOnlyList<MetricContent> OfModel(ComparedModel<ImbalancedMulticlassMetrics> model)
        {
            var byName = model.Metrics.Classes.ToLookup(one => one.Name, StringComparer.Ordinal);
            return [.. shown.Select(one => byName[one.Name].FirstOrDefault() is { Intervals: { } intervals } found
                ? Metric(one.Name, found.AveragePrecision, intervals.AveragePrecision)
                : new(one.Name, double.NaN, double.NaN, double.NaN))];
        }
    }

    public TableContent? Profits()
    {
        var comparison = facts.Comparison;
        if (double.IsNaN(comparison.WithoutModel(ComparisonMetric.Profit)))
            return null;
        List<IReadOnlyList<string>> rows = [];
        foreach (var name in comparison.Models.Select(model => model.Name))
            rows.Add([name, .. Cells(name, ComparisonMetric.Profit), .. Cells(name, ComparisonMetric.BestDecisionProfit)]);
        rows.Add(["no model: one class for all rows", ShortNumber.Digits(comparison.WithoutModel(ComparisonMetric.Profit)), "", "", ""]);
        return new(["Model", "By the highest score", "Interval", "By the best decision", "Interval"], rows, facts.Chosen);

        string[] Cells(string name, ComparisonMetric metric)
        {
            var value = comparison.Value(name, metric);
            var (figure, interval) = RankingWords.Known(value, comparison.Interval(name, metric));
            return double.IsNaN(value) ? ["", ""] : [figure, interval];
        }
    }

    /// <summary>The cost matrix, whose classes are in the order of the first model.</summary>
    public TableContent? Costs()
    {
        if (facts.Comparison.Source?.Costs is not { ClassCount: <= MostConfusion } costs)
            return null;
        string[] names = [.. facts.ModelOf(0).Metrics.Classes.Select(one => one.Name)];
        return new(["Actual class", .. names], [.. names.Select((name, i) => (IReadOnlyList<string>)[
            name, .. Enumerable.Range(0, names.Length).Select(j => costs[i, j].ToString("G6", CultureInfo.InvariantCulture))])]);
    }

    public static string NameOf(ComparisonMetric metric) => metric switch
    {
        ComparisonMetric.AveragePrecision => "Macro average precision",
        ComparisonMetric.Profit => "Profit per row, by the highest score",
        ComparisonMetric.BestDecisionProfit => "Profit per row, by the best decision",
        _ => BinaryTables.NameOf(metric),
    };

    private static ClassRowContent Row(ClassFact one)
    {
        var (metrics, intervals) = (one.Metrics, one.Metrics.Intervals!);
        var note = !metrics.HasScore ? "not in the training data" : one.Rows == 0 ? "no row of it"
            : one.IsNeverPredicted ? "never predicted" : "";
        return new(one.Name, one.Rows, one.Weight,
        [
            Metric("Precision", one.Given > 0 ? metrics.Precision : double.NaN, intervals.Precision),
            Metric("Recall", one.Rows > 0 ? metrics.Recall : double.NaN, intervals.Recall),
            Metric("F1 score", one.Rows > 0 || one.Given > 0 ? metrics.F1Score : double.NaN, intervals.F1Score),
            Metric("Average precision", metrics.AveragePrecision, intervals.AveragePrecision),
        ], note);
    }

    /// <summary>What is not there has no interval. A share of less than one in a million is none.</summary>
    private static MetricContent Metric(string name, double value, ConfidenceInterval interval)
        => double.IsNaN(value) ? new(name, value, value, value) : new(name, value, interval.Low < 1e-6 ? 0 : interval.Low, interval.High);
}

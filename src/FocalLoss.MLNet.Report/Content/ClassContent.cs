namespace FocalMlNet.Report;

/// <summary>Makes the content of a page of a comparison of several classes.</summary>
internal static class ClassContent
{
    /// <summary>Reads what the comparison kept of the models.</summary>
    /// <param name="comparison">The comparison.</param>
    /// <param name="options">Options.</param>
    /// <param name="time">What time it is.</param>
    /// <exception cref="ArgumentException">An option has a value that is not allowed.</exception>
    public static ClassReportContent Of(
        ModelComparison<ImbalancedMulticlassMetrics> comparison, DecisionReportOptions options, TimeProvider? time = null)
    {
        Checks.Of(options, [.. comparison.Models.Select(model => model.Name)], comparison.Source);
        Check(options, comparison.Source?.Costs);
        var facts = new ClassFacts(comparison, options);
        var tables = new ClassTables(facts);
        return new()
        {
            Title = options.Title,
            Answer = new ClassAnswer(facts).Sentences(),
            Worries = new ClassWorries(facts).Sentences(),
            Rows = facts.ChosenRows.Labels.LongLength,
            IsWeighted = facts.IsWeighted,
            Models = [.. comparison.Models.Select(ClassTables.Model)],
            Chosen = facts.Chosen,
            ConfidenceLevel = comparison.ConfidenceLevel,
            ClassCount = facts.Occurring.Length,
            Classes = tables.Classes(),
            ClassesLeftOut = Math.Max(0, facts.Classes.Length - ClassTables.MostClasses),
            Confusion = tables.Confusion(),
            ConfusedPairs = tables.ConfusedPairs(),
            Dots = tables.Dots(),
            Profits = tables.Profits(),
            Costs = tables.Costs(),
            Differences = BinaryTables.Differences(comparison, facts.Chosen, ClassTables.NameOf),
            Candidates = options.Tuning is { } tuning ? BinaryTables.Candidates(tuning) : null,
            HardestRows = HardRows.Of(facts),
            HardestNote = facts.Occurring.Any(one => !one.Metrics.HasScore)
                ? "Rows of classes that the model does not know are not listed: it cannot but be wrong about them." : "",
            Provenance = Provenance.Of(options, facts.ChosenRows.Labels.LongLength, time ?? TimeProvider.System,
            [
                KeyValuePair.Create("Classes", ShortNumber.Count(facts.Occurring.Length)),
                .. facts.IsWeighted ? [KeyValuePair.Create("Example weights", comparison.Source?.WeightColumn ?? "yes")]
                    : Array.Empty<KeyValuePair<string, string>>(),
            ]),
        };
    }

    /// <summary>Says no to options that are of two classes, so that none is passed over in silence.</summary>
    private static void Check(DecisionReportOptions options, CostMatrix? compared)
    {
        Guard.Compatible(options.Tuning is null or MulticlassTuningResult,
            "Tuning is one of two classes, but it should be one of several, as the comparison is.", nameof(options.Tuning));
        Guard.Compatible(options.Policies is null,
            "Policies choose a threshold, which several classes do not have: it should be null.", nameof(options.Policies));
        Guard.Compatible(options.Costs is null || compared is not null && IsSame(options.Costs, compared),
            "Costs are not those that the models were compared with: with several classes they should be given to CompareImbalanced.",
            nameof(options.Costs));
    }

    private static bool IsSame(CostMatrix a, CostMatrix b)
        => a.ClassCount == b.ClassCount && Enumerable.Range(0, a.ClassCount * a.ClassCount).All(
            cell => a[cell / a.ClassCount, cell % a.ClassCount] == b[cell / a.ClassCount, cell % a.ClassCount]);
}

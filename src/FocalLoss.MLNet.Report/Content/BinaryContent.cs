using System.Globalization;

namespace FocalMlNet.Report;

/// <summary>Makes the content of a page of a comparison of two classes.</summary>
internal static class BinaryContent
{
    /// <summary>Reads what the models said of the rows, and the features of the chosen one.</summary>
    /// <param name="comparison">The comparison.</param>
    /// <param name="options">Options.</param>
    /// <param name="time">What time it is.</param>
    /// <exception cref="ArgumentException">An option has a value that is not allowed.</exception>
    public static ReportContent Of(
        ModelComparison<ImbalancedBinaryMetrics> comparison, DecisionReportOptions options, TimeProvider? time = null)
    {
        Checks.Of(options, [.. comparison.Models.Select(model => model.Name)], comparison.Source);
        if (options.Costs is { } costs)
            Guard.TwoClasses(costs, nameof(options.Costs));
        Guard.Compatible(options.Tuning is null or BinaryTuningResult,
            "Tuning is one of several classes, but it should be one of two, as the comparison is.", nameof(options.Tuning));
        var facts = new BinaryFacts(comparison, options);
        var models = new (ModelContent Content, IReadOnlyList<string> Unmet)[comparison.Models.Count];
        ParallelLoop.For(models.Length, new(), m => models[m] = BinaryModels.Of(facts, m));
        return new()
        {
            Title = options.Title,
            Answer = new BinaryAnswer(facts).Sentences(),
            Worries = new BinaryWorries(facts).Sentences(),
            ThresholdNote = ThresholdNote(models[facts.Chosen]),
            Rows = facts.Rows,
            Positives = facts.Positives.Weight,
            Negatives = facts.Negatives.Weight,
            EffectivePositives = facts.Positives.Count,
            EffectiveNegatives = facts.Negatives.Count,
            IsWeighted = facts.IsWeighted,
            Costs = new(facts.Costs.TruePositive, facts.Costs.FalsePositive, facts.Costs.FalseNegative, facts.Costs.TrueNegative),
            Models = [.. models.Select(model => model.Content)],
            Chosen = facts.Chosen,
            ConfidenceLevel = comparison.ConfidenceLevel,
            Differences = BinaryTables.Differences(comparison, facts.Chosen),
            Candidates = options.Tuning is { } tuning ? BinaryTables.Candidates(tuning) : null,
            Features = FeatureWeights.Of(facts.Features, facts.FeatureFigures),
            HardestRows = HardRows.Of(facts.ChosenRows, facts.Source, options.HardestRows, options.ShownColumns),
            LossShare = LossShares.Of(facts.ChosenRows, options.Tuning?.Chosen.Gamma),
            Provenance = Provenance.Of(options, facts.Rows, time ?? TimeProvider.System,
                facts.IsWeighted ? KeyValuePair.Create("Example weights", facts.Source?.WeightColumn ?? "yes")
                    : KeyValuePair.Create("Positives", ShortNumber.Count(facts.Positives.Weight)),
                KeyValuePair.Create("Seed of the bands", (options.Seed ?? 0).ToString(CultureInfo.InvariantCulture))),
        };
    }

    private static string ThresholdNote((ModelContent Content, IReadOnlyList<string> Unmet) model)
    {
        var note = "All marked thresholds but the model's own and the one by the probabilities were chosen on the rows that judge them "
            + "here: on new rows they will do a little worse.";
        return model.Unmet.Count == 0 ? note
            : $"{note} No threshold of {BinaryAnswer.Quoted(model.Content.Name)} gives a {string.Join(", or a ", model.Unmet)}.";
    }
}

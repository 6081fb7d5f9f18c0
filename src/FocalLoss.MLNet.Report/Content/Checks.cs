using FocalMlNet.Evaluation;

namespace FocalMlNet.Report;

/// <summary>Says no to options that cannot be used.</summary>
internal static class Checks
{
    public static void Of(DecisionReportOptions options, string[] models, ComparedSource? source)
    {
        Guard.Compatible(models.Length <= Ink.MostModels,
            FormattableString.Invariant($"The comparison has {models.Length} models, but a page shows at most {Ink.MostModels}."),
            "comparison");
        Guard.NotNull(options.Title);
        Named(options.Model, nameof(options.Model), models);
        Named(options.Baseline, nameof(options.Baseline), models);
        Guard.Within(0, 1000, options.HardestRows, nameof(options.HardestRows));
        if (options.Policies is { } policies)
        {
            for (var i = 0; i < policies.Count; i++)
                Guard.NotNull(policies[i], FormattableString.Invariant($"Policies[{i}]"));
        }

        Guard.NotNull(options.Provenance);
        for (var i = 0; i < options.Provenance.Count; i++)
        {
            Guard.Compatible(options.Provenance[i] is { Key: not null, Value: not null },
                FormattableString.Invariant($"Provenance[{i}] lacks a name or a text."), nameof(options.Provenance));
        }

        foreach (var column in Guard.NotNull(options.ShownColumns))
        {
            Guard.NotEmpty(column, nameof(options.ShownColumns));
            Guard.Compatible(source is not null,
                $"ShownColumns has {column}, but the comparison does not know where its rows come from.", nameof(options.ShownColumns));
            Guard.Compatible(source!.Data.Schema.GetColumnOrNull(column) is not null,
                $"ShownColumns has {column}, but it should be one of {string.Join(", ", source.Data.Schema.Select(c => c.Name))}.",
                nameof(options.ShownColumns));
        }
    }

    private static void Named(string? model, string option, string[] models)
        => Guard.Compatible(model is null || models.Contains(model, StringComparer.Ordinal),
            $"{option} = {model}, but it should be one of {string.Join(", ", models)}.", option);
}

namespace FocalMlNet.Report;

/// <summary>Which of the compared models a page is about.</summary>
/// <param name="Chosen">The one that the answer is about.</param>
/// <param name="Baseline">The one that it is told against; -1 for none.</param>
internal readonly record struct ComparedModels(int Chosen, int Baseline)
{
    /// <summary>Those that the options name; otherwise the one of the tuning, or the best.</summary>
    /// <param name="comparison">The models.</param>
    /// <param name="options">Options, which name no model that is not there.</param>
    /// <param name="merit">By what a model is the best.</param>
    public static ComparedModels Of<TMetrics>(
        ModelComparison<TMetrics> comparison, DecisionReportOptions options, Func<TMetrics, double> merit)
    {
        int[] places = [.. Enumerable.Range(0, comparison.Models.Count)];
        var chosen = options.Model is { } named ? Place(named) : OfTuning() ?? places.MaxBy(m => merit(comparison.Models[m].Metrics));
        var baseline = options.Baseline is { } other ? Place(other) : -1;
        return new(chosen, baseline == chosen ? -1 : baseline);

        int Place(string name) => places.First(m => string.Equals(comparison.Models[m].Name, name, StringComparison.Ordinal));

        int? OfTuning() => options.Tuning is { } tuning && comparison.Source is { } source
            && Array.FindIndex([.. source.Models], model => ReferenceEquals(model, tuning.Model)) is >= 0 and var made ? made : null;
    }
}

namespace FocalMlNet.Report;

/// <summary>What pages of any number of classes show, as numbers and plain text: nothing in it is markup.</summary>
internal abstract record PageContent
{
    public required string Title { get; init; }

    /// <summary>The answer: which model, how sure, what it gains, where another is better. A sentence each.</summary>
    public required IReadOnlyList<string> Answer { get; init; }

    /// <summary>What to worry about: few rows, leakage, drift, poor calibration. May be empty.</summary>
    public required IReadOnlyList<string> Worries { get; init; }

    /// <summary>The rows that the models were compared on.</summary>
    public required long Rows { get; init; }

    /// <summary>Whether rows have example weights, which then stand where there would be counts.</summary>
    public required bool IsWeighted { get; init; }

    /// <summary>The model that the answer is about, by its place.</summary>
    public required int Chosen { get; init; }

    /// <summary>How often the intervals of figures hold the truth.</summary>
    public double ConfidenceLevel { get; init; } = .95;

    /// <summary>Paired differences between models; null for one model.</summary>
    public required TableContent? Differences { get; init; }

    /// <summary>The candidates of the tuning; null without one.</summary>
    public required TableContent? Candidates { get; init; }

    /// <summary>The rows that the chosen model is most wrong about; null without probabilities, or if none are wanted.</summary>
    public required TableContent? HardestRows { get; init; }

    /// <summary>What to know of them besides; may be empty.</summary>
    public string HardestNote { get; init; } = "";

    /// <summary>How it was made: name and text.</summary>
    public required IReadOnlyList<KeyValuePair<string, string>> Provenance { get; init; }

    /// <summary>The figures of each model, in the order of the comparison.</summary>
    public abstract IEnumerable<(string Name, IReadOnlyList<MetricContent> Metrics)> Figures { get; }

    /// <summary>The names that are shown, which may be longer than there is room for.</summary>
    public abstract IEnumerable<string> Names { get; }
}

namespace FocalMlNet;

/// <summary>What a <see cref="DecisionReport"/> shows beside the comparison. Immutable.</summary>
public sealed record DecisionReportOptions
{
    /// <summary>The heading of the page. Default: Decision report.</summary>
    public string Title { get; init; } = "Decision report";

    /// <summary>
    /// The model that the answer is about; null, the default, for the one that <see cref="Tuning"/> made if it is among them, else the one
    /// with the highest average precision.
    /// </summary>
    public string? Model { get; init; }

    /// <summary>
    /// The model that gains are told against, as a rule plain logistic regression; null, the default, for none.
    /// </summary>
    public string? Baseline { get; init; }

    /// <summary>
    /// The tuning that made a model, of as many classes as the comparison: its candidates are shown. Default: none.
    /// </summary>
    public TuningResult? Tuning { get; init; }

    /// <summary>
    /// What a decision costs or brings in, to begin with: the reader of the page can change it. Null, the default, for the costs that the
    /// comparison was given, or without any for 20 false alerts a missed positive. Of several classes these are always the costs that the
    /// comparison was given, as its intervals and tests are about them: others are an error.
    /// </summary>
    public CostMatrix? Costs { get; init; }

    /// <summary>
    /// The thresholds that are marked, besides the model's own. Null, the default, for the lowest cost by the probabilities
    /// (<see cref="CostMatrix.BayesThreshold"/>) and, on these rows, the lowest cost, the highest F1, a recall of .8 and a precision of .8.
    /// Several classes have no threshold: with them policies are an error.
    /// </summary>
    public IReadOnlyList<ThresholdPolicy>? Policies { get; init; }

    /// <summary>
    /// How many of the rows that the model is most wrong about are listed, in [0; 1000]. Default: 10. They are those to which it gives
    /// the lowest probability of being what they are; their numbers count from 0. Of several classes, rows of a class that the model does
    /// not know are not among them.
    /// </summary>
    public int HardestRows { get; init; } = 10;

    /// <summary>
    /// Columns of the data whose values are shown of those rows. Default: none, as a page is passed on: row numbers only.
    /// </summary>
    public IReadOnlyList<string> ShownColumns { get; init; } = [];

    /// <summary>How it was made, as pairs of a name and a text: the data, the split, the seed. Default: none.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Provenance { get; init; } = [];

    /// <summary>Seed of the bands around curves. Null, the default, is 0. The page of several classes has no curves.</summary>
    public int? Seed { get; init; }
}

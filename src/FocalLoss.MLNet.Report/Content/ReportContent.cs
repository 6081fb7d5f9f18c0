namespace FocalMlNet.Report;

/// <summary>All that the page of two classes shows, as numbers and plain text: nothing in it is markup.</summary>
internal sealed record ReportContent : PageContent
{
    /// <summary>What is to be known of the thresholds that are marked: how good they look, and which could not be had.</summary>
    public required string ThresholdNote { get; init; }

    /// <summary>The total example weight of the rows of a class, which without weights is their number.</summary>
    public required double Positives { get; init; }

    public required double Negatives { get; init; }

    /// <summary>
    /// How many rows of equal weight say as much as those of a class: for intervals. Without weights the number of its rows.
    /// </summary>
    public required double EffectivePositives { get; init; }

    public required double EffectiveNegatives { get; init; }

    /// <summary>To begin with; gains are positive, costs negative.</summary>
    public required CostContent Costs { get; init; }

    /// <summary>In the order of the comparison.</summary>
    public required IReadOnlyList<ModelContent> Models { get; init; }

    /// <summary>Of the chosen model, by size; null if it has none that can be told.</summary>
    public required FeatureContent? Features { get; init; }

    /// <summary>
    /// Share of the loss that the easy and the hard rows have, for γ = 0 and the γ of the tuning; null without probabilities.
    /// </summary>
    public required LossShareContent? LossShare { get; init; }

    public override IEnumerable<(string Name, IReadOnlyList<MetricContent> Metrics)> Figures => Models.Select(m => (m.Name, m.Metrics));

    public override IEnumerable<string> Names => Models.Select(model => model.Name).Concat(Features?.Values.Select(v => v.Key) ?? []);
}

/// <summary>What the four outcomes of a row bring in.</summary>
internal sealed record CostContent(double TruePositive, double FalsePositive, double FalseNegative, double TrueNegative);

/// <summary>A model on the held-out rows.</summary>
internal sealed record ModelContent
{
    public required string Name { get; init; }

    /// <summary>Whether thresholds are on its probabilities; otherwise they are on its scores.</summary>
    public required bool HasProbabilities { get; init; }

    /// <summary>Name, value and confidence interval (NaN where there is none), in the order in which they are shown.</summary>
    public required IReadOnlyList<MetricContent> Metrics { get; init; }

    /// <summary>
    /// Thresholds from the strictest, with which no row is called positive, to the laxest, with which all are; at most 2000. The counts are
    /// exact: what <c>EvaluateImbalanced</c> counts for the model with this threshold. No threshold calls a row positive whose probability
    /// is exactly 0: if there are such rows, the last step leaves them out.
    /// </summary>
    public required IReadOnlyList<StepContent> Steps { get; init; }

    /// <summary>Thresholds by policy, by their place in <see cref="Steps"/>.</summary>
    public required IReadOnlyList<PolicyContent> Policies { get; init; }

    /// <summary>
    /// The model's own threshold, by its place in <see cref="Steps"/>; -1 if no threshold calls the rows as the model does.
    /// </summary>
    public required int OwnThreshold { get; init; }

    /// <summary>
    /// Precision by recall, with a bootstrap band at a grid of recalls: a staircase, so that the area below it is the average precision.
    /// </summary>
    public required CurveContent PrecisionRecall { get; init; }

    /// <summary>True-positive rate by false-positive rate.</summary>
    public required CurveContent Roc { get; init; }

    /// <summary>Recall by the share of rows that is called positive.</summary>
    public required CurveContent Gain { get; init; }

    /// <summary>Share of positives by mean probability, with exact binomial intervals; empty without probabilities.</summary>
    public required IReadOnlyList<ReliabilityContent> Reliability { get; init; }

    /// <summary>Scores by class; of probabilities from 0 to 1, in steps that are equal in log-odds, as most rows may be near 0.</summary>
    public required HistogramContent Histogram { get; init; }
}

internal sealed record MetricContent(string Name, double Value, double Low, double High);

/// <summary>Above the threshold a row is called positive: what is then counted (summed weights).</summary>
/// <param name="Threshold">A number with few digits, which lies between two scores that occur.</param>
/// <param name="TruePositives">Positives called positive.</param>
/// <param name="FalsePositives">Negatives called positive.</param>
internal sealed record StepContent(float Threshold, double TruePositives, double FalsePositives);

internal sealed record PolicyContent(string Name, int Step);

/// <summary>
/// At most 2000 points (x, y), joined by straight lines, within a thousandth of the axes of the curve of all rows; and a band with its own
/// x, pointwise at 95 %.
/// </summary>
internal sealed record CurveContent(
    IReadOnlyList<double> X, IReadOnlyList<double> Y, IReadOnlyList<double> BandX, IReadOnlyList<double> Low, IReadOnlyList<double> High);

internal sealed record ReliabilityContent(double Mean, double Share, double Low, double High, double Rows);

/// <summary>Edges of B bins (B + 1 numbers), and what is counted in each of them of each class.</summary>
internal sealed record HistogramContent(
    IReadOnlyList<double> Edges, IReadOnlyList<double> Positives, IReadOnlyList<double> Negatives);

/// <summary>What the model makes of its features.</summary>
/// <param name="Kind">What the values are; without any, why there are none.</param>
/// <param name="Values">By name, the largest first; signed where there is a direction.</param>
/// <param name="LeftOut">How many features with a smaller value are not among them.</param>
internal sealed record FeatureContent(string Kind, IReadOnlyList<KeyValuePair<string, double>> Values, int LeftOut);

/// <summary>For each γ the share of the whole loss that rows have whose probability of their own class lies in a bin.</summary>
/// <param name="Bins">Names of the bins, from the hardest rows to the easiest.</param>
/// <param name="Rows">The share of rows in each bin.</param>
/// <param name="Gammas">Each γ.</param>
/// <param name="Shares">For each γ the share of each bin.</param>
internal sealed record LossShareContent(
    IReadOnlyList<string> Bins, IReadOnlyList<double> Rows, IReadOnlyList<double> Gammas, IReadOnlyList<IReadOnlyList<double>> Shares);

/// <summary>A table of text; numbers are aligned to the right.</summary>
/// <param name="Columns">Headings.</param>
/// <param name="Rows">Cells.</param>
/// <param name="Marked">A row that stands out, or -1.</param>
internal sealed record TableContent(IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows, int Marked = -1);

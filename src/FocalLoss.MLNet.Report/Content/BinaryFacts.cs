using FocalMlNet.Evaluation;

namespace FocalMlNet.Report;

/// <summary>All that is known of a comparison of two classes before it is put into words.</summary>
internal sealed class BinaryFacts
{
    /// <summary>A missed positive is worth so many false alerts where nothing is said.</summary>
    private const double UsualMissCost = 20;

    public BinaryFacts(ModelComparison<ImbalancedBinaryMetrics> comparison, DecisionReportOptions options)
    {
        (Comparison, Options, Source) = (comparison, options, comparison.Source);
        Costs = options.Costs ?? Source?.Costs ?? CostMatrix.OfMissCost(UsualMissCost);
        (Chosen, Baseline) = ComparedModels.Of(comparison, options, metrics => metrics.AveragePrecision);
        Models = new ModelRows[comparison.Models.Count];
        ParallelLoop.For(Models.Length, new(), m => Models[m] = new((ScoredRows)comparison.Rows[m]));
        var (positives, negatives) = (Models[Chosen].AllPositives, Models[Chosen].AllNegatives);
        (Positives, Negatives, Rows) = (positives, negatives, Models[Chosen].Rows.Labels.LongLength);
        Test = new(EffectiveRows.DegreesOfFreedom([positives.Count, negatives.Count]), Math.Min(positives.Count, negatives.Count), .95);
        Calibration = ChosenRows.HasProbabilities ? CalibrationTest.Of(ChosenRows.Rows) : null;
        Features = Source is null ? null : FeatureSource.Of(Source, Chosen);
        FeatureFigures = Features is null ? null
            : FeatureFigures.Of(Features, ChosenRows.Rows, Source!.WeightColumn, options.Seed ?? 0);
    }

    public ModelComparison<ImbalancedBinaryMetrics> Comparison { get; }

    public DecisionReportOptions Options { get; }

    public ComparedSource? Source { get; }

    public CostMatrix Costs { get; }

    public ModelRows[] Models { get; }

    /// <summary>The model that the answer is about.</summary>
    public int Chosen { get; }

    /// <summary>The model that it is told against; -1 for none.</summary>
    public int Baseline { get; }

    public long Rows { get; }

    public EffectiveRows Positives { get; }

    public EffectiveRows Negatives { get; }

    public ModelRows ChosenRows => Models[Chosen];

    /// <summary>Of the chosen model; null without probabilities.</summary>
    public CalibrationTest? Calibration { get; }

    /// <summary>Of the chosen model, as far as they are known.</summary>
    public FeatureSource? Features { get; }

    public FeatureFigures? FeatureFigures { get; }

    public bool IsWeighted => Positives.Weight != Positives.Count || Negatives.Weight != Negatives.Count
        || Positives.Weight != Math.Floor(Positives.Weight);

    /// <summary>The paired test on these rows.</summary>
    public PairedTest Test { get; }

    public string NameOf(int model) => Comparison.Models[model].Name;

    public ImbalancedBinaryMetrics MetricsOf(int model) => Comparison.Models[model].Metrics;

    /// <summary>The cut of a model for the costs: by its probabilities, or its own where it has none; -1 if there is neither.</summary>
    public int CostCut(int model)
    {
        var rows = Models[model];
        return rows.HasProbabilities ? Math.Min(rows.CutAbove(Costs.CallAbove), rows.CutCount - 1) : rows.OwnCut;
    }

    /// <summary>What one way to call the rows brings in more than another, a row in the mean.</summary>
    /// <param name="first">Whether each row is called positive, in the order of the data.</param>
    /// <param name="second">The same, of the other way.</param>
    public (double Difference, ConfidenceInterval Interval, double PValue) Gain(bool[] first, bool[] second)
    {
        var rows = ChosenRows.Rows;
        var (labels, weights) = (rows.InOrderOfData(rows.Labels), rows.InOrderOfData(rows.Weights));
        double total = 0, sum = 0;
        for (var i = 0; i < labels.Length; i++)
            (total, sum) = (total + weights[i], sum + weights[i] * Of(i));
        double mean = sum / total, squares = 0;
        for (var i = 0; i < labels.Length; i++)
            squares += weights[i] * (Of(i) - mean) * weights[i] * (Of(i) - mean);
        return Test.Of(mean, squares / total / total);

        double Of(int i)
        {
            var label = labels[i] ? 1 : 0;
            return Costs[label, first[i] ? 1 : 0] - Costs[label, second[i] ? 1 : 0];
        }
    }

    /// <summary>Which rows a cut of a model calls positive, in the order of the data.</summary>
    public bool[] Called(int model, int cut)
    {
        var rows = Models[model];
        var values = rows.HasProbabilities ? rows.Rows.Probabilities : rows.Rows.Scores;
        var least = cut > 0 ? rows.Values[cut - 1] : float.PositiveInfinity;
        return rows.Rows.InOrderOfData(Array.ConvertAll(values, value => value >= least));
    }
}

using FocalMlNet.Evaluation;

namespace FocalMlNet.Report;

/// <summary>All that is known of a comparison of several classes before it is put into words.</summary>
internal sealed class ClassFacts
{
    public ClassFacts(ModelComparison<ImbalancedMulticlassMetrics> comparison, DecisionReportOptions options)
    {
        (Comparison, Options) = (comparison, options);
        (Chosen, Baseline) = ComparedModels.Of(comparison, options, metrics => metrics.MacroAveragePrecision);
        var rows = (ClassScoredRows)comparison.Rows[Chosen];
        ChosenRows = rows;
        var metrics = comparison.Models[Chosen].Metrics;
        var (counts, sizes) = (new long[metrics.Classes.Count], new EffectiveRows[metrics.Classes.Count]);
        for (var i = 0; i < rows.Labels.Length; i++)
        {
            double weight = rows.Weights[i];
            counts[rows.Labels[i]]++;
            sizes[rows.Labels[i]] += new EffectiveRows(weight, weight * weight);
        }

        IsWeighted = Array.Exists(rows.Weights, weight => weight != 1);
        var given = new double[metrics.Classes.Count];
        foreach (var row in metrics.ConfusionMatrix)
        {
            for (var k = 0; k < given.Length; k++)
                given[k] += row[k];
        }

        Classes = [.. Enumerable.Range(0, given.Length).Select(
                k => new ClassFact(k, metrics.Classes[k], counts[k], sizes[k].Weight, sizes[k].Count, given[k]))
            .OrderBy(one => one.Rows == 0).ThenBy(one => one.Weight)];
        Occurring = [.. Classes.Where(one => one.Rows > 0)];
    }

    public ModelComparison<ImbalancedMulticlassMetrics> Comparison { get; }

    public DecisionReportOptions Options { get; }

    /// <summary>The model that the answer is about.</summary>
    public int Chosen { get; }

    /// <summary>The model that it is told against; -1 for none.</summary>
    public int Baseline { get; }

    public ClassScoredRows ChosenRows { get; }

    public bool IsWeighted { get; }

    /// <summary>The classes as the chosen model has them, the rarest first and those without rows last.</summary>
    public ClassFact[] Classes { get; }

    /// <summary>Those of which there are rows.</summary>
    public ClassFact[] Occurring { get; }

    public double Level => Comparison.ConfidenceLevel;

    public string NameOf(int model) => Comparison.Models[model].Name;

    public ComparedModel<ImbalancedMulticlassMetrics> ModelOf(int model) => Comparison.Models[model];
}

/// <summary>A class as the chosen model has it.</summary>
/// <param name="Place">Its place among the model's classes.</param>
/// <param name="Metrics">How it does.</param>
/// <param name="Rows">How many rows are of it.</param>
/// <param name="Weight">Their summed example weight.</param>
/// <param name="EffectiveRows">How many rows of equal weight say as much.</param>
/// <param name="Given">The summed example weight of the rows that are given to it.</param>
internal sealed record ClassFact(int Place, ClassMetrics Metrics, long Rows, double Weight, double EffectiveRows, double Given)
{
    public string Name => Metrics.Name;

    /// <summary>There are rows of it that could be given to it, and no row is.</summary>
    public bool IsNeverPredicted => Metrics.HasScore && Rows > 0 && Given == 0;
}

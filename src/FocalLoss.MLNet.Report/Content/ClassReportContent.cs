namespace FocalMlNet.Report;

/// <summary>All that the page of several classes shows, as numbers and plain text: nothing in it is markup.</summary>
internal sealed record ClassReportContent : PageContent
{
    /// <summary>In the order of the comparison.</summary>
    public required IReadOnlyList<ClassModelContent> Models { get; init; }

    /// <summary>How many classes occur in the rows.</summary>
    public required int ClassCount { get; init; }

    /// <summary>
    /// The classes as the chosen model has them, the rarest first and those without rows last; of very many the rarest.
    /// </summary>
    public required IReadOnlyList<ClassRowContent> Classes { get; init; }

    /// <summary>How many classes are not among them.</summary>
    public required int ClassesLeftOut { get; init; }

    /// <summary>Which class the chosen model takes for which; null with too many classes for a table.</summary>
    public required ConfusionContent? Confusion { get; init; }

    /// <summary>The pairs of classes that it takes for each other most often; empty where it is always right.</summary>
    public required TableContent ConfusedPairs { get; init; }

    /// <summary>Average precision of each class by model.</summary>
    public required ClassDotsContent Dots { get; init; }

    /// <summary>What a row brings in by model; null without costs.</summary>
    public required TableContent? Profits { get; init; }

    /// <summary>What each decision brings in; null without costs, or with too many classes.</summary>
    public required TableContent? Costs { get; init; }

    public override IEnumerable<(string Name, IReadOnlyList<MetricContent> Metrics)> Figures => Models.Select(m => (m.Name, m.Metrics));

    public override IEnumerable<string> Names
        => Models.Select(model => model.Name).Concat(Classes.Select(one => one.Name)).Concat(Dots.Classes)
            .Concat(ConfusedPairs.Rows.SelectMany(row => row.Take(2)));
}

/// <summary>A model on the held-out rows.</summary>
internal sealed record ClassModelContent(string Name, IReadOnlyList<MetricContent> Metrics);

/// <summary>A class as the chosen model has it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Rows">How many rows are of it.</param>
/// <param name="Weight">Their summed example weight.</param>
/// <param name="Metrics">Precision, recall, F1 score and average precision.</param>
/// <param name="Note">What is the matter with it, or an empty text.</param>
internal sealed record ClassRowContent(string Name, long Rows, double Weight, IReadOnlyList<MetricContent> Metrics, string Note);

/// <summary>Summed example weights, without weights counts: [actual class][class it is given to].</summary>
internal sealed record ConfusionContent(IReadOnlyList<string> Classes, IReadOnlyList<IReadOnlyList<double>> Weights);

/// <summary>A figure of each class by model: [model][class], NaN where a model has none.</summary>
/// <param name="Classes">The classes that occur, the rarest first; of many some at equal distances in this order.</param>
/// <param name="Values">The figures, by model.</param>
/// <param name="LeftOut">How many classes are not among them.</param>
internal sealed record ClassDotsContent(
    IReadOnlyList<string> Classes, IReadOnlyList<IReadOnlyList<MetricContent>> Values, int LeftOut);

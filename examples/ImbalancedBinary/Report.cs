using System.Reflection;
using Microsoft.ML;
using Spectre.Console;

namespace ImbalancedBinary;

/// <summary>All that is printed.</summary>
internal sealed class Report(Terminal terminal)
{
    private readonly IAnsiConsole _out = terminal.Out;

    /// <summary>What was read and how it is split.</summary>
    public void Data(Dataset data, IReadOnlyCollection<Example> train, IReadOnlyCollection<Example> test)
    {
        var share = 100.0 * data.PositiveCount / data.Examples.Count;
        Line($"{data.Name}: {data.NumberColumns.Count} columns of numbers, {data.TextColumns.Count} of text.");
        Line($"{data.Examples.Count:N0} rows, {data.PositiveCount:N0} positives ({data.Label}), {share:F2} %.");
        if (data.RowsLeftOut > 0)
            Line($"Left out: {data.RowsLeftOut:N0} rows in which the label or a number is missing.");
        Line($"Stratified split: {train.Count:N0} rows to train on ({train.Count(e => e.Label):N0} positives), {test.Count:N0} to test "
            + $"on ({test.Count(e => e.Label):N0} positives).");
        Line($"");
    }

    /// <summary>The outcomes of one feature set.</summary>
    public void Table(FeatureSet features, IReadOnlyList<Outcome> outcomes)
    {
        _out.MarkupLine($"[bold]On the {Markup.Escape(features.Name)}[/]");
        _out.Write(ResultTable.Of(outcomes, terminal.IsPlain));
        Line($"");
    }

    /// <summary>How to read the tables.</summary>
    public void Footnotes(IReadOnlyList<Outcome> outcomes, IReadOnlyCollection<Example> test)
    {
        var positives = test.Count(e => e.Label);
        var error = outcomes.Max(o => o.Measures.AveragePrecisionError);
        Note($"{(terminal.IsPlain ? "*" : "Bold green")}: best of the column. Seconds are those of Fit alone, features in memory, after "
            + "a warm-up on a few rows.");
        Note($"Test part: {positives:N0} positives. The standard error of an AUPRC is up to {error:F3}: a difference below two of them "
            + "may be chance.");
        Note($"F1 and MCC: at the threshold that is best for each on the training part, for all trainers alike.");
        Note("Log-loss (in nats) and Brier score judge Probability. Balanced weights shift those of the stock trainers; FocalSgd takes "
            + "the weights out again.");
        Note($"The stock trainers are those of {StockTrainers()}.");
    }

    /// <summary>The sentences of the conclusion.</summary>
    public void Conclusion(IEnumerable<string> sentences)
    {
        Line($"");
        _out.MarkupLine("[bold]Conclusion[/]");
        foreach (var sentence in sentences)
            Line($"- {sentence}");
    }

    /// <summary>Where the best model is, and what it says when loaded again.</summary>
    public void Saved(Outcome best, string file, IReadOnlyCollection<Prediction> predictions)
    {
        Line($"");
        _out.MarkupLine("[bold]The best model, saved and loaded again[/]");
        Line($"{file}");
        Line("It gives every row of the test part the score it gave before, to the bit. PredictedLabel is Probability above "
            + $"{best.Measures.Threshold:F4}, the threshold for F1. {predictions.Count} rows:");
        var table = new Spectre.Console.Table { Border = TableBorder.Rounded };
        table.AddColumn("Label").AddColumn("PredictedLabel").AddColumn("Score", c => c.RightAligned())
            .AddColumn("Probability", c => c.RightAligned());
        foreach (var p in predictions)
            table.AddRow(p.Label.ToString(), p.PredictedLabel.ToString(), $"{p.Score:F3}", $"{p.Probability:F4}");
        _out.Write(table);
    }

    /// <summary>Whose the stock trainers are, with the version.</summary>
    public static string StockTrainers()
        => "Microsoft.ML "
            + typeof(MLContext).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0];

    private void Line(string text) => _out.WriteLine(text);

    private void Note(string text) => _out.MarkupLine($"[dim]{Markup.Escape(text)}[/]");
}

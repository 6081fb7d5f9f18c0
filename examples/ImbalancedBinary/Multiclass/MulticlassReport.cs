using FocalMlNet;
using Spectre.Console;

namespace ImbalancedBinary;

/// <summary>What is printed of the comparison of several classes.</summary>
internal sealed class MulticlassReport(Terminal terminal, MulticlassDataset data)
{
    private static readonly (string Name, string Format, Func<MulticlassOutcome, double> Value, bool HigherIsBetter)[] Columns =
    [
        ("Micro acc.", "F3", o => o.Metrics.Accuracy, true),
        ("Macro recall", "F3", o => o.Metrics.MacroRecall, true),
        ("Macro F1", "F3", o => o.Metrics.MacroF1Score, true),
        ("Macro AUPRC", "F3", o => o.Metrics.MacroAveragePrecision, true),
        ("Log-loss", "F4", o => o.Metrics.LogLoss, false),
        ("Seconds", "F2", o => o.Seconds, false),
    ];

    private readonly IAnsiConsole _out = terminal.Out;

    /// <summary>What was read and how it is split.</summary>
    public void Data()
    {
        Line($"{data.Name}: {data.Features.NumberNames.Count} columns of numbers, {data.Features.TextNames.Count} of text.");
        Line($"{data.Train.Count + data.Test.Count:N0} rows of {data.Classes.Count} classes ({data.Label}).");
        if (data.RowsLeftOut > 0)
            Line($"Left out: {data.RowsLeftOut:N0} rows in which the label or a number is missing.");
        Line($"Stratified split: {data.Train.Count:N0} rows to train on, {data.Test.Count:N0} to test on.");
        Line($"");
    }

    /// <summary>The outcomes, in all and for each class.</summary>
    public void Tables(IReadOnlyList<MulticlassOutcome> outcomes)
    {
        var table = new Spectre.Console.Table { Border = TableBorder.Rounded };
        table.AddColumn("#", c => c.RightAligned()).AddColumn("Trainer").AddColumn("Weights");
        foreach (var column in Columns)
            table.AddColumn(column.Name, c => c.RightAligned());
        for (var i = 0; i < outcomes.Count; i++)
        {
            var outcome = outcomes[i];
            table.AddRow(
            [
                $"{i + 1}", outcome.Contender.Trainer, outcome.Contender.Weighting,
                .. Columns.Select(c => Cell(c.Value(outcome), outcomes.Select(c.Value), c.Format, c.HigherIsBetter)),
            ]);
        }

        _out.MarkupLine("[bold]All classes[/]");
        _out.Write(table);
        PerClass("Recall of each class", outcomes, ofClass => ofClass.Recall);
        PerClass("AUPRC of each class against all others", outcomes, ofClass => ofClass.AveragePrecision);
    }

    /// <summary>How to read the tables.</summary>
    public void Footnotes()
    {
        Note($"{(terminal.IsPlain ? "*" : "Bold green")}: best of the column, or of the row. Seconds are those of Fit alone, features in "
            + "memory, after a warm-up on a few rows.");
        Note($"Macro: the mean over the classes. Macro recall is ML.NET's MacroAccuracy, also called balanced accuracy.");
        Note($"A class with few test rows moves by much from one seed to another: with two rows its recall is 0, .5 or 1.");
        Note("Log-loss (in nats) judges Score. Balanced weights shift it away from probabilities, and FocalSgd with them is not "
            + "calibrated here: those rows are not comparable with the others.");
        Note($"The stock trainers are those of {Report.StockTrainers()}.");
    }

    /// <summary>Where the best model is, and what it says when loaded again.</summary>
    public void Saved(MulticlassOutcome best, string file, IReadOnlyList<(MulticlassExample Row, NamedPrediction Prediction)> predictions)
    {
        Line($"");
        _out.MarkupLine("[bold]The model with the highest macro recall, saved and loaded again[/]");
        Line($"{file}");
        Line($"{best.Contender.Trainer}, weights: {best.Contender.Weighting}. It gives every row of the test part the scores it gave "
            + "before, to the bit. One row of each class:");
        var table = new Spectre.Console.Table { Border = TableBorder.Rounded };
        table.AddColumn("Label").AddColumn("PredictedLabel").AddColumn("Largest score", c => c.RightAligned());
        foreach (var (row, prediction) in predictions)
            table.AddRow(Markup.Escape(row.Label), Markup.Escape(prediction.PredictedLabel), $"{prediction.Score.Max():F4}");
        _out.Write(table);
    }

    private void PerClass(string title, IReadOnlyList<MulticlassOutcome> outcomes, Func<ClassMetrics, double> measure)
    {
        var table = new Spectre.Console.Table { Border = TableBorder.Rounded };
        table.AddColumn("Class").AddColumn("Train rows", c => c.RightAligned()).AddColumn("Test rows", c => c.RightAligned());
        for (var i = 0; i < outcomes.Count; i++)
            table.AddColumn($"#{i + 1}", c => c.RightAligned().NoWrap());
        for (var k = 0; k < data.Classes.Count; k++)
        {
            var name = data.Classes[k];
            double[] values = [.. outcomes.Select(o => measure(o.Metrics.Classes[k]))];
            table.AddRow(
            [
                Markup.Escape(name), $"{data.Train.Count(e => e.Label == name):N0}",
                    $"{data.Test.Count(e => e.Label == name):N0}",
                .. values.Select(value => Cell(value, values, "F3", higherIsBetter: true)),
            ]);
        }

        _out.MarkupLine($"[bold]{title}[/]");
        _out.Write(table);
    }

    private string Cell(double value, IEnumerable<double> all, string format, bool higherIsBetter)
        => ResultTable.Cell(value, higherIsBetter ? all.Max() : all.Min(), format, terminal.IsPlain);

    private void Line(string text) => _out.WriteLine(text);

    private void Note(string text) => _out.MarkupLine($"[dim]{Markup.Escape(text)}[/]");
}

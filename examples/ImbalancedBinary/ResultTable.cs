using System.Globalization;
using Spectre.Console;

namespace ImbalancedBinary;

/// <summary>The outcomes of one feature set as a table, in which the best value of each column stands out.</summary>
internal static class ResultTable
{
    private static readonly Column[] Columns =
    [
        new("AUPRC", "F3", o => o.Measures.Metrics.AveragePrecision, HigherIsBetter: true),
        new("AUROC", "F3", o => o.Measures.Metrics.AreaUnderRocCurve, HigherIsBetter: true),
        new("F1", "F3", o => o.Measures.Metrics.F1Score, HigherIsBetter: true),
        new("MCC", "F3", o => o.Measures.MatthewsCorrelation, HigherIsBetter: true),
        new("Log-loss", "F4", o => o.Measures.Metrics.LogLoss, HigherIsBetter: false),
        new("Brier", "F5", o => o.Measures.Metrics.BrierScore, HigherIsBetter: false),
        new("Seconds", "F2", o => o.Seconds, HigherIsBetter: false),
    ];

    /// <summary>A line for each outcome.</summary>
    /// <param name="outcomes">The outcomes.</param>
    /// <param name="plain">Whether the best values get a star, as there is no bold print.</param>
    public static Spectre.Console.Table Of(IReadOnlyList<Outcome> outcomes, bool plain)
    {
        var table = new Spectre.Console.Table { Border = TableBorder.Rounded };
        table.AddColumn("Trainer").AddColumn("Weights");
        foreach (var column in Columns)
            table.AddColumn(column.Name, c => c.RightAligned().NoWrap());
        foreach (var outcome in outcomes)
            table.AddRow([outcome.Contender.Trainer, outcome.Contender.Weighting,
                .. Columns.Select(c => Cell(c, outcome, outcomes, plain))]);
        return table;
    }

    private static string Cell(Column column, Outcome outcome, IReadOnlyList<Outcome> outcomes, bool plain)
    {
        var all = outcomes.Select(column.Value);
        return Cell(column.Value(outcome), column.HigherIsBetter ? all.Max() : all.Min(), column.Format, plain);
    }

    /// <summary>A value, which stands out if it looks like the best one.</summary>
    public static string Cell(double value, double best, string format, bool plain)
    {
        var shown = value.ToString(format, CultureInfo.InvariantCulture);
        return (shown == best.ToString(format, CultureInfo.InvariantCulture), plain) switch
        {
            (false, _) => shown,
            (true, true) => $"*{shown}",
            (true, false) => $"[bold green]{shown}[/]",
        };
    }

    private sealed record Column(string Name, string Format, Func<Outcome, double> Value, bool HigherIsBetter);
}

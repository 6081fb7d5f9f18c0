using System.Globalization;
using System.Text;

namespace FocalMlNet.Evaluation;

/// <summary>
/// A table in plain text, at most 80 columns wide as it is used here: names on the left, numbers on the right below each other. A name that
/// leaves no room for the numbers has a line of its own.
/// </summary>
internal sealed class TextTable
{
    private const int MostLineLength = 80;

    private readonly List<string[]> _rows = [];

    /// <param name="headings">Those of the columns of numbers.</param>
    public TextTable(params string[] headings) => Add("", headings);

    public TextTable Add(string name, params string[] cells)
    {
        _rows.Add([name, .. cells]);
        return this;
    }

    /// <summary>Precision, recall, F1 and the summed weight of a class's rows, as scikit-learn's classification report has them.</summary>
    public static TextTable OfClasses(ConfusionCounts counts) => new TextTable("precision", "recall", "F1 score", "support")
        .Class("positive", counts)
        .Class("negative", new(counts.TrueNegatives, counts.FalseNegatives, counts.FalsePositives, counts.TruePositives));

    /// <summary>Metrics by name, with their intervals where there are any.</summary>
    public static TextTable OfMetrics<TMetric>(Func<TMetric, double> value, Func<TMetric, ConfidenceInterval>? interval)
        where TMetric : struct, Enum
    {
        var table = new TextTable(interval is null ? ["value"] : ["value", "interval"]);
        foreach (var metric in Enum.GetValues<TMetric>())
        {
            var figure = Figure(value(metric));
            table.Add($"{metric}", interval?.Invoke(metric) is { } x ? [figure, $"[{Figure(x.Low)}; {Figure(x.High)}]"] : [figure]);
        }

        return table;
    }

    /// <summary>A figure with four places, or few digits if it is small or large; a dash where there is none.</summary>
    public static string Figure(double value) => double.IsNaN(value) ? "–" : (value + 0.0).ToString(
        Math.Abs(value) switch { > 0 and < 1e-3 => "0.0E-0", >= 1e6 => "G6", _ => "F4" }, CultureInfo.InvariantCulture);

    /// <summary>Seconds: with hundredths while they are few.</summary>
    public static string Seconds(double value) => value.ToString(value < 9.95 ? "F2" : "F0", CultureInfo.InvariantCulture);

    /// <summary>A summed weight: a whole number as such.</summary>
    public static string Weight(double value) => value.ToString(
        value < 1e12 ? "0.###" : "0.###E+0", CultureInfo.InvariantCulture);

    /// <summary>Lines of a sentence, none longer than 80 characters unless a word is.</summary>
    public static IEnumerable<string> Wrapped(string sentence)
    {
        var line = new StringBuilder();
        foreach (var word in sentence.Split(' '))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > MostLineLength)
            {
                yield return line.ToString();
                line.Clear();
            }

            line.Append(line.Length > 0 ? " " : "").Append(word);
        }

        yield return line.ToString();
    }

    public override string ToString()
    {
        int[] widths = [.. _rows[0].Select((_, c) => _rows.Max(row => row[c].Length))];
        var names = Math.Min(widths[0], MostLineLength - widths.Skip(1).Sum(width => 2 + width));
        var text = new StringBuilder();
        foreach (var row in _rows)
        {
            var name = row[0];
            if (name.Length > names)
            {
                text.Append(name.Length <= MostLineLength ? name : string.Concat(name.AsSpan(0, MostLineLength - 1), "…")).Append('\n');
                name = "";
            }

            var line = name.PadRight(names) + string.Concat(row.Skip(1).Select((cell, c) => "  " + cell.PadLeft(widths[c + 1])));
            text.Append(line.TrimEnd()).Append('\n');
        }

        return text.ToString();
    }

    private TextTable Class(string name, ConfusionCounts counts) => Add(
        name, Figure(counts.Precision), Figure(counts.Recall), Figure(counts.FScore(1)),
        Weight(counts.TruePositives + counts.FalseNegatives));
}

using System.Globalization;
using FocalMlNet.Tool.Files;
using Microsoft.ML.Data;

namespace FocalMlNet.Tool.Training;

/// <summary>The rows of a file to learn from, in memory.</summary>
internal sealed record TrainingTable
{
    /// <summary>The columns to predict from, in the order of the file.</summary>
    public required IReadOnlyList<TableColumn> Features { get; init; }

    /// <summary>Names of the features in which a cell is missing somewhere.</summary>
    public required IReadOnlyList<string> Incomplete { get; init; }

    /// <summary>The class of each row: of two classes 0 and 1, the positives.</summary>
    public required IReadOnlyList<int> Classes { get; init; }

    /// <summary>What rows belong together, or null.</summary>
    public required TextColumn? Groups { get; init; }

    /// <summary>The time of each row, or null.</summary>
    public required TableColumn? Times { get; init; }

    /// <summary>Rows that are left out, as they have no label.</summary>
    public required long RowsLeftOut { get; init; }

    public int Rows => Classes.Count;

    /// <summary>Reads the rows.</summary>
    /// <exception cref="UserErrorException">A cell does not parse.</exception>
    public static TrainingTable Read(FileProfile profile, FeatureColumns columns, LabelClasses label)
    {
        using var file = DelimitedFile.Open(profile.Path);
        IEnumerable<int> texts = columns.Group is { } g && !columns.Texts.Contains(g) ? [.. columns.Texts, g] : columns.Texts;
        var reader = new TableReader(profile, columns.DecimalComma, columns.Numbers, texts);
        List<int> classes = [];
        List<string> times = [];
        List<long> timeLines = [];
        var leftOut = 0L;
        while (file.Read())
        {
            if (label.ClassOf(file[columns.Label]) is not { } k)
            {
                leftOut++;
                continue;
            }

            if (reader.Add(file, FeatureColumns.IfText) is { } error)
                throw error;
            classes.Add(k);
            if (columns.Time is not { } t)
                continue;
            times.Add(file[t]);
            timeLines.Add(file.Line);
        }

        int[] order = [.. columns.Numbers.Concat(columns.Texts).Order()];
        return new()
        {
            Features = [.. order.Select(reader.Column)],
            Incomplete = [.. columns.Numbers.Where(j => profile.Columns[j].Missing > 0).Select(j => profile.Columns[j].Name)],
            Classes = classes,
            Groups = columns.Group is { } group ? reader.Text(group) : null,
            Times = columns.Time is { } time ? Time(profile, time, columns.DecimalComma, times, timeLines) : null,
            RowsLeftOut = leftOut,
        };
    }

    private static TableColumn Time(FileProfile profile, int column, bool decimalComma, List<string> cells, List<long> lines)
    {
        var name = profile.Columns[column].Name;
        if (profile.Columns[column].IsNumber(decimalComma))
        {
            return new ValueColumn<double>(name, NumberDataViewType.Double, [.. cells.Select((cell, i)
                => NumberCell.TryParse(cell, decimalComma, out var number) && double.IsFinite(number) ? number : throw Wrong(i))]);
        }

        return new ValueColumn<DateTime>(name, DateTimeDataViewType.Instance, [.. cells.Select((cell, i)
            => cell.Length >= 5 && cell.AsSpan(0, 4).IndexOfAnyExceptInRange('0', '9') < 0 && DateTime.TryParse(
                cell, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
                ? time : throw Wrong(i))]);

        UserErrorException Wrong(int i) => profile.Wrong(
            lines[i], name, cells[i], "is not a time: write 2026-05-31, 2026-05-31T13:45:00 or a number.");
    }
}

using FocalMlNet.Tool.Files;

namespace FocalMlNet.Tool.Training;

/// <summary>Which columns of a file are what.</summary>
internal sealed record FeatureColumns
{
    public required int Label { get; init; }

    /// <summary>Columns of numbers to predict from.</summary>
    public required IReadOnlyList<int> Numbers { get; init; }

    /// <summary>Text columns to predict from.</summary>
    public required IReadOnlyList<int> Texts { get; init; }

    /// <summary>The column of groups, or null.</summary>
    public required int? Group { get; init; }

    /// <summary>The column of times, or null.</summary>
    public required int? Time { get; init; }

    /// <summary>Whether numbers have a comma before their decimals.</summary>
    public required bool DecimalComma { get; init; }

    /// <summary>Finds out what the columns hold that are neither the label nor ignored.</summary>
    /// <exception cref="UserErrorException">A column is missing or useless, or named for two purposes.</exception>
    public static FeatureColumns Of(FileProfile file, TrainSettings settings)
    {
        var label = file.IndexOf(settings.Label, "--label");
        int? group = settings.Group is { } g ? file.IndexOf(g, "--group") : null;
        int? time = settings.Time is { } t ? file.IndexOf(t, "--time") : null;
        HashSet<int> ignored = [.. settings.Ignore.Select(name => file.IndexOf(name, "--ignore"))];
        HashSet<int> kept = [.. settings.Keep.Select(name => file.IndexOf(name, "--keep"))];
        HashSet<int> forcedText = [.. settings.Text.Select(name => file.IndexOf(name, "--text"))];
        CheckOptions(settings);

        // What says which rows belong together or when they were is no feature, unless it is asked for.
        int[] columns = [.. Enumerable.Range(0, file.Columns.Count).Where(
            j => j != label && !ignored.Contains(j) && ((j != group && j != time) || kept.Contains(j)))];
        if (columns.Length == 0)
            throw new UserErrorException($"'{file.Path}' has no column but '{settings.Label}' to predict it from.");
        foreach (var column in columns.Select(j => file.Columns[j]))
        {
            if (column.Cells == 0)
                throw new UserErrorException($"Column '{column.Name}' of '{file.Path}' is empty: leave it out with --ignore.");
            if (TableColumn.OfModels.Contains(column.Name, StringComparer.Ordinal))
            {
                throw new UserErrorException(
                    $"Column '{column.Name}' of '{file.Path}' has the name of one that a model adds: rename it, or leave it out with "
                    + "--ignore.");
            }
        }

        int[] guessed = [.. columns.Where(j => !forcedText.Contains(j))];
        var decimalComma = file.HasDecimalComma(time is { } other ? guessed.Append(other) : guessed);
        foreach (var j in guessed)
            file.CheckCommas(file.Columns[j], decimalComma, IfText(file.Columns[j].Name));
        int[] numbers = [.. guessed.Where(j => file.Columns[j].IsNumber(decimalComma))];
        return new()
        {
            Label = label,
            Numbers = numbers,
            Texts = [.. columns.Except(numbers)],
            Group = group,
            Time = time,
            DecimalComma = decimalComma,
        };
    }

    public static string IfText(string column) => $" If the cells are names, give --text {column}.";

    private static void CheckOptions(TrainSettings settings)
    {
        var label = settings.Label;
        foreach (var (option, names) in new[]
        {
            ("--ignore", settings.Ignore), ("--text", settings.Text), ("--keep", settings.Keep), ("--group", One(settings.Group)),
            ("--time", One(settings.Time)),
        })
        {
            if (names.Contains(label, StringComparer.Ordinal))
                throw new UserErrorException($"{option}: '{label}' is the label column.");
        }

        foreach (var (option, names) in new[] { ("--text", settings.Text), ("--keep", settings.Keep) })
        {
            if (names.Intersect(settings.Ignore, StringComparer.Ordinal).FirstOrDefault() is { } both)
                throw new UserErrorException($"{option}: '{both}' is named by --ignore, too, but a column is either used or not.");
        }

        if (settings.Group is not null && settings.Time is not null)
            throw new UserErrorException("--group and --time are given, but rows are held out by one of them.");

        static IReadOnlyList<string> One(string? name) => name is null ? [] : [name];
    }
}

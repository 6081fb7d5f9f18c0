namespace ImbalancedBinary;

/// <summary>The columns to predict from: numbers, and texts.</summary>
internal sealed class FeatureColumns
{
    private readonly (string Name, float[] Values)[] _numbers;
    private readonly (string Name, int Column)[] _texts;

    private FeatureColumns((string Name, float[] Values)[] numbers, (string Name, int Column)[] texts)
    {
        _numbers = numbers;
        _texts = texts;
    }

    /// <summary>The names of the columns of numbers.</summary>
    public IReadOnlyList<string> NumberNames => [.. _numbers.Select(column => column.Name)];

    /// <summary>The names of the text columns.</summary>
    public IReadOnlyList<string> TextNames => [.. _texts.Select(column => column.Name)];

    /// <summary>Finds out what the columns hold that are neither the label nor ignored.</summary>
    /// <exception cref="UserErrorException">A column is missing or useless, or a cell does not parse.</exception>
    public static FeatureColumns Of(Table table, Settings settings, int label)
    {
        var ignored = settings.IgnoredColumns.Select(name => table.IndexOf(name, "--ignore")).Append(label).ToHashSet();
        var forcedText = settings.TextColumns.Select(name => table.IndexOf(name, "--text")).ToHashSet();
        CheckOptions(settings);
        var columns = Enumerable.Range(0, table.Columns.Count).Where(j => !ignored.Contains(j)).ToArray();
        var text = columns.Where(j => forcedText.Contains(j) || !NumberColumn.IsOne(table, j)).ToArray();
        OneHotLimits.Check(table, text);
        var numbers = columns.Except(text).Select(j => (Name: table.Columns[j], Values: NumberColumn.Parse(table, j))).ToArray();
        return columns.Length > 0
            ? new FeatureColumns(numbers, [.. text.Select(j => (table.Columns[j], j))])
            : throw new UserErrorException($"'{table.File}' has no column but '{settings.Label}' to predict it from.");
    }

    private static void CheckOptions(Settings settings)
    {
        if (settings.IgnoredColumns.Contains(settings.Label))
            throw new UserErrorException($"--ignore: '{settings.Label}' is the label column.");
        if (settings.TextColumns.Contains(settings.Label))
            throw new UserErrorException($"--text: '{settings.Label}' is the label column.");
        if (settings.TextColumns.Intersect(settings.IgnoredColumns).FirstOrDefault() is { } both)
            throw new UserErrorException($"--text: '{both}' is named by --ignore, too, but a column is either used or not.");
    }

    /// <summary>The rows in which neither the label nor a number is missing.</summary>
    public IEnumerable<int> CompleteRows(Table table, int label)
        => Enumerable.Range(0, table.Rows.Count)
            .Where(i => table.Rows[i].Cells[label].Length > 0 && !_numbers.Any(column => float.IsNaN(column.Values[i])));

    /// <summary>The numbers of row i.</summary>
    public float[] NumbersOf(int i) => [.. _numbers.Select(column => column.Values[i])];

    /// <summary>The texts of a row.</summary>
    public string[] TextsOf(TableRow row) => [.. _texts.Select(column => row.Cells[column.Column])];
}

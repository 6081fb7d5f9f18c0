using Microsoft.ML;

namespace ImbalancedBinary;

/// <summary>A table with a Boolean label, columns of numbers and text columns.</summary>
/// <param name="Name">The file it came from.</param>
/// <param name="Label">The label column and the value that makes a row a positive, for messages: column = value.</param>
/// <param name="NumberColumns">The names of <see cref="Example.Numbers"/>.</param>
/// <param name="TextColumns">The names of <see cref="Example.Texts"/>.</param>
/// <param name="Examples">The rows.</param>
/// <param name="RowsLeftOut">Number of rows that are not among <paramref name="Examples"/>, as the label or a number is missing.</param>
internal sealed record Dataset(
    string Name,
    string Label,
    IReadOnlyList<string> NumberColumns,
    IReadOnlyList<string> TextColumns,
    IReadOnlyList<Example> Examples,
    int RowsLeftOut)
{
    /// <summary>Fewest rows of a class: with less, the split leaves one part without it.</summary>
    private const int FewestRowsOfClass = 5;

    /// <summary>Number of rows that are positives.</summary>
    public int PositiveCount => Examples.Count(e => e.Label);

    /// <summary>Finds out what the columns hold and makes examples of the rows.</summary>
    /// <exception cref="UserErrorException">A column is missing or useless, a cell does not parse, or a class has too few rows.</exception>
    public static Dataset From(Table table, Settings settings)
    {
        var label = table.IndexOf(settings.Label, "--label");
        CheckLabel(table, label, settings.Positive);
        var features = FeatureColumns.Of(table, settings, label);

        var complete = features.CompleteRows(table, label)
            .Select(i => new Example
            {
                Label = table.Rows[i].Cells[label] == settings.Positive,
                Numbers = features.NumbersOf(i),
                Texts = features.TextsOf(table.Rows[i]),
            })
            .ToArray();
        var data = new Dataset(
            table.File,
            $"{settings.Label} = {settings.Positive}",
            features.NumberNames,
            features.TextNames,
            complete,
            table.Rows.Count - complete.Length);
        data.CheckClasses();
        return data;
    }

    /// <summary>Some of the rows as ML.NET sees them.</summary>
    public IDataView View(MLContext mlContext, IEnumerable<Example> examples)
        => mlContext.Data.LoadFromEnumerable(examples, Example.Schema(NumberColumns.Count, TextColumns.Count));

    /// <summary>
    /// A part for training and one for testing, both with the same share of positives: a plain random split of a few positives may leave
    /// one part with hardly any.
    /// </summary>
    public (IReadOnlyList<Example> Train, IReadOnlyList<Example> Test) Split(double testFraction, int seed)
    {
        var mlContext = new MLContext();
        var split = mlContext.Data.StratifiedTrainTestSplit(View(mlContext, Examples), testFraction: testFraction, seed: seed);
        return (Rows(split.TrainSet), Rows(split.TestSet));

        Example[] Rows(IDataView view)
            => [.. mlContext.Data.CreateEnumerable<Example>(
                view, reuseRowObject: false, schemaDefinition: Example.Schema(NumberColumns.Count, TextColumns.Count))];
    }

    private static void CheckLabel(Table table, int label, string positive)
    {
        var values = table.Rows.Select(row => row.Cells[label]).Where(value => value.Length > 0).Distinct().Order(StringComparer.Ordinal)
            .ToArray();
        if (!values.Contains(positive))
        {
            const int Shown = 8;
            var names = string.Join(", ", values.Take(Shown)) + (values.Length > Shown ? $" and {values.Length - Shown} more" : "");
            throw new UserErrorException(
                $"--positive: no row of '{table.File}' has {table.Columns[label]} = {positive}. Values are {names}.");
        }

        if (values.Length == 1)
            throw new UserErrorException(
                $"--label: column '{table.Columns[label]}' has one value only, {positive}: there is nothing to tell apart.");
    }

    private void CheckClasses()
    {
        var negativeCount = Examples.Count - PositiveCount;
        var (fewer, which) = PositiveCount <= negativeCount ? (PositiveCount, "") : (negativeCount, "other than ");
        if (fewer < FewestRowsOfClass)
        {
            var leftOut = RowsLeftOut == 0 ? "" : $" Left out: {RowsLeftOut} rows in which the label or a number is missing.";
            throw new UserErrorException(
                $"Number of rows in '{Name}' with {which}{Label}: {fewer}, but at least {FewestRowsOfClass} are needed for a training "
                    + $"and a test part.{leftOut}");
        }
    }
}

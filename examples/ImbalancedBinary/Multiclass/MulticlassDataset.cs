using Microsoft.ML;

namespace ImbalancedBinary;

/// <summary>A table of which one column names classes, and its stratified split.</summary>
/// <param name="Name">The file it came from.</param>
/// <param name="Label">The label column.</param>
/// <param name="Features">The columns to predict from.</param>
/// <param name="Train">The rows to train on.</param>
/// <param name="Test">The rows to test on.</param>
/// <param name="RowsLeftOut">Number of rows that are in neither, as the label or a number is missing.</param>
internal sealed record MulticlassDataset(
    string Name, string Label, FeatureColumns Features, IReadOnlyList<MulticlassExample> Train, IReadOnlyList<MulticlassExample> Test,
    int RowsLeftOut)
{
    private const double TestFraction = .2;
    private const int FewestRowsOfClass = 5;
    private const int MostClasses = 100;

    /// <summary>The names of the classes in the order of their keys.</summary>
    public IReadOnlyList<string> Classes => [.. Train.Select(e => e.Label).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Finds out what the columns hold, makes examples of the rows and draws a fifth of each class for testing.</summary>
    /// <exception cref="UserErrorException">
    /// A column is missing or useless, a cell does not parse, or there are too many classes, or too few rows of one.
    /// </exception>
    public static MulticlassDataset From(Table table, Settings settings)
    {
        var label = table.IndexOf(settings.Label, "--label");
        var features = FeatureColumns.Of(table, settings, label);
        var rows = features.CompleteRows(table, label)
            .Select(i => new MulticlassExample
            {
                Label = table.Rows[i].Cells[label],
                Numbers = features.NumbersOf(i),
                Texts = features.TextsOf(table.Rows[i])
            })
            .ToArray();
        Check(table, label, rows);

        var mlContext = new MLContext();
        var schema = MulticlassExample.Schema(features.NumberNames.Count, features.TextNames.Count);
        var split = mlContext.Data.StratifiedTrainTestSplit(
            mlContext.Data.LoadFromEnumerable(rows, schema), testFraction: TestFraction, seed: settings.Seed);
        var (train, test) = (Rows(split.TrainSet), Rows(split.TestSet));

        var sizes = train.CountBy(row => row.Label).ToDictionary();
        foreach (var row in train)
            row.Weight = (float)train.Length / sizes.Count / sizes[row.Label];
        return new MulticlassDataset(table.File, settings.Label, features, train, test, table.Rows.Count - rows.Length);

        MulticlassExample[] Rows(IDataView view)
            => [.. mlContext.Data.CreateEnumerable<MulticlassExample>(view, reuseRowObject: false, schemaDefinition: schema)];
    }

    /// <summary>Some of the rows as ML.NET sees them.</summary>
    public IDataView View(MLContext mlContext, IEnumerable<MulticlassExample> examples)
        => mlContext.Data.LoadFromEnumerable(examples, MulticlassExample.Schema(Features.NumberNames.Count, Features.TextNames.Count));

    private static void Check(Table table, int label, MulticlassExample[] rows)
    {
        var sizes = rows.CountBy(row => row.Label).ToArray();
        if (sizes.Length < 2)
            throw new UserErrorException(
                $"--label: column '{table.Columns[label]}' has {(sizes.Length == 0 ? "no value" : "one value only")} in complete rows: "
                + "there is nothing to tell apart.");
        if (sizes.Length > MostClasses)
            throw new UserErrorException($"--label: column '{table.Columns[label]}' has {sizes.Length} values, but the tables have room "
                + $"for {MostClasses} classes. Is it the right column?");
        var (name, count) = sizes.MinBy(size => size.Value);
        if (count < FewestRowsOfClass)
            throw new UserErrorException($"Number of rows in '{table.File}' with {table.Columns[label]} = {name}: {count}, but at least "
                + $"{FewestRowsOfClass} are needed for a training and a test part.");
    }
}

using System.Globalization;
using FocalMlNet.Tool.Files;
using FocalMlNet.Tool.Printing;
using FocalMlNet.Tool.Training;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Tool.Scoring;

/// <summary>What <c>focal evaluate</c> is asked for.</summary>
internal sealed record EvaluateSettings
{
    public required string Model { get; init; }

    public required string File { get; init; }

    /// <summary>The column with the truth; null for the one of the training.</summary>
    public string? Label { get; init; }

    /// <summary>The value that is positive; null for the one of the training.</summary>
    public string? Positive { get; init; }

    /// <summary>The page; null for report.html.</summary>
    public string? Out { get; init; }
}

/// <summary><c>focal evaluate</c>: a saved model on rows with labels.</summary>
internal static class EvaluateRun
{
    public static void Run(EvaluateSettings settings, Terminal terminal)
    {
        using var files = new OutputFiles("--out");
        var page = settings.Out ?? "report.html";
        files.Check(page, settings.File, settings.Model);
        var model = SavedModel.Load(settings.Model);
        var profile = FileProfile.Read(settings.File, countValues: true);
        var input = model.Match(profile);
        var labelName = settings.Label ?? model.Notes?.Label
            ?? throw new UserErrorException($"--label COLUMN is needed: '{settings.Model}' does not say what it was trained for.");
        var label = profile.IndexOf(labelName, "--label");
        try
        {
            if (model.IsBinary)
                Binary(settings, model, input, label, page, files, terminal);
            else
                Multiclass(settings, model, input, label, page, files, terminal);
        }
        catch (InvalidOperationException error)
        {
            // Rows that a model cannot be judged by, such as those of classes that it does not know.
            throw new UserErrorException($"'{settings.File}' cannot be evaluated: {error.Message}", error);
        }
    }

    private static void Binary(
        EvaluateSettings settings, SavedModel model, ModelInput input, int label, string page, OutputFiles files, Terminal terminal)
    {
        var classes = LabelClasses.Of(input.File, label, isMulticlass: false, settings.Positive ?? model.Notes?.Positive);
        List<bool> truth = [];
        var (columns, rows) = Read(input, label, classes.ClassOf, k => truth.Add(k == 1));
        var labelName = Free("Label", columns);
        var view = new TableView([.. columns, new ValueColumn<bool>(labelName, BooleanDataViewType.Instance, truth)], rows);
        const string Name = "model";
        var comparison = terminal.Work("Evaluating", _ => model.MlContext.BinaryClassification.CompareImbalanced(
            view, [(Name, model.Transformer)], labelName, costs: CostMatrix.OfMissCost(20),
            options: new() { BootstrapResamples = 1000, Seed = 1 }));
        new DecisionReport(comparison, new()
        {
            Title = $"{classes.Column} = {classes.Positive}",
            Model = Name,
            Provenance = Provenance(settings, rows, $"{classes.Column} = {classes.Positive}"),
        }).Save(files.Begin(page));
        files.Commit();
        terminal.Line(string.Create(
            CultureInfo.InvariantCulture,
            $"{settings.File}: {rows:N0} rows, {truth.Count(t => t):N0} positives: {classes.Column} = {classes.Positive}."));
        terminal.Line(comparison.Models[0].Metrics.ToString()!);
        terminal.Line($"Page: {page}");
    }

    private static void Multiclass(
        EvaluateSettings settings, SavedModel model, ModelInput input, int label, string page, OutputFiles files, Terminal terminal)
    {
        if (settings.Positive is not null)
            throw new UserErrorException($"--positive is for models of two classes, but '{settings.Model}' tells several apart.");
        List<ReadOnlyMemory<char>> truth = [];
        var (columns, rows) = Read(input, label, cell => cell.Length == 0 ? null : 0, _ => { }, cell => truth.Add(cell.AsMemory()));
        var labelName = Free("Label", columns);
        var view = new TableView([.. columns, new ValueColumn<ReadOnlyMemory<char>>(labelName, TextDataViewType.Instance, truth)], rows);
        const string Name = "model";
        var comparison = terminal.Work("Evaluating", _ => model.MlContext.MulticlassClassification.CompareImbalanced(
            view, [(Name, model.Transformer)], labelName, options: new() { BootstrapResamples = 1000, Seed = 1 }));
        var column = input.File.Columns[label].Name;
        new DecisionReport(comparison, new()
        {
            Title = column,
            Model = Name,
            Provenance = Provenance(settings, rows, column),
        }).Save(files.Begin(page));
        files.Commit();
        terminal.Line(string.Create(CultureInfo.InvariantCulture, $"{settings.File}: {rows:N0} rows."));
        terminal.Line(comparison.Models[0].Metrics.ToString()!);
        terminal.Line($"Page: {page}");
    }

    private static KeyValuePair<string, string>[] Provenance(EvaluateSettings settings, int rows, string label) =>
    [
        new("Model", Path.GetFileName(settings.Model)),
        new("Data", Path.GetFileName(settings.File)),
        new("Rows", rows.ToString("N0", CultureInfo.InvariantCulture)),
        new("Label", label),
        new("Made by", $"focal {Program.Version}"),
    ];

    private static (IReadOnlyList<TableColumn> Columns, int Rows) Read(
        ModelInput input, int label, Func<string, int?> classOf, Action<int> take, Action<string>? takeName = null)
    {
        using var file = DelimitedFile.Open(input.File.Path);
        var reader = input.Reader();
        while (file.Read())
        {
            if (classOf(file[label]) is not { } k)
                continue;
            if (reader.Add(file) is { } error)
                throw error;
            take(k);
            takeName?.Invoke(file[label]);
        }

        return reader.Rows > 0
            ? (input.Columns(reader), reader.Rows)
            : throw new UserErrorException($"'{input.File.Path}' has no row with a label.");
    }

    private static string Free(string name, IReadOnlyList<TableColumn> columns)
    {
        while (columns.Any(c => c.Name == name))
            name += "_";
        return name;
    }
}

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
    /// <summary>What the model is called on the page.</summary>
    private const string Name = "model";

    private static EvaluationOptions Judging => new() { BootstrapResamples = 1000, Seed = 1 };

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
        if (!model.IsBinary && settings.Positive is not null)
            throw new UserErrorException($"--positive is for models of two classes, but '{settings.Model}' tells several apart.");

        var (report, metrics, facts) = Refusal.Told(
            $"'{settings.File}' cannot be evaluated",
            () => model.IsBinary ? Binary(settings, model, input, label, terminal) : Multiclass(settings, model, input, label, terminal));
        report.Save(files.Begin(page));
        files.Commit();
        terminal.Line($"{settings.File}: {facts}.");
        terminal.Line(metrics);
        terminal.Line($"Page: {page}");
    }

    private static (DecisionReport Report, string Metrics, string Facts) Binary(
        EvaluateSettings settings, SavedModel model, ModelInput input, int label, Terminal terminal)
    {
        var classes = LabelClasses.Of(input.File, label, isMulticlass: false, settings.Positive ?? model.Notes?.Positive, fewestRows: 1);
        List<bool> truth = [];
        var (columns, rows) = Read<bool>(input, label, cell => classes.ClassOf(cell) is { } k ? k == 1 : null, truth.Add);
        var (view, labelName) = WithLabel(
            input, label, columns, rows, name => new ValueColumn<bool>(name, BooleanDataViewType.Instance, truth));
        var comparison = terminal.Work("Evaluating", _ => model.MlContext.BinaryClassification.CompareImbalanced(
            view, [(Name, model.Transformer)], labelName, costs: CostMatrix.OfMissCost(20), options: Judging));
        return (new(comparison, Page(settings, rows, classes.Title)), comparison.Models[0].Metrics.ToString(), string.Create(
            CultureInfo.InvariantCulture, $"{rows:N0} rows, {truth.Count(t => t):N0} positives: {classes.Title}"));
    }

    private static (DecisionReport Report, string Metrics, string Facts) Multiclass(
        EvaluateSettings settings, SavedModel model, ModelInput input, int label, Terminal terminal)
    {
        List<ReadOnlyMemory<char>> truth = [];
        // Not a mere null: that would be an empty text here.
        var (columns, rows) = Read(input, label, cell => cell.Length > 0 ? cell.AsMemory() : (ReadOnlyMemory<char>?)null, truth.Add);
        var (view, labelName) = WithLabel(
            input, label, columns, rows, name => new ValueColumn<ReadOnlyMemory<char>>(name, TextDataViewType.Instance, truth));
        var comparison = terminal.Work("Evaluating", _ => model.MlContext.MulticlassClassification.CompareImbalanced(
            view, [(Name, model.Transformer)], labelName, options: Judging));
        return (new(comparison, Page(settings, rows, input.File.Columns[label].Name)), comparison.Models[0].Metrics.ToString(),
            string.Create(CultureInfo.InvariantCulture, $"{rows:N0} rows"));
    }

    private static DecisionReportOptions Page(EvaluateSettings settings, int rows, string title) => new()
    {
        Title = title,
        Model = Name,
        Provenance =
        [
            new("Model", Path.GetFileName(settings.Model)),
            new("Data", Path.GetFileName(settings.File)),
            new("Rows", rows.ToString("N0", CultureInfo.InvariantCulture)),
            new("Label", title),
            new("Made by", $"focal {Program.Version}"),
        ],
    };

    private static (IReadOnlyList<TableColumn> Columns, int Rows) Read<T>(
        ModelInput input, int label, Func<string, T?> truthOf, Action<T> take)
        where T : struct
    {
        using var file = DelimitedFile.Open(input.File.Path);
        var reader = input.Reader();
        while (file.Read())
        {
            if (truthOf(file[label]) is not { } truth)
                continue;
            if (reader.Add(file) is { } error)
                throw error;
            take(truth);
        }

        return reader.Rows > 0
            ? (input.Columns(reader), reader.Rows)
            : throw new UserErrorException($"'{input.File.Path}' has no row with a label.");
    }

    /// <summary>The rows with their truth, under the name that it has in the file, if no other column has it.</summary>
    private static (TableView View, string Label) WithLabel(
        ModelInput input, int column, IReadOnlyList<TableColumn> columns, int rows, Func<string, TableColumn> labelOf)
    {
        var label = labelOf(TableColumn.Free(input.File.Columns[column].Name, [.. columns.Select(c => c.Name)]));
        return (new([.. columns, label], rows), label.Name);
    }
}

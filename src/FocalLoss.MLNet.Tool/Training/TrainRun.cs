using System.Globalization;
using FocalMlNet.Tool.Files;
using FocalMlNet.Tool.Printing;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Tool.Training;

/// <summary><c>focal train</c>: from a file to a model, its ONNX graph and a page.</summary>
internal static class TrainRun
{
    private const double HeldOut = .2;

    public static void Run(TrainSettings settings, Terminal terminal)
    {
        using var files = new OutputFiles("--out");
        var paths = OutputPaths.Of(settings.Out, settings.File);
        foreach (var path in new[] { paths.Model, paths.Onnx, paths.Page })
            files.Check(path, settings.File);

        var profile = FileProfile.Read(settings.File, countValues: true);
        var label = LabelClasses.Of(profile, profile.IndexOf(settings.Label, "--label"), settings.IsMulticlass, settings.Positive);
        var columns = FeatureColumns.Of(profile, settings);
        var table = TrainingTable.Read(profile, columns, label);
        var suspects = SuspectColumns.Of(profile, table, settings.IsMulticlass, settings.Keep);
        if (suspects.Count > 0)
        {
            if (!terminal.CanAsk)
                throw Suspected(profile, suspects);
            Run(Asked(profile, suspects, settings, terminal), terminal);
            return;
        }

        OneHotLimits.Check(profile, columns.Texts);
        var mlContext = new MLContext(settings.Seed);
        var features = new FeaturePipeline(mlContext, table, label, settings.Seed);
        var view = features.View();
        var (train, test) = Refusal.Told(
            $"{By(settings)}: rows cannot be held out", () => Split(mlContext, view, features, settings));
        var folds = Folds(train, features, label, settings);

        Describe(profile, columns, table, label, settings, terminal);
        Training training = settings.IsMulticlass
            ? new MulticlassTraining(mlContext, settings, features, label)
            : new BinaryTraining(mlContext, settings, features, label);
        // Such as groups, or times, of which some fold has one class only.
        Refusal.Told($"{By(settings)}: models cannot be compared", () => training.Run(train, test, folds, terminal));

        List<string> written = [paths.Model];
        Save(mlContext, training.Model, features.Input(), files.Begin(paths.Model));
        var (onnx, note) = Export(mlContext, training, features.Input(), paths, files);
        if (onnx is not null)
            written.Add(onnx);
        training.WritePage(files.Begin(paths.Page), Provenance(profile, table, label, settings));
        written.Add(paths.Page);
        files.Commit();
        training.Print(terminal);
        if (note is not null)
            terminal.Line(note);
        terminal.Line($"Files: {string.Join(", ", written)}");
    }

    private static UserErrorException Suspected(FileProfile profile, IReadOnlyList<SuspectColumn> suspects)
    {
        var why = string.Join("; ", suspects.Select(s => $"column '{s.Name}' {s.Why}"));
        var them = suspects.Count > 1 ? "them" : "it";
        return new($"'{profile.Path}': {why}. Add {Given("--ignore")}, or to use {them} all the same {Given("--keep")}.");

        string Given(string option) => string.Join(' ', suspects.Select(s => $"{option} {Quoted(s.Name)}"));
    }

    private static string Quoted(string name) => name.Contains(' ', StringComparison.Ordinal) ? $"\"{name}\"" : name;

    private static TrainSettings Asked(
        FileProfile profile, IReadOnlyList<SuspectColumn> suspects, TrainSettings settings, Terminal terminal)
    {
        foreach (var suspect in suspects)
        {
            terminal.Line($"Column '{suspect.Name}' {suspect.Why}.");
            settings = terminal.Ask("Leave it out (l), keep it (k) or stop (s)?", "l", "k", "s") switch
            {
                "l" => settings with { Ignore = [.. settings.Ignore, suspect.Name] },
                "k" => settings with { Keep = [.. settings.Keep, suspect.Name] },
                _ => throw Suspected(profile, suspects),
            };
        }

        return settings;
    }

    private static (IDataView Train, IDataView Test) Split(
        MLContext mlContext, IDataView view, FeaturePipeline features, TrainSettings settings)
    {
        if (settings.Time is not null)
        {
            var inTime = mlContext.Data.TimeOrderedTrainTestSplit(view, features.SplitColumn, HeldOut, labelColumnName: features.Label);
            return (inTime.TrainSet, inTime.TestSet);
        }

        var split = mlContext.Data.StratifiedTrainTestSplit(
            view, features.Label, HeldOut, settings.Group is null ? null : features.SplitColumn, settings.Seed);
        return (split.TrainSet, split.TestSet);
    }

    private static string By(TrainSettings settings)
        => settings.Time is not null ? "--time" : settings.Group is not null ? "--group" : "--label";

    /// <summary>Five, or as many as there are rows of the rarest class to train on, or groups.</summary>
    private static int Folds(IDataView train, FeaturePipeline features, LabelClasses label, TrainSettings settings)
    {
        var counts = label.Positive is not null
            ? train.GetColumn<bool>(train.Schema[features.Label]).CountBy(k => k).Select(pair => pair.Value)
            : train.GetColumn<uint>(train.Schema[features.Label]).CountBy(k => k).Select(pair => pair.Value);
        var groups = settings.Group is null ? int.MaxValue
            : train.GetColumn<ReadOnlyMemory<char>>(train.Schema[features.SplitColumn]).Select(g => g.ToString()).Distinct().Count();
        return Math.Clamp(Math.Min(counts.Min(), groups), 2, 5);
    }

    private static void Describe(
        FileProfile profile, FeatureColumns columns, TrainingTable table, LabelClasses label, TrainSettings settings, Terminal terminal)
    {
        terminal.Line(string.Create(
            CultureInfo.InvariantCulture,
            $"{profile.Path}: {profile.Rows:N0} rows; to predict from {columns.Numbers.Count} columns of numbers, "
            + $"{columns.Texts.Count} of text."));
        if (label.Positive is { } positive)
        {
            var positives = table.Classes.Count(k => k == 1);
            var found = label.IsPositiveFound ? ", the rarer value (--positive says otherwise)" : "";
            terminal.Line(string.Create(
                CultureInfo.InvariantCulture,
                $"{positives:N0} positives, {100.0 * positives / table.Rows:F2} %: {label.Column} = {positive}{found}."));
        }
        else
            terminal.Line($"{label.Names.Count} classes of {label.Column}: {Listing.Of(label.Names, 8)}.");
        if (columns.DecimalComma)
            terminal.Line("Numbers are written with a decimal comma.");
        if (table.RowsLeftOut > 0)
            terminal.Line(string.Create(CultureInfo.InvariantCulture, $"Left out: {table.RowsLeftOut:N0} rows without a label."));
        if (table.Incomplete.Count > 0)
            terminal.Line($"Cells are missing in {Listing.Of(table.Incomplete, 6)}: the mean is put there, and a feature tells.");
        terminal.Line(settings switch
        {
            { Time: { } time } => $"Held out to judge by: the newest fifth of the rows by {time}.",
            { Group: { } group } => $"Held out to judge by: a fifth of the rows, in whole groups of {group}.",
            _ => "Held out to judge by: a fifth of the rows, with its share of each class.",
        });
        terminal.Line();
    }

    private static void Save(MLContext mlContext, ITransformer model, TableView input, string path)
    {
        using var stream = File.Create(path);
        mlContext.Model.Save(model, input.Schema, stream);
    }

    private static (string? Path, string? Note) Export(
        MLContext mlContext, Training training, TableView input, OutputPaths paths, OutputFiles files)
    {
        var path = training.OtherExport is null ? paths.Onnx : paths.OtherOnnx(training.OtherExport);
        files.Check(path);
        var cut = false;
        void Listen(object? sender, LoggingEventArgs e) => cut |= e.Message.Contains("stop walkback", StringComparison.OrdinalIgnoreCase);
        mlContext.Log += Listen;
        try
        {
            using (var stream = File.Create(files.Begin(path)))
                mlContext.Model.ConvertToOnnx(training.Exported, input, stream, [.. training.ExportedColumns]);
            if (!cut)
                return (path, training.OtherExport is null ? null
                    : $"ML.NET's ONNX converter has no kernel map: {path} is another model, {training.OtherExport}.");
        }
        finally
        {
            mlContext.Log -= Listen;
        }

        files.Withdraw(path);
        return (null, "No ONNX file: ML.NET's converter lacks a step of the model.");
    }

    private static IReadOnlyList<KeyValuePair<string, string>> Provenance(
        FileProfile profile, TrainingTable table, LabelClasses label, TrainSettings settings) =>
    [
        new("Data", Path.GetFileName(profile.Path)),
        new("Rows", string.Create(CultureInfo.InvariantCulture, $"{table.Rows:N0}, of which a fifth was held out")),
        new("Label", label.Title),
        new("Held out", settings switch
        {
            { Time: { } time } => $"the newest by {time}",
            { Group: { } group } => $"groups of {group}",
            _ => "stratified",
        }),
        new("Columns left out", settings.Ignore.Count > 0 ? Listing.Of(settings.Ignore, 20) : "none"),
        new("Seed", settings.Seed.ToString(CultureInfo.InvariantCulture)),
        new("Made by", $"focal {Program.Version}, ML.NET {typeof(MLContext).Assembly.GetName().Version?.ToString(3)}"),
    ];
}

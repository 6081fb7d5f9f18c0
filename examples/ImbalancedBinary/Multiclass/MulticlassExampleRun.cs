using Microsoft.ML;

namespace ImbalancedBinary;

/// <summary>The comparison of several classes from beginning to end.</summary>
internal static class MulticlassExampleRun
{
    public static void Run(Settings settings)
    {
        var data = MulticlassDataset.From(DelimitedText.Read(settings.DataFile), settings);
        var terminal = new Terminal();
        var report = new MulticlassReport(terminal, data);
        report.Data();

        var comparison = new MulticlassComparison(data, settings.Seed);
        var outcomes = terminal.Work($"Fitting {comparison.Contenders.Count} trainers", comparison.Contenders.Count, comparison.Run);
        report.Tables(outcomes);
        report.Footnotes();

        var best = outcomes.MaxBy(o => o.Metrics.MacroRecall)!;
        var mlContext = new MLContext();
        var file = SavedModel.WriteFile(mlContext, best.Pipeline, data.View(mlContext, []).Schema, settings.Output);
        report.Saved(best, file, ScoreAgain(mlContext, file, data, best));
    }

    /// <summary>Loads the model, makes sure that nothing has changed on the way, and scores a row of each class.</summary>
    /// <exception cref="InvalidOperationException">The loaded model scores a row differently.</exception>
    private static List<(MulticlassExample Row, NamedPrediction Prediction)> ScoreAgain(
        MLContext mlContext, string file, MulticlassDataset data, MulticlassOutcome outcome)
    {
        var model = mlContext.Model.Load(file, out _);
        var view = data.View(mlContext, data.Test);
        var loaded = Predict(mlContext, model, view);
        var before = Predict(mlContext, outcome.Pipeline, view);
        if (!loaded.Zip(before)
            .All(pair => pair.First.PredictedLabel == pair.Second.PredictedLabel && pair.First.Score.SequenceEqual(pair.Second.Score)))
            throw new InvalidOperationException("The loaded model does not score as the one that was saved.");
        return [.. data.Test.Zip(loaded).DistinctBy(pair => pair.First.Label).OrderBy(pair => pair.First.Label, StringComparer.Ordinal)];
    }

    private static NamedPrediction[] Predict(MLContext mlContext, ITransformer model, IDataView view)
        => [.. mlContext.Data.CreateEnumerable<NamedPrediction>(model.Transform(view), reuseRowObject: false)];
}

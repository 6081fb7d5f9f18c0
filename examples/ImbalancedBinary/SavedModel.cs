using Microsoft.ML;

namespace ImbalancedBinary;

/// <summary>A model in a file: anybody who has ML.NET can load it, with or without FocalLoss.MLNet.</summary>
/// <param name="FilePath">The file.</param>
/// <param name="Data">The data the model was trained on: it knows the columns.</param>
internal sealed record SavedModel(string FilePath, Dataset Data)
{
    /// <summary>Saves the whole pipeline. The file appears under its name only when it is complete.</summary>
    /// <exception cref="UserErrorException">The file cannot be written.</exception>
    public static SavedModel Write(Outcome outcome, Dataset data, string path)
    {
        var mlContext = new MLContext();
        return new SavedModel(WriteFile(mlContext, outcome.Pipeline, data.View(mlContext, []).Schema, path), data);
    }

    /// <summary>Saves a model, and returns the full path of its file.</summary>
    /// <exception cref="UserErrorException">The file cannot be written.</exception>
    public static string WriteFile(MLContext mlContext, ITransformer model, DataViewSchema inputSchema, string path)
        => OutputFile.Write(path, stream => mlContext.Model.Save(model, inputSchema, stream));

    /// <summary>Loads the model, scores two positives and a negative, and makes sure that nothing has changed on the way.</summary>
    /// <exception cref="InvalidOperationException">The loaded model scores a row differently.</exception>
    public IReadOnlyList<Prediction> ScoreAgain(IReadOnlyList<Example> test, Outcome outcome)
    {
        var mlContext = new MLContext();
        var model = mlContext.Model.Load(FilePath, out _);

        var view = Data.View(mlContext, test);
        if (!Scores(mlContext, model, view).SequenceEqual(Scores(mlContext, outcome.Pipeline, view)))
            throw new InvalidOperationException("The loaded model does not score as the one that was saved.");

        var schema = Example.Schema(Data.NumberColumns.Count, Data.TextColumns.Count);
        using var engine = mlContext.Model.CreatePredictionEngine<Example, Prediction>(model, inputSchemaDefinition: schema);
        return [.. test.Where(e => e.Label).Take(2).Concat(test.Where(e => !e.Label).Take(1)).Select(engine.Predict)];
    }

    private static IEnumerable<(float Score, float Probability, bool PredictedLabel)> Scores(
        MLContext mlContext, ITransformer model, IDataView view)
        => mlContext.Data.CreateEnumerable<Prediction>(model.Transform(view), reuseRowObject: true)
            .Select(p => (p.Score, p.Probability, p.PredictedLabel));
}

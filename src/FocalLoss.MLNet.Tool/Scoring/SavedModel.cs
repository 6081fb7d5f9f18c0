using FocalMlNet.Tool.Files;
using FocalMlNet.Tool.Training;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.FastTree;

namespace FocalMlNet.Tool.Scoring;

/// <summary>A model in a file, and what it asks for.</summary>
internal sealed class SavedModel
{
    private readonly ITransformer _model;

    private SavedModel(string path, MLContext mlContext, ITransformer model, DataViewSchema schema)
    {
        (Path, MlContext, _model, Schema) = (path, mlContext, model, schema);
        Notes = ModelNotes.In(schema);
        var output = Output(schema);
        if (output.GetColumnOrNull("Score") is not { } score)
            throw Useless("it gives no score");
        IsBinary = score.Type is NumberDataViewType && output.GetColumnOrNull("PredictedLabel")?.Type is BooleanDataViewType;
        HasProbability = IsBinary && output.GetColumnOrNull("Probability") is not null;
        if (!IsBinary && (score.Type is not VectorDataViewType || output.GetColumnOrNull("PredictedLabel") is null))
            throw Useless("it does not classify");
        ClassNames = IsBinary ? [] : Names(score);
    }

    public string Path { get; }

    public MLContext MlContext { get; }

    /// <summary>The columns that it was trained with.</summary>
    public DataViewSchema Schema { get; }

    /// <summary>What it was trained for, if <c>focal train</c> made it.</summary>
    public ModelNotes? Notes { get; }

    /// <summary>Whether it tells two classes apart.</summary>
    public bool IsBinary { get; }

    /// <summary>Of two classes: whether there is a column Probability.</summary>
    public bool HasProbability { get; }

    /// <summary>Of several classes: their names, in the order of the scores.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>Reads a model.</summary>
    /// <exception cref="UserErrorException">The file is not there, or holds no model that classifies.</exception>
    public static SavedModel Load(string path)
    {
        if (Directory.Exists(path))
            throw new UserErrorException($"'{path}' is a folder, but it should be a model's file.");
        if (!File.Exists(path))
            throw new UserErrorException($"'{path}' does not exist.");
        var mlContext = new MLContext(seed: 0);
        mlContext.ComponentCatalog.RegisterAssembly(typeof(FastTreeBinaryTrainer).Assembly);
        try
        {
            var model = mlContext.Model.Load(path, out var schema);
            if (schema is null)
                throw new UserErrorException($"'{path}' does not say which columns it asks for: save it with its input schema.");
            return new(path, mlContext, model, schema);
        }
        catch (Exception error) when (error is not UserErrorException)
        {
            // A file that is no model, or one of unknown parts, fails in many ways.
            throw new UserErrorException($"'{path}' is no model that can be loaded: {error.Message}", error);
        }
    }

    /// <summary>What the model says of rows.</summary>
    public IDataView Transform(IDataView rows) => _model.Transform(rows);

    /// <summary>The model itself.</summary>
    public ITransformer Transformer => _model;

    /// <summary>Finds the columns that it asks for in a file.</summary>
    /// <exception cref="UserErrorException">One is missing or of another kind.</exception>
    public ModelInput Match(FileProfile file)
    {
        List<DataViewSchema.Column> present = [.. Schema.Where(c => file.Names.Contains(c.Name, StringComparer.Ordinal))];
        foreach (var missing in Schema.Except(present))
        {
            // A label, say, is in the schema of a model but not asked for.
            if (!IsComplete(Schema.Where(c => c.Name != missing.Name)))
                throw new UserErrorException($"'{file.Path}' has no column '{missing.Name}', which the model '{Path}' asks for.");
        }

        // Those that are there, but that the model can do without, need not be what they were.
        var needed = present.Where(c => !IsComplete(present.Where(other => other.Name != c.Name))).ToArray();
        if (needed.Length == 0)
            throw Useless("no column of the file matters to it");
        foreach (var column in needed.Where(c => c.Type is not (TextDataViewType or NumberDataViewType)))
            throw Useless($"its column '{column.Name}' is of type {column.Type}, but focal reads single numbers and texts");
        return ModelInput.Of(file, needed, Path);
    }

    private bool IsComplete(IEnumerable<DataViewSchema.Column> columns)
    {
        try
        {
            var builder = new DataViewSchema.Builder();
            foreach (var column in columns)
                builder.AddColumn(column.Name, column.Type, column.Annotations);
            _model.GetOutputSchema(builder.ToSchema());
            return true;
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException)
        {
            return false;
        }
    }

    private DataViewSchema Output(DataViewSchema schema)
    {
        try
        {
            return _model.GetOutputSchema(schema);
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException)
        {
            throw Useless(error.Message);
        }
    }

    private static string[] Names(DataViewSchema.Column score)
    {
        var count = ((VectorDataViewType)score.Type).Size;
        if (score.Annotations.Schema.GetColumnOrNull("SlotNames") is null)
            return [.. Enumerable.Range(0, count).Select(k => $"{k}")];
        VBuffer<ReadOnlyMemory<char>> names = default;
        score.GetSlotNames(ref names);
        return [.. names.DenseValues().Select(n => n.ToString())];
    }

    private UserErrorException Useless(string why) => new($"'{Path}' is no model that focal can use: {why}.");
}

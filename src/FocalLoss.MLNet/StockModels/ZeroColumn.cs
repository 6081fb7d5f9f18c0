
using FocalMlNet.Views;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.StockModels;

/// <summary>Makes a stock transformer that adds a Single column of zeros to any data: it needs no column of it.</summary>
/// <remarks>
/// One stock model reads nothing, that of the Prior trainer. Its score is 2 p - 1, where p is the share of positives: from a positive and a
/// negative row it learns 0. The columns it adds are dropped again. Fitted it still asks for its label column, saved and loaded no longer.
/// </remarks>
internal static class ZeroColumn
{
    private static readonly string[] Scores = ["PredictedLabel", "Score", "Probability"];

    /// <summary>Whether data of this schema keeps all its columns: those of the names that are dropped would go, too.</summary>
    public static bool Suits(DataViewSchema schema, string columnName)
        => !Scores.Contains(columnName) && Scores.All(name => schema.GetColumnOrNull(name) is null);

    /// <summary>The transformer.</summary>
    /// <param name="columnName">The name of the column.</param>
    public static ITransformer Create(string columnName)
    {
        var mlContext = new MLContext();
        var rows = new TinyView(new TinyColumn<bool>("Label", BooleanDataViewType.Instance, null, true, false));
        var model = mlContext.BinaryClassification.Trainers.Prior()
            .Append(mlContext.Transforms.Conversion.ConvertType(columnName, "Score", DataKind.Single))
            .Append(mlContext.Transforms.DropColumns(Scores)).Fit(rows);
        using var file = new MemoryStream();
        mlContext.Model.Save(model, rows.Schema, file);
        file.Position = 0;
        return mlContext.Model.Load(file, out _);
    }
}

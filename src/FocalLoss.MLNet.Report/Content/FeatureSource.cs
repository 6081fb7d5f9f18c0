using FocalMlNet.Evaluation;
using Microsoft.ML;
using Microsoft.ML.Calibrators;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace FocalMlNet.Report;

/// <summary>The features of a model on the held-out rows.</summary>
/// <param name="View">The rows with the features.</param>
/// <param name="Column">The features.</param>
/// <param name="Model">The parameters of the model that takes them.</param>
/// <param name="Calibrator">What makes a probability of its score; null if nothing does, or another kind of calibrator.</param>
/// <param name="HasMadeFeatures">Whether a feature belongs to no column of the data.</param>
internal sealed record FeatureSource(
    IDataView View, DataViewSchema.Column Column, object Model, PlattCalibrator? Calibrator, bool HasMadeFeatures)
{
    private readonly ReadOnlyMemory<char>[] _names = SlotNames(Column);

    public int Count => Column.Type is VectorDataViewType vector ? vector.Size : 1;

    /// <summary>The name of a feature.</summary>
    public string NameOf(int feature)
        => feature < _names.Length && !_names[feature].IsEmpty ? $"{_names[feature]}"
            : Count == 1 ? Column.Name : FormattableString.Invariant($"{Column.Name}[{feature}]");

    /// <summary>Follows the rows through a chain as far as its model; null if there is none whose features are one column.</summary>
    public static FeatureSource? Of(ComparedSource source, int model)
    {
        ITransformer[] steps = [.. Steps(source.Models[model])];
        // A calibrator of its own is a step too, with the score as its feature.
        var last = Array.FindLastIndex(steps, step => step is ISingleFeaturePredictionTransformer<object> { Model: not ICalibrator });
        if (last < 0)
            return null;
        var view = steps[..last].Aggregate(source.Data, (rows, step) => step.Transform(rows));
        var predictor = (ISingleFeaturePredictionTransformer<object>)steps[last];
        var calibrator = (predictor.Model as CalibratedModelParametersBase)?.Calibrator as PlattCalibrator
            ?? steps[last..].OfType<ISingleFeaturePredictionTransformer<object>>().Select(step => step.Model).OfType<PlattCalibrator>()
                .LastOrDefault();
        return view.Schema.GetColumnOrNull(predictor.FeatureColumnName) is { } column && IsOfNumbers(column)
            ? new(view, column, predictor.Model, calibrator, steps[..last].Any(step => step is ApproximatedKernelTransformer)) : null;
    }

    private static bool IsOfNumbers(DataViewSchema.Column column)
        => column.Type is VectorDataViewType { IsKnownSize: true } vector && vector.ItemType == NumberDataViewType.Single;

    private static IEnumerable<ITransformer> Steps(ITransformer model)
        => model is IEnumerable<ITransformer> chain ? chain.SelectMany(Steps) : [model];

    private static ReadOnlyMemory<char>[] SlotNames(DataViewSchema.Column column)
    {
        if (!column.HasSlotNames())
            return [];
        var names = default(VBuffer<ReadOnlyMemory<char>>);
        column.GetSlotNames(ref names);
        return [.. names.DenseValues()];
    }
}

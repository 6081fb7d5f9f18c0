
using FocalMlNet.StockModels;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet;

/// <summary>Adds the weight of each row's class; 0 in data without a label.</summary>
/// <remarks>
/// <para>
/// A class that did not occur in fitting, and a missing label, has weight 0: trainers leave such rows out. So has every row of data without
/// a label column of the type that it was fitted on, or without that of the example weights if there is one: the weight column is always
/// there, and later steps of a pipeline may drop it or use it.
/// </para>
/// <para>
/// Weights are for training, so a saved model does without: what is saved is a stock transformer that adds a column of zeros, and the
/// loaded model needs no label and no example weights. Where the weights themselves must travel, to train in another program, save
/// <see cref="WeightMapping"/>. ConvertToOnnx knows no such zeros, and no product with example weights: give it the pipeline without this
/// step.
/// </para>
/// <para>
/// If the data it was fitted on has a column named PredictedLabel, Score or Probability, as scored data has, then data without a label
/// passes through as it is, before saving and after, and no later step of a pipeline may name the weight column.
/// </para>
/// <para>
/// For ConvertToOnnx, give data without the label, or the loaded model: ML.NET cannot export the product of class weight and example
/// weight, and leaves out the steps before it.
/// </para>
/// </remarks>
public sealed class ClassBalancingTransformer : ITransformer
{
    private readonly (string Name, DataViewType Type)[] _inputs;
    private readonly Lazy<ITransformer> _weightless;

    internal ClassBalancingTransformer(
        ITransformer mapping, DataViewSchema.Column[] inputs, string? zeroColumnName,
        IReadOnlyList<string> classes, IReadOnlyList<double> weights)
    {
        // Not the columns themselves, which may hold the data that they are of.
        (WeightMapping, _inputs) = (mapping, [.. inputs.Select(column => (column.Name, column.Type))]);
        (Classes, ClassWeights) = (classes, weights);
        _weightless = new(
            () => zeroColumnName is null ? new TransformerChain<ITransformer>() : ZeroColumn.Create(zeroColumnName),
            LazyThreadSafetyMode.PublicationOnly);
    }

    /// <summary>The stock transformer that adds the weights. It demands its input columns.</summary>
    public ITransformer WeightMapping { get; }

    /// <summary>The classes in their order: False and True; key values from 1; texts.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>The weight of each of <see cref="Classes"/>.</summary>
    public IReadOnlyList<double> ClassWeights { get; }

    bool ITransformer.IsRowToRowMapper => true;

    /// <summary>The input with the weight column.</summary>
    /// <param name="inputSchema">The schema of the input.</param>
    /// <returns>The schema of the output.</returns>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => For(inputSchema).GetOutputSchema(inputSchema);

    /// <summary>Adds the weights when they are read.</summary>
    /// <param name="input">The data.</param>
    /// <returns>The data with the weight column.</returns>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return For(input.Schema).Transform(input);
    }

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema) => For(inputSchema).GetRowToRowMapper(inputSchema);

    void ICanSaveModel.Save(ModelSaveContext ctx) => _weightless.Value.Save(ctx);

    private ITransformer For(DataViewSchema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        return _inputs.All(input => schema.GetColumnOrNull(input.Name) is { } column && IsAlike(column.Type, input.Type))
            ? WeightMapping : _weightless.Value;
    }

    /// <summary>Whether values can be looked up as those of the data of fitting: a key may have more values there.</summary>
    private static bool IsAlike(DataViewType type, DataViewType fitted)
        => type.RawType == fitted.RawType && type is KeyDataViewType == fitted is KeyDataViewType;
}

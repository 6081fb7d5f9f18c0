using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet;

/// <summary>Adds the weight of each row's class, where there is a label; data without the columns that takes passes through as it is.</summary>
/// <remarks>
/// <para>A class that did not occur in fitting, and a missing label, has weight 0: trainers leave such rows out.</para>
/// <para>
/// Weights are for training, so a saved model does without: what is saved is a stock transformer that does nothing, and the loaded model
/// needs no label and no example weights. Where the weights themselves must travel, to train in another program, save <see cref="WeightMapping"/>.
/// </para>
/// <para>
/// For ConvertToOnnx, give data without the label, or the loaded model: ML.NET cannot export the product of class weight and example weight, and
/// leaves out the steps before it.
/// </para>
/// </remarks>
public sealed class ClassBalancingTransformer : ITransformer
{
    private static readonly ITransformer Nothing = new TransformerChain<ITransformer>();

    private readonly string[] _inputs;

    internal ClassBalancingTransformer(ITransformer mapping, string[] inputs, IReadOnlyList<string> classes, IReadOnlyList<double> weights)
    {
        (WeightMapping, _inputs) = (mapping, inputs);
        (Classes, ClassWeights) = (classes, weights);
    }

    /// <summary>The stock transformer that adds the weights. It demands its input columns.</summary>
    public ITransformer WeightMapping { get; }

    /// <summary>The classes in their order: False and True; key values from 1; texts.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>The weight of each of <see cref="Classes"/>.</summary>
    public IReadOnlyList<double> ClassWeights { get; }

    bool ITransformer.IsRowToRowMapper => true;

    /// <summary>The input with the weight column, if it has the columns for them.</summary>
    /// <param name="inputSchema">The schema of the input.</param>
    /// <returns>The schema of the output.</returns>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => For(inputSchema).GetOutputSchema(inputSchema);

    /// <summary>Adds the weights when they are read.</summary>
    /// <param name="input">The data.</param>
    /// <returns>The data with its weights, if it has the columns for them.</returns>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return For(input.Schema).Transform(input);
    }

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema) => For(inputSchema).GetRowToRowMapper(inputSchema);

    void ICanSaveModel.Save(ModelSaveContext ctx) => Nothing.Save(ctx);

    private ITransformer For(DataViewSchema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        return _inputs.All(name => schema.GetColumnOrNull(name) is not null) ? WeightMapping : Nothing;
    }
}

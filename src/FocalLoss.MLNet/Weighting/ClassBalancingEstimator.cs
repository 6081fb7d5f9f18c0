
using FocalMlNet.Columns;
using FocalMlNet.StockModels;
using FocalMlNet.Weighting;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet;

/// <summary>
/// Learns how frequent the classes are, in one pass, and adds the weight of each row's class as a Single column, for the
/// <c>exampleWeightColumnName</c> of any trainer.
/// </summary>
/// <remarks>
/// The label column is Boolean, a Key or text; a key of 0 and an empty text are no class. The order of the classes, which
/// <see cref="ClassWeighting.Custom"/> and <see cref="ClassBalancingTransformer.ClassWeights"/> go by, is false, true; the key values;
/// texts by their characters. With an example weight column the class frequencies are sums of these weights, and the output is class weight
/// times example weight.
/// </remarks>
public sealed class ClassBalancingEstimator : IEstimator<ClassBalancingTransformer>
{
    private readonly string _output;
    private readonly string _label;
    private readonly ClassWeighting _weighting;
    private readonly string? _exampleWeight;

    internal ClassBalancingEstimator(
        string outputColumnName, string labelColumnName, ClassWeighting? weighting, string? exampleWeightColumnName)
    {
        _output = Guard.NotEmpty(outputColumnName);
        _label = Guard.NotEmpty(labelColumnName);
        _weighting = weighting ?? ClassWeighting.Balanced;
        _exampleWeight = exampleWeightColumnName is null ? null : Guard.NotEmpty(exampleWeightColumnName);
        Guard.OtherColumn(labelColumnName, nameof(labelColumnName), outputColumnName);
        Guard.OtherColumn(exampleWeightColumnName, nameof(exampleWeightColumnName), outputColumnName);
    }

    /// <summary>The input with the weight column.</summary>
    /// <param name="inputSchema">The shape of the input.</param>
    /// <returns>The shape of the output.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        ColumnRole.ClassLabel.Check(inputSchema, _label);
        if (_exampleWeight is not null)
            ColumnRole.Weight.Check(inputSchema, _exampleWeight);
        return Shapes.WithSingle(inputSchema, _output, _label);
    }

    /// <summary>Counts the classes.</summary>
    /// <param name="input">The training data.</param>
    /// <returns>The transformer that adds the weights.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type.</exception>
    /// <exception cref="InvalidOperationException">
    /// No row has a class with a weight above 0, an example weight is outside [0; 1e30], a key has more than 1,048,576 values or one that
    /// its type does not allow, or custom weights are of another number than the classes.
    /// </exception>
    public ClassBalancingTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var label = ColumnRole.ClassLabel.Check(input.Schema, _label);
        var weight = ColumnRole.Weight.CheckNamed(input.Schema, _exampleWeight);
        var classes = ClassTable.Read(input, label, weight);
        var weights = Weights(classes.Totals);
        var mapping = _exampleWeight is null
            ? classes.Mapping(input, _output, _label, weights)
            : Product(classes, input, weights, _exampleWeight);
        DataViewSchema.Column[] inputs = weight is { } given ? [label, given] : [label];
        var isKept = ZeroColumn.Suits(input.Schema, _output);
        return new ClassBalancingTransformer(mapping, inputs, isKept ? _output : null, classes.Names, weights);
    }

    /// <summary>Class weight times example weight: the class weight has a name for itself and is gone after that.</summary>
    private TransformerChain<ITransformer> Product(ClassTable classes, IDataView input, double[] weights, string exampleWeight)
    {
        var ofClass = _output + ".Class";
        while (input.Schema.GetColumnOrNull(ofClass) is not null)
            ofClass += "_";
        var transforms = new MLContext().Transforms;
        var mapping = classes.Mapping(input, ofClass, _label, weights);
        var product = transforms.Expression(_output, "(c, w) => c * w", ofClass, exampleWeight)
            .Append(transforms.DropColumns(ofClass)).Fit(mapping.Transform(input));
        return new([mapping, .. product]);
    }

    private double[] Weights(double[] totals)
    {
        if (!totals.Any(total => total > 0))
            throw new InvalidOperationException(
                $"Label column '{_label}' has no row with a class and a weight above 0: there is nothing to balance.");
        if (_weighting.ClassCount is { } given && given != totals.Length)
            throw new InvalidOperationException(
                $"{_weighting} has {given} weights, but label column '{_label}' has {totals.Length} classes.");
        var weights = _weighting.FromAnyCounts(totals);
        for (var k = 0; k < weights.Length; k++)
            weights[k] = totals[k] > 0 ? weights[k] : 0;
        return weights.Any(w => (float)w > 0) ? weights
            : throw new InvalidOperationException($"{_weighting} gives every class that occurs in label column '{_label}' the weight 0.");
    }
}

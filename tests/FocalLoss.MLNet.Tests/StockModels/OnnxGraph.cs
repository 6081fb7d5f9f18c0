
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace FocalMlNet.Tests.StockModels;

/// <summary>
/// A model that was exported to ONNX, and is run by ONNX Runtime. Where that cannot be loaded, the test is skipped once the export is done.
/// </summary>
internal sealed class OnnxGraph : IDisposable
{
    private readonly InferenceSession _session;

    private OnnxGraph(byte[] graph)
    {
        NativeParts.NeedOnnxRuntime();
        _session = new InferenceSession(graph);
    }

    /// <summary>The columns that the graph asks for.</summary>
    public IEnumerable<string> Inputs => _session.InputMetadata.Keys;

    /// <summary>The columns that it gives.</summary>
    public IEnumerable<string> Outputs => _session.OutputMetadata.Keys;

    /// <summary>Exports a model for data of the schema of <paramref name="data"/>, with all outputs if none are named.</summary>
    public static OnnxGraph Of(MLContext mlContext, ITransformer model, IDataView data, params string[] outputs)
    {
        using var stream = new MemoryStream();
        if (outputs.Length == 0)
            mlContext.Model.ConvertToOnnx(model, data, stream);
        else
            mlContext.Model.ConvertToOnnx(model, data, stream, outputs);
        return new OnnxGraph(stream.ToArray());
    }

    /// <summary>A graph from a file.</summary>
    public static OnnxGraph Load(string file) => new(File.ReadAllBytes(file));

    /// <summary>A model exported for data that has features and nothing else, as where it is used.</summary>
    public static OnnxGraph OfFeatures(MLContext mlContext, ITransformer model, int featureCount)
    {
        var graph = Of(mlContext, model, FeaturesAlone(mlContext, featureCount));
        Assert.Equal(["Features"], graph.Inputs);
        return graph;
    }

    /// <summary>A view of the schema that a user has who only scores.</summary>
    public static IDataView FeaturesAlone(MLContext mlContext, int featureCount)
    {
        var definition = SchemaDefinition.Create(typeof(FeatureRow));
        definition[nameof(FeatureRow.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, featureCount);
        return mlContext.Data.LoadFromEnumerable(new FeatureRow[] { new() { Features = new float[featureCount] } }, definition);
    }

    /// <summary>Runs all rows at once.</summary>
    public OnnxColumns Run(IReadOnlyCollection<float[]> features)
        => Run([Input("Features", [.. features.SelectMany(row => row)], features.Count)]);

    /// <inheritdoc cref="Run(IReadOnlyCollection{float[]})"/>
    public OnnxColumns Run(IReadOnlyCollection<NamedOnnxValue> inputs) => new(_session.Run(inputs));

    /// <summary>The values of an input, row by row.</summary>
    public static NamedOnnxValue Input<T>(string name, T[] values, int rows)
        => NamedOnnxValue.CreateFromTensor(name, new DenseTensor<T>(values, [rows, values.Length / rows]));

    public void Dispose() => _session.Dispose();

    private sealed class FeatureRow
    {
        public float[] Features { get; set; } = [];
    }
}

/// <summary>What a graph gave.</summary>
internal sealed class OnnxColumns(IDisposableReadOnlyCollection<DisposableNamedOnnxValue> values) : IDisposable
{
    /// <summary>The values of a column of the model, row by row.</summary>
    public T[] Of<T>(string column) => [.. values.Single(value => value.Name == $"{column}.output").AsEnumerable<T>()];

    public void Dispose() => values.Dispose();
}

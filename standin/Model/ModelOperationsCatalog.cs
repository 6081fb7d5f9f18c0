using Microsoft.ML.Data;

namespace Microsoft.ML;

public sealed class ModelOperationsCatalog
{
    internal ModelOperationsCatalog() { }

    public void Save(ITransformer model, DataViewSchema inputSchema, Stream stream)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(stream);
        stream.Write(ModelFormat.Save(model, inputSchema));
    }

    public void Save(ITransformer model, DataViewSchema inputSchema, string filePath)
    {
        ArgumentNullException.ThrowIfNull(model);
        Errors.CheckName(filePath);
        File.WriteAllBytes(filePath, ModelFormat.Save(model, inputSchema));
    }

    public ITransformer Load(Stream stream, out DataViewSchema inputSchema) => ModelFormat.Load(stream, out inputSchema);

    public ITransformer Load(string filePath, out DataViewSchema inputSchema)
    {
        Errors.CheckName(filePath);
        using var stream = File.OpenRead(filePath);
        return ModelFormat.Load(stream, out inputSchema);
    }

    public PredictionEngine<TSrc, TDst> CreatePredictionEngine<TSrc, TDst>(ITransformer transformer, bool ignoreMissingColumns = true,
        SchemaDefinition inputSchemaDefinition = null, SchemaDefinition outputSchemaDefinition = null)
        where TSrc : class
        where TDst : class, new()
    {
        ArgumentNullException.ThrowIfNull(transformer);
        var input = inputSchemaDefinition ?? SchemaDefinition.Create(typeof(TSrc), SchemaDefinition.Direction.Read);
        return new PredictionEngine<TSrc, TDst>(transformer, new ObjectRow<TSrc>(input), ignoreMissingColumns, outputSchemaDefinition);
    }

    /// <summary>The members of TSrc have the types that the schema gives to them.</summary>
    public PredictionEngine<TSrc, TDst> CreatePredictionEngine<TSrc, TDst>(ITransformer transformer, DataViewSchema inputSchema)
        where TSrc : class
        where TDst : class, new() =>
        CreatePredictionEngine<TSrc, TDst>(transformer, ignoreMissingColumns: false, SchemaDefinition.CreateFor(typeof(TSrc), inputSchema));
}

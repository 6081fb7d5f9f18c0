namespace Microsoft.ML.Data;

/// <summary>Estimators one after the other: each is fitted on what those before it make of the data.</summary>
public sealed class EstimatorChain<TLastTransformer> : IEstimator<TransformerChain<TLastTransformer>>
    where TLastTransformer : class, ITransformer
{
    public readonly IEstimator<TLastTransformer> LastEstimator;

    private readonly (IEstimator<ITransformer> Estimator, bool CacheAfter)[] _links;
    public EstimatorChain() => _links = [];

    private EstimatorChain((IEstimator<ITransformer> Estimator, bool CacheAfter)[] links)
    {
        _links = links;
        LastEstimator = (IEstimator<TLastTransformer>)links[^1].Estimator;
    }

    public TransformerChain<TLastTransformer> Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);

        // Before anything is computed: does every estimator find its columns?
        _ = GetOutputSchema(SchemaShape.Create(input.Schema));
        var transformers = new List<ITransformer>();
        foreach (var (estimator, cacheAfter) in _links)
        {
            transformers.Add(estimator.Fit(input));
            input = transformers[^1].Transform(input);
            input = cacheAfter ? new CacheDataView(input) : input;
        }
        return new TransformerChain<TLastTransformer>(transformers.ToArray());
    }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return _links.Aggregate(inputSchema, (shape, link) => link.Estimator.GetOutputSchema(shape));
    }

    public EstimatorChain<TNewTrans> Append<TNewTrans>(IEstimator<TNewTrans> estimator, TransformerScope scope = TransformerScope.Everything)
        where TNewTrans : class, ITransformer
    {
        ArgumentNullException.ThrowIfNull(estimator);
        Errors.CheckScope(scope);
        return new EstimatorChain<TNewTrans>([.. _links, (estimator, false)]);
    }

    public EstimatorChain<TLastTransformer> AppendCacheCheckpoint(Runtime.IHostEnvironment env) =>
        _links.Length == 0 ? this : new([.. _links[..^1], (_links[^1].Estimator, true)]);
}

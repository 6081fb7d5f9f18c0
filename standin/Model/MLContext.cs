namespace Microsoft.ML;

/// <summary>The way in to all operations.</summary>
public sealed class MLContext : Runtime.IHostEnvironment
{
    private readonly Random _seeds;

    public MLContext(int? seed = null)
    {
        _seeds = seed is { } s ? new Random(s) : new Random();
        Data = new DataOperationsCatalog(this);
        Transforms = new TransformsCatalog(this);
        Model = new ModelOperationsCatalog();
        BinaryClassification = new BinaryClassificationCatalog(this);
        MulticlassClassification = new MulticlassClassificationCatalog(this);
    }

    public DataOperationsCatalog Data { get; }
    public TransformsCatalog Transforms { get; }
    public ModelOperationsCatalog Model { get; }
    public BinaryClassificationCatalog BinaryClassification { get; }
    public MulticlassClassificationCatalog MulticlassClassification { get; }

    /// <summary>Random numbers for one operation: of its own seed, or of the next one of this context.</summary>
    internal Random NewRandom(int? seed = null)
    {
        lock (_seeds)
            return new Random(seed ?? _seeds.Next());
    }
}

public abstract class TrainCatalogBase
{
    private protected TrainCatalogBase(MLContext context) => Context = context;
    private protected MLContext Context { get; }

    private protected CrossValidationResult<TMetrics>[] Folds<TMetrics>(
        IDataView data, IEstimator<ITransformer> estimator, int numberOfFolds, string samplingKey, int? seed, Func<IDataView, TMetrics> evaluate)
    {
        ArgumentNullException.ThrowIfNull(estimator);
        return Context.Data.CrossValidationSplit(data, numberOfFolds, samplingKey, seed).Select((split, fold) =>
        {
            var model = estimator.Fit(split.TrainSet);
            var scored = model.Transform(split.TestSet);
            return new CrossValidationResult<TMetrics>(model, evaluate(scored), scored, fold);
        }).ToArray();
    }

    public abstract class CatalogInstantiatorBase
    {
        internal CatalogInstantiatorBase(MLContext context) => Context = context;
        internal MLContext Context { get; }
    }

    public sealed class CrossValidationResult<T>
    {
        public readonly ITransformer Model;
        public readonly T Metrics;
        public readonly IDataView ScoredHoldOutSet;
        public readonly int Fold;

        internal CrossValidationResult(ITransformer model, T metrics, IDataView scoredHoldOutSet, int fold) =>
            (Model, Metrics, ScoredHoldOutSet, Fold) = (model, metrics, scoredHoldOutSet, fold);
    }
}

public sealed class TransformsCatalog
{
    internal TransformsCatalog(MLContext context) => Context = context;
    public ConversionTransforms Conversion { get; } = new();
    public CategoricalTransforms Categorical { get; } = new();
    internal MLContext Context { get; }

    public sealed class ConversionTransforms
    {
        internal ConversionTransforms() { }
    }

    public sealed class CategoricalTransforms
    {
        internal CategoricalTransforms() { }
    }
}

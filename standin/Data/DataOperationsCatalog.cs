using Microsoft.ML.Data;

namespace Microsoft.ML;

public sealed class DataOperationsCatalog
{
    private readonly MLContext _context;

    internal DataOperationsCatalog(MLContext context) => _context = context;

    public IDataView LoadFromEnumerable<TRow>(IEnumerable<TRow> data, SchemaDefinition schemaDefinition = null)
        where TRow : class
    {
        ArgumentNullException.ThrowIfNull(data);
        return new EnumerableDataView<TRow>(data, schemaDefinition ?? SchemaDefinition.Create(typeof(TRow), SchemaDefinition.Direction.Read));
    }

    public IDataView LoadFromEnumerable<TRow>(IEnumerable<TRow> data, DataViewSchema schema)
        where TRow : class => LoadFromEnumerable(data, SchemaDefinition.CreateFor(typeof(TRow), schema));

    public IEnumerable<TRow> CreateEnumerable<TRow>(IDataView data, bool reuseRowObject, bool ignoreMissingColumns = false,
        SchemaDefinition schemaDefinition = null)
        where TRow : class, new()
    {
        ArgumentNullException.ThrowIfNull(data);
        return new ObjectFiller<TRow>(data.Schema, schemaDefinition, ignoreMissingColumns).Enumerate(data, reuseRowObject);
    }

    public IDataView Cache(IDataView input, params string[] columnsToPrefetch)
    {
        ArgumentNullException.ThrowIfNull(input);
        var cache = new CacheDataView(input);
        if (columnsToPrefetch is { Length: > 0 })
            cache.Read(Columns.Flags(input.Schema, columnsToPrefetch.Select(name => input.Schema[name])));
        return cache;
    }

    public TrainTestData TrainTestSplit(IDataView data, double testFraction = 0.1, string samplingKeyColumnName = null, int? seed = null)
    {
        if (!(testFraction > 0 && testFraction < 1))
            throw new ArgumentOutOfRangeException(nameof(testFraction), testFraction, "It should be in (0; 1)");
        return Split(data, 0, testFraction, samplingKeyColumnName, seed ?? _context.NewRandom().Next());
    }

    public IReadOnlyList<TrainTestData> CrossValidationSplit(IDataView data, int numberOfFolds = 5, string samplingKeyColumnName = null,
        int? seed = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(numberOfFolds, 2);
        var drawn = seed ?? _context.NewRandom().Next();
        return Enumerable.Range(0, numberOfFolds)
            .Select(i => Split(data, (double)i / numberOfFolds, (i + 1.0) / numberOfFolds, samplingKeyColumnName, drawn))
            .ToArray();
    }

    /// <summary>Each row draws a number in [0; 1) from the seed; the test set has those in the given part of it.</summary>
    private static TrainTestData Split(IDataView data, double from, double to, string samplingKey, int seed)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (samplingKey is not null)
            throw Errors.NotSupported("samplingKeyColumnName");
        FilterDataView Part(bool test) => new(data, () =>
        {
            var random = new Random(seed);
            return () => (random.NextDouble() is var u && u >= from && u < to) == test;
        });
        return new TrainTestData(Part(test: false), Part(test: true));
    }

    public readonly struct TrainTestData
    {
        public readonly IDataView TrainSet;
        public readonly IDataView TestSet;

        internal TrainTestData(IDataView trainSet, IDataView testSet) => (TrainSet, TestSet) = (trainSet, testSet);
    }
}

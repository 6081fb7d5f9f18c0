using Microsoft.ML.Data;

namespace Microsoft.ML;

public abstract class PredictionEngineBase<TSrc, TDst> : IDisposable
    where TSrc : class
    where TDst : class, new()
{
    private readonly ITransformer _transformer;

    private protected PredictionEngineBase(ITransformer transformer) => _transformer = transformer;
    public DataViewSchema OutputSchema { get; private protected init; }

    public TDst Predict(TSrc example)
    {
        var prediction = new TDst();
        Predict(example, ref prediction);
        return prediction;
    }

    public abstract void Predict(TSrc example, ref TDst prediction);

    /// <summary>The engine owns its transformer, as in the original.</summary>
    public void Dispose()
    {
        (_transformer as IDisposable)?.Dispose();
        GC.SuppressFinalize(this);
    }
}

/// <summary>Applies a transformer to one object at a time; not for several threads at once.</summary>
public sealed class PredictionEngine<TSrc, TDst> : PredictionEngineBase<TSrc, TDst>
    where TSrc : class
    where TDst : class, new()
{
    private readonly ObjectRow<TSrc> _input;
    private readonly Action<TDst> _fill;

    internal PredictionEngine(ITransformer transformer, ObjectRow<TSrc> input, bool ignoreMissingColumns, SchemaDefinition output)
        : base(transformer)
    {
        if (!transformer.IsRowToRowMapper)
            throw new ArgumentException("It does not map row to row", nameof(transformer));
        var mapper = transformer.GetRowToRowMapper(input.Schema);
        var filler = new ObjectFiller<TDst>(mapper.OutputSchema, output, ignoreMissingColumns);
        _input = input;
        _fill = filler.Bind(mapper.GetRow(input, filler.Columns));
        OutputSchema = mapper.OutputSchema;
    }

    public override void Predict(TSrc example, ref TDst prediction)
    {
        ArgumentNullException.ThrowIfNull(example);
        _input.Set(example);
        prediction ??= new TDst();
        _fill(prediction);
    }
}

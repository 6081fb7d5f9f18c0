using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace ImbalancedBinary;

/// <summary>One line of a table: a trainer on a feature set.</summary>
/// <param name="Features">What it was trained on.</param>
/// <param name="Contender">What was trained.</param>
/// <param name="Measures">How it does on the test part.</param>
/// <param name="Seconds">How long Fit took.</param>
/// <param name="Pipeline">
/// The fitted model with all that stands before it: from the columns of an <see cref="Example"/> to a prediction.
/// </param>
internal sealed record Outcome(FeatureSet Features, Contender Contender, Measures Measures, double Seconds, ITransformer Pipeline);

/// <summary>Fits all contenders on the same rows, and measures them on others.</summary>
internal sealed class Comparison
{
    private readonly MLContext _mlContext;
    private readonly Dataset _data;
    private readonly IReadOnlyList<Example> _train;
    private readonly IReadOnlyList<Example> _test;
    private readonly IReadOnlyList<Contender> _contenders;
    private readonly int _seed;

    public Comparison(Dataset data, IReadOnlyList<Example> train, IReadOnlyList<Example> test, int seed)
    {
        _mlContext = new MLContext(seed);
        _data = data;
        _train = train;
        _test = test;
        _seed = seed;
        _contenders = Contender.All(_mlContext, seed);
    }

    /// <summary>Number of trainers.</summary>
    public int TrainerCount => _contenders.Count;

    /// <summary>Fits and measures every trainer; <paramref name="begin"/> is told which before each.</summary>
    public IReadOnlyList<Outcome> Run(FeatureSet features, Action<string> begin)
    {
        // The features are computed once and held in memory, so that a fit takes the time of the trainer and not of what precedes it.
        var train = _data.View(_mlContext, _train);
        var featurizer = features.Estimator(_mlContext, _data.NumberColumns.Count, _data.TextColumns.Count, _seed).Fit(train);
        var weights = Contender.BalancedWeights(_mlContext, _train).Fit(train);
        var trainView = InMemory(weights.Transform(featurizer.Transform(train)));
        var testView = InMemory(weights.Transform(featurizer.Transform(_data.View(_mlContext, _test))));
        var fewRows = InMemory(weights.Transform(featurizer.Transform(_data.View(_mlContext, FewRows()))));

        var outcomes = new List<Outcome>();
        foreach (var contender in _contenders)
        {
            begin(contender.Name);
            contender.Estimator.Fit(fewRows); // a warm-up: the compiler's time is not the trainer's

            var watch = Stopwatch.StartNew();
            var model = contender.Estimator.Fit(trainView);
            var seconds = watch.Elapsed.TotalSeconds;

            var measures = Measures.Of(_mlContext.BinaryClassification, model, trainView, testView);
            outcomes.Add(new Outcome(features, contender, measures, seconds, featurizer.Append(measures.Model)));
        }

        return outcomes;
    }

    private List<Example> FewRows()
        => [.. _train.Where(e => e.Label).Take(50), .. _train.Where(e => !e.Label).Take(200)];

    private IDataView InMemory(IDataView view)
    {
        var cached = _mlContext.Data.Cache(view, "Label", "Features", "Weight");

        // A cache is filled as it is read: read it to the end.
        _ = cached.GetColumn<bool>("Label").Count();
        _ = cached.GetColumn<VBuffer<float>>("Features").Count();
        _ = cached.GetColumn<float>("Weight").Count();
        return cached;
    }
}

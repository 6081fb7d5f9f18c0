using System.Diagnostics;
using FocalMlNet;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace ImbalancedBinary;

/// <summary>
/// One line of the table: a trainer, how it does on the test part, how long Fit took and the fitted model from the columns of an example to
/// a named class.
/// </summary>
internal sealed record MulticlassOutcome(
    MulticlassContender Contender, ImbalancedMulticlassMetrics Metrics, double Seconds, ITransformer Pipeline);

/// <summary>Fits all contenders on the same rows of several classes, and measures them on others.</summary>
internal sealed class MulticlassComparison(MulticlassDataset data, int seed)
{
    private readonly MLContext _mlContext = new(seed);

    /// <summary>The trainers.</summary>
    public IReadOnlyList<MulticlassContender> Contenders => field ??= MulticlassContender.All(_mlContext, seed);

    /// <summary>Fits and measures every trainer; <paramref name="begin"/> is told which before each.</summary>
    public IReadOnlyList<MulticlassOutcome> Run(Action<string> begin)
    {
        var conversion = _mlContext.Transforms.Conversion;
        var train = data.View(_mlContext, data.Train);
        var keys = conversion.MapValueToKey("Label", "Label", keyOrdinality: ValueToKeyMappingEstimator.KeyOrdinality.ByValue).Fit(train);
        var featurizer = new FeatureSet("plain columns", 0)
            .Estimator(_mlContext, data.Features.NumberNames.Count, data.Features.TextNames.Count, seed).Fit(train);
        IDataView Prepared(IEnumerable<MulticlassExample> rows)
            => InMemory(featurizer.Transform(keys.Transform(data.View(_mlContext, rows))));
        var (trainView, testView) = (Prepared(data.Train), Prepared(data.Test));
        var fewRows = Prepared(data.Train.GroupBy(e => e.Label).SelectMany(rows => rows.Take(50)));

        var outcomes = new List<MulticlassOutcome>();
        foreach (var contender in Contenders)
        {
            begin($"{contender.Trainer}, {contender.Weighting}");
            contender.Estimator.Fit(fewRows); // a warm-up: the compiler's time is not the trainer's

            var watch = Stopwatch.StartNew();
            var model = contender.Estimator.Fit(trainView);
            var seconds = watch.Elapsed.TotalSeconds;

            var scored = model.Transform(testView);
            var names = conversion.MapKeyToValue("PredictedLabel").Fit(scored);
            outcomes.Add(new MulticlassOutcome(
                contender, _mlContext.MulticlassClassification.EvaluateImbalanced(scored), seconds,
                featurizer.Append(model).Append(names)));
        }

        return outcomes;
    }

    private IDataView InMemory(IDataView view)
    {
        var cached = _mlContext.Data.Cache(view, "Label", "Features", "Weight");

        // A cache is filled as it is read: read it to the end.
        _ = cached.GetColumn<uint>("Label").Count();
        _ = cached.GetColumn<VBuffer<float>>("Features").Count();
        _ = cached.GetColumn<float>("Weight").Count();
        return cached;
    }
}

using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using Microsoft.ML.Trainers.FastTree;
using Microsoft.ML.Trainers.LightGbm;

namespace FocalMlNet.Bench;

/// <summary>What is compared: ways from the training half to a model, each on one thread.</summary>
/// <param name="mlContext">The context.</param>
/// <param name="data">The task.</param>
internal sealed class EvidenceContest(MLContext mlContext, EvidenceData data)
{
    public const int Logistic = 0, Focal = 2, GammaZero = 4, TunedLine = 6, TunedKernel = 7;
    public const int TunedOverAll = 11, BestOverAll = 12, OwnProbabilities = 13;

    /// <summary>All but the one without its calibrator, which answers a question of its own.</summary>
    public static readonly int[] Main = [.. Enumerable.Range(0, OwnProbabilities)];

    /// <summary>Those that are no tuning over all.</summary>
    public static readonly int[] Singles = [.. Enumerable.Range(0, TunedOverAll)];

    private const string Weight = "Weight";

    // Fewer than for lines on plain features: with 200 features a fit takes much longer.
    private static readonly double[] KernelGammas = [0, 2];
    private static readonly ClassWeighting[] KernelWeightings = [ClassWeighting.None, ClassWeighting.Balanced];

    /// <summary>What is told of a candidate that needs no calibrator.</summary>
    public const string AsItIs = ", as it is";

    /// <summary>The names of the contestants.</summary>
    public static readonly string[] Names =
    [
        "L-BFGS", "L-BFGS, balanced", "FocalSgd", "FocalSgd, balanced", "FocalSgd, γ = 0", "FocalSgd, γ = 0, balanced", "tuned line",
        "tuned line, kernel", "FastTree", "LightGbm", "LightGbm, balanced", "tuned over all", "best over all",
        "tuned over all, own probabilities",
    ];

    private BinaryTuningResult? _tuned;

    private BinaryClassificationCatalog.BinaryClassificationTrainers Trainers => mlContext.BinaryClassification.Trainers;

    /// <summary>Fits a contestant on the training half.</summary>
    /// <returns>The model, and what a tuning took.</returns>
    public (ITransformer Model, string Taken) Fit(int contestant, IDataView train) => contestant switch
    {
        Logistic => (On(Lbfgs(null)).Fit(train), ""),
        1 => (Balanced(On(Lbfgs(Weight))).Fit(train), ""),
        Focal => (On(Sgd(new())).Fit(train), ""),
        Focal + 1 => (On(Sgd(new() { ClassWeighting = ClassWeighting.Balanced })).Fit(train), ""),
        GammaZero => (On(Sgd(new() { Gamma = 0 })).Fit(train), ""),
        GammaZero + 1 => (On(Sgd(new() { Gamma = 0, ClassWeighting = ClassWeighting.Balanced })).Fit(train), ""),
        TunedLine => Told(Tune(train, new() { Preparation = data.Features(mlContext) })),
        TunedKernel => Told(Tune(train, new()
        {
            Preparation = data.Features(mlContext, kernel: true),
            Gammas = [.. KernelGammas],
            ClassWeightings = [.. KernelWeightings],
            L2Regularizations = [1e-2, 1e-3, 1e-4, 1e-5],
        })),
        8 => (On(FastTree(null, null)).Fit(train), ""),
        9 => (On(LightGbm(null, null)).Fit(train), ""),
        10 => (Balanced(On(LightGbm(Weight, null))).Fit(train), ""),
        TunedOverAll => TuneOverAll(train),
        BestOverAll => Best(train),
        OwnProbabilities => WithoutCalibrator(train),
        _ => throw new ArgumentOutOfRangeException(nameof(contestant)),
    };

    /// <summary>From the simplest to the most complex: kernel lines, trees without weights, trees with weights.</summary>
    private IEnumerable<TuningCandidate> Candidates()
    {
        foreach (var gamma in KernelGammas)
        {
            foreach (var weighting in KernelWeightings)
            {
                foreach (var l2 in new[] { 1e-3, 1e-4 })
                {
                    var options = new FocalSgdBinaryTrainer.Options { Gamma = gamma, ClassWeighting = weighting, L2Regularization = l2 };
                    var name = string.Create(CultureInfo.InvariantCulture, $"kernel line, γ = {gamma}, {weighting}, λ = {l2}");
                    yield return new TuningCandidate(name, _ => On(Sgd(options), kernel: true));
                }
            }
        }

        foreach (var weighting in new[] { null, ClassWeighting.Balanced })
        {
            foreach (var candidate in TuningCandidate.Grid("FastTree", "leaves", [8, 32], (w, leaves) => On(FastTree(w, leaves)))
                .Concat(TuningCandidate.Grid("LightGbm", "leaves", [8, 32], (w, leaves) => On(LightGbm(w, leaves)))))
            {
                yield return candidate with { ClassWeighting = weighting };
            }
        }
    }

    private (ITransformer Model, string Taken) TuneOverAll(IDataView train)
    {
        _tuned = Tune(train, new() { Preparation = data.Features(mlContext), Candidates = [.. Candidates()] });
        return (_tuned.Model, _tuned.Chosen.Name);
    }

    private BinaryTuningResult Tune(IDataView train, BinaryTuningOptions options)
    {
        var result = mlContext.BinaryClassification.TuneImbalanced(train, options with { NumberOfThreads = 1, Seed = 1 });
        // The tuning goes on without them.
        foreach (var failed in result.Candidates.Where(candidate => candidate.Error is not null))
            Console.Error.WriteLine(failed);
        return result;
    }

    /// <summary>Its model without the calibrator that the tuning has put after it, if it has.</summary>
    private (ITransformer Model, string Taken) WithoutCalibrator(IDataView train)
    {
        if (_tuned is null)
            TuneOverAll(train);
        var model = _tuned!.Chosen.IsRecalibrated
            ? new TransformerChain<ITransformer>([.. ((IEnumerable<ITransformer>)_tuned.Model).SkipLast(1)]) : _tuned.Model;
        return (model, _tuned.Chosen.Name + (_tuned.Chosen.IsRecalibrated ? "" : AsItIs));
    }

    /// <summary>The candidate with the best mean of the tuning over all, whether or not a simpler one is about as good.</summary>
    private (ITransformer Model, string Taken) Best(IDataView train)
    {
        if (_tuned is null)
            TuneOverAll(train);
        var best = _tuned!.Candidates.Where(candidate => candidate.FoldCount == _tuned.FoldCount).MaxBy(candidate => candidate.Mean)!;
        if (best.Gamma is { } gamma)
        {
            var options = new FocalSgdBinaryTrainer.Options
            {
                Gamma = gamma,
                ClassWeighting = best.ClassWeighting!,
                L2Regularization = best.L2Regularization,
            };
            return (On(Sgd(options)).Fit(train), best.Name);
        }

        var added = Candidates().First(candidate => string.Equals(candidate.FullName, best.Name, StringComparison.Ordinal));
        var isWeighted = added.ClassWeighting is not null;
        var estimator = added.Estimator(isWeighted ? Weight : null);
        return ((isWeighted ? Balanced(estimator) : estimator).Fit(train), best.Name);
    }

    private static (ITransformer Model, string Taken) Told(BinaryTuningResult result) => (result.Model, result.Chosen.Name);

    private EstimatorChain<ITransformer> On(IEstimator<ITransformer> trainer, bool kernel = false)
        => data.Features(mlContext, kernel).AppendCacheCheckpoint(mlContext).Append(trainer);

    private EstimatorChain<ITransformer> Balanced(IEstimator<ITransformer> pipeline)
        => mlContext.Transforms.BalanceClasses(Weight, "Label", ClassWeighting.Balanced).Append(pipeline);

    private FocalSgdBinaryTrainer Sgd(FocalSgdBinaryTrainer.Options options)
        => Trainers.FocalSgd(options with { NumberOfThreads = 1 });

    private LbfgsLogisticRegressionBinaryTrainer Lbfgs(string? weight) => Trainers.LbfgsLogisticRegression(
        new LbfgsLogisticRegressionBinaryTrainer.Options { NumberOfThreads = 1, ExampleWeightColumnName = weight });

    private FastTreeBinaryTrainer FastTree(string? weight, int? leaves)
    {
        var options = new FastTreeBinaryTrainer.Options { NumberOfThreads = 1, ExampleWeightColumnName = weight };
        options.NumberOfLeaves = leaves ?? options.NumberOfLeaves;
        return Trainers.FastTree(options);
    }

    private LightGbmBinaryTrainer LightGbm(string? weight, int? leaves) => Trainers.LightGbm(
        new LightGbmBinaryTrainer.Options { NumberOfThreads = 1, ExampleWeightColumnName = weight, NumberOfLeaves = leaves, Seed = 1 });
}

using FocalMlNet.Columns;
using FocalMlNet.Evaluation;
using FocalMlNet.Matrix;
using FocalMlNet.StockModels;
using FocalMlNet.Thresholds;
using FocalMlNet.Views;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Tuning;

/// <summary>What a tuning found, whatever the number of classes.</summary>
internal sealed record TuningOutcome(
    ITransformer Model, TunedCandidate Chosen, IReadOnlyList<TunedCandidate> Candidates, IDataView OutOfFold, string Metric, int FoldCount,
    bool IsPartial, long RowsSkipped, IReadOnlyList<string> Conclusions);

/// <summary>A tuning from the data to the result: race, choose, fit on all rows.</summary>
internal sealed class Tuner
{
    private static readonly IReadOnlyDictionary<string, object> NoSettings = new Dictionary<string, object>(StringComparer.Ordinal);

    private readonly ITuningTask _task;
    private readonly TuningRace _race;
    private readonly Entrant _best;
    private readonly Entrant _chosen;
    private readonly ITransformer _model;
    private readonly OutOfFoldRows _outOfFold;
    private readonly Dictionary<LineEntrant, double> _lambdas;

    private Tuner(IDataView data, ITuningTask task, TuningOptions options)
    {
        _task = task;
        _race = new TuningRace(data, task, options);
        _race.Run();
        _lambdas = _race.Lambdas();
        var last = new LastFit(data, task, options, _race, _lambdas);
        ITransformer? model;
        do
        {
            (_best, _chosen) = TuningChoice.Of(_race.StillIn(), task.IsHigherBetter, _race.TestToTrain);
            _outOfFold = OutOfFoldRows.Of(_race.OutOfFold(_chosen), _race.RowCount, options);
        }
        while (!last.TryRun(_chosen, _outOfFold, out model));

        _model = model;
        // No fit follows that could use its memory, and what is counted now takes some of its own.
        BlockMemory.ReleaseSpare();
        if (_race.Rows!.RowsSkipped is > 0 and var skipped)
        {
            options.Log?.Invoke(
                $"{skipped} rows train no line and judge no candidate: NaN or infinity in the features, or NaN as the weight.");
        }
    }

    /// <summary>Tunes for two classes.</summary>
    public static BinaryTuningResult Run(BinaryClassificationCatalog catalog, IDataView data, BinaryTuningOptions options)
    {
        ArgumentNullException.ThrowIfNull(data);
        options.Validate();
        Check(data, options, ColumnRole.BinaryLabel);
        var task = new BinaryTuningTask(catalog, options);
        var tuner = new Tuner(data, task, options);
        var rows = tuner._outOfFold;
        var (threshold, unmet) = rows.Probabilities.Length == 0 ? default : Threshold(options, rows);
        var called = Array.ConvertAll(rows.Probabilities, p => p > (threshold?.Probability ?? .5));
        var view = rows.View(
            new TinyColumn<bool>(options.LabelColumnName, BooleanDataViewType.Instance, null, Array.ConvertAll(rows.Classes, k => k == 1)),
            [
                new TinyColumn<float>("Score", NumberDataViewType.Single, null, rows.Scores),
                .. rows.Probabilities.Length == 0 ? Array.Empty<TinyColumn>() :
                [
                    new TinyColumn<float>("Probability", NumberDataViewType.Single, null, rows.Probabilities),
                    new TinyColumn<bool>("PredictedLabel", BooleanDataViewType.Instance, null, called),
                ],
            ]);
        var (model, isIn) = (tuner._model, false);
        if (threshold is not null && ScoreThreshold.TrySet(catalog, model, threshold.Probability) is { } moved)
            (model, isIn) = (moved, true);
        var line = tuner._chosen as LineEntrant;
        return new(
            tuner.Outcome(model, view, unmet), line is null ? null : task.LineOptions(line.Family, tuner._lambdas[line]), threshold, isIn);
    }

    /// <summary>Tunes for several classes.</summary>
    public static MulticlassTuningResult Run(MulticlassClassificationCatalog catalog, IDataView data, MulticlassTuningOptions options)
    {
        ArgumentNullException.ThrowIfNull(data);
        options.Validate();
        Check(data, options, ColumnRole.TrainingKey);
        var label = data.Schema[options.LabelColumnName];
        var classCount = LabelReader.ClassCount(label);
        options.CheckClassCount(classCount);
        var task = new MulticlassTuningTask(catalog, options, classCount);
        var tuner = new Tuner(data, task, options);
        var rows = tuner._outOfFold;
        var scores = new VBuffer<float>[rows.Classes.Length];
        for (var i = 0; i < scores.Length; i++)
            scores[i] = new(classCount, rows.Scores.AsSpan(i * classCount, classCount).ToArray());
        var view = rows.View(
            new TinyColumn<uint>(
                options.LabelColumnName, label.Type, label.Annotations, Array.ConvertAll(rows.Classes, k => (uint)k + 1)),
            [new TinyColumn<VBuffer<float>>("Score", new VectorDataViewType(NumberDataViewType.Single, classCount), null, scores)]);
        var line = tuner._chosen as LineEntrant;
        return new(tuner.Outcome(tuner._model, view), line is null ? null : task.LineOptions(line.Family, tuner._lambdas[line]));
    }

    private static void Check(IDataView data, TuningOptions options, ColumnRole label)
    {
        label.Check(data.Schema, options.LabelColumnName);
        ColumnRole.Weight.CheckNamed(data.Schema, options.ExampleWeightColumnName);
        ColumnRole.SamplingKey.CheckNamed(data.Schema, options.SamplingKeyColumnName);
        ColumnRole.Time.CheckNamed(data.Schema, options.TimeColumnName);
        if (options.Preparation is null)
            ColumnRole.Features.Check(data.Schema, options.FeatureColumnName, "The line candidates need one: Preparation may make it.");
    }

    /// <summary>
    /// The threshold that is best out of fold or, for a profit without a policy, that follows from the costs. Where none does what the
    /// policy demands, a sentence instead: all the rest that has been found is not lost.
    /// </summary>
    private static (ThresholdChoice? Choice, string? Unmet) Threshold(BinaryTuningOptions options, OutOfFoldRows rows)
    {
        var steps = RankSteps.Of(ScoredRows.Of(rows.Probabilities, Array.ConvertAll(rows.Classes, k => k == 1), rows.Weights));
        if (options.ThresholdPolicy is null && options.Profit is { } costs)
        {
            var policy = ThresholdPolicy.MaximizeProfit(costs);
            var probability = (double)(float)Math.Clamp(costs.CallAbove, 0, 1);
            var counts = steps.CountsAbove((float)probability);
            return (new(policy, probability, counts, policy.Merit(counts).Value), null);
        }

        var wanted = options.ThresholdPolicy ?? ThresholdPolicy.MaximizeF();
        try
        {
            return (ThresholdSearch.Choose(steps, wanted), null);
        }
        catch (InvalidOperationException error)
        {
            return (null, $"{wanted} is not met out of fold, and the model keeps its own threshold: {error.Message}");
        }
    }

    /// <param name="model">The model.</param>
    /// <param name="outOfFold">What is said of each row out of fold.</param>
    /// <param name="more">Another sentence, or null.</param>
    private TuningOutcome Outcome(ITransformer model, IDataView outOfFold, string? more = null)
    {
        var table = Table();
        var conclusions = new TuningConclusions(_race, _task.MetricName, NameOf).Of(_best, _chosen);
        return new(
            model, table[_chosen.Order], table, outOfFold, _task.MetricName, _race.FoldsJudged, _race.IsPartial, _race.Rows!.RowsSkipped,
            more is null ? conclusions : [.. conclusions, more]);
    }

    private TunedCandidate[] Table()
    {
        PairedDifference[] differences = [.. _race.Entrants.Select(entrant => entrant.Values.Count == 0
            ? new PairedDifference(double.NaN, double.NaN, double.NaN)
            : PairedDifference.Of(entrant.Values, _best.Values, _race.TestToTrain))];
        var adjusted = Holm.Adjusted([.. differences.Select((d, i) => i == _best.Order ? double.NaN : d.PValue)]);
        return [.. _race.Entrants.Select((entrant, i) =>
        {
            var (line, added) = (entrant as LineEntrant, (entrant as AddedEntrant)?.Candidate);
            return new TunedCandidate
            {
                Name = NameOf(entrant),
                ShortName = line?.Family.Name ?? added!.FullName,
                Gamma = line?.Family.Gamma,
                ClassWeighting = line?.Family.Weighting ?? added?.ClassWeighting,
                L2Regularization = line is null ? null : _lambdas[line],
                Settings = added?.Settings ?? NoSettings,
                Mean = entrant.Mean,
                StandardError = entrant.Values.Count == 0 ? double.NaN
                    : PairedDifference.StandardErrorOf(entrant.Values, _race.TestToTrain),
                LogLoss = MeanOf(entrant.LogLosses),
                OwnLogLoss = MeanOf((entrant as AddedEntrant)?.OwnLogLosses ?? entrant.LogLosses),
                IsRecalibrated = (entrant as AddedEntrant)?.Recalibration is not null,
                DifferenceToBest = differences[i].Mean,
                DifferenceStandardError = differences[i].StandardError,
                PValue = i == _best.Order ? double.NaN : differences[i].PValue,
                HolmPValue = adjusted[i],
                FoldCount = entrant.Values.Count,
                DroppedAfter = entrant.DroppedAfter,
                Seconds = entrant.Seconds,
                Error = entrant.Error?.Message,
            };
        })];
    }

    private static double MeanOf(IReadOnlyList<double> values) => values.Count == 0 ? double.NaN : values.Average();

    private string NameOf(Entrant entrant) => entrant is LineEntrant line
        ? FormattableString.Invariant($"{line.Family.Name}, λ = {_lambdas[line]:g3}") : ((AddedEntrant)entrant).Candidate.FullName;
}

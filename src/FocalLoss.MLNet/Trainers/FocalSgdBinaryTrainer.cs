using System.Diagnostics;
using FocalMlNet.Data;
using FocalMlNet.Interop;
using FocalMlNet.Optimization;
using FocalMlNet.Trainers;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using static Microsoft.ML.BinaryClassificationCatalog;

namespace FocalMlNet;

/// <summary>
/// Trains a linear binary classifier on the focal loss and returns a model of ML.NET's own types. A pass of mini-batch stochastic gradient descent
/// on a sample finds a good start; a few quasi-Newton steps on all rows, in a metric sampled there, finish the work.
/// </summary>
/// <remarks>
/// <para>
/// Minimised is Σ_i w_i a_i FL(z_i, y_i) / Σ_i w_i + (λ/2) ‖weights‖² with z = weights · features + bias, the example weights w, the
/// class weights a (<see cref="Options.Alpha"/> times <see cref="Options.ClassWeighting"/>) and λ = <see cref="Options.L2Regularization"/>;
/// the bias is not regularised. <see cref="FocalLoss"/> says what FL is.
/// </para>
/// <para>
/// Input: a Boolean label column, a feature column of type Vector&lt;Single&gt; of known size (dense or sparse) and, if named, a Single
/// column of example weights. The data is read once, in order. A row with a NaN or an infinity among its features, or with weight NaN, is
/// skipped; <see cref="Options.Log"/> is told how many were.
/// </para>
/// <para>
/// Output columns: Score, a Single, unbounded; Probability, σ(Score); PredictedLabel, whether Score is above 0. With <see cref="Options.Calibration"/>, which is the default,
/// Probability estimates how often the positive class occurs among examples like this one, also if the classes are weighted; Score is its log-odds, and the
/// threshold 0 means ½. For a rare class few probabilities exceed ½: choose the threshold for the purpose. Calibration changes no ranking.
/// </para>
/// </remarks>
public sealed partial class FocalSgdBinaryTrainer : ITrainerEstimator<BinaryPredictionTransformer<BinaryModel>, BinaryModel>
{
    /// <summary>γ schedules are followed in this many steps.</summary>
    private const int ScheduleSteps = 10;

    private readonly BinaryClassificationTrainers _trainers;
    private readonly Options _options;
    private readonly SgdCalibratedTrainer _stock;

    internal FocalSgdBinaryTrainer(BinaryClassificationTrainers trainers, Options options)
    {
        ArgumentNullException.ThrowIfNull(trainers);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _trainers = trainers;
        _options = options;
        _stock = trainers.SgdCalibrated(options.LabelColumnName, options.FeatureColumnName, options.ExampleWeightColumnName);
    }

    /// <inheritdoc/>
    public TrainerInfo Info => _stock.Info;

    /// <summary>The columns a fitted model adds: Score, Probability and PredictedLabel.</summary>
    /// <param name="inputSchema">The shape of the input.</param>
    /// <returns>The shape of the output.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => _stock.GetOutputSchema(inputSchema);

    /// <summary>Trains on <paramref name="input"/>.</summary>
    /// <param name="input">The training data.</param>
    /// <returns>A stock model.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type.</exception>
    /// <exception cref="InvalidOperationException">No row can be used, only one class has weight, or a weight is negative or infinite.</exception>
    /// <exception cref="OperationCanceledException"><see cref="Options.CancellationToken"/> was cancelled.</exception>
    public BinaryPredictionTransformer<BinaryModel> Fit(IDataView input) => Fit(input, null);

    /// <summary>Trains on <paramref name="input"/>, beginning with the weights and the bias of a model.</summary>
    /// <param name="input">The training data.</param>
    /// <param name="modelParameters">A linear model with as many weights as there are features; null to begin anew.</param>
    /// <inheritdoc cref="Fit(IDataView)" path="/returns"/>
    /// <inheritdoc cref="Fit(IDataView)" path="/exception"/>
    /// <exception cref="ArgumentException">The model has another number of weights than there are features.</exception>
    public BinaryPredictionTransformer<BinaryModel> Fit(IDataView input, LinearModelParameters? modelParameters)
    {
        ArgumentNullException.ThrowIfNull(input);
        InputColumns.Check(input.Schema, _options.LabelColumnName, _options.FeatureColumnName, _options.ExampleWeightColumnName);
        var parallel = new ParallelOptions
        {
            MaxDegreeOfParallelism = _options.NumberOfThreads ?? Environment.ProcessorCount,
            CancellationToken = _options.CancellationToken,
        };
        var reader = new RowReader(
            input, _options.LabelColumnName, _options.FeatureColumnName, _options.ExampleWeightColumnName,
            HoldOutShare() is { } share ? new HoldOut(share, _options.Seed, classCount: 2) : null, outputCount: 1, parallel);
        if (modelParameters is not null && modelParameters.Weights.Count != reader.ColumnCount)
        {
            throw new ArgumentException(
                $"The model has {modelParameters.Weights.Count} weights, but feature column '{_options.FeatureColumnName}' has {reader.ColumnCount} features.",
                nameof(modelParameters));
        }

        var budget = _options.MemoryBudget ?? GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2;
        var data = TrainingData.Read(reader, budget);
        TellOf(data, budget);
        // As in a label column: false, the negative class, comes first.
        var weights = _options.ClassWeighting.FromCounts(data.Totals.Weights);
        FocalObjective[] objectives = [.. Losses().Select(loss => new FocalObjective(loss, positiveWeight: weights[1], negativeWeight: weights[0]))];
        var curve = _options.Calibration == CalibrationMethod.None ? null : objectives[^1].Posterior;
        var start = Start(data, modelParameters, objectives[0], curve, parallel);
        var model = Calibrated(Train(data, objectives, start, parallel), data, curve, parallel);
        return StockModel.Create(_trainers, _options.LabelColumnName, input.Schema[_options.FeatureColumnName], model.Coefficients[0], model.Offsets[0]);
    }

    /// <summary>The best constant, or a given model: if scores are to be calibrated, those of the given one are taken for log-odds.</summary>
    private static LinearModel Start(TrainingData data, LinearModelParameters? given, FocalObjective objective, FocalPosterior? curve, ParallelOptions parallel)
    {
        if (given is null)
            return LinearModel.Constant(data.ColumnCount, (float)objective.BestConstantScore(data.Totals.Weights[1], data.Totals.Weights[0]));
        var model = new LinearModel([[.. given.Weights]], [given.Bias]);
        return curve is null ? model : ScoreCalibration.Undo(model, curve, data, parallel);
    }

    private LinearModel Train(TrainingData data, FocalObjective[] objectives, LinearModel start, ParallelOptions parallel)
    {
        var settings = new SolverSettings(
            _options.NumberOfIterations, _options.ConvergenceTolerance, _options.LearningRate, _options.L2Regularization, _options.Shuffle, _options.Seed, parallel);
        var stopping = _options.EarlyStopping is { } early ? new EarlyStoppingMonitor(early, data.HeldOut) : null;
        var clock = Stopwatch.StartNew();
        var result = Solver.Minimize(
            data, objectives, start, settings,
            (model, objective, gradientNorm, passes) =>
            {
                _options.Progress?.Report(new FocalSgdProgress(passes, objective, gradientNorm, passes * data.RowCount / clock.Elapsed.TotalSeconds));
                return stopping?.GoOn(model, passes) ?? true;
            });
        _options.Log?.Invoke(FormattableString.Invariant(
            $"Objective {result.StartObjective:g6} -> {result.Objective:g6} in {result.Passes} passes over {data.RowCount} rows, {(result.Converged ? "converged" : "not converged")}."));
        return stopping?.Best ?? result.Model;
    }

    private LinearModel Calibrated(LinearModel model, TrainingData data, FocalPosterior? curve, ParallelOptions parallel) => _options.Calibration switch
    {
        CalibrationMethod.Focal => ScoreCalibration.Focal(model, [curve!], data, parallel),
        CalibrationMethod.Platt => ScoreCalibration.Fold(model, [ScoreCalibration.Platt(model, output: 0, classNumber: 1, data.HeldOut)]),
        _ => model,
    };

    private double? HoldOutShare()
        => _options.EarlyStopping?.HoldOutShare ?? (_options.Calibration == CalibrationMethod.Platt ? ScoreCalibration.HoldOutShare : null);

    /// <summary>The losses on the way, the last one being what is minimised.</summary>
    private List<FocalLoss> Losses()
    {
        if (_options.GammaSchedule is not { } schedule)
            return [new FocalLoss(_options.Gamma, _options.Alpha)];
        var losses = new List<FocalLoss>();
        for (var step = 0; step <= ScheduleSteps; step++)
        {
            var gamma = schedule.At((double)step / ScheduleSteps);
            if (losses.Count == 0 || losses[^1].Gamma != gamma)
                losses.Add(new FocalLoss(gamma, _options.Alpha));
        }

        return losses;
    }

    private void TellOf(TrainingData data, long budget)
    {
        if (data.RowsSkipped > 0)
        {
            _options.Log?.Invoke(
                $"Skipped {data.RowsSkipped} of {data.RowsSkipped + data.RowCount} rows: NaN or infinity in the features, or NaN as the weight.");
        }

        if (data.InMemory is null)
        {
            _options.Log?.Invoke(
                $"The training data needs {data.Bytes >> 20} MiB, more than the MemoryBudget of {budget >> 20} MiB: it is read again in each pass over it.");
        }
    }
}

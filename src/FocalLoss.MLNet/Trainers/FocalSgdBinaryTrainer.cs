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
/// on a sample finds a good start; a few quasi-Newton steps on all rows, in a metric sampled there, finish the work. With more than 512 features a sample tells too little, and all
/// steps are on all rows.
/// </summary>
/// <remarks>
/// <para>
/// Minimised is Σ_i w_i a_i FL(z_i, y_i) / Σ_i w_i + (λ/2) ‖weights‖² with z = weights · features + bias, the example weights w, the
/// class weights a (<see cref="Options.Alpha"/> times <see cref="FocalSgdOptions.ClassWeighting"/>) and λ = <see cref="FocalSgdOptions.L2Regularization"/>;
/// the bias is not regularised. <see cref="FocalLoss"/> says what FL is.
/// </para>
/// <para>
/// Input: a Boolean label column, a feature column of type Vector&lt;Single&gt; of known size (dense or sparse) and, if named, a Single
/// column of example weights. The data is read once, in order. A row with a NaN or an infinity among its features, or with weight NaN, is
/// skipped; <see cref="FocalSgdOptions.Log"/> is told how many were.
/// </para>
/// <para>
/// Output columns: Score, a Single, unbounded; Probability, σ(Score); PredictedLabel, whether Score is above 0. With <see cref="FocalSgdOptions.Calibration"/>, which is the default,
/// Probability estimates how often the positive class occurs among examples like this one, also if the classes are weighted; Score is its log-odds, and the
/// threshold 0 means ½. For a rare class few probabilities exceed ½: choose the threshold for the purpose. Calibration changes no ranking.
/// </para>
/// </remarks>
public sealed class FocalSgdBinaryTrainer : ITrainerEstimator<BinaryPredictionTransformer<BinaryModel>, BinaryModel>
{
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
    /// <exception cref="InvalidOperationException">
    /// No row can be used, only one class has weight, or a weight is outside [0; 1e30].
    /// </exception>
    /// <exception cref="OperationCanceledException"><see cref="FocalSgdOptions.CancellationToken"/> was cancelled.</exception>
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
        InputColumns.Check(input.Schema, _options, InputColumns.IsBoolean, "Boolean");
        var training = new FocalTraining(_options);
        var reader = training.Reader(input, classCount: 2, outputCount: 1);
        if (modelParameters is not null && modelParameters.Weights.Count != reader.ColumnCount)
        {
            throw new ArgumentException(
                $"The model has {modelParameters.Weights.Count} weights, but feature column '{_options.FeatureColumnName}' has {reader.ColumnCount} features.",
                nameof(modelParameters));
        }

        var model = Train(training, training.Read(reader), modelParameters);
        return StockModel.Create(_trainers, _options.LabelColumnName, input.Schema[_options.FeatureColumnName], model.Coefficients[0], model.Offsets[0]);
    }

    private LinearModel Train(FocalTraining training, TrainingData data, LinearModelParameters? given)
    {
        // As in a label column: false, the negative class, comes first.
        var weights = training.ClassWeights(data.Totals);
        var objectives = training.Objectives(gamma => new FocalObjective(new FocalLoss(gamma, _options.Alpha), positiveWeight: weights[1], negativeWeight: weights[0]));
        var curve = _options.Calibration == CalibrationMethod.None ? null : objectives[^1].Posterior;
        var start = Start(data, given, objectives[0], curve, training.Parallel);
        var model = training.Minimize(data, objectives, start, HeldOutJudges.Binary);
        return _options.Calibration switch
        {
            CalibrationMethod.Focal => ScoreCalibration.Focal(model, [curve!], data, training.Parallel),
            CalibrationMethod.Platt => ScoreCalibration.Platt(model, data.HeldOut, data.Totals, training.Parallel),
            _ => model,
        };
    }

    /// <summary>The best constant, or a given model: if scores are to be calibrated, those of the given one are taken for log-odds.</summary>
    private static LinearModel Start(TrainingData data, LinearModelParameters? given, FocalObjective objective, FocalPosterior? curve, ParallelOptions parallel)
    {
        if (given is null)
            return LinearModel.Constant(data.ColumnCount, (float)objective.BestConstantScore(data.Totals.Weights[1], data.Totals.Weights[0]));
        var model = new LinearModel([[.. given.Weights]], [given.Bias]);
        return curve is null ? model : ScoreCalibration.Undo(model, curve, data, parallel);
    }

    /// <summary>Settings of <see cref="FocalSgdBinaryTrainer"/>.</summary>
    public sealed class Options : FocalSgdOptions
    {
        /// <summary>
        /// The weight of the positive class, in (0; 1); negatives weigh 1 - Alpha. Above .5 favours positives, below it negatives; null, the
        /// default, weighs both 1. <see cref="FocalSgdOptions.ClassWeighting"/> comes on top.
        /// </summary>
        public double? Alpha { get; init; }

        /// <inheritdoc/>
        internal override void Validate()
        {
            base.Validate();
            if (Alpha is { } alpha)
                Guard.OpenUnitInterval(alpha, nameof(Alpha));
            Guard.Compatible(
                ClassWeighting.ClassCount is null or 2, $"ClassWeighting has {ClassWeighting.ClassCount} weights, but there are two classes.", nameof(ClassWeighting));
        }
    }
}

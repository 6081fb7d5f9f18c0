using FocalMlNet.Calibration;
using FocalMlNet.Columns;
using FocalMlNet.Matrix;
using FocalMlNet.Optimization;
using FocalMlNet.StockModels;
using FocalMlNet.Training;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using static Microsoft.ML.BinaryClassificationCatalog;

namespace FocalMlNet;

/// <summary>
/// Trains a linear binary classifier on the focal loss and returns a model of ML.NET's own types. It needs neither a learning rate nor a
/// penalty: both are found
/// from the data. The name is that of the stock trainer whose place it takes; with a given <see cref="FocalSgdOptions.LearningRate"/> it is
/// stochastic gradient descent.
/// </summary>
/// <remarks>
/// <para>
/// Minimised is Σ_i w_i a_i FL(z_i, y_i) / Σ_i w_i + (λ/2) ‖weights‖² with z = weights · features + bias, the example weights w, the
/// class weights a (<see cref="Options.Alpha"/> times <see cref="FocalSgdOptions.ClassWeighting"/>) and λ =
/// <see cref="FocalSgdOptions.L2Regularization"/>;
/// the bias is not regularised. <see cref="FocalLoss"/> says what FL is.
/// </para>
/// <para>
/// Input: a Boolean label column, a feature column of type Vector&lt;Single&gt; of known size (dense or sparse) and, if named, a Single
/// column of example weights. The data is read once, in order. A row with a NaN or an infinity among its features, or with weight NaN, is
/// skipped; <see cref="FocalSgdOptions.Log"/> is told how many were, and <see cref="MLContext.Log"/> warned as by the stock trainers. Both
/// classes need a row with a weight above 0, but within ML.NET's OneVersusAll and PairwiseCoupling: a class of their key without rows gets
/// a probability near 0, and <see cref="FocalSgdOptions.Log"/> is told. A row of weight 0 changes nothing.
/// </para>
/// <para>
/// Output columns: Score, a Single, unbounded; Probability, σ(Score); PredictedLabel, whether Score is above 0. With
/// <see cref="FocalSgdOptions.Calibration"/>, which is the default,
/// Probability estimates how often the positive class occurs among examples like this one, also if the classes are weighted; Score is its
/// log-odds, and the
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
        InputColumns.Check(input.Schema, _options, ColumnRole.BinaryLabel);
        var training = new FocalTraining(_options);
        var reader = training.Reader(input, classCount: 2, outputCount: 1);
        if (modelParameters is not null && modelParameters.Weights.Count != reader.ColumnCount)
        {
            throw new ArgumentException(
                $"The model has {modelParameters.Weights.Count} weights, but feature column '{_options.FeatureColumnName}' has {reader.ColumnCount} features.",
                nameof(modelParameters));
        }

        var data = training.Read(reader, oneClassIsEnough: OneSidedLabel.MayBe(input.Schema, _options.LabelColumnName));
        SkippedRows.Warn(_trainers, data.RowsSkipped);
        if (!data.Totals.AreSeveral)
            return OfOneClass(input, data);

        var model = Train(training, data, modelParameters);
        return StockModel.Create(
            _trainers, _options.LabelColumnName, input.Schema[_options.FeatureColumnName], model.Coefficients[0], model.Offsets[0]);
    }

    /// <summary>The model that a multiclass trainer gets where all rows are on one side: a constant.</summary>
    private BinaryPredictionTransformer<BinaryModel> OfOneClass(IDataView input, TrainingData data)
    {
        var label = _options.LabelColumnName;
        var isPositive = data.Totals.Weights[1] > 0;
        var isOtherHeldOut = data.HeldOut.Any(block => block.Labels.Contains(isPositive ? 0 : 1));
        var reason = (isOtherHeldOut ? null : OneSidedLabel.Reason(input, label, isPositive)) ?? throw data.TooFewClasses();
        _options.Log?.Invoke(reason);
        var score = (float)(isPositive ? -ConstantScores.OfEmptyClass : ConstantScores.OfEmptyClass);
        return StockModel.Create(_trainers, label, input.Schema[_options.FeatureColumnName], new float[data.ColumnCount], score);
    }

    private LinearModel Train(FocalTraining training, TrainingData data, LinearModelParameters? given)
    {
        // As in a label column: false, the negative class, comes first.
        var weights = training.ClassWeights(data.Totals);
        var objectives = training.Objectives(
            gamma => new FocalObjective(new FocalLoss(gamma, _options.Alpha), positiveWeight: weights[1], negativeWeight: weights[0]));
        var curve = _options.Calibration == CalibrationMethod.None ? null : objectives[^1].Posterior;
        var start = Start(data, given, objectives[0], curve, training.Parallel);
        var posterior = objectives[^1].Posterior;
        var problem = new PenaltyProblem(
            objectives[^1],
            totals => [objectives[^1].BestConstantScore(totals.Weights[1], totals.Weights[0])],
            (scored, rows, parallel) => ScoreCalibration.Focal(scored, [posterior], rows, parallel),
            HeldOutJudges.BinaryProbabilities);
        var model = training.Minimize(data, objectives, start, problem, HeldOutJudges.Binary);
        return _options.Calibration switch
        {
            CalibrationMethod.Focal => ScoreCalibration.Focal(model, [curve!], data, training.Parallel),
            CalibrationMethod.Platt => ScoreCalibration.Platt(model, data.HeldOut, data.Totals, training.Parallel),
            _ => model,
        };
    }

    /// <summary>
    /// The best constant, or a given model: if scores are to be calibrated, those of the given one are taken for log-odds.
    /// </summary>
    private static LinearModel Start(
        TrainingData data, LinearModelParameters? given, FocalObjective objective, FocalPosterior? curve, ParallelOptions parallel)
    {
        if (given is null)
            return LinearModel.Constant(
                data.ColumnCount, (float)objective.BestConstantScore(data.Totals.Weights[1], data.Totals.Weights[0]));
        var model = new LinearModel([[.. given.Weights]], [given.Bias]);
        return curve is null ? model : ScoreCalibration.Undo(model, curve, data, parallel);
    }

    /// <summary>Settings of <see cref="FocalSgdBinaryTrainer"/>.</summary>
    public sealed class Options : FocalSgdOptions
    {
        /// <summary>
        /// The weight of the positive class, in (0; 1); negatives weigh 1 - Alpha. Above .5 favours positives, below it negatives; null,
        /// the
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
                ClassWeighting.ClassCount is null or 2,
                $"ClassWeighting has {ClassWeighting.ClassCount} weights, but there are two classes.", nameof(ClassWeighting));
        }
    }
}

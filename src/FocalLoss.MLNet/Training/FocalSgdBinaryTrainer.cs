using FocalMlNet.Columns;
using FocalMlNet.Training;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using static Microsoft.ML.BinaryClassificationCatalog;

namespace FocalMlNet;

/// <summary>
/// Trains a linear binary classifier on the focal loss and returns a model of ML.NET's own types. It needs neither a learning rate nor a
/// penalty: both are found from the data. The name is that of the stock trainer whose place it takes; with a given
/// <see cref="FocalSgdOptions.LearningRate"/> it is stochastic gradient descent.
/// </summary>
/// <remarks>
/// <para>
/// Minimised is Σ_i w_i a_i FL(z_i, y_i) / Σ_i w_i + (λ/2) ‖weights‖² with z = weights · features + bias, the example weights w, the class
/// weights a (<see cref="Options.Alpha"/> times <see cref="FocalSgdOptions.ClassWeighting"/>) and λ =
/// <see cref="FocalSgdOptions.L2Regularization"/>; the bias is not regularised. <see cref="FocalLoss"/> says what FL is.
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
/// <see cref="FocalSgdOptions.Calibration"/>, which is the default, Probability estimates how often the positive class occurs among
/// examples like this one, also if the classes are weighted; Score is its log-odds, and the threshold 0 means ½. For a rare class few
/// probabilities exceed ½: choose the threshold for the purpose. Calibration changes no ranking.
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
        _options.Check(input.Schema);
        var features = input.Schema[_options.FeatureColumnName];
        var count = ((VectorDataViewType)features.Type).Size;
        if (modelParameters is not null && modelParameters.Weights.Count != count)
        {
            throw new ArgumentException(
                $"The model has {modelParameters.Weights.Count} weights, but feature column '{features.Name}' has {count} features.",
                nameof(modelParameters));
        }

        return (BinaryPredictionTransformer<BinaryModel>)new FocalTraining(
            _options, new BinaryFormulation(_trainers, _options, modelParameters)).Fit(input);
    }

    /// <summary>Several views as one.</summary>
    internal IDataView Append(IReadOnlyList<IDataView> inputs) => _options.Append(inputs);

    /// <summary>Settings of <see cref="FocalSgdBinaryTrainer"/>.</summary>
    public sealed record Options : FocalSgdOptions
    {
        /// <summary>
        /// The weight of the positive class, in (0; 1); negatives weigh 1 - Alpha. Above .5 favours positives, below it negatives; null,
        /// the default, weighs both 1. <see cref="FocalSgdOptions.ClassWeighting"/> comes on top.
        /// </summary>
        public double? Alpha { get; init; }

        /// <inheritdoc/>
        internal override void Validate()
        {
            base.Validate();
            Guard.Alpha(Alpha);
            Guard.Compatible(
                ClassWeighting.ClassCount is null or 2,
                $"ClassWeighting has {ClassWeighting.ClassCount} weights, but there are two classes.", nameof(ClassWeighting));
        }

        /// <inheritdoc/>
        internal override void Check(DataViewSchema schema)
            => Check(schema, ColumnRole.BinaryLabel);
    }
}

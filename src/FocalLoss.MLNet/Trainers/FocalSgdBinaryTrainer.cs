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
/// Trains a linear binary classifier on the focal loss by averaged mini-batch stochastic gradient descent and returns a model of
/// ML.NET's own types.
/// </summary>
/// <remarks>
/// <para>
/// Minimised is Σ_i w_i a_i FL(z_i, y_i) / Σ_i w_i + (λ/2) ‖weights‖² with z = weights · features + bias, the example weights w, the
/// class weights a (<see cref="Options.Alpha"/> times <see cref="Options.ClassWeighting"/>) and λ = <see cref="Options.L2Regularization"/>;
/// the bias is not regularised. <see cref="FocalLoss"/> says what FL is.
/// </para>
/// <para>
/// Input: a Boolean label column, a feature column of type Vector&lt;Single&gt; of known size (dense or sparse) and, if named, a Single
/// column of example weights. The data is read once. A row with a NaN or an infinity among its features, or with weight NaN, is
/// skipped; <see cref="Options.Log"/> is told how many were.
/// </para>
/// <para>
/// Output columns: Score, a Single, unbounded; Probability, σ(Score); PredictedLabel, whether Score is above 0. For γ above 0, or with class
/// weights, the Probability is no estimate of how often the class occurs: it ranks examples, but it needs calibration before it is read as one.
/// </para>
/// </remarks>
public sealed class FocalSgdBinaryTrainer : ITrainerEstimator<BinaryPredictionTransformer<BinaryModel>, BinaryModel>
{
    private readonly BinaryClassificationTrainers _trainers;
    private readonly Options _options;
    private readonly FocalLoss _loss;
    private readonly SgdCalibratedTrainer _stock;

    internal FocalSgdBinaryTrainer(BinaryClassificationTrainers trainers, Options options)
    {
        ArgumentNullException.ThrowIfNull(trainers);
        ArgumentNullException.ThrowIfNull(options);
        _loss = options.Validate();
        _trainers = trainers;
        _options = options;
        _stock = trainers.SgdCalibrated(options.LabelColumnName, options.FeatureColumnName, options.ExampleWeightColumnName);
    }

    /// <summary>Settings of <see cref="FocalSgdBinaryTrainer"/>. Immutable; a value outside its range is refused when the trainer is made.</summary>
    public sealed class Options
    {
        /// <summary>Name of the label column, of type Boolean: true is the positive class. Default: Label.</summary>
        public string LabelColumnName { get; init; } = DefaultColumnNames.Label;

        /// <summary>Name of the feature column, of type Vector&lt;Single&gt; with a known size. Default: Features.</summary>
        public string FeatureColumnName { get; init; } = DefaultColumnNames.Features;

        /// <summary>Name of the example weight column, of type Single with values in [0; +∞), or null, the default, for weight 1.</summary>
        public string? ExampleWeightColumnName { get; init; }

        /// <summary>The focusing parameter γ of the loss, in [0; +∞). 0 is logistic regression. Default: 2.</summary>
        public double Gamma { get; init; } = 2;

        /// <summary>
        /// The weight of the positive class, in (0; 1); negatives weigh 1 - Alpha. Above .5 favours positives, below it negatives; null, the
        /// default, weighs both 1.
        /// </summary>
        public double? Alpha { get; init; }

        /// <summary>Class weights from the class frequencies of the training data, on top of <see cref="Alpha"/>. Default: none.</summary>
        public ClassWeighting ClassWeighting { get; init; } = ClassWeighting.None;

        /// <summary>Number of passes over the data, at least 1. Default: 20.</summary>
        public int NumberOfIterations { get; init; } = 20;

        /// <summary>
        /// First step size in (0; +∞), for standardised features; it falls linearly to 0. Null, the default, begins with 2 and halves it whenever a
        /// pass over the data raises the objective.
        /// </summary>
        public double? LearningRate { get; init; }

        /// <summary>The weight λ of the L2 penalty (λ/2) ‖weights‖², in [0; +∞). Default: 1e-6.</summary>
        public double L2Regularization { get; init; } = 1e-6;

        /// <summary>Seed of the order in which the rows are visited. The same seed on the same data gives the same model. Default: 0.</summary>
        public int Seed { get; init; }

        /// <summary>Receives a line of text for what is worth knowing about a run, such as the number of rows skipped. Default: null, no one.</summary>
        public Action<string>? Log { get; init; }

        internal FocalLoss Validate()
        {
            Guard.NotEmpty(LabelColumnName);
            Guard.NotEmpty(FeatureColumnName);
            if (ExampleWeightColumnName is not null)
                Guard.NotEmpty(ExampleWeightColumnName);
            Guard.NotNegative(Gamma);
            if (Alpha is { } alpha)
                Guard.OpenUnitInterval(alpha, nameof(Alpha));
            Guard.NotNull(ClassWeighting);
            Guard.AtLeast(1, NumberOfIterations);
            if (LearningRate is { } rate)
                Guard.Positive(rate, nameof(LearningRate));
            Guard.NotNegative(L2Regularization);
            return new FocalLoss(Gamma, Alpha);
        }
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
    public BinaryPredictionTransformer<BinaryModel> Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        InputColumns.Check(input.Schema, _options.LabelColumnName, _options.FeatureColumnName, _options.ExampleWeightColumnName);
        var data = TrainingData.Read(input, _options.LabelColumnName, _options.FeatureColumnName, _options.ExampleWeightColumnName);
        if (data.RowsSkipped > 0)
            _options.Log?.Invoke($"Skipped {data.RowsSkipped} of {data.RowsSkipped + data.Labels.Length} rows: NaN or infinity in the features, or NaN as the weight.");

        var weights = _options.ClassWeighting.FromCounts([data.PositiveWeight, data.NegativeWeight]);
        var objective = new FocalObjective(_loss, data.Labels, data.Weights, weights[0], weights[1]);
        var start = _loss.BestConstantScore(data.PositiveWeight * weights[0], data.NegativeWeight * weights[1]);
        var result = MiniBatchSgd.Minimize(data.Features, objective, start,
            new SgdSettings(_options.NumberOfIterations, _options.LearningRate, _options.L2Regularization, _options.Seed));
        _options.Log?.Invoke(FormattableString.Invariant(
            $"Objective {result.StartObjective:g6} -> {result.Objective:g6} in {_options.NumberOfIterations} passes over {data.Labels.Length} rows."));
        return StockModel.Create(_trainers, _options.LabelColumnName, input.Schema[_options.FeatureColumnName], result.Weights, result.Bias);
    }
}

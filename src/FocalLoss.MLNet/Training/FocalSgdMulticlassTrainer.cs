using FocalMlNet.Columns;
using FocalMlNet.Optimization;
using FocalMlNet.Training;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using static Microsoft.ML.MulticlassClassificationCatalog;

namespace FocalMlNet;

/// <summary>
/// Trains a linear classifier of several classes on the focal loss and returns a model of ML.NET's own types. All classes are trained in
/// the same passes over the data, by the method of <see cref="FocalSgdBinaryTrainer"/>.
/// </summary>
/// <remarks>
/// <para>
/// Minimised is Σ_i w_i a_i L(z_i, y_i) / Σ_i w_i + (λ/2) Σ_k ‖weights_k‖² with a score z_k = weights_k · features + bias_k for each class
/// k, the example weights w, the weight a_i of the class of row i (<see cref="FocalSgdOptions.ClassWeighting"/>) and λ =
/// <see cref="FocalSgdOptions.L2Regularization"/>; biases are not regularised. L is <see cref="SoftmaxFocalLoss"/> or, for
/// <see cref="MulticlassFormulation.OneVersusAll"/>, Σ_k FL(z_k, y_i = k), the sum of a binary <see cref="FocalLoss"/> of each class
/// against the rest, which may have a γ of its own. With two classes, Softmax is the binary trainer with λ/2.
/// </para>
/// <para>
/// Input: a label column of type Key&lt;UInt32&gt; with two values or more, as MapValueToKey makes it, a feature column of type
/// Vector&lt;Single&gt; of known size (dense or sparse) and, if named, a Single column of example weights. A row with a NaN or an infinity
/// among its features, with weight NaN or without a label is skipped; <see cref="FocalSgdOptions.Log"/> is told how many were, and
/// <see cref="MLContext.Log"/> warned as by the stock trainers. The key may have up to 16,384 values. A class without rows stays a class of
/// the model, with a probability near 0. A row of weight 0 changes nothing.
/// </para>
/// <para>
/// Output columns: Score, a Vector&lt;Single&gt; with a value in [0, 1] for each class, which sum to 1: the softmax of the scores z, or for
/// OneVersusAll σ(z_k) / Σ_j σ(z_j); PredictedLabel, the key of the class with the largest. With <see cref="FocalSgdOptions.Calibration"/>,
/// which is the default, they estimate how often a class occurs among examples like this one, also if the classes are weighted. Then the
/// class with the largest is the most frequent one there: whoever wants rare classes to be called more often weighs the scores, or sets
/// Calibration to None.
/// </para>
/// <para>
/// The model: for Softmax a <see cref="MulticlassPredictionTransformer{TModel}"/> of <see cref="MaximumEntropyModelParameters"/>, as
/// LbfgsMaximumEntropy gives, whose GetWeights and GetBiases tell the numbers, with mean 0 over the classes; for OneVersusAll one of
/// <see cref="OneVersusAllModelParameters"/>. Cast its Model to that type.
/// </para>
/// </remarks>
public sealed class FocalSgdMulticlassTrainer
    : ITrainerEstimator<ISingleFeaturePredictionTransformer<MulticlassModel>, MulticlassModel>
{
    private readonly MulticlassClassificationTrainers _trainers;
    private readonly Options _options;
    private readonly LbfgsMaximumEntropyMulticlassTrainer _stock;

    internal FocalSgdMulticlassTrainer(MulticlassClassificationTrainers trainers, Options options)
    {
        ArgumentNullException.ThrowIfNull(trainers);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _trainers = trainers;
        _options = options;
        _stock = trainers.LbfgsMaximumEntropy(options.LabelColumnName, options.FeatureColumnName, options.ExampleWeightColumnName);
    }

    /// <inheritdoc/>
    public TrainerInfo Info => _stock.Info;

    /// <summary>The columns a fitted model adds: Score and PredictedLabel.</summary>
    /// <param name="inputSchema">The shape of the input.</param>
    /// <returns>The shape of the output.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => _stock.GetOutputSchema(inputSchema);

    /// <summary>Trains on <paramref name="input"/>.</summary>
    /// <param name="input">The training data.</param>
    /// <returns>
    /// A stock model: a <see cref="MulticlassPredictionTransformer{TModel}"/> of <see cref="MaximumEntropyModelParameters"/> for Softmax,
    /// of <see cref="OneVersusAllModelParameters"/> for OneVersusAll.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type.</exception>
    /// <exception cref="InvalidOperationException">
    /// The label has one class only, more than 16,384, or another number of classes than weights or γ are given for; no row can be used,
    /// fewer than two classes have weight, or an example weight is outside [0; 1e30].
    /// </exception>
    /// <exception cref="OperationCanceledException"><see cref="FocalSgdOptions.CancellationToken"/> was cancelled.</exception>
    public ISingleFeaturePredictionTransformer<MulticlassModel> Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return (ISingleFeaturePredictionTransformer<MulticlassModel>)Training().Fit(input);
    }

    /// <summary>Several views as one.</summary>
    internal IDataView Append(IReadOnlyList<IDataView> inputs) => _options.Append(inputs);

    /// <summary>The linear scores z.</summary>
    internal LinearModel Solve(IDataView input) => Training().Solve(input);

    private FocalTraining Training() => new(_options, _options.Formulation == MulticlassFormulation.Softmax
        ? new SoftmaxFormulation(_trainers) : new OneVersusAllFormulation(_trainers, _options));

    /// <summary>Settings of <see cref="FocalSgdMulticlassTrainer"/>.</summary>
    public sealed record Options : FocalSgdOptions
    {
        /// <summary>How the loss of two classes becomes one of several. Default: Softmax.</summary>
        public MulticlassFormulation Formulation { get; init; } = MulticlassFormulation.Softmax;

        /// <summary>
        /// For OneVersusAll: γ of each class's problem, in the order of the keys, each in [0; 50], instead of
        /// <see cref="FocalSgdOptions.Gamma"/> for all. Null, the default, for none.
        /// </summary>
        public IReadOnlyList<double>? ClassGammas { get; init; }

        /// <inheritdoc/>
        internal override void Validate()
        {
            base.Validate();
            Guard.Defined(Formulation);
            if (ClassGammas is null)
                return;
            Guard.Gammas(ClassGammas);
            Guard.Compatible(
                Formulation == MulticlassFormulation.OneVersusAll,
                $"ClassGammas is given with Formulation = {Formulation}, but only OneVersusAll has a γ for each class.",
                nameof(ClassGammas));
            Guard.Compatible(
                Gamma.IsConstant, $"ClassGammas is given with Gamma = {Gamma}, but only one of them can say what γ is.",
                nameof(ClassGammas));
        }

        /// <inheritdoc/>
        internal override void Check(DataViewSchema schema)
        {
            Check(schema, ColumnRole.TrainingKey);
            var count = LabelReader.ClassCount(schema[LabelColumnName]);
            if (count < 2)
            {
                throw new InvalidOperationException(
                    $"Label column '{LabelColumnName}' is a key with {count} value, but there should be 2 classes at least.");
            }

            CheckCount(ClassWeighting.ClassCount, "ClassWeighting", "weights");
            CheckCount(ClassGammas?.Count, "ClassGammas", "values");

            void CheckCount(int? given, string option, string what)
            {
                if (given is { } own && own != count)
                    throw new InvalidOperationException(
                        $"{option} has {own} {what}, but label column '{LabelColumnName}' has {count} classes.");
            }
        }
    }
}

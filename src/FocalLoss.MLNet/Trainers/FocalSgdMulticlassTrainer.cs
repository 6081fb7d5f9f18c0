using FocalMlNet.Data;
using FocalMlNet.Interop;
using FocalMlNet.Optimization;
using FocalMlNet.Trainers;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using static Microsoft.ML.MulticlassClassificationCatalog;

namespace FocalMlNet;

/// <summary>
/// Trains a linear classifier of several classes on the focal loss and returns a model of ML.NET's own types. All classes are trained in the same passes over the
/// data, by the method of <see cref="FocalSgdBinaryTrainer"/>.
/// </summary>
/// <remarks>
/// <para>
/// Minimised is Σ_i w_i a_i L(z_i, y_i) / Σ_i w_i + (λ/2) Σ_k ‖weights_k‖² with a score z_k = weights_k · features + bias_k for each class k, the example
/// weights w, the weight a_i of the class of row i (<see cref="FocalSgdOptions.ClassWeighting"/>) and λ = <see cref="FocalSgdOptions.L2Regularization"/>; biases are
/// not regularised. L is <see cref="SoftmaxFocalLoss"/> or, for <see cref="MulticlassFormulation.OneVersusAll"/>, Σ_k FL(z_k, y_i = k), the sum of a binary
/// <see cref="FocalLoss"/> of each class against the rest, which may have a γ of its own. With two classes, Softmax is the binary trainer with λ/2.
/// </para>
/// <para>
/// Input: a label column of type Key&lt;UInt32&gt; with two values or more, as MapValueToKey makes it, a feature column of type Vector&lt;Single&gt; of known
/// size (dense or sparse) and, if named, a Single column of example weights. A row with a NaN or an infinity among its features, with weight NaN or without
/// a label is skipped; <see cref="FocalSgdOptions.Log"/> is told how many were. A class without rows stays a class of the model, with a probability near 0.
/// </para>
/// <para>
/// Output columns: Score, a Vector&lt;Single&gt; with a value in [0, 1] for each class, which sum to 1: the softmax of the scores z, or
/// for OneVersusAll σ(z_k) / Σ_j σ(z_j); PredictedLabel, the key of the class with the largest. With <see cref="FocalSgdOptions.Calibration"/>, which is the default, they
/// estimate how often a class occurs among examples like this one, also if the classes are weighted. Then the class with the largest is the most frequent one there: whoever
/// wants rare classes to be called more often weighs the scores, or sets Calibration to None.
/// </para>
/// </remarks>
public sealed class FocalSgdMulticlassTrainer
    : ITrainerEstimator<MulticlassPredictionTransformer<OneVersusAllModelParameters>, OneVersusAllModelParameters>
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
    /// <returns>A stock model.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type.</exception>
    /// <exception cref="InvalidOperationException">
    /// The label has one class only, or another number of classes than weights or γ are given for; no row can be used, fewer than two classes have weight, or an example
    /// weight is outside [0; 1e30].
    /// </exception>
    /// <exception cref="OperationCanceledException"><see cref="FocalSgdOptions.CancellationToken"/> was cancelled.</exception>
    public MulticlassPredictionTransformer<OneVersusAllModelParameters> Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var (model, shift) = Solve(input);
        var (label, features) = (input.Schema[_options.LabelColumnName], input.Schema[_options.FeatureColumnName]);
        return StockMulticlassModel.Create(_trainers, label, features, model.Coefficients, [.. model.Offsets.Select(b => (float)(b - shift))], _options.Formulation);
    }

    /// <summary>The linear scores z, and what is to be taken off all of them in the stock model.</summary>
    internal (LinearModel Model, double Shift) Solve(IDataView input)
    {
        InputColumns.Check(input.Schema, _options, ColumnRole.IsKeyOfUInt32, "Key<UInt32>, as Conversion.MapValueToKey makes it");
        var classes = ClassNames.Of(input.Schema[_options.LabelColumnName]);
        CheckClassCount(classes.Count);

        var training = new FocalTraining(_options);
        var data = training.Read(training.Reader(input, classes.Count, classes.Count));
        TellOfEmptyClasses(data.Totals, classes);
        var model = Train(training, data);
        return (model, Shift(model, data, training.Parallel));
    }

    private LinearModel Train(FocalTraining training, TrainingData data)
    {
        var weights = training.ClassWeights(data.Totals);
        double[] totals = [.. data.Totals.Weights.Select((weight, k) => weight * weights[k])];
        var gammas = training.Gammas();
        if (_options.Formulation == MulticlassFormulation.Softmax)
        {
            var softmax = training.Minimize(
                data, training.Objectives(gamma => new SoftmaxFocalObjective(gamma, weights)), Constant(ConstantScores.Softmax(totals, gammas[0])), HeldOutJudges.Softmax);
            var calibrated = _options.Calibration switch
            {
                CalibrationMethod.Focal => SoftmaxCalibration.Focal(softmax, gammas[^1], weights, data, training.Parallel),
                CalibrationMethod.Platt => SoftmaxCalibration.Platt(softmax, data.HeldOut, training.Parallel),
                _ => softmax,
            };
            SoftmaxShift.Centre(calibrated);
            return calibrated;
        }

        double[] ClassGammas(double gamma) => _options.ClassGammas?.ToArray() ?? [.. totals.Select(_ => gamma)];
        var model = training.Minimize(
            data, training.Objectives(gamma => new OneVersusAllFocalObjective(ClassGammas(gamma), weights)),
            Constant(ConstantScores.OneVersusAll(totals, ClassGammas(gammas[0]))),
            HeldOutJudges.OneVersusAll);
        return _options.Calibration switch
        {
            CalibrationMethod.Focal => ScoreCalibration.Focal(model, ScoreCalibration.OneVersusAllCurves(ClassGammas(gammas[^1]), weights, data.Totals), data, training.Parallel),
            CalibrationMethod.Platt => ScoreCalibration.Platt(model, data.HeldOut, data.Totals, training.Parallel),
            _ => model,
        };

        LinearModel Constant(double[] scores) => LinearModel.Constant(data.ColumnCount, [.. scores.Select(z => (float)z)]);
    }

    /// <summary>What is taken off all scores.</summary>
    private double Shift(LinearModel model, TrainingData data, ParallelOptions parallel)
    {
        if (_options.Formulation == MulticlassFormulation.OneVersusAll)
            return 0;
        var shift = SoftmaxShift.For(model, data, parallel, out var scale);
        if (scale < 1)
        {
            _options.Log?.Invoke(FormattableString.Invariant(
                $"Some training rows have scores too large for a stock model: all have been multiplied with {scale:g3}, which keeps each row's order of the classes. Clip features that lie far out, or raise L2Regularization."));
        }

        return shift;
    }

    private void CheckClassCount(int count)
    {
        if (count < 2)
        {
            throw new InvalidOperationException(
                $"Label column '{_options.LabelColumnName}' is a key with {count} value, but there should be 2 classes at least.");
        }

        Check(_options.ClassWeighting.ClassCount, "ClassWeighting", "weights");
        Check(_options.ClassGammas?.Count, "ClassGammas", "values");

        void Check(int? given, string option, string what)
        {
            if (given is { } own && own != count)
                throw new InvalidOperationException($"{option} has {own} {what}, but label column '{_options.LabelColumnName}' has {count} classes.");
        }
    }

    private void TellOfEmptyClasses(ClassTotals totals, ClassNames names)
    {
        for (var k = 0; k < totals.ClassCount; k++)
        {
            if (!(totals.Weights[k] > 0))
            {
                _options.Log?.Invoke(
                    $"Class {names[k]} of label column '{_options.LabelColumnName}' has no row with a weight above 0: the model keeps it, with a probability near 0.");
            }
        }
    }

    /// <summary>Settings of <see cref="FocalSgdMulticlassTrainer"/>.</summary>
    public sealed class Options : FocalSgdOptions
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
                Formulation == MulticlassFormulation.OneVersusAll, $"ClassGammas is given with Formulation = {Formulation}, but only OneVersusAll has a γ for each class.", nameof(ClassGammas));
            Guard.Compatible(
                GammaSchedule is null, "ClassGammas and GammaSchedule are both given, but only one of them can say what γ is.", nameof(ClassGammas));
        }
    }
}

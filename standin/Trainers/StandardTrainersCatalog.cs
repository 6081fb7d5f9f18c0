using Microsoft.ML.Calibrators;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using BinaryTrainers = Microsoft.ML.BinaryClassificationCatalog.BinaryClassificationTrainers;
using MulticlassTrainers = Microsoft.ML.MulticlassClassificationCatalog.MulticlassClassificationTrainers;

namespace Microsoft.ML;

public static class StandardTrainersCatalog
{
    public static SgdCalibratedTrainer SgdCalibrated(
        this BinaryTrainers catalog, string labelColumnName = "Label", string featureColumnName = "Features", string exampleWeightColumnName = null,
        int numberOfIterations = 20, double learningRate = .01, float l2Regularization = 1e-6f)
    {
        var options = new SgdCalibratedTrainer.Options { NumberOfIterations = numberOfIterations, LearningRate = learningRate, L2Regularization = l2Regularization };
        return new(catalog.Context.NewRandom(), options.On(labelColumnName, featureColumnName, exampleWeightColumnName));
    }

    public static SgdCalibratedTrainer SgdCalibrated(this BinaryTrainers catalog, SgdCalibratedTrainer.Options options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        return new(catalog.Context.NewRandom(), options);
    }

    public static SgdNonCalibratedTrainer SgdNonCalibrated(
        this BinaryTrainers catalog, string labelColumnName = "Label", string featureColumnName = "Features", string exampleWeightColumnName = null,
        IClassificationLoss lossFunction = null, int numberOfIterations = 20, double learningRate = .01, float l2Regularization = 1e-6f)
    {
        var options = new SgdNonCalibratedTrainer.Options { NumberOfIterations = numberOfIterations, LearningRate = learningRate, L2Regularization = l2Regularization };
        options.LossFunction = lossFunction;
        return new(catalog.Context.NewRandom(), options.On(labelColumnName, featureColumnName, exampleWeightColumnName));
    }

    public static SgdNonCalibratedTrainer SgdNonCalibrated(this BinaryTrainers catalog, SgdNonCalibratedTrainer.Options options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        return new(catalog.Context.NewRandom(), options);
    }

    public static LbfgsLogisticRegressionBinaryTrainer LbfgsLogisticRegression(
        this BinaryTrainers catalog, string labelColumnName = "Label", string featureColumnName = "Features", string exampleWeightColumnName = null,
        float l1Regularization = 1, float l2Regularization = 1, float optimizationTolerance = 1e-7f, int historySize = 20, bool enforceNonNegativity = false)
    {
        var options = new LbfgsLogisticRegressionBinaryTrainer.Options { L1Regularization = l1Regularization, L2Regularization = l2Regularization };
        options.OptimizationTolerance = optimizationTolerance;
        options.HistorySize = historySize;
        options.EnforceNonNegativity = enforceNonNegativity;
        return catalog.LbfgsLogisticRegression(options.On(labelColumnName, featureColumnName, exampleWeightColumnName));
    }

    public static LbfgsLogisticRegressionBinaryTrainer LbfgsLogisticRegression(this BinaryTrainers catalog, LbfgsLogisticRegressionBinaryTrainer.Options options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new(catalog.Context.NewRandom(), options);
    }

    /// <summary>The loss is by default the log-loss here, but the hinge loss with Options, as in Microsoft.ML.</summary>
    public static AveragedPerceptronTrainer AveragedPerceptron(
        this BinaryTrainers catalog, string labelColumnName = "Label", string featureColumnName = "Features", IClassificationLoss lossFunction = null,
        float learningRate = 1, bool decreaseLearningRate = false, float l2Regularization = 0, int numberOfIterations = 10)
    {
        var options = new AveragedPerceptronTrainer.Options { LearningRate = learningRate, DecreaseLearningRate = decreaseLearningRate };
        (options.LabelColumnName, options.FeatureColumnName) = (labelColumnName, featureColumnName);
        options.LossFunction = lossFunction ?? new LogLoss();
        options.L2Regularization = l2Regularization;
        options.NumberOfIterations = numberOfIterations;
        return catalog.AveragedPerceptron(options);
    }

    public static AveragedPerceptronTrainer AveragedPerceptron(this BinaryTrainers catalog, AveragedPerceptronTrainer.Options options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new(catalog.Context.NewRandom(), options);
    }

    public static LbfgsMaximumEntropyMulticlassTrainer LbfgsMaximumEntropy(
        this MulticlassTrainers catalog, string labelColumnName = "Label", string featureColumnName = "Features", string exampleWeightColumnName = null,
        float l1Regularization = 1, float l2Regularization = 1, float optimizationTolerance = 1e-7f, int historySize = 20, bool enforceNonNegativity = false)
    {
        var options = new LbfgsMaximumEntropyMulticlassTrainer.Options { L1Regularization = l1Regularization, L2Regularization = l2Regularization };
        options.OptimizationTolerance = optimizationTolerance;
        options.HistorySize = historySize;
        options.EnforceNonNegativity = enforceNonNegativity;
        return catalog.LbfgsMaximumEntropy(options.On(labelColumnName, featureColumnName, exampleWeightColumnName));
    }

    public static LbfgsMaximumEntropyMulticlassTrainer LbfgsMaximumEntropy(this MulticlassTrainers catalog, LbfgsMaximumEntropyMulticlassTrainer.Options options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new(catalog.Context.NewRandom(), options);
    }

    public static SdcaMaximumEntropyMulticlassTrainer SdcaMaximumEntropy(
        this MulticlassTrainers catalog, string labelColumnName = "Label", string featureColumnName = "Features", string exampleWeightColumnName = null,
        float? l2Regularization = null, float? l1Regularization = null, int? maximumNumberOfIterations = null)
    {
        var options = new SdcaMaximumEntropyMulticlassTrainer.Options { L1Regularization = l1Regularization, L2Regularization = l2Regularization };
        options.MaximumNumberOfIterations = maximumNumberOfIterations;
        return catalog.SdcaMaximumEntropy(options.On(labelColumnName, featureColumnName, exampleWeightColumnName));
    }

    public static SdcaMaximumEntropyMulticlassTrainer SdcaMaximumEntropy(this MulticlassTrainers catalog, SdcaMaximumEntropyMulticlassTrainer.Options options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new(catalog.Context.NewRandom(), options);
    }

    public static OneVersusAllTrainer OneVersusAll<TModel>(
        this MulticlassTrainers catalog, ITrainerEstimator<BinaryPredictionTransformer<TModel>, TModel> binaryEstimator, string labelColumnName = "Label",
        bool imputeMissingLabelsAsNegative = false, IEstimator<ISingleFeaturePredictionTransformer<ICalibrator>> calibrator = null,
        int maximumCalibrationExampleCount = 1_000_000_000, bool useProbabilities = true)
        where TModel : class
    {
        ArgumentNullException.ThrowIfNull(binaryEstimator);
        if (calibrator != null)
            throw Errors.NotSupported("one-versus-all with a calibrator of one's own");
        var trainer = OneVersusAllTrainer.BinaryTrainer.Of(binaryEstimator);
        return new(trainer, labelColumnName, imputeMissingLabelsAsNegative, maximumCalibrationExampleCount, useProbabilities);
    }

    private static TOptions On<TOptions>(this TOptions options, string label, string features, string weight)
        where TOptions : TrainerInputBaseWithWeight
    {
        (options.LabelColumnName, options.FeatureColumnName, options.ExampleWeightColumnName) = (label, features, weight);
        return options;
    }
}

using Microsoft.ML.Calibrators;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;

namespace Microsoft.ML;

public sealed class BinaryClassificationCatalog : TrainCatalogBase
{
    internal BinaryClassificationCatalog(MLContext context)
        : base(context)
    {
        Trainers = new BinaryClassificationTrainers(context);
        Calibrators = new CalibratorsCatalog(context);
    }

    public BinaryClassificationTrainers Trainers { get; }

    public CalibratorsCatalog Calibrators { get; }

    public CalibratedBinaryClassificationMetrics Evaluate(
        IDataView data,
        string labelColumnName = "Label",
        string scoreColumnName = "Score",
        string probabilityColumnName = "Probability",
        string predictedLabelColumnName = "PredictedLabel")
    {
        Argument.NonEmpty(probabilityColumnName, nameof(probabilityColumnName));
        return new(new BinaryEvaluation(data, labelColumnName, scoreColumnName, probabilityColumnName, predictedLabelColumnName));
    }

    public BinaryClassificationMetrics EvaluateNonCalibrated(
        IDataView data, string labelColumnName = "Label", string scoreColumnName = "Score", string predictedLabelColumnName = "PredictedLabel") =>
        new(new BinaryEvaluation(data, labelColumnName, scoreColumnName, null, predictedLabelColumnName));

    public BinaryPredictionTransformer<TModel> ChangeModelThreshold<TModel>(BinaryPredictionTransformer<TModel> model, float threshold)
        where TModel : class
    {
        ArgumentNullException.ThrowIfNull(model);
        return model.Threshold == threshold
            ? model
            : new BinaryPredictionTransformer<TModel>(model.Model, model.FeatureColumnName, model.FeatureColumnType, threshold);
    }

    public IReadOnlyList<CrossValidationResult<CalibratedBinaryClassificationMetrics>> CrossValidate(
        IDataView data, IEstimator<ITransformer> estimator, int numberOfFolds = 5, string labelColumnName = "Label", string samplingKeyColumnName = null, int? seed = null) =>
        Folds(data, estimator, numberOfFolds, samplingKeyColumnName, seed, scored => Evaluate(scored, labelColumnName));

    public IReadOnlyList<CrossValidationResult<BinaryClassificationMetrics>> CrossValidateNonCalibrated(
        IDataView data, IEstimator<ITransformer> estimator, int numberOfFolds = 5, string labelColumnName = "Label", string samplingKeyColumnName = null, int? seed = null) =>
        Folds(data, estimator, numberOfFolds, samplingKeyColumnName, seed, scored => EvaluateNonCalibrated(scored, labelColumnName));

    public sealed class BinaryClassificationTrainers : CatalogInstantiatorBase
    {
        internal BinaryClassificationTrainers(MLContext context)
            : base(context) { }
    }

    public sealed class CalibratorsCatalog : CatalogInstantiatorBase
    {
        internal CalibratorsCatalog(MLContext context)
            : base(context) { }

        public PlattCalibratorEstimator Platt(string labelColumnName = "Label", string scoreColumnName = "Score", string exampleWeightColumnName = null) =>
            new(labelColumnName, scoreColumnName, exampleWeightColumnName);

        public FixedPlattCalibratorEstimator Platt(double slope, double offset, string scoreColumnName = "Score") =>
            new(slope, offset, scoreColumnName);
    }
}

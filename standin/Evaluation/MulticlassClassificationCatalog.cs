using Microsoft.ML.Data;
using Microsoft.ML.Trainers;

namespace Microsoft.ML;

public sealed class MulticlassClassificationCatalog : TrainCatalogBase
{
    internal MulticlassClassificationCatalog(MLContext context)
        : base(context) => Trainers = new MulticlassClassificationTrainers(context);

    public MulticlassClassificationTrainers Trainers { get; }

    public MulticlassClassificationMetrics Evaluate(
        IDataView data, string labelColumnName = "Label", string scoreColumnName = "Score", string predictedLabelColumnName = "PredictedLabel", int topKPredictionCount = 0)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (topKPredictionCount != 0)
            throw Errors.NotSupported("the accuracy of the best k predictions");
        Argument.NonEmpty(predictedLabelColumnName, nameof(predictedLabelColumnName));
        return new(MulticlassEvaluation.Read(data, labelColumnName, scoreColumnName));
    }

    public IReadOnlyList<CrossValidationResult<MulticlassClassificationMetrics>> CrossValidate(
        IDataView data, IEstimator<ITransformer> estimator, int numberOfFolds = 5, string labelColumnName = "Label", string samplingKeyColumnName = null, int? seed = null) =>
        Folds(data, estimator, numberOfFolds, samplingKeyColumnName, seed, scored => Evaluate(scored, labelColumnName));

    public sealed class MulticlassClassificationTrainers : CatalogInstantiatorBase
    {
        internal MulticlassClassificationTrainers(MLContext context)
            : base(context) { }
    }
}


using System.Runtime.CompilerServices;
using FocalMlNet;

namespace Microsoft.ML;

public static partial class FocalLossCatalog
{
    /// <summary>
    /// Trains on all folds but one and evaluates on that one, for each fold in turn; every fold has its share of both classes, to one row.
    /// What the estimator learns, such as a normalisation or class weights, it learns from the training folds alone.
    /// </summary>
    /// <param name="catalog">The catalog of <see cref="MLContext.BinaryClassification"/>.</param>
    /// <param name="data">
    /// The data. It is read once for the split and then by each training and each evaluation: cache it if that is slow.
    /// </param>
    /// <param name="estimator">A trainer with all that stands before it.</param>
    /// <param name="numberOfFolds">From 2 to 65,536, and no more than there are rows of the rarer class.</param>
    /// <param name="labelColumnName">
    /// Name of the Boolean label column. If the data has no column of this name, or one of another type, the estimator makes it: then it is
    /// fitted once more, on all rows, to read the label from its output for the split, which is all that this fit is used for.
    /// </param>
    /// <param name="samplingKeyColumnName">
    /// Name of a scalar column of the data, of any type; rows with the same value stay in one fold. Null, the default, for none.
    /// </param>
    /// <param name="seed">
    /// Which rows go where. Null, the default, is 0: the context's own seed cannot be seen from here.
    /// </param>
    /// <param name="probabilityColumnName">
    /// Name of the column with the probability that the model adds, or null for models that have none.
    /// </param>
    /// <param name="exampleWeightColumnName">
    /// Name of the column of weights in the evaluation; null, the default, for none. The estimator names its own.
    /// </param>
    /// <param name="options">Of the evaluation; null for the defaults.</param>
    /// <returns>Models and metrics of all folds, their means and standard errors.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type, or a value is outside its range.</exception>
    /// <exception cref="InvalidOperationException">The data cannot be split, trained on or evaluated; the message says why.</exception>
    [OverloadResolutionPriority(1)] // null is a view that is missing
    public static ImbalancedCrossValidation<ImbalancedBinaryMetrics, BinaryMetric> CrossValidateImbalanced(
        this BinaryClassificationCatalog catalog,
        IDataView data,
        IEstimator<ITransformer> estimator,
        int numberOfFolds = 5,
        string labelColumnName = "Label",
        string? samplingKeyColumnName = null,
        int? seed = null,
        string? probabilityColumnName = "Probability",
        string? exampleWeightColumnName = null,
        EvaluationOptions? options = null)
        => ImbalancedCrossValidation<ImbalancedBinaryMetrics, BinaryMetric>.Run(
            data, estimator, numberOfFolds, labelColumnName, samplingKeyColumnName, seed ?? 0,
            ["Score", "PredictedLabel", probabilityColumnName],
            scored => catalog.EvaluateImbalanced(
                scored, labelColumnName, probabilityColumnName: probabilityColumnName, exampleWeightColumnName: exampleWeightColumnName,
                options: options),
            (metrics, metric) => metrics[metric]);

    /// <summary>
    /// Trains on the training part of each fold and evaluates on its test part, for folds that are given, as
    /// <see cref="TimeOrderedCrossValidationSplit"/> makes them: no model sees rows of its future.
    /// </summary>
    /// <param name="catalog">The catalog of <see cref="MLContext.BinaryClassification"/>.</param>
    /// <param name="folds">
    /// The folds, two or more. Each part needs two classes: name the label where the folds are made, and that is checked before anything
    /// is trained.
    /// </param>
    /// <param name="estimator">A trainer with all that stands before it.</param>
    /// <param name="labelColumnName">Name of the Boolean label column, which the estimator may make.</param>
    /// <param name="probabilityColumnName">
    /// Name of the column with the probability that the model adds, or null for models that have none.
    /// </param>
    /// <param name="exampleWeightColumnName">
    /// Name of the column of weights in the evaluation; null, the default, for none. The estimator names its own.
    /// </param>
    /// <param name="options">Of the evaluation; null for the defaults.</param>
    /// <returns>Models and metrics of all folds, their means and standard errors.</returns>
    /// <exception cref="ArgumentException">There are fewer than two folds.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type, or a value is outside its range.</exception>
    /// <exception cref="InvalidOperationException">The data cannot be trained on or evaluated; the message says why.</exception>
    public static ImbalancedCrossValidation<ImbalancedBinaryMetrics, BinaryMetric> CrossValidateImbalanced(
        this BinaryClassificationCatalog catalog,
        IReadOnlyList<TimeOrderedSplit> folds,
        IEstimator<ITransformer> estimator,
        string labelColumnName = "Label",
        string? probabilityColumnName = "Probability",
        string? exampleWeightColumnName = null,
        EvaluationOptions? options = null)
        => ImbalancedCrossValidation<ImbalancedBinaryMetrics, BinaryMetric>.Run(
            folds, estimator, ["Score", "PredictedLabel", probabilityColumnName],
            scored => catalog.EvaluateImbalanced(
                scored, labelColumnName, probabilityColumnName: probabilityColumnName, exampleWeightColumnName: exampleWeightColumnName,
                options: options),
            (metrics, metric) => metrics[metric]);

    /// <summary>
    /// Trains on all folds but one and evaluates on that one, for each fold in turn; every fold has its share of all classes, to one row.
    /// What the estimator learns it learns from the training folds alone.
    /// </summary>
    /// <param name="catalog">The catalog of <see cref="MLContext.MulticlassClassification"/>.</param>
    /// <param name="data">
    /// The data. It is read once for the split and then by each training and each evaluation: cache it if that is slow.
    /// </param>
    /// <param name="estimator">A trainer with all that stands before it.</param>
    /// <param name="numberOfFolds">From 2 to 65,536, and no more than there are rows of the rarest class.</param>
    /// <param name="labelColumnName">
    /// Name of the label column: a key, or text that the estimator makes a key of under the same name. If the data has no column of this
    /// name, or one of another type, such as a number, the estimator makes it: then it is fitted once more, on all rows, to read the label
    /// from its output for the split, which is all that this fit is used for.
    /// </param>
    /// <param name="samplingKeyColumnName">
    /// Name of a scalar column of the data, of any type; rows with the same value stay in one fold. Null, the default, for none.
    /// </param>
    /// <param name="seed">
    /// Which rows go where. Null, the default, is 0: the context's own seed cannot be seen from here.
    /// </param>
    /// <param name="exampleWeightColumnName">
    /// Name of the column of weights in the evaluation; null, the default, for none. The estimator names its own.
    /// </param>
    /// <param name="scoresAreProbabilities">
    /// Whether the scores are probabilities with sum 1; if not, what judges probabilities is NaN.
    /// </param>
    /// <param name="options">Of the evaluation; null for the defaults.</param>
    /// <returns>Models and metrics of all folds, their means and standard errors.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type, or a value is outside its range.</exception>
    /// <exception cref="InvalidOperationException">The data cannot be split, trained on or evaluated; the message says why.</exception>
    [OverloadResolutionPriority(1)] // null is a view that is missing
    public static ImbalancedCrossValidation<ImbalancedMulticlassMetrics, MulticlassMetric> CrossValidateImbalanced(
        this MulticlassClassificationCatalog catalog,
        IDataView data,
        IEstimator<ITransformer> estimator,
        int numberOfFolds = 5,
        string labelColumnName = "Label",
        string? samplingKeyColumnName = null,
        int? seed = null,
        string? exampleWeightColumnName = null,
        bool scoresAreProbabilities = true,
        EvaluationOptions? options = null)
        => ImbalancedCrossValidation<ImbalancedMulticlassMetrics, MulticlassMetric>.Run(
            data, estimator, numberOfFolds, labelColumnName, samplingKeyColumnName, seed ?? 0, ["Score"],
            scored => catalog.EvaluateImbalanced(
                scored, labelColumnName, exampleWeightColumnName: exampleWeightColumnName, scoresAreProbabilities: scoresAreProbabilities,
                options: options),
            (metrics, metric) => metrics[metric]);

    /// <summary>
    /// Trains on the training part of each fold and evaluates on its test part, for folds that are given, as
    /// <see cref="TimeOrderedCrossValidationSplit"/> makes them: no model sees rows of its future.
    /// </summary>
    /// <param name="catalog">The catalog of <see cref="MLContext.MulticlassClassification"/>.</param>
    /// <param name="folds">
    /// The folds, two or more. Each training part needs two classes: name the label where the folds are made, and that is checked before
    /// anything is trained.
    /// </param>
    /// <param name="estimator">A trainer with all that stands before it.</param>
    /// <param name="labelColumnName">
    /// Name of the label column: a key, or text that the estimator makes a key of under the same name, or one that the estimator makes.
    /// </param>
    /// <param name="exampleWeightColumnName">
    /// Name of the column of weights in the evaluation; null, the default, for none. The estimator names its own.
    /// </param>
    /// <param name="scoresAreProbabilities">
    /// Whether the scores are probabilities with sum 1; if not, what judges probabilities is NaN.
    /// </param>
    /// <param name="options">Of the evaluation; null for the defaults.</param>
    /// <returns>Models and metrics of all folds, their means and standard errors.</returns>
    /// <exception cref="ArgumentException">There are fewer than two folds.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type, or a value is outside its range.</exception>
    /// <exception cref="InvalidOperationException">The data cannot be trained on or evaluated; the message says why.</exception>
    public static ImbalancedCrossValidation<ImbalancedMulticlassMetrics, MulticlassMetric> CrossValidateImbalanced(
        this MulticlassClassificationCatalog catalog,
        IReadOnlyList<TimeOrderedSplit> folds,
        IEstimator<ITransformer> estimator,
        string labelColumnName = "Label",
        string? exampleWeightColumnName = null,
        bool scoresAreProbabilities = true,
        EvaluationOptions? options = null)
        => ImbalancedCrossValidation<ImbalancedMulticlassMetrics, MulticlassMetric>.Run(
            folds, estimator, ["Score"],
            scored => catalog.EvaluateImbalanced(
                scored, labelColumnName, exampleWeightColumnName: exampleWeightColumnName, scoresAreProbabilities: scoresAreProbabilities,
                options: options),
            (metrics, metric) => metrics[metric]);
}

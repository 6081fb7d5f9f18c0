
using FocalMlNet;
using FocalMlNet.Evaluation;
using FocalMlNet.StockModels;
using FocalMlNet.Thresholds;
using Microsoft.ML.Data;

namespace Microsoft.ML;

public static partial class FocalLossCatalog
{
    /// <summary>
    /// Evaluates scored data whose positives are rare: ranking, probabilities, what happens at the model's threshold, curves and, if asked
    /// for, confidence intervals. The data is read once; the work is O(n log n) for n rows, the memory up to 150 bytes a row.
    /// </summary>
    /// <param name="catalog">The catalog of <see cref="MLContext.BinaryClassification"/>.</param>
    /// <param name="data">What a binary model's Transform gives, with the label.</param>
    /// <param name="labelColumnName">Name of the Boolean label column.</param>
    /// <param name="scoreColumnName">Name of the score column, a Single: finite, the higher the more likely a positive.</param>
    /// <param name="probabilityColumnName">
    /// Name of the column with the probability of a positive, a Single in [0; 1]; null for models that have none, whose LogLoss,
    /// BrierScore, ExpectedCalibrationError and FocalLoss are NaN. One that was in the input of a stock model which adds none is refused.
    /// </param>
    /// <param name="predictedLabelColumnName">Name of the Boolean column that says which rows are called positive.</param>
    /// <param name="exampleWeightColumnName">Name of the example weight column, a Single in [0; 1e30]; null for none.</param>
    /// <param name="options">γ of the focal loss, bins of the calibration error, bootstrap; null for their defaults.</param>
    /// <returns>The metrics.</returns>
    /// <exception cref="ArgumentException">A column has no name, or one is named for two purposes that exclude each other.</exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// A column is missing or of the wrong type, or an option is outside its range.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// There are not rows of both classes, or a score, a probability or a weight is NaN or outside its range.
    /// </exception>
    public static ImbalancedBinaryMetrics EvaluateImbalanced(
        this BinaryClassificationCatalog catalog,
        IDataView data,
        string labelColumnName = "Label",
        string scoreColumnName = "Score",
        string? probabilityColumnName = "Probability",
        string predictedLabelColumnName = "PredictedLabel",
        string? exampleWeightColumnName = null,
        EvaluationOptions? options = null)
        => BinaryEvaluation.Of(
            data,
            new(labelColumnName, scoreColumnName, probabilityColumnName, predictedLabelColumnName,
            exampleWeightColumnName, "A model without probabilities is evaluated with probabilityColumnName: null."),
            options ?? new());

    /// <summary>
    /// Evaluates scored data of several classes, some of which are rare: averages over the classes, each class by itself, and the confusion
    /// matrix. A row is given to the class with the highest score. The data is read once; the work is O(K n log n) for n rows and K
    /// classes, the memory up to 100 + 25 K bytes a row.
    /// </summary>
    /// <param name="catalog">The catalog of <see cref="MLContext.MulticlassClassification"/>.</param>
    /// <param name="data">What a multiclass model's Transform gives, with the label.</param>
    /// <param name="labelColumnName">
    /// Name of the label column, a key of UInt32, as MapValueToKey gives, or text. If the scores have names (slot names or training label
    /// values), as those of ML.NET's trainers do, text and a key with values find their score by name; otherwise a label finds it by its
    /// key. A class for which there is no score, since training has not seen it, is evaluated as one whose rows are all errors. A row whose
    /// label is missing, a key of 0 or an empty text, is left out and counted.
    /// </param>
    /// <param name="scoreColumnName">Name of the score column, a Vector&lt;Single&gt; with a finite score for each class.</param>
    /// <param name="exampleWeightColumnName">Name of the example weight column, a Single in [0; 1e30]; null for none.</param>
    /// <param name="scoresAreProbabilities">
    /// Whether the scores are probabilities with sum 1; if not, LogLoss, BrierScore, ExpectedCalibrationError and FocalLoss are NaN.
    /// </param>
    /// <param name="options">γ of the focal loss, bins of the calibration error, bootstrap; null for their defaults.</param>
    /// <returns>The metrics.</returns>
    /// <exception cref="ArgumentException">A column has no name, or the options have an alpha.</exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// A column is missing or of the wrong type, or an option is outside its range.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// There are no rows with a label, none of them has a class with a score or more than 1,000 classes have none, or a key, a score or a
    /// weight is NaN or outside its range.
    /// </exception>
    public static ImbalancedMulticlassMetrics EvaluateImbalanced(
        this MulticlassClassificationCatalog catalog,
        IDataView data,
        string labelColumnName = "Label",
        string scoreColumnName = "Score",
        string? exampleWeightColumnName = null,
        bool scoresAreProbabilities = true,
        EvaluationOptions? options = null)
        => MulticlassEvaluation.Of(
            ClassScoredRows.Read(data, labelColumnName, scoreColumnName, exampleWeightColumnName), scoresAreProbabilities, options
            ?? new());

    /// <summary>
    /// Compares fitted models on the same rows: all metrics of each with intervals, and for each pair whether they differ by more than
    /// chance in average precision, log-loss, Brier score and, with a cost matrix, profit. Each model scores the rows once.
    /// </summary>
    /// <param name="catalog">The catalog of <see cref="MLContext.BinaryClassification"/>.</param>
    /// <param name="data">Rows that no model was trained on, with the label.</param>
    /// <param name="models">The models, each with a name of its own; at least one.</param>
    /// <param name="labelColumnName">Name of the Boolean label column.</param>
    /// <param name="scoreColumnName">Name of the score column, a Single: finite, the higher the more likely a positive.</param>
    /// <param name="probabilityColumnName">
    /// Name of the column with the probability of a positive, a Single in [0; 1]. A model that does not add this column is compared by what
    /// needs no probabilities.
    /// </param>
    /// <param name="predictedLabelColumnName">Name of the Boolean column that says which rows are called positive.</param>
    /// <param name="exampleWeightColumnName">Name of the example weight column, a Single in [0; 1e30]; null for none.</param>
    /// <param name="costs">What each decision brings in; null, the default, for no profit.</param>
    /// <param name="options">
    /// Resamples (at least 2), level, seed, threads; null for 1000 resamples and the other defaults. A resample of a million rows takes
    /// about 10 milliseconds a model and processor.
    /// </param>
    /// <returns>The metrics of each model and the differences of all pairs.</returns>
    /// <exception cref="ArgumentException">
    /// There is no model, a name is missing or there twice, a column has no name, or the cost matrix has not two classes.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    /// <exception cref="InvalidOperationException">
    /// A model lacks a column, gives what cannot be evaluated (as EvaluateImbalanced says), or other rows than the first: the message names
    /// it.
    /// </exception>
    public static ModelComparison<ImbalancedBinaryMetrics> CompareImbalanced(
        this BinaryClassificationCatalog catalog,
        IDataView data,
        IEnumerable<(string Name, ITransformer Model)> models,
        string labelColumnName = "Label",
        string scoreColumnName = "Score",
        string probabilityColumnName = "Probability",
        string predictedLabelColumnName = "PredictedLabel",
        string? exampleWeightColumnName = null,
        CostMatrix? costs = null,
        EvaluationOptions? options = null)
        => Comparison.Binary(data, models,
            new(labelColumnName, scoreColumnName, probabilityColumnName, predictedLabelColumnName, exampleWeightColumnName), costs,
            options);

    /// <summary>
    /// Compares fitted models on the same rows: all metrics of each with intervals, and for each pair whether they differ by more than
    /// chance in macro average precision, log-loss, Brier score and, with a cost matrix, profit. Each model scores the rows once.
    /// </summary>
    /// <param name="catalog">The catalog of <see cref="MLContext.MulticlassClassification"/>.</param>
    /// <param name="data">Rows that no model was trained on, with the label.</param>
    /// <param name="models">The models, each with a name of its own; at least one.</param>
    /// <param name="labelColumnName">Name of the label column, a key of UInt32 or text, as for EvaluateImbalanced.</param>
    /// <param name="scoreColumnName">
    /// Name of the score column, a Vector&lt;Single&gt; with a finite score for each class. A model whose scores are no probabilities with
    /// sum 1 is compared by what needs none.
    /// </param>
    /// <param name="exampleWeightColumnName">Name of the example weight column, a Single in [0; 1e30]; null for none.</param>
    /// <param name="costs">
    /// What each decision brings in, for the classes in the order of the first model's scores; null, the default, for no profit.
    /// </param>
    /// <param name="options">
    /// Resamples (at least 2), level, seed, threads; null for 1000 resamples and the other defaults. A resample of a million rows takes
    /// about 10 milliseconds a model and processor.
    /// </param>
    /// <returns>The metrics of each model and the differences of all pairs.</returns>
    /// <exception cref="ArgumentException">
    /// There is no model, a name is missing or there twice, a column has no name, or the options have an alpha.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    /// <exception cref="InvalidOperationException">
    /// A model lacks a column, gives what cannot be evaluated (as EvaluateImbalanced says), or other rows than the first: the message names
    /// it.
    /// </exception>
    public static ModelComparison<ImbalancedMulticlassMetrics> CompareImbalanced(
        this MulticlassClassificationCatalog catalog,
        IDataView data,
        IEnumerable<(string Name, ITransformer Model)> models,
        string labelColumnName = "Label",
        string scoreColumnName = "Score",
        string? exampleWeightColumnName = null,
        CostMatrix? costs = null,
        EvaluationOptions? options = null)
        => Comparison.Multiclass(data, models, labelColumnName, scoreColumnName, exampleWeightColumnName, costs, options);

    /// <summary>The scored rows with the largest focal loss: those that are hard, or whose label may be wrong.</summary>
    /// <param name="catalog">The catalog of <see cref="MLContext.BinaryClassification"/>.</param>
    /// <param name="data">What a binary model's Transform gives, with the label. It is read once.</param>
    /// <param name="top">The most rows, at least 1.</param>
    /// <param name="labelColumnName">Name of the Boolean label column.</param>
    /// <param name="scoreColumnName">Name of the score column, a Single.</param>
    /// <param name="scoresAreProbabilities">
    /// Whether the scores are probabilities, in [0; 1]; if not, they are logits, as those of linear models are. Where Score is no logit, as
    /// that of boosted trees, name the Probability column, and say true.
    /// </param>
    /// <param name="gamma">The focusing parameter γ, in [0; 50].</param>
    /// <param name="alpha">
    /// The weight of the positive class, in (0; 1): above .5 ranks positives higher; null weighs both classes 1.
    /// </param>
    /// <returns>The rows, the hardest first; those with a score of NaN are not among them.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range, or a column is missing or of the wrong type.</exception>
    /// <exception cref="ArgumentException">A name is empty.</exception>
    /// <exception cref="InvalidOperationException">A probability is outside its range.</exception>
    public static IReadOnlyList<HardExample> HardExamples(
        this BinaryClassificationCatalog catalog, IDataView data, int top, string labelColumnName = "Label",
        string scoreColumnName = "Score", bool scoresAreProbabilities = false, double gamma = 2, double? alpha = null)
        => HardExample.Find(data, top, labelColumnName, scoreColumnName, areSeveral: false, scoresAreProbabilities, gamma, alpha);

    /// <summary>The scored rows with the largest focal loss: those that are hard, or whose label may be wrong.</summary>
    /// <param name="catalog">The catalog of <see cref="MLContext.MulticlassClassification"/>.</param>
    /// <param name="data">What a multiclass model's Transform gives, with the label. It is read once.</param>
    /// <param name="top">The most rows, at least 1.</param>
    /// <param name="labelColumnName">
    /// Name of the label column, a key of UInt32 or text, which finds its score as in EvaluateImbalanced; a class without a score has
    /// probability 0.
    /// </param>
    /// <param name="scoreColumnName">Name of the score column, a Vector&lt;Single&gt; with a score for each class.</param>
    /// <param name="scoresAreProbabilities">
    /// Whether the scores are probabilities with sum 1, as those of ML.NET's trainers are; if not, they are logits, of which the softmax is
    /// taken.
    /// </param>
    /// <param name="gamma">The focusing parameter γ, in [0; 50].</param>
    /// <returns>The rows, the hardest first; those without a label or with a score of NaN are not among them.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range, or a column is missing or of the wrong type.</exception>
    /// <exception cref="ArgumentException">A name is empty.</exception>
    /// <exception cref="InvalidOperationException">A key is outside its range, or scores are no probabilities.</exception>
    public static IReadOnlyList<HardExample> HardExamples(
        this MulticlassClassificationCatalog catalog, IDataView data, int top, string labelColumnName = "Label",
        string scoreColumnName = "Score", bool scoresAreProbabilities = true, double gamma = 2)
        => HardExample.Find(data, top, labelColumnName, scoreColumnName, areSeveral: true, scoresAreProbabilities, gamma, alpha: null);

    /// <summary>
    /// Chooses a threshold on the probability. Choose it on rows the model was not trained on, and evaluate it on others still.
    /// <see cref="WithThreshold{TModel}(BinaryClassificationCatalog, BinaryPredictionTransformer{TModel}, double)"/> puts it into the
    /// model.
    /// </summary>
    /// <param name="catalog">The catalog of <see cref="MLContext.BinaryClassification"/>.</param>
    /// <param name="data">What a binary model's Transform gives, with the label. It is read once.</param>
    /// <param name="policy">What a good threshold is.</param>
    /// <param name="labelColumnName">Name of the Boolean label column.</param>
    /// <param name="probabilityColumnName">
    /// Name of the column with the probability of a positive, a Single in [0; 1]. It need not be calibrated.
    /// </param>
    /// <param name="exampleWeightColumnName">Name of the example weight column, a Single in [0; 1e30]; null for none.</param>
    /// <returns>The threshold, and what it achieves on the data.</returns>
    /// <exception cref="ArgumentException">A column has no name, or one is named for two purposes that exclude each other.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type.</exception>
    /// <exception cref="InvalidOperationException">
    /// No threshold reaches what the policy demands, there are not rows of both classes, or a probability or a weight is NaN or outside its
    /// range.
    /// </exception>
    public static ThresholdChoice ChooseThreshold(
        this BinaryClassificationCatalog catalog,
        IDataView data,
        ThresholdPolicy policy,
        string labelColumnName = "Label",
        string probabilityColumnName = "Probability",
        string? exampleWeightColumnName = null)
        => ThresholdSearch.Choose(data, policy, labelColumnName, probabilityColumnName, exampleWeightColumnName);

    /// <summary>
    /// Gives a model another threshold: its PredictedLabel becomes whether its Probability is above <paramref name="probability"/>, to the
    /// last bit of both. The model stays a stock model: saved and loaded, it keeps the threshold also where this library is not.
    /// </summary>
    /// <typeparam name="TModel">The kind of model parameters: those of a calibrated model.</typeparam>
    /// <param name="catalog">The catalog of <see cref="MLContext.BinaryClassification"/>.</param>
    /// <param name="model">A model with a Platt calibrator, as FocalSgd, SgdCalibrated, LbfgsLogisticRegression and others give.</param>
    /// <param name="probability">The threshold, in [0; 1]; with 1 no row is called positive.</param>
    /// <returns>The model with the threshold; the given one stays as it is.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="probability"/> is outside its range.</exception>
    /// <exception cref="ArgumentException">The model has no Platt calibrator, or its probability does not grow with the score.</exception>
    public static BinaryPredictionTransformer<TModel> WithThreshold<TModel>(
        this BinaryClassificationCatalog catalog, BinaryPredictionTransformer<TModel> model, double probability)
        where TModel : class
        => ScoreThreshold.Set(catalog, model, probability);

    /// <summary>Gives the model at the end of a chain another threshold.</summary>
    /// <inheritdoc cref="WithThreshold{TModel}(BinaryClassificationCatalog, BinaryPredictionTransformer{TModel}, double)"/>
    public static TransformerChain<BinaryPredictionTransformer<TModel>> WithThreshold<TModel>(
        this BinaryClassificationCatalog catalog, TransformerChain<BinaryPredictionTransformer<TModel>> model, double probability)
        where TModel : class
        => ScoreThreshold.Set(catalog, model, probability);
}

using FocalMlNet;
using FocalMlNet.Tuning;

namespace Microsoft.ML;

public static partial class FocalLossCatalog
{
    /// <summary>
    /// From skewed data to the right model in one call: logistic regression, focal loss with several γ, class weights and penalties, and
    /// any candidates that are added are compared on the same folds, and the simplest that is as good as the best is fitted on all rows,
    /// with a threshold. Rows that judge a candidate have trained nothing of it.
    /// </summary>
    /// <remarks>
    /// Without a <see cref="TuningOptions.Preparation"/> the data is read twice for the comparison, once only the labels, and once for the
    /// last fit; the matrix is in memory, once for all folds. Added candidates and preparations read it as often as they need: cache it if
    /// that is slow. docs/tuning.md tells what the rule is and what it costs.
    /// </remarks>
    /// <param name="catalog">The catalog of <see cref="MLContext.BinaryClassification"/>.</param>
    /// <param name="data">
    /// The data, with a Boolean label. It must give the same rows in the same order each time. Keep some rows out to judge the result by.
    /// </param>
    /// <param name="options">What is tried, and how it is compared; null for the defaults.</param>
    /// <returns>The model, the threshold, and all figures.</returns>
    /// <exception cref="ArgumentException">Two candidates have one name, or options do not go together.</exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// An option is outside its range, or a column is missing or of the wrong type.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// The data cannot be dealt into folds or has copies of rows, a fold has rows of one class only, or no candidate is left without an
    /// error.
    /// </exception>
    /// <exception cref="TimeoutException">The budget of time was over before any candidate was judged.</exception>
    /// <exception cref="OperationCanceledException">The tuning was cancelled.</exception>
    public static BinaryTuningResult TuneImbalanced(
        this BinaryClassificationCatalog catalog, IDataView data, BinaryTuningOptions? options = null)
        => Tuner.Run(catalog, data, options ?? new());

    /// <summary>
    /// From skewed data of several classes to the right model in one call: the twin of
    /// <see cref="TuneImbalanced(BinaryClassificationCatalog, IDataView, BinaryTuningOptions?)"/>. There is no threshold: the class with
    /// the highest score is predicted.
    /// </summary>
    /// <inheritdoc cref="TuneImbalanced(BinaryClassificationCatalog, IDataView, BinaryTuningOptions?)" path="/remarks"/>
    /// <param name="catalog">The catalog of <see cref="MLContext.MulticlassClassification"/>.</param>
    /// <param name="data">
    /// The data, with a label of type Key&lt;UInt32&gt;, as MapValueToKey makes it. It must give the same rows in the same order each time.
    /// </param>
    /// <param name="options">What is tried, and how it is compared; null for the defaults.</param>
    /// <returns>The model, and all figures.</returns>
    /// <inheritdoc cref="TuneImbalanced(BinaryClassificationCatalog, IDataView, BinaryTuningOptions?)" path="/exception"/>
    public static MulticlassTuningResult TuneImbalanced(
        this MulticlassClassificationCatalog catalog, IDataView data, MulticlassTuningOptions? options = null)
        => Tuner.Run(catalog, data, options ?? new());
}

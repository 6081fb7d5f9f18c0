
using FocalMlNet;
using FocalMlNet.StockModels;
using Microsoft.ML.Calibrators;
using Microsoft.ML.Data;

namespace Microsoft.ML;

public static partial class FocalLossCatalog
{
    /// <summary>Leaves out random rows of the more frequent class, for training only. Every reading leaves out the same rows.</summary>
    /// <param name="catalog">The catalog <see cref="MLContext.Data"/>.</param>
    /// <param name="data">The training data.</param>
    /// <param name="labelColumnName">Name of the Boolean label column.</param>
    /// <param name="ratio">
    /// Rows of the rarer class for each of the other afterwards, in (0; 1]; data that is no more skewed stays as it is.
    /// </param>
    /// <param name="seed">
    /// Chooses the rows. Null, the default, is 0: the context's own seed cannot be seen from here.
    /// </param>
    /// <returns>The rows that stay, in their order, read when they are asked for.</returns>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The ratio is outside its range, or the label column is missing or of the wrong type.
    /// </exception>
    public static ResampledDataView Undersample(
        this DataOperationsCatalog catalog, IDataView data, string labelColumnName = "Label", double ratio = 1, int? seed = null)
        => new(data, labelColumnName, ratio, seed ?? 0, repeats: false);

    /// <summary>
    /// Repeats rows of the rarer class, all as often, but for a random part once more, for training only. Copies follow one another: a
    /// trainer that takes rows in their order should shuffle. Where the trainer takes weights, they do the same without the copies. The
    /// rows are not split any more: split first, and oversample what is trained on.
    /// </summary>
    /// <inheritdoc cref="Undersample" path="/param"/>
    /// <inheritdoc cref="Undersample" path="/exception"/>
    /// <returns>The rows with their copies, read when they are asked for.</returns>
    public static ResampledDataView Oversample(
        this DataOperationsCatalog catalog, IDataView data, string labelColumnName = "Label", double ratio = 1, int? seed = null)
        => new(data, labelColumnName, ratio, seed ?? 0, repeats: true);

    /// <summary>
    /// Takes the shift that resampling made out of a linear model: its weights stay, its bias is lower, its score is the logit of the
    /// corrected probability and its threshold 0 is probability one half.
    /// </summary>
    /// <param name="catalog">The catalog <see cref="MLContext.BinaryClassification"/>.</param>
    /// <param name="model">A model trained on resampled data.</param>
    /// <param name="logOddsShift"><see cref="ResampledDataView.LogOddsShift"/>, in [-100; 100].</param>
    /// <returns>A stock model.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The shift is outside its range.</exception>
    /// <exception cref="ArgumentException">The model's feature column is named Label.</exception>
    public static BinaryPredictionTransformer<BinaryModel> CorrectPrior(
        this BinaryClassificationCatalog catalog, BinaryPredictionTransformer<BinaryModel> model, double logOddsShift)
        => PriorCorrection.Fold(catalog, model, Guard.LogOddsShift(logOddsShift));

    /// <summary>Takes the shift that resampling made out of the linear model at the end of a chain.</summary>
    /// <inheritdoc cref="CorrectPrior(BinaryClassificationCatalog, BinaryPredictionTransformer{BinaryModel}, double)"/>
    public static TransformerChain<BinaryPredictionTransformer<BinaryModel>> CorrectPrior(
        this BinaryClassificationCatalog catalog, TransformerChain<BinaryPredictionTransformer<BinaryModel>> model, double logOddsShift)
        => new([.. Guard.NotNull(model).SkipLast(1),
            PriorCorrection.Fold(catalog, model.LastTransformer, Guard.LogOddsShift(logOddsShift))]);

    /// <summary>
    /// Takes the shift that resampling made out of any model with a Platt calibrator, such as FastTree's: a second calibrator makes the
    /// Probability column anew, and the threshold is where it is one half. Score stays as it is.
    /// </summary>
    /// <inheritdoc cref="CorrectPrior(BinaryClassificationCatalog, BinaryPredictionTransformer{BinaryModel}, double)" path="/param"/>
    /// <typeparam name="TModel">The calibrated model parameters.</typeparam>
    /// <returns>Stock transformers: the model and the calibrator.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The shift is outside its range.</exception>
    /// <exception cref="NotSupportedException">The model's calibrator is of another kind.</exception>
    public static TransformerChain<ITransformer> CorrectPrior<TModel>(
        this BinaryClassificationCatalog catalog, BinaryPredictionTransformer<TModel> model, double logOddsShift)
        where TModel : CalibratedModelParametersBase
        => PriorCorrection.Append(catalog, model, Guard.LogOddsShift(logOddsShift));

    /// <summary>Takes the shift that resampling made out of the model at the end of a chain, which must have a Platt calibrator.</summary>
    /// <inheritdoc cref="CorrectPrior{TModel}(BinaryClassificationCatalog, BinaryPredictionTransformer{TModel}, double)"/>
    public static TransformerChain<ITransformer> CorrectPrior<TModel>(
        this BinaryClassificationCatalog catalog, TransformerChain<BinaryPredictionTransformer<TModel>> model, double logOddsShift)
        where TModel : CalibratedModelParametersBase
        => new([.. Guard.NotNull(model).SkipLast(1), .. CorrectPrior(catalog, model.LastTransformer, logOddsShift)]);
}

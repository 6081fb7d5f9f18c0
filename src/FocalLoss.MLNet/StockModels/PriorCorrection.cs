
using FocalMlNet.Views;
using Microsoft.ML;
using Microsoft.ML.Calibrators;
using Microsoft.ML.Data;

namespace FocalMlNet.StockModels;

/// <summary>Takes a shift of the log-odds, as resampling makes it, out of a stock model.</summary>
internal static class PriorCorrection
{
    /// <summary>A linear model whose score is the logit of the corrected probability.</summary>
    public static BinaryPredictionTransformer<BinaryModel> Fold(
        BinaryClassificationCatalog catalog, BinaryPredictionTransformer<BinaryModel> model, double logOddsShift)
    {
        Guard.Finite(logOddsShift);
        var (linear, calibrator) = (Guard.NotNull(model).Model.SubModel, model.Model.Calibrator);
        // The name of a label column that only the trainer of the new model sees.
        var label = string.Equals(model.FeatureColumnName, "Label", StringComparison.Ordinal) ? "Class" : "Label";
        var features = new TinyView(new TinyColumn<VBuffer<float>>(model.FeatureColumnName, model.FeatureColumnType, null));
        return StockModel.Create(
            catalog.Trainers, label, features.Schema[0], [.. linear.Weights.Select(w => (float)(-calibrator.Slope * w))],
            (float)(-(calibrator.Slope * linear.Bias + calibrator.Offset) - logOddsShift));
    }

    /// <summary>
    /// The model with the threshold at which the corrected probability is a half, then a Platt calibrator that makes the Probability column
    /// anew.
    /// </summary>
    public static TransformerChain<ITransformer> Append<TModel>(
        BinaryClassificationCatalog catalog, BinaryPredictionTransformer<TModel> model, double logOddsShift)
        where TModel : CalibratedModelParametersBase
    {
        Guard.Finite(logOddsShift);
        if (Guard.NotNull(model).Model.Calibrator is not PlattCalibrator platt)
        {
            throw new NotSupportedException(
                $"The model's calibrator is {model.Model.Calibrator?.GetType().Name}, but only the odds of a Platt calibrator can be "
                    + "shifted.");
        }

        var changed = catalog.ChangeModelThreshold(model, (float)(-(platt.Offset + logOddsShift) / platt.Slope));
        return new TransformerChain<ITransformer>(changed, StockCalibrator.Of(catalog, platt.Slope, platt.Offset + logOddsShift));
    }
}

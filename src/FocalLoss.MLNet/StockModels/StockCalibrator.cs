using FocalMlNet.Views;
using Microsoft.ML;
using Microsoft.ML.Calibrators;
using Microsoft.ML.Data;

namespace FocalMlNet.StockModels;

/// <summary>A stock Platt calibrator of given numbers, after a stock model: it makes the Probability column anew from the Score.</summary>
internal static class StockCalibrator
{
    /// <summary>The calibrator, as a transformer: σ(-slope · score - offset).</summary>
    public static ITransformer Of(BinaryClassificationCatalog catalog, double slope, double offset)
    {
        var scored = new TinyView(
            new TinyColumn<bool>("Label", BooleanDataViewType.Instance, null),
            new TinyColumn<float>("Score", NumberDataViewType.Single, null));
        return catalog.Calibrators.Platt(slope, offset).Fit(scored);
    }

    /// <summary>The model with this calibrator in the place of those that it ends with.</summary>
    public static TransformerChain<ITransformer> After(
        BinaryClassificationCatalog catalog, ITransformer model, double slope, double offset)
    {
        var steps = Steps(model).ToList();
        while (steps.Count > 0 && IsCalibrator(steps[^1]))
            steps.RemoveAt(steps.Count - 1);
        return new([.. steps, Of(catalog, slope, offset)]);
    }

    /// <summary>What a model consists of, chains within chains laid out.</summary>
    public static IEnumerable<ITransformer> Steps(ITransformer model)
        => model is IEnumerable<ITransformer> chain ? chain.SelectMany(Steps) : [model];

    private static bool IsCalibrator(ITransformer step)
    {
        for (var type = step.GetType(); type is not null; type = type.BaseType)
        {
            if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(CalibratorTransformer<>))
                return true;
        }

        return false;
    }
}


using Microsoft.ML;
using Microsoft.ML.Calibrators;
using Microsoft.ML.Data;

namespace FocalMlNet.StockModels;

/// <summary>
/// Turns a threshold on the probability into one on the score, which is what a stock binary model compares: PredictedLabel is Score &gt;
/// threshold.
/// </summary>
internal static class ScoreThreshold
{
    /// <summary>The model with another threshold.</summary>
    /// <exception cref="ArgumentException">The model has no Platt calibrator, or its probability does not grow with the score.</exception>
    public static BinaryPredictionTransformer<TModel> Set<TModel>(
        BinaryClassificationCatalog catalog, BinaryPredictionTransformer<TModel> model, double probability)
        where TModel : class
    {
        Guard.UnitInterval(probability);
        ArgumentNullException.ThrowIfNull(model);
        var calibrator = (model.Model as CalibratedModelParametersBase)?.Calibrator as PlattCalibrator
            ?? throw new ArgumentException(
                $"The model is a {model.Model.GetType().Name} without a Platt calibrator, which would say what a probability means for "
                + "its score. Set a threshold on the score with ChangeModelThreshold.",
                nameof(model));
        return Set(catalog, model, calibrator, probability);
    }

    /// <summary>The chain with another threshold in its last transformer.</summary>
    public static TransformerChain<BinaryPredictionTransformer<TModel>> Set<TModel>(
        BinaryClassificationCatalog catalog, TransformerChain<BinaryPredictionTransformer<TModel>> chain, double probability)
        where TModel : class
    {
        ArgumentNullException.ThrowIfNull(chain);
        return new([.. chain.SkipLast(1), Set(catalog, chain.LastTransformer, probability)]);
    }

    /// <summary>
    /// The model, or the chain, with another threshold; null if its last transformer is no binary model of which that can be changed. A
    /// Platt calibrator after it says what a probability means for its score.
    /// </summary>
    public static ITransformer? TrySet(BinaryClassificationCatalog catalog, ITransformer model, double probability)
    {
        ITransformer[] steps = [.. StockCalibrator.Steps(model)];
        var after = steps.Length > 1 ? (steps[^1] as IPredictionTransformer<PlattCalibrator>)?.Model : null;
        var at = steps.Length - (after is null ? 1 : 2);
        if (at < 0 || steps[at].GetType() is not { IsGenericType: true } type
            || type.GetGenericTypeDefinition() != typeof(BinaryPredictionTransformer<>))
        {
            return null;
        }

        try
        {
            steps[at] = ((SetOne)SetOneOf<object>).Method.GetGenericMethodDefinition().MakeGenericMethod(type.GenericTypeArguments)
                .CreateDelegate<SetOne>()(catalog, steps[at], after, probability);
        }
        catch (ArgumentException)
        {
            return null;
        }

        return model is IEnumerable<ITransformer> ? new TransformerChain<ITransformer>(steps) : steps[0];
    }

    private delegate ITransformer SetOne(
        BinaryClassificationCatalog catalog, ITransformer model, PlattCalibrator? after, double probability);

    private static BinaryPredictionTransformer<TModel> SetOneOf<TModel>(
        BinaryClassificationCatalog catalog, ITransformer model, PlattCalibrator? after, double probability)
        where TModel : class
    {
        var one = (BinaryPredictionTransformer<TModel>)model;
        return after is null ? Set(catalog, one, probability) : Set(catalog, one, after, probability);
    }

    private static BinaryPredictionTransformer<TModel> Set<TModel>(
        BinaryClassificationCatalog catalog, BinaryPredictionTransformer<TModel> model, PlattCalibrator calibrator, double probability)
        where TModel : class
        => calibrator.Slope < 0
            ? catalog.ChangeModelThreshold(model, Of(calibrator.PredictProbability, probability))
            : throw new ArgumentException(
                FormattableString.Invariant($"The model's calibrator has slope {calibrator.Slope}, but it should be below 0: ")
                + "its probability does not grow with the score.", nameof(model));

    /// <summary>
    /// The highest finite score whose probability is not above the given one. The inverse of the calibrator would give it but for rounding;
    /// halving the range of all floats gives it to the bit: a score is above it exactly if its probability, as the model puts it out, is
    /// above the given one.
    /// </summary>
    /// <param name="probabilityOf">Never falls.</param>
    /// <param name="probability">In [0; 1].</param>
    public static float Of(Func<float, float> probabilityOf, double probability)
    {
        long low = Place(float.MinValue), high = Place(float.MaxValue) + 1;
        while (high - low > 1)
        {
            var middle = low + (high - low) / 2;
            if (probabilityOf(At(middle)) <= probability)
                low = middle;
            else
                high = middle;
        }

        return At(low);
    }

    /// <summary>Numbers the floats in their order; 0 and -0 are one.</summary>
    private static long Place(float value)
    {
        var bits = BitConverter.SingleToInt32Bits(value);
        return bits >= 0 ? bits : -(bits & int.MaxValue);
    }

    private static float At(long place)
        => place >= 0 ? BitConverter.Int32BitsToSingle((int)place) : -BitConverter.Int32BitsToSingle((int)-place);
}

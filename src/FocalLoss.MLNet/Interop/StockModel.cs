using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using static Microsoft.ML.BinaryClassificationCatalog;

namespace FocalMlNet.Interop;

/// <summary>
/// Puts given weights and bias into a model of ML.NET's own types. The constructors of those types are closed, so a stock trainer
/// is made to arrive at just these numbers.
/// </summary>
internal static class StockModel
{
    /// <summary>
    /// A calibrated linear model with exactly these weights and this bias; its Platt calibrator is σ(score).
    /// </summary>
    /// <remarks>
    /// SgdCalibrated takes one pass over two rows, on one thread, in order, with learning rate 1 and no regularisation. The first row
    /// has features w 2^(k+1), label true and example weight 2^-k: at score 0 the slope of log-loss is -1/2, so the step adds exactly w
    /// to the weights (powers of two do not round), and 2^-(k+1) to the bias, which is below the last bit of any bias that matters. The second row has
    /// no features, the label that moves the bias towards b, and example weight 2 |b|. What the model then holds is read back and compared.
    /// </remarks>
    /// <param name="trainers">The catalog that has the stock trainer.</param>
    /// <param name="labelColumnName">Name of the label column in the model's training schema.</param>
    /// <param name="features">The feature column of the training data.</param>
    /// <param name="weights">One finite weight per feature.</param>
    /// <param name="bias">The finite bias.</param>
    public static BinaryPredictionTransformer<BinaryModel> Create(
        BinaryClassificationTrainers trainers, string labelColumnName, DataViewSchema.Column features, ReadOnlySpan<float> weights, float bias)
    {
        var largest = 0f;
        foreach (var weight in weights)
            largest = float.IsFinite(weight) ? Math.Max(largest, Math.Abs(weight)) : float.PositiveInfinity;
        if (!float.IsFinite(largest) || !float.IsFinite(bias))
            throw new InvalidOperationException("The trained weights are not finite.");

        // The largest k for which neither w 2^(k+1) nor 2^-k leaves the range of normal floats.
        var k = largest == 0 ? 120 : Math.Min(120, 125 - MathF.ILogB(largest));
        var weightColumnName = Unused("ExampleWeight", labelColumnName, features.Name);
        var scaled = new float[weights.Length];
        for (var j = 0; j < scaled.Length; j++)
            scaled[j] = MathF.ScaleB(weights[j], k + 1);
        var view = new TinyView(
            new TinyColumn<bool>(labelColumnName, BooleanDataViewType.Instance, null, true, bias > 0),
            new TinyColumn<VBuffer<float>>(
                features.Name, features.Type, features.Annotations, new VBuffer<float>(scaled.Length, scaled), new VBuffer<float>(scaled.Length, 0, [], [])),
            new TinyColumn<float>(weightColumnName, NumberDataViewType.Single, null, MathF.ScaleB(1, -k), 2 * Math.Abs(bias)));

        var model = trainers.SgdCalibrated(new SgdCalibratedTrainer.Options
        {
            LabelColumnName = labelColumnName,
            FeatureColumnName = features.Name,
            ExampleWeightColumnName = weightColumnName,
            NumberOfIterations = 1,
            NumberOfThreads = 1,
            Shuffle = false,
            LearningRate = 1,
            L2Regularization = 0,
        }).Fit(view);
        Verify(model.Model.SubModel, weights, bias, MathF.ScaleB(1, -k - 1));
        return model;
    }

    private static void Verify(LinearBinaryModelParameters model, ReadOnlySpan<float> weights, float bias, float biasTolerance)
    {
        var exact = model.Weights.Count == weights.Length && Math.Abs(model.Bias - bias) <= biasTolerance;
        for (var j = 0; exact && j < weights.Length; j++)
            exact = model.Weights[j] == weights[j];
        if (!exact)
        {
            throw new NotSupportedException(
                "This version of Microsoft.ML did not take over the trained weights exactly; FocalLoss.MLNet works with Microsoft.ML 5.");
        }
    }

    private static string Unused(string name, params string[] taken)
    {
        while (taken.Contains(name, StringComparer.Ordinal))
            name += "_";
        return name;
    }
}

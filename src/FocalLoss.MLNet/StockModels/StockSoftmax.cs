using System.Runtime.CompilerServices;
using FocalMlNet.Views;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using static Microsoft.ML.MulticlassClassificationCatalog;

namespace FocalMlNet.StockModels;

/// <summary>Puts given weights and a bias for each class into a softmax model of ML.NET's own types.</summary>
/// <remarks>
/// A stock trainer makes a model of the right shape out of one row without features, and the numbers in it are replaced. There is no public
/// way to do that in memory. What there is, patching a saved model and loading it, needs a folder for temporary files and some milliseconds
/// of the disk in each fit. Hence one look behind the scenes, at two fields; what is public reads the result back.
/// </remarks>
internal static class StockSoftmax
{
    /// <summary>A model whose score of class k is e^z_k / Σ_j e^z_j with z_k = weights[k] · features + biases[k].</summary>
    /// <param name="trainers">The catalog that has the stock trainer.</param>
    /// <param name="label">The label column of the training data, a key of type UInt32.</param>
    /// <param name="features">The feature column of the training data.</param>
    /// <param name="weights">Finite weights for each class, which the model keeps.</param>
    /// <param name="biases">A finite bias for each class.</param>
    /// <exception cref="InvalidOperationException">A weight or a bias is not finite.</exception>
    /// <exception cref="NotSupportedException">This version of Microsoft.ML is another inside.</exception>
    public static MulticlassPredictionTransformer<MaximumEntropyModelParameters> Create(
        MulticlassClassificationTrainers trainers, DataViewSchema.Column label, DataViewSchema.Column features,
        IReadOnlyList<float[]> weights, float[] biases)
    {
        StockModel.CheckFinite(biases);
        foreach (var own in weights)
            StockModel.CheckFinite(own);

        var nothing = new VBuffer<float>(weights[0].Length, 0, [], []);
        var aRow = new TinyView(
            new TinyColumn<uint>(label.Name, label.Type, label.Annotations, 1),
            new TinyColumn<VBuffer<float>>(features.Name, features.Type, features.Annotations, nothing));
        // L-BFGS makes models of the same type, but out of such a row sparse ones, which compute and save themselves as such.
        var model = trainers.SdcaMaximumEntropy(new SdcaMaximumEntropyMulticlassTrainer.Options
        {
            LabelColumnName = label.Name,
            FeatureColumnName = features.Name,
            L1Regularization = 0,
            L2Regularization = 1,
            MaximumNumberOfIterations = 1,
            NumberOfThreads = 1,
            ConvergenceCheckFrequency = 0,
            Shuffle = false,
        }).Fit(aRow);
        Replace(model.Model, weights, biases);
        return model;
    }

    private static void Replace(MaximumEntropyModelParameters model, IReadOnlyList<float[]> weights, float[] biases)
    {
        var (w, b) = Inside(() => (Weights(model), Biases(model)));
        if (w.Length != weights.Count || b.Length != biases.Length)
            throw StockModel.NotExact();
        for (var k = 0; k < w.Length; k++)
            w[k] = new VBuffer<float>(weights[k].Length, weights[k]);
        biases.CopyTo(b, 0);

        VBuffer<float>[] held = [];
        model.GetWeights(ref held, out var count);
        if (count != weights.Count || !model.GetBiases().SequenceEqual(biases)
            || !weights.Index().All(own => held[own.Index].IsDense && held[own.Index].GetValues().SequenceEqual(own.Item)))
            throw StockModel.NotExact();
    }

    /// <summary>What is found behind the scenes, or an error that says what is to be done.</summary>
    internal static T Inside<T>(Func<T> found)
    {
        try
        {
            return found();
        }
        catch (MissingFieldException missing)
        {
            throw new NotSupportedException(
                "Microsoft.ML 5 lets its softmax model take weights, this version does not: choose Formulation = OneVersusAll.", missing);
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "Weights")]
    private static extern ref VBuffer<float>[] Weights(LinearMulticlassModelParametersBase model);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "Biases")]
    private static extern ref float[] Biases(LinearMulticlassModelParametersBase model);
}

using FocalMlNet.Views;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using static Microsoft.ML.MulticlassClassificationCatalog;

namespace FocalMlNet.StockModels;

/// <summary>Puts given weights and a bias for each class into a one-versus-all model of ML.NET's own types.</summary>
internal static class StockOneVersusAll
{
    /// <summary>
    /// A model whose score of class k is σ(z_k) / Σ_j σ(z_j) with z_k = weights[k] · features + biases[k].
    /// </summary>
    /// <remarks>
    /// OneVersusAll asks a trainer for a binary model of each class, of rows whose label says whether they are of that class. The trainer
    /// here finds out from one row of each class which class that is, however often and in whatever order it is asked, and answers with a
    /// model made before.
    /// </remarks>
    /// <param name="trainers">The catalog that has OneVersusAll.</param>
    /// <param name="label">The label column of the training data, a key of type UInt32.</param>
    /// <param name="features">The feature column of the training data.</param>
    /// <param name="weights">Finite weights for each class.</param>
    /// <param name="biases">A finite bias for each class.</param>
    /// <param name="cancellation">Asked before each class: of thousands, they take seconds.</param>
    public static MulticlassPredictionTransformer<OneVersusAllModelParameters> Create(
        MulticlassClassificationTrainers trainers, DataViewSchema.Column label, DataViewSchema.Column features,
        IReadOnlyList<float[]> weights, IReadOnlyList<float> biases, CancellationToken cancellation = default)
    {
        // From one catalog there is no way to another; nothing of its context is left in a model.
        var binaryTrainers = new MLContext().BinaryClassification.Trainers;
        BinaryPredictionTransformer<BinaryModel>[] models = [.. weights.Select((own, k) =>
        {
            cancellation.ThrowIfCancellationRequested();
            return StockModel.Create(binaryTrainers, label.Name, features, own, biases[k]);
        })];

        var nothing = new VBuffer<float>(weights[0].Length, 0, [], []);
        var aRowOfEach = new TinyView(
            new TinyColumn<VBuffer<float>>(features.Name, features.Type, features.Annotations, [.. models.Select(_ => nothing)]),
            new TinyColumn<uint>(label.Name, label.Type, label.Annotations, [.. models.Select((_, k) => (uint)k + 1)]));
        var ready = new ReadyTrainer(binaryTrainers.SgdCalibrated(label.Name, features.Name), label.Name, models, cancellation);
        return trainers.OneVersusAll(ready, label.Name).Fit(aRowOfEach);
    }

    /// <summary>"Trains" the model of the class whose row is positive.</summary>
    private sealed class ReadyTrainer(
        SgdCalibratedTrainer stock, string labelColumnName,
        BinaryPredictionTransformer<BinaryModel>[] models, CancellationToken cancellation)
        : ITrainerEstimator<BinaryPredictionTransformer<BinaryModel>, BinaryModel>
    {
        public TrainerInfo Info => stock.Info;

        public SchemaShape GetOutputSchema(SchemaShape inputSchema) => stock.GetOutputSchema(inputSchema);

        public BinaryPredictionTransformer<BinaryModel> Fit(IDataView input)
        {
            cancellation.ThrowIfCancellationRequested();
            return models[input.GetColumn<bool>(labelColumnName).TakeWhile(isPositive => !isPositive).Count()];
        }
    }
}

using FocalMlNet;
using FocalMlNet.Reweighting;
using Microsoft.ML.Trainers;
using static Microsoft.ML.BinaryClassificationCatalog;
using static Microsoft.ML.MulticlassClassificationCatalog;

namespace Microsoft.ML;

public static partial class FocalLossCatalog
{
    /// <summary>
    /// Focal loss for any binary trainer that takes example weights. <see cref="FocalReweightedTrainer{TTransformer, TModel}"/> says how.
    /// </summary>
    /// <example>
    /// <c>trainers.FocalReweighted(w => trainers.LbfgsLogisticRegression(exampleWeightColumnName: w), gamma: 2)</c>, where trainers are
    /// mlContext.BinaryClassification.Trainers.
    /// </example>
    /// <param name="catalog">The trainers of <see cref="MLContext.BinaryClassification"/>.</param>
    /// <param name="trainer">
    /// Makes the trainer; its argument is the name of the weight column that the trainer must be given and must read. It is called for each
    /// fit, and should return a new trainer each time.
    /// </param>
    /// <param name="labelColumnName">Name of the Boolean label column.</param>
    /// <param name="exampleWeightColumnName">
    /// Name of a column of example weights to multiply, a Single, for example that of BalanceClasses; null for none.
    /// </param>
    /// <param name="gamma">The focusing parameter γ, in [0; 50]; 0 is one fit of log-loss.</param>
    /// <param name="alpha">The weight of the positive class, in (0; 1): above .5 favours positives; null weighs both classes 1.</param>
    /// <param name="rounds">The most fits, at least 1.</param>
    /// <typeparam name="TTransformer">The trainer's own transformer.</typeparam>
    /// <typeparam name="TModel">The trainer's own model parameters.</typeparam>
    /// <returns>A trainer that gives what the trainer itself gives.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    public static FocalReweightedTrainer<TTransformer, TModel> FocalReweighted<TTransformer, TModel>(
        this BinaryClassificationTrainers catalog,
        Func<string, ITrainerEstimator<TTransformer, TModel>> trainer,
        string labelColumnName = "Label",
        string? exampleWeightColumnName = null,
        double gamma = 2,
        double? alpha = null,
        int rounds = 20)
        where TTransformer : class, ISingleFeaturePredictionTransformer<TModel>
        where TModel : class
        => catalog.FocalReweighted(trainer, new FocalReweightedOptions
        {
            LabelColumnName = labelColumnName,
            ExampleWeightColumnName = exampleWeightColumnName,
            Gamma = gamma,
            Alpha = alpha,
            Rounds = rounds,
        });

    /// <summary>Focal loss for any binary trainer that takes example weights, with all options.</summary>
    /// <inheritdoc cref="FocalReweighted{TTransformer, TModel}(BinaryClassificationTrainers, Func{string, ITrainerEstimator{TTransformer,
    /// TModel}}, string, string, double, double?, int)"/>
    /// <param name="catalog">The trainers of <see cref="MLContext.BinaryClassification"/>.</param>
    /// <param name="trainer">Makes the trainer, for the weight column of this name.</param>
    /// <param name="options">The options.</param>
    public static FocalReweightedTrainer<TTransformer, TModel> FocalReweighted<TTransformer, TModel>(
        this BinaryClassificationTrainers catalog,
        Func<string, ITrainerEstimator<TTransformer, TModel>> trainer,
        FocalReweightedOptions options)
        where TTransformer : class, ISingleFeaturePredictionTransformer<TModel>
        where TModel : class
        => new(trainer, new BinaryMarginReader(), options);

    /// <summary>
    /// Focal loss for any multiclass trainer that takes example weights. <see cref="FocalReweightedTrainer{TTransformer, TModel}"/> says
    /// how; class weights come as example weights, from BalanceClasses.
    /// </summary>
    /// <example>
    /// <c>trainers.FocalReweighted(w => trainers.LbfgsMaximumEntropy(exampleWeightColumnName: w), gamma: 2)</c>, where trainers are
    /// mlContext.MulticlassClassification.Trainers.
    /// </example>
    /// <param name="catalog">The trainers of <see cref="MLContext.MulticlassClassification"/>.</param>
    /// <param name="trainer">
    /// Makes the trainer; its argument is the name of the weight column that the trainer must be given and must read. It is called for each
    /// fit, and should return a new trainer each time.
    /// </param>
    /// <param name="labelColumnName">Name of the Key label column.</param>
    /// <param name="exampleWeightColumnName">Name of a column of example weights to multiply, a Single; null for none.</param>
    /// <param name="gamma">The focusing parameter γ, in [0; 50]; 0 is one fit of log-loss.</param>
    /// <param name="rounds">The most fits, at least 1.</param>
    /// <typeparam name="TTransformer">The trainer's own transformer.</typeparam>
    /// <typeparam name="TModel">The trainer's own model parameters.</typeparam>
    /// <returns>A trainer that gives what the trainer itself gives.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    public static FocalReweightedTrainer<TTransformer, TModel> FocalReweighted<TTransformer, TModel>(
        this MulticlassClassificationTrainers catalog,
        Func<string, ITrainerEstimator<TTransformer, TModel>> trainer,
        string labelColumnName = "Label",
        string? exampleWeightColumnName = null,
        double gamma = 2,
        int rounds = 20)
        where TTransformer : class, ISingleFeaturePredictionTransformer<TModel>
        where TModel : class
        => catalog.FocalReweighted(trainer, new FocalReweightedOptions
        {
            LabelColumnName = labelColumnName,
            ExampleWeightColumnName = exampleWeightColumnName,
            Gamma = gamma,
            Rounds = rounds,
        });

    /// <summary>Focal loss for any multiclass trainer that takes example weights, with all options.</summary>
    /// <inheritdoc cref="FocalReweighted{TTransformer, TModel}(MulticlassClassificationTrainers, Func{string,
    /// ITrainerEstimator{TTransformer, TModel}}, string, string, double, int)"/>
    /// <param name="catalog">The trainers of <see cref="MLContext.MulticlassClassification"/>.</param>
    /// <param name="trainer">Makes the trainer, for the weight column of this name.</param>
    /// <param name="options">The options.</param>
    public static FocalReweightedTrainer<TTransformer, TModel> FocalReweighted<TTransformer, TModel>(
        this MulticlassClassificationTrainers catalog,
        Func<string, ITrainerEstimator<TTransformer, TModel>> trainer,
        FocalReweightedOptions options)
        where TTransformer : class, ISingleFeaturePredictionTransformer<TModel>
        where TModel : class
        => new(trainer, new MulticlassMarginReader(), options);
}

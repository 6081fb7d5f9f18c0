
using FocalMlNet;
using FocalMlNet.Reweighting;
using Microsoft.ML.Trainers;

namespace Microsoft.ML;

public static partial class FocalLossCatalog
{
    /// <summary>
    /// Focal loss for any binary trainer that takes example weights. <see cref="FocalReweightedTrainer{TTransformer, TModel}"/> says how.
    /// </summary>
    /// <example><c>mlContext.BinaryClassification.FocalReweighted(w => trainers.LbfgsLogisticRegression(exampleWeightColumnName: w), gamma:
    /// 2)</c></example>
    /// <param name="catalog">The catalog <see cref="MLContext.BinaryClassification"/>.</param>
    /// <param name="trainer">
    /// Makes the trainer; its argument is the name of the weight column that the trainer must be given and must read. It is called for each
    /// fit, and should return a new trainer each time.
    /// </param>
    /// <param name="gamma">The focusing parameter γ, in [0; 50]; 0 is one fit of log-loss.</param>
    /// <param name="alpha">The weight of the positive class, in (0; 1): above .5 favours positives; null weighs both classes 1.</param>
    /// <param name="rounds">The most fits, at least 1.</param>
    /// <param name="labelColumnName">Name of the Boolean label column.</param>
    /// <param name="exampleWeightColumnName">
    /// Name of a column of example weights to multiply, a Single, for example that of BalanceClasses; null for none.
    /// </param>
    /// <param name="progress">Is told of each round; what it throws ends the work.</param>
    /// <typeparam name="TTransformer">The trainer's own transformer.</typeparam>
    /// <typeparam name="TModel">The trainer's own model parameters.</typeparam>
    /// <returns>A trainer that gives what the trainer itself gives.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    public static FocalReweightedTrainer<TTransformer, TModel> FocalReweighted<TTransformer, TModel>(
        this BinaryClassificationCatalog catalog,
        Func<string, ITrainerEstimator<TTransformer, TModel>> trainer,
        double gamma = 2,
        double? alpha = null,
        int rounds = 20,
        string labelColumnName = "Label",
        string? exampleWeightColumnName = null,
        IProgress<FocalReweightingRound>? progress = null)
        where TTransformer : class, ISingleFeaturePredictionTransformer<TModel>
        where TModel : class
        => new(trainer, new BinaryMarginReader(),
            new FocalReweightingSettings(labelColumnName, exampleWeightColumnName, gamma, alpha, rounds, progress));

    /// <summary>
    /// Focal loss for any multiclass trainer that takes example weights. <see cref="FocalReweightedTrainer{TTransformer, TModel}"/> says
    /// how;
    /// class weights come as example weights, from BalanceClasses.
    /// </summary>
    /// <example><c>mlContext.MulticlassClassification.FocalReweighted(w => trainers.LbfgsMaximumEntropy(exampleWeightColumnName: w), gamma:
    /// 2)</c></example>
    /// <param name="catalog">The catalog <see cref="MLContext.MulticlassClassification"/>.</param>
    /// <param name="trainer">
    /// Makes the trainer; its argument is the name of the weight column that the trainer must be given and must read. It is called for each
    /// fit, and should return a new trainer each time.
    /// </param>
    /// <param name="gamma">The focusing parameter γ, in [0; 50]; 0 is one fit of log-loss.</param>
    /// <param name="rounds">The most fits, at least 1.</param>
    /// <param name="labelColumnName">Name of the Key label column.</param>
    /// <param name="exampleWeightColumnName">Name of a column of example weights to multiply, a Single; null for none.</param>
    /// <param name="progress">Is told of each round; what it throws ends the work.</param>
    /// <typeparam name="TTransformer">The trainer's own transformer.</typeparam>
    /// <typeparam name="TModel">The trainer's own model parameters.</typeparam>
    /// <returns>A trainer that gives what the trainer itself gives.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    public static FocalReweightedTrainer<TTransformer, TModel> FocalReweighted<TTransformer, TModel>(
        this MulticlassClassificationCatalog catalog,
        Func<string, ITrainerEstimator<TTransformer, TModel>> trainer,
        double gamma = 2,
        int rounds = 20,
        string labelColumnName = "Label",
        string? exampleWeightColumnName = null,
        IProgress<FocalReweightingRound>? progress = null)
        where TTransformer : class, ISingleFeaturePredictionTransformer<TModel>
        where TModel : class
        => new(trainer, new MulticlassMarginReader(),
            new FocalReweightingSettings(labelColumnName, exampleWeightColumnName, gamma, null, rounds, progress));
}

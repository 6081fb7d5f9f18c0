using FocalMlNet;
using Microsoft.ML;

namespace ImbalancedBinary;

/// <summary>A trainer in the comparison.</summary>
/// <param name="Trainer">Its name.</param>
/// <param name="Weighting">How the classes are weighted.</param>
/// <param name="Estimator">What fits the columns Label, Features and, if it wants, Weight.</param>
internal sealed record Contender(string Trainer, string Weighting, IEstimator<LinearModel> Estimator)
{
    public const string Unweighted = "none";
    public const string Balanced = "balanced";
    private const string Focal = "FocalSgd";

    /// <summary>Trainer and weighting, for a sentence.</summary>
    public string Name => Weighting == Unweighted ? Trainer : $"{Trainer}, {Weighting}";

    /// <summary>Whether it minimises the focal loss.</summary>
    public bool IsFocal => Trainer == Focal;

    /// <summary>
    /// Each with its default settings, but for the class weights. LbfgsLogisticRegression takes part without its penalties too: L1 = L2 = 1
    /// by default holds back the weights that a rare class needs, while SgdCalibrated and FocalSgd hardly penalise any.
    /// </summary>
    public static IReadOnlyList<Contender> All(MLContext mlContext, int seed)
    {
        var trainers = mlContext.BinaryClassification.Trainers;
        const string Lbfgs = "LbfgsLogisticRegression";
        const string LbfgsWithoutPenalty = Lbfgs + ", L1=L2=0";
        return
        [
            new("SgdCalibrated", Unweighted, trainers.SgdCalibrated()),
            new(Lbfgs, Unweighted, trainers.LbfgsLogisticRegression()),
            new(Lbfgs, Balanced, trainers.LbfgsLogisticRegression(exampleWeightColumnName: "Weight")),
            new(LbfgsWithoutPenalty, Unweighted, trainers.LbfgsLogisticRegression(l1Regularization: 0, l2Regularization: 0)),
            new(LbfgsWithoutPenalty, Balanced,
            trainers.LbfgsLogisticRegression(exampleWeightColumnName: "Weight", l1Regularization: 0, l2Regularization: 0)),
            new(Focal, Unweighted, trainers.FocalSgd(new FocalSgdBinaryTrainer.Options { Seed = seed })),
            new(Focal, Balanced,
            trainers.FocalSgd(new FocalSgdBinaryTrainer.Options { Seed = seed, ClassWeighting = ClassWeighting.Balanced })),
        ];
    }

    /// <summary>
    /// Adds the column Weight, N / (2 n_k) for a row of class k with n_k of the N rows: both classes weigh the same in total.
    /// </summary>
    public static IEstimator<ITransformer> BalancedWeights(MLContext mlContext, IReadOnlyCollection<Example> train)
    {
        float WeightOf(bool label) => train.Count / (2f * train.Count(e => e.Label == label));
        return mlContext.Transforms.Conversion.MapValue(
            "Weight",
            [KeyValuePair.Create(true, WeightOf(true)), KeyValuePair.Create(false, WeightOf(false))],
            nameof(Example.Label));
    }
}

using FocalMlNet;
using Microsoft.ML;

namespace ImbalancedBinary;

/// <summary>A trainer in the comparison of several classes.</summary>
/// <param name="Trainer">Its name.</param>
/// <param name="Weighting">How the classes are weighted.</param>
/// <param name="Estimator">What fits the columns Label, Features and, if it wants, Weight.</param>
internal sealed record MulticlassContender(string Trainer, string Weighting, IEstimator<ITransformer> Estimator)
{
    /// <summary>
    /// Each with its default settings, but for the class weights; L-BFGS without its penalties too, as in the comparison of two classes.
    /// </summary>
    public static IReadOnlyList<MulticlassContender> All(MLContext mlContext, int seed)
    {
        var (trainers, binary) = (mlContext.MulticlassClassification.Trainers, mlContext.BinaryClassification.Trainers);
        const string Lbfgs = "LbfgsMaximumEntropy", Weight = nameof(MulticlassExample.Weight);
        FocalSgdMulticlassTrainer Focal(ClassWeighting weighting, MulticlassFormulation formulation)
            => trainers.FocalSgd(new FocalSgdMulticlassTrainer.Options
            {
                Seed = seed,
                ClassWeighting = weighting,
                Formulation = formulation,
                // Calibration takes the weights out again: good for probabilities, not for finding the rare classes.
                Calibration = weighting == ClassWeighting.None ? CalibrationMethod.Focal : CalibrationMethod.None,
            });
        return
        [
            new("OneVersusAll(SgdCalibrated)", Contender.Unweighted, trainers.OneVersusAll(binary.SgdCalibrated())),
            new("SdcaMaximumEntropy", Contender.Unweighted, trainers.SdcaMaximumEntropy()),
            new(Lbfgs, Contender.Unweighted, trainers.LbfgsMaximumEntropy()),
            new(Lbfgs, Contender.Balanced, trainers.LbfgsMaximumEntropy(exampleWeightColumnName: Weight)),
            new($"{Lbfgs}, L1=L2=0", Contender.Balanced,
            trainers.LbfgsMaximumEntropy(exampleWeightColumnName: Weight, l1Regularization: 0, l2Regularization: 0)),
            new("FocalSgd", Contender.Unweighted, Focal(ClassWeighting.None, MulticlassFormulation.Softmax)),
            new("FocalSgd", Contender.Balanced, Focal(ClassWeighting.Balanced, MulticlassFormulation.Softmax)),
            new("FocalSgd, OneVersusAll", Contender.Balanced, Focal(ClassWeighting.Balanced, MulticlassFormulation.OneVersusAll)),
        ];
    }
}

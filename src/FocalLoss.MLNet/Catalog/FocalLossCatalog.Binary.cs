using FocalMlNet;
using static Microsoft.ML.BinaryClassificationCatalog;

namespace Microsoft.ML;

/// <summary>Extension methods that make focal loss a part of an <see cref="MLContext"/>.</summary>
public static partial class FocalLossCatalog
{
    /// <summary>
    /// Trains a linear binary classifier on the focal loss. <see cref="FocalSgdBinaryTrainer"/> says what is minimised, what goes in and
    /// what comes out. A call of SgdCalibrated keeps its meaning with this name in its place; what is new comes last.
    /// </summary>
    /// <param name="catalog">The trainers of <see cref="MLContext.BinaryClassification"/>.</param>
    /// <param name="labelColumnName">Name of the Boolean label column.</param>
    /// <param name="featureColumnName">Name of the feature column, a Vector&lt;Single&gt;.</param>
    /// <param name="exampleWeightColumnName">Name of the example weight column, a Single; null for none.</param>
    /// <param name="numberOfIterations">The most passes over the data, at least 1.</param>
    /// <param name="learningRate">First step size of plain SGD, in (0; +∞); null, the default, finds its own steps.</param>
    /// <param name="l2Regularization">Weight of the L2 penalty, in [0; +∞), or null for one that is chosen by left-out rows.</param>
    /// <param name="gamma">The focusing parameter γ, in [0; 50]; 0 is logistic regression.</param>
    /// <param name="alpha">The weight of the positive class, in (0; 1): above .5 favours positives; null weighs both classes 1.</param>
    /// <returns>The trainer.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    public static FocalSgdBinaryTrainer FocalSgd(
        this BinaryClassificationTrainers catalog,
        string labelColumnName = "Label",
        string featureColumnName = "Features",
        string? exampleWeightColumnName = null,
        int numberOfIterations = 100,
        double? learningRate = null,
        double? l2Regularization = null,
        double gamma = 2,
        double? alpha = null)
        => new(catalog, new FocalSgdBinaryTrainer.Options
        {
            LabelColumnName = labelColumnName,
            FeatureColumnName = featureColumnName,
            ExampleWeightColumnName = exampleWeightColumnName,
            Gamma = gamma,
            Alpha = alpha,
            NumberOfIterations = numberOfIterations,
            LearningRate = learningRate,
            L2Regularization = l2Regularization,
        });

    /// <summary>Trains a linear binary classifier on the focal loss with all options.</summary>
    /// <param name="catalog">The trainers of <see cref="MLContext.BinaryClassification"/>.</param>
    /// <param name="options">The options.</param>
    /// <returns>The trainer.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public static FocalSgdBinaryTrainer FocalSgd(this BinaryClassificationTrainers catalog, FocalSgdBinaryTrainer.Options options)
        => new(catalog, options);
}

using FocalMlNet;
using static Microsoft.ML.MulticlassClassificationCatalog;

namespace Microsoft.ML;

public static partial class FocalLossCatalog
{
    /// <summary>
    /// Trains a linear classifier of several classes on the focal loss. <see cref="FocalSgdMulticlassTrainer"/> says what is minimised,
    /// what goes in and what comes out.
    /// </summary>
    /// <param name="catalog">The trainers of <see cref="MLContext.MulticlassClassification"/>.</param>
    /// <param name="labelColumnName">Name of the label column, a Key&lt;UInt32&gt;.</param>
    /// <param name="featureColumnName">Name of the feature column, a Vector&lt;Single&gt;.</param>
    /// <param name="exampleWeightColumnName">Name of the example weight column, a Single; null for none.</param>
    /// <param name="numberOfIterations">The most passes over the data, at least 1.</param>
    /// <param name="learningRate">First step size of plain SGD, in (0; +∞); null, the default, finds its own steps.</param>
    /// <param name="l2Regularization">Weight of the L2 penalty, in [0; +∞), or null for one that is chosen by left-out rows.</param>
    /// <param name="gamma">The focusing parameter γ, in [0; 50]; 0 is multinomial logistic regression.</param>
    /// <param name="formulation">How the loss of two classes becomes one of several.</param>
    /// <returns>The trainer.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    public static FocalSgdMulticlassTrainer FocalSgd(
        this MulticlassClassificationTrainers catalog,
        string labelColumnName = "Label",
        string featureColumnName = "Features",
        string? exampleWeightColumnName = null,
        int numberOfIterations = 100,
        double? learningRate = null,
        double? l2Regularization = null,
        double gamma = 2,
        MulticlassFormulation formulation = MulticlassFormulation.Softmax)
        => new(catalog, new FocalSgdMulticlassTrainer.Options
        {
            LabelColumnName = labelColumnName,
            FeatureColumnName = featureColumnName,
            ExampleWeightColumnName = exampleWeightColumnName,
            Gamma = gamma,
            Formulation = formulation,
            NumberOfIterations = numberOfIterations,
            LearningRate = learningRate,
            L2Regularization = l2Regularization,
        });

    /// <summary>Trains a linear classifier of several classes on the focal loss with all options.</summary>
    /// <param name="catalog">The trainers of <see cref="MLContext.MulticlassClassification"/>.</param>
    /// <param name="options">The options.</param>
    /// <returns>The trainer.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    /// <exception cref="ArgumentException">Options exclude each other.</exception>
    public static FocalSgdMulticlassTrainer FocalSgd(
        this MulticlassClassificationTrainers catalog, FocalSgdMulticlassTrainer.Options options)
        => new(catalog, options);
}


using FocalMlNet;

namespace Microsoft.ML;

public static partial class FocalLossCatalog
{
    /// <summary>
    /// Adds a column of weights that make up for skewed classes, for the <c>exampleWeightColumnName</c> of any trainer.
    /// <see cref="ClassBalancingEstimator"/> and <see cref="ClassBalancingTransformer"/> say how, and what is saved with a model.
    /// </summary>
    /// <param name="catalog">The catalog <see cref="MLContext.Transforms"/>.</param>
    /// <param name="outputColumnName">Name of the Single column that is added.</param>
    /// <param name="labelColumnName">Name of the label column: Boolean, a Key or text.</param>
    /// <param name="weighting">The rule; null is <see cref="ClassWeighting.Balanced"/>.</param>
    /// <param name="exampleWeightColumnName">Name of a Single column of weights to multiply with; null for none.</param>
    /// <returns>The estimator.</returns>
    /// <exception cref="ArgumentException">A name is empty, or the output has the name of a column that is still needed.</exception>
    public static ClassBalancingEstimator BalanceClasses(
        this TransformsCatalog catalog, string outputColumnName, string labelColumnName = "Label", ClassWeighting? weighting = null,
        string? exampleWeightColumnName = null)
        => new(outputColumnName, labelColumnName, weighting, exampleWeightColumnName);

    /// <summary>
    /// Adds the focal loss of each scored row and its focal weight: <see cref="FocalLossColumnsEstimator"/> says what they are.
    /// </summary>
    /// <param name="catalog">The catalog <see cref="MLContext.Transforms"/>.</param>
    /// <param name="outputColumnName">Name of the column of losses, a Single; that of the weights has "Weight" appended.</param>
    /// <param name="labelColumnName">
    /// Name of the label column: Boolean, or of several classes a key of UInt32 or text.
    /// </param>
    /// <param name="scoreColumnName">Name of the score column: a Single, or of several classes a Vector&lt;Single&gt;.</param>
    /// <param name="scoresAreProbabilities">
    /// Whether the scores are probabilities, of several classes with sum 1; if not, they are logits. Null, the default, is what ML.NET's
    /// trainers put there: the Score column has logits of two classes, probabilities of several. Scores that are neither, such as those of
    /// boosted trees for two classes, do not fit: name the Probability column, and say true.
    /// </param>
    /// <param name="gamma">The focusing parameter γ, in [0; 50].</param>
    /// <param name="alpha">The weight of the positive class, in (0; 1); null weighs both classes 1. Several classes have none.</param>
    /// <returns>The estimator.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    /// <exception cref="ArgumentException">A name is empty, or an output has the name of the label or of the score.</exception>
    public static FocalLossColumnsEstimator FocalLoss(
        this TransformsCatalog catalog, string outputColumnName, string labelColumnName = "Label", string scoreColumnName = "Score",
        bool? scoresAreProbabilities = null, double gamma = 2, double? alpha = null)
        => new(outputColumnName, labelColumnName, scoreColumnName, scoresAreProbabilities, gamma, alpha);
}

namespace FocalMlNet;

/// <summary>How the focal loss of two classes becomes one of several.</summary>
public enum MulticlassFormulation
{
    /// <summary>
    /// The classes compete for one probability: <see cref="SoftmaxFocalLoss"/>. A model has MaximumEntropyModelParameters.
    /// </summary>
    Softmax,

    /// <summary>
    /// Each class has a binary problem of its own against all others: <see cref="OneVersusAllFocalLoss"/>. A model has
    /// OneVersusAllModelParameters.
    /// </summary>
    OneVersusAll,
}

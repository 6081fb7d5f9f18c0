namespace FocalMlNet;

/// <summary>How the focal loss of two classes becomes one of several.</summary>
public enum MulticlassFormulation
{
    /// <summary>The classes compete for one probability: <see cref="SoftmaxFocalLoss"/>.</summary>
    Softmax,

    /// <summary>Each class has a binary problem of its own against all others: <see cref="OneVersusAllFocalLoss"/>.</summary>
    OneVersusAll,
}

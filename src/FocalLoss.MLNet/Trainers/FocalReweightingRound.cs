namespace FocalMlNet;

/// <summary>One round of <see cref="FocalReweightedTrainer{TTransformer, TModel}"/>.</summary>
/// <param name="round">From 1.</param>
/// <param name="objective">The objective.</param>
/// <param name="isBest">Whether it is the lowest.</param>
/// <param name="step">The step.</param>
public sealed class FocalReweightingRound(int round, double objective, bool isBest, double step)
{
    /// <summary>The number of the round, from 1.</summary>
    public int Round { get; } = round;

    /// <summary>
    /// Σ w a FL / Σ w over the training rows, by the scores of this round's model: the mean focal loss with the example weights w and the class
    /// weights a. It is in nats, and holds no penalty: the trainer's own is not known.
    /// </summary>
    public double Objective { get; } = objective;

    /// <summary>Whether <see cref="Objective"/> is the lowest up to this round.</summary>
    public bool IsBest { get; } = isBest;

    /// <summary>How far the logarithms of the weights went towards those that the scores of the best round before ask for, in (0; 1].</summary>
    public double Step { get; } = step;
}

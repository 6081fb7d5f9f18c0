namespace FocalMlNet;

/// <summary>One round of <see cref="FocalReweightedTrainer{TTransformer, TModel}"/>.</summary>
public sealed class FocalReweightingRound
{
    internal FocalReweightingRound(int round, double objective, bool isBest, double step)
        => (Round, Objective, IsBest, Step) = (round, objective, isBest, step);

    /// <summary>The number of the round, from 1.</summary>
    public int Round { get; }

    /// <summary>
    /// Σ w a FL / Σ w over the training rows, by the scores of this round's model: the mean focal loss with the example weights w and the
    /// class
    /// weights a. It is in nats, and holds no penalty: the trainer's own is not known.
    /// </summary>
    public double Objective { get; }

    /// <summary>Whether <see cref="Objective"/> is the lowest up to this round.</summary>
    public bool IsBest { get; }

    /// <summary>
    /// How far the logarithms of the weights went towards those that the scores of the best round before ask for, in (0; 1].
    /// </summary>
    public double Step { get; }
}

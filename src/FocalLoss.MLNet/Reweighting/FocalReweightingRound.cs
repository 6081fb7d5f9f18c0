using System.Globalization;

namespace FocalMlNet;

/// <summary>One round of <see cref="FocalReweightedTrainer{TTransformer, TModel}"/>.</summary>
public sealed class FocalReweightingRound
{
    internal FocalReweightingRound() { }

    /// <summary>The number of the round, from 1.</summary>
    public int Round { get; internal init; }

    /// <summary>
    /// Σ w a FL / Σ w over the training rows, by the scores of this round's model: the mean focal loss with the example weights w and the
    /// class weights a. It is in nats, and holds no penalty: the trainer's own is not known.
    /// </summary>
    public double Objective { get; internal init; }

    /// <summary>Whether <see cref="Objective"/> is the lowest up to this round.</summary>
    public bool IsBest { get; internal init; }

    /// <summary>
    /// How far the logarithms of the weights went towards those that the scores of the best round before ask for, in (0; 1].
    /// </summary>
    public double Step { get; internal init; }

    /// <summary>The round in a line, such as: Round 3: objective 0.0123456, the best so far; step 0.333.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"Round {Round}: objective {Objective:g6}{(IsBest ? ", the best so far" : "")}; step {Step:g3}.");
}

using FocalMlNet.Evaluation;

namespace FocalMlNet;

/// <summary>A threshold, and what it achieves on the data it was chosen on. On other data it will do a little worse.</summary>
/// <param name="Policy">Why it was chosen.</param>
/// <param name="Probability">
/// The threshold, in [0; 1]: rows with a higher probability are called positive. It is half-way between two probabilities that occur, as
/// exactly as a Single allows, and can be written as a Single.
/// </param>
/// <param name="ConfusionCounts">What is counted with it.</param>
/// <param name="Value">
/// What the policy makes as high as it can: the F score, the correlation, the profit, with ReachRecall the precision, with ReachPrecision
/// the recall.
/// </param>
public sealed record ThresholdChoice(ThresholdPolicy Policy, double Probability, ConfusionCounts ConfusionCounts, double Value)
{
    /// <summary>The policy and what it found, the confusion matrix, and precision, recall, F1 and summed weight of both classes.</summary>
    /// <returns>Lines of at most 80 characters, numbers in invariant form.</returns>
    public override string ToString()
        => FormattableString.Invariant($"{Policy}\ncalled positive above probability {Probability:G6}, value {TextTable.Figure(Value)}\n\n")
            + $"{ConfusionCounts}\n{TextTable.OfClasses(ConfusionCounts)}";
}

using FocalMlNet.Evaluation;
using Microsoft.ML;

namespace FocalMlNet;

/// <summary>A row that its model finds hard, or whose label may be wrong.</summary>
/// <param name="Row">The number of the row in the scored view, from 0.</param>
/// <param name="Label">The label it has: True or False; of several classes its name, or its key if it has none.</param>
/// <param name="Probability">The probability that its score gives to this label, in [0; 1].</param>
/// <param name="Loss">Its focal loss, in nats.</param>
public sealed record HardExample(long Row, string Label, double Probability, double Loss)
{
    /// <summary>
    /// The rows with the largest loss, the largest first, and of equal ones the first; rows without a label or a score have no loss.
    /// </summary>
    internal static IReadOnlyList<HardExample> Find(
        IDataView data, int top, string labelColumnName, string scoreColumnName, bool areSeveral, bool areProbabilities, double gamma,
        double? alpha)
    {
        Guard.AtLeast(1, top);
        var margins = ScoredMargins.Of(Guard.NotNull(data).Schema, labelColumnName, scoreColumnName, areSeveral, areProbabilities);
        Guard.Gamma(gamma);
        var (positive, negative) = AlphaWeights.Of(Guard.Alpha(alpha));
        using var cursor = data.GetRowCursor(margins.Columns);
        var next = margins.Getter(cursor, out var names);
        // The easiest of those kept comes out first: lowest loss, and of equal ones the last row.
        var hardest = new PriorityQueue<(long Row, ScoredMargin Scored), (double Loss, long Order)>();
        for (long row = 0; cursor.MoveNext(); row++)
        {
            var scored = next();
            if (double.IsNaN(scored.Margin))
                continue;
            var loss = (scored.Class == 1 ? positive : negative) * BinaryFocal.Loss(scored.Margin, gamma);
            hardest.Enqueue((row, scored), (loss, -row));
            if (hardest.Count > top)
                hardest.Dequeue();
        }

        var found = new HardExample[hardest.Count];
        for (var i = found.Length - 1; hardest.TryDequeue(out var one, out var priority); i--)
            found[i] = new(one.Row, names[one.Scored.Class], 1 / (1 + Math.Exp(-one.Scored.Margin)), priority.Loss);
        return found;
    }
}

using FocalMlNet.Transforms;
using Microsoft.ML;

namespace FocalMlNet;

/// <summary>A row that its model finds hard, or whose label may be wrong.</summary>
/// <param name="row">The row.</param>
/// <param name="label">The label.</param>
/// <param name="score">The score.</param>
/// <param name="loss">The loss.</param>
public sealed class HardExample(long row, bool label, float score, double loss)
{
    /// <summary>The number of the row in the scored view, from 0.</summary>
    public long Row { get; } = row;

    /// <summary>The label it has.</summary>
    public bool Label { get; } = label;

    /// <summary>The score it got.</summary>
    public float Score { get; } = score;

    /// <summary>Its focal loss, in nats.</summary>
    public double Loss { get; } = loss;

    /// <summary>The rows with the largest loss, the largest first, and of equal ones the first; rows without a score have no loss.</summary>
    internal static IReadOnlyList<HardExample> Find(IDataView scored, int top, string labelColumnName, string scoreColumnName, FocalLoss loss)
    {
        Guard.AtLeast(1, top);
        var label = ColumnRole.BinaryLabel.Check(Guard.NotNull(scored).Schema, Guard.NotEmpty(labelColumnName));
        var score = ColumnRole.Score.Check(scored.Schema, Guard.NotEmpty(scoreColumnName));
        using var cursor = scored.GetRowCursor([label, score]);
        var (getLabel, getScore) = (cursor.GetGetter<bool>(label), cursor.GetGetter<float>(score));
        var (isPositive, z) = (false, 0f);
        // The easiest of those kept comes out first: lowest loss, and of equal ones the last row.
        var hardest = new PriorityQueue<HardExample, (double Loss, long Order)>();
        for (long row = 0; cursor.MoveNext(); row++)
        {
            getLabel(ref isPositive);
            getScore(ref z);
            if (float.IsNaN(z))
                continue;
            var example = new HardExample(row, isPositive, z, loss.ExactLoss(z, isPositive ? 1 : 0));
            if (hardest.Count < top)
                hardest.Enqueue(example, (example.Loss, -row));
            else
                hardest.EnqueueDequeue(example, (example.Loss, -row));
        }

        var found = new HardExample[hardest.Count];
        for (var i = found.Length - 1; i >= 0; i--)
            found[i] = hardest.Dequeue();
        return found;
    }
}

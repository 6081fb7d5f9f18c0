
using FocalMlNet.Columns;
using Microsoft.ML;

namespace FocalMlNet;

/// <summary>A row that its model finds hard, or whose label may be wrong.</summary>
public sealed class HardExample
{
    private HardExample(long row, bool label, float score, double loss) => (Row, Label, Score, Loss) = (row, label, score, loss);

    /// <summary>The number of the row in the scored view, from 0.</summary>
    public long Row { get; }

    /// <summary>The label it has.</summary>
    public bool Label { get; }

    /// <summary>The score it got.</summary>
    public float Score { get; }

    /// <summary>Its focal loss, in nats.</summary>
    public double Loss { get; }

    /// <summary>
    /// The rows with the largest loss, the largest first, and of equal ones the first; rows without a score have no loss.
    /// </summary>
    internal static IReadOnlyList<HardExample> Find(
        IDataView scored, int top, string labelColumnName, string scoreColumnName, FocalLoss loss)
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

using System.Collections.Concurrent;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Data;

/// <summary>Reads label, features and example weight of a view as blocks of rows. While one thread reads, others make blocks of what it has read.</summary>
internal sealed class RowReader(
    IDataView view, string labelColumnName, string featureColumnName, string? weightColumnName, HoldOut? holdOut, CancellationToken cancellation)
{
    /// <summary>Blocks that are being filled or made at the same time.</summary>
    private const int BlocksUnderway = 4;

    public string LabelColumnName => labelColumnName;

    public int ColumnCount { get; } = ((VectorDataViewType)view.Schema[featureColumnName].Type).Size;

    /// <summary>How many rows the last reading has left out.</summary>
    public long RowsSkipped { get; private set; }

    /// <summary>The rows that the last reading has held out.</summary>
    public IReadOnlyList<RowBlock> HeldOut { get; private set; } = [];

    /// <summary>The blocks in the order of the rows.</summary>
    public IEnumerable<RowBlock> Read()
    {
        RowsSkipped = 0;
        holdOut?.Restart();
        var idle = new ConcurrentBag<RowBlockBuilder>();
        for (var i = 0; i < BlocksUnderway; i++)
            idle.Add(new RowBlockBuilder(ColumnCount, RowBlock.RowCountFor(ColumnCount)));
        var underway = new Queue<Task<RowBlock>>();
        foreach (var full in Fill(idle))
        {
            underway.Enqueue(Task.Run(() =>
            {
                var block = full.Take();
                idle.Add(full);
                return block;
            }, CancellationToken.None));
            while (underway.Count > 0 && (underway.Count >= BlocksUnderway || underway.Peek().IsCompleted))
                yield return underway.Dequeue().GetAwaiter().GetResult();
        }

        while (underway.Count > 0)
            yield return underway.Dequeue().GetAwaiter().GetResult();
    }

    /// <summary>Fills builders from the view; a builder that is returned is taken from the idle ones.</summary>
    private IEnumerable<RowBlockBuilder> Fill(ConcurrentBag<RowBlockBuilder> idle)
    {
        var label = view.Schema[labelColumnName];
        var features = view.Schema[featureColumnName];
        var weight = weightColumnName is null ? (DataViewSchema.Column?)null : view.Schema[weightColumnName];
        DataViewSchema.Column[] columns = weight is { } given ? [label, features, given] : [label, features];
        using var cursor = view.GetRowCursor(columns);
        var getLabel = cursor.GetGetter<bool>(label);
        var getFeatures = cursor.GetGetter<VBuffer<float>>(features);
        var getWeight = weight is { } column ? cursor.GetGetter<float>(column) : null;
        var rowLabel = false;
        var rowFeatures = default(VBuffer<float>);
        var rowWeight = 1f;
        RowBlockBuilder? builder = null;
        var heldOut = new RowBlockBuilder(ColumnCount, RowBlock.RowCountFor(ColumnCount));
        var heldOutBlocks = new List<RowBlock>();
        while (cursor.MoveNext())
        {
            getWeight?.Invoke(ref rowWeight);
            if (rowWeight < 0 || float.IsInfinity(rowWeight))
            {
                throw new InvalidOperationException(FormattableString.Invariant(
                    $"Column '{weightColumnName}' has weight {rowWeight} in row {cursor.Position}, but it should be in [0; +∞)."));
            }

            getLabel(ref rowLabel);
            getFeatures(ref rowFeatures);
            if (holdOut is not null && holdOut.Takes(rowLabel))
            {
                if (float.IsNaN(rowWeight) || !heldOut.TryAppend(rowFeatures, rowLabel, rowWeight))
                    RowsSkipped++;
                if (heldOut.IsFull)
                    heldOutBlocks.Add(heldOut.Take());
                continue;
            }

            while (builder is null && !idle.TryTake(out builder))
                Thread.Yield();
            if (float.IsNaN(rowWeight) || !builder.TryAppend(rowFeatures, rowLabel, rowWeight))
                RowsSkipped++;
            if (!builder.IsFull)
                continue;
            cancellation.ThrowIfCancellationRequested();
            yield return builder;
            builder = null;
        }

        if (!heldOut.IsEmpty)
            heldOutBlocks.Add(heldOut.Take());
        HeldOut = heldOutBlocks;
        if (builder is { IsEmpty: false })
            yield return builder;
    }
}

using System.Collections.Concurrent;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Data;

/// <summary>
/// The rows of a view in batches. A view that can be read by several cursors at once is: each has a thread of its own, and their batch numbers
/// bring the rows back into their order.
/// </summary>
internal sealed class RowCursors : IDisposable
{
    /// <summary>Batches that may wait for each cursor.</summary>
    private const int Waiting = 16;

    private readonly DataViewRowCursor[] _cursors;
    private readonly DataViewSchema.Column _label;
    private readonly DataViewSchema.Column _features;
    private readonly DataViewSchema.Column? _weight;
    private readonly CancellationTokenSource _ended = new();
    private readonly List<Task> _readers = [];

    public RowCursors(IDataView view, string labelColumnName, string featureColumnName, string? weightColumnName, int threads)
    {
        (_label, _features) = (view.Schema[labelColumnName], view.Schema[featureColumnName]);
        _weight = weightColumnName is null ? null : view.Schema[weightColumnName];
        DataViewSchema.Column[] columns = _weight is { } weight ? [_label, _features, weight] : [_label, _features];
        _cursors = threads == 1 ? [view.GetRowCursor(columns)] : view.GetRowCursorSet(columns, threads);
    }

    /// <summary>The batches in the order of the rows; one is overwritten when the next is asked for.</summary>
    public IEnumerable<RowBatch> Read() => _cursors.Length == 1 ? ReadOne() : Merge();

    public void Dispose()
    {
        _ended.Cancel();
        try
        {
            Task.WaitAll([.. _readers]);
        }
        catch (AggregateException)
        {
            // Whoever was reading has had the error already, or has given up.
        }

        foreach (var cursor in _cursors)
            cursor.Dispose();
        _ended.Dispose();
    }

    private IEnumerable<RowBatch> ReadOne()
    {
        var batch = new RowBatch();
        foreach (var filled in Fill(_cursors[0], () => batch))
        {
            yield return filled;
        }
    }

    private IEnumerable<RowBatch> Merge()
    {
        var sources = new List<(BlockingCollection<RowBatch> Filled, ConcurrentBag<RowBatch> Idle)>();
        foreach (var cursor in _cursors)
        {
            var (filled, idle) = (new BlockingCollection<RowBatch>(Waiting), new ConcurrentBag<RowBatch>());
            sources.Add((filled, idle));
            _readers.Add(Task.Factory.StartNew(() =>
            {
                try
                {
                    foreach (var batch in Fill(cursor, () => idle.TryTake(out var used) ? used : new RowBatch()))
                        filled.Add(batch, _ended.Token);
                }
                finally
                {
                    filled.CompleteAdding();
                }
            }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default));
        }

        // The smallest number among the cursors' next batches is the next batch of all.
        var heads = new RowBatch?[sources.Count];
        for (var s = 0; s < heads.Length; s++)
            heads[s] = Next(s);
        while (true)
        {
            var first = -1;
            for (var s = 0; s < heads.Length; s++)
            {
                if (heads[s] is { } head && (first < 0 || head.Number < heads[first]!.Number))
                    first = s;
            }

            if (first < 0)
                yield break;
            var batch = heads[first]!;
            yield return batch;
            sources[first].Idle.Add(batch);
            heads[first] = Next(first);
        }

        RowBatch? Next(int s)
        {
            if (sources[s].Filled.TryTake(out var batch, Timeout.Infinite, CancellationToken.None))
                return batch;
            // The reader has ended: with the error it met, if any.
            _readers[s].GetAwaiter().GetResult();
            return null;
        }
    }

    /// <summary>Batches of rows that have the same number, full but for the last of a number.</summary>
    private IEnumerable<RowBatch> Fill(DataViewRowCursor cursor, Func<RowBatch> next)
    {
        var getLabel = LabelGetter.Create(cursor, _label);
        var getFeatures = cursor.GetGetter<VBuffer<float>>(_features);
        var getWeight = _weight is { } weight ? cursor.GetGetter<float>(weight) : null;
        for (var isAtRow = cursor.MoveNext(); isAtRow;)
        {
            var batch = next();
            isAtRow = batch.Fill(cursor, getLabel, getFeatures, getWeight);
            yield return batch;
        }
    }
}

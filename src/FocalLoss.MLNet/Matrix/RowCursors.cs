
using System.Collections.Concurrent;
using FocalMlNet.Columns;
using FocalMlNet.Views;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Matrix;

/// <summary>
/// The rows of a view in batches. A view that can be read by several cursors at once is: each has a thread of its own, and their batch
/// numbers bring the rows back into their order.
/// </summary>
/// <param name="view">What is read.</param>
/// <param name="labelColumnName">The label column.</param>
/// <param name="featureColumnName">The feature column.</param>
/// <param name="weightColumnName">The column of example weights, or null.</param>
/// <param name="threads">Cursors at most.</param>
/// <param name="cancellation">Ends the reading.</param>
/// <param name="samplingKeyColumnName">The column that says which rows are of one group, or null.</param>
internal sealed class RowCursors(
    IDataView view, string labelColumnName, string featureColumnName, string? weightColumnName, int threads,
    CancellationToken cancellation, string? samplingKeyColumnName = null) : IDisposable
{
    /// <summary>Parcels of batches that may wait for each cursor.</summary>
    private const int Waiting = 4;

    /// <summary>
    /// Numbers in a parcel, at least but for the last: the stored feature values, and one for each row, since rows may have none.
    /// </summary>
    private const int ParcelNumbers = 1 << 14;

    /// <summary>One thread takes what the cursors give; a stock transform makes as many as it is asked for, a billion too.</summary>
    private const int MostCursors = 64;

    /// <summary>
    /// How long whoever gives up waits for the threads that read. One that sits in a row of a slow source, or in the queue of a stock
    /// transform that reads hundreds of rows ahead, closes its cursor when it comes back.
    /// </summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    // A set also where it is of one: the single cursor of a stock transform has threads of its own, which read hundreds of rows ahead.
    // Keys are numbered in the order in which they turn up, for which one cursor must see all of them.
    private readonly DataViewRowCursor[] _cursors = SourceCursor.AtMost(
        view,
        [.. new[] { labelColumnName, featureColumnName, weightColumnName, samplingKeyColumnName }.OfType<string>()
            .Select(name => view.Schema[name])],
        samplingKeyColumnName is null ? Math.Min(threads, MostCursors) : 1);

    private readonly CancellationTokenSource _ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
    private readonly List<Task> _readers = [];

    /// <summary>The batches in the order of the rows; one is overwritten when the next is asked for.</summary>
    /// <exception cref="OperationCanceledException">The reading has been cancelled. That is seen at each row.</exception>
    public IEnumerable<RowBatch> Read()
    {
        var single = new RowBatch();
        return _cursors.Length == 1 ? Fill(_cursors[0], () => single) : Merge();
    }

    public void Dispose()
    {
        _ended.Cancel();
        try
        {
            Task.WaitAll([.. _readers], Grace);
        }
        catch (AggregateException)
        {
            // Whoever was reading has had the error already, or has given up.
        }

        // A cursor that is read on a thread of its own is closed there.
        foreach (var cursor in _cursors.Skip(_readers.Count))
            cursor.Dispose();
        _ended.Dispose();
    }

    private IEnumerable<RowBatch> Merge()
    {
        var sources = _cursors.Select(cursor => Start(cursor).GetEnumerator()).ToArray();
        // The smallest number among the cursors' next batches is the next batch of all.
        var waiting = sources.Where(source => source.MoveNext()).ToList();
        while (waiting.Count > 0)
        {
            var first = waiting.MinBy(source => source.Current.Number)!;
            yield return first.Current;
            if (!first.MoveNext())
                waiting.Remove(first);
        }
    }

    /// <summary>Starts to read a cursor on a thread of its own, which closes it in the end; the batches that come from there.</summary>
    private IEnumerable<RowBatch> Start(DataViewRowCursor cursor)
    {
        var (filled, idle) = (new BlockingCollection<List<RowBatch>>(Waiting), new ConcurrentBag<RowBatch>());
        var ended = _ended.Token;
        var reader = Task.Factory.StartNew(() =>
        {
            try
            {
                using (cursor)
                    ReadParcels();
            }
            finally
            {
                filled.CompleteAdding();
            }
        }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        _readers.Add(reader);
        return Batches();

        void ReadParcels()
        {
            // To hand over each batch on its own would take longer than to fill it.
            var parcel = new List<RowBatch>();
            long numbers = 0;
            foreach (var batch in Fill(cursor, () => idle.TryTake(out var used) ? used : new RowBatch()))
            {
                // Whoever gives up waits for this thread.
                ended.ThrowIfCancellationRequested();
                parcel.Add(batch);
                numbers += batch.ValueCount + batch.RowCount;
                if (numbers < ParcelNumbers)
                    continue;
                filled.Add(parcel, ended);
                (parcel, numbers) = ([], 0);
            }

            filled.Add(parcel, ended);
        }

        IEnumerable<RowBatch> Batches()
        {
            foreach (var batch in filled.GetConsumingEnumerable(cancellation).SelectMany(parcel => parcel))
            {
                yield return batch;
                idle.Add(batch);
            }

            // The reader has ended: cancelled, or with the error it met, if any.
            cancellation.ThrowIfCancellationRequested();
            reader.GetAwaiter().GetResult();
        }
    }

    /// <summary>Batches of rows that have the same number, full but for the last of a number.</summary>
    private IEnumerable<RowBatch> Fill(DataViewRowCursor cursor, Func<RowBatch> next)
    {
        var getLabel = LabelReader.Unchecked(cursor, view.Schema[labelColumnName]);
        var getFeatures = cursor.GetGetter<VBuffer<float>>(view.Schema[featureColumnName]);
        var getWeight = weightColumnName is null ? null : cursor.GetGetter<float>(view.Schema[weightColumnName]);
        Func<int>? getKey = samplingKeyColumnName is null ? null : ColumnCodes.Of(cursor, view.Schema[samplingKeyColumnName]).Next;
        for (var isAtRow = cursor.MoveNext(); isAtRow;)
        {
            var batch = next();
            isAtRow = batch.Fill(cursor, getLabel, getFeatures, getWeight, getKey, cancellation);
            yield return batch;
        }
    }
}

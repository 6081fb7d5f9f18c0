using System.Runtime.ExceptionServices;
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
/// <param name="look">Looks at a batch as soon as it has been read, on the thread that has read it; null if nobody does.</param>
internal sealed class RowCursors(
    IDataView view, string labelColumnName, string featureColumnName, string? weightColumnName, int threads,
    CancellationToken cancellation, string? samplingKeyColumnName = null, Action<RowBatch>? look = null) : IDisposable
{
    /// <summary>
    /// Numbers that a thread reads before it hands its batches over, at least. To hand over each batch on its own would take longer than to
    /// fill it.
    /// </summary>
    private const int ParcelNumbers = 1 << 14;

    /// <summary>A stock transform makes as many cursors as it is asked for, a billion too.</summary>
    private const int MostCursors = 64;

    /// <summary>Blocks for each thread that may wait: whoever asks for them may lag behind a little.</summary>
    private const int MostBlocks = 32;

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

    /// <summary>The blocks of all parts that the rows are placed in, in the order in which they are complete.</summary>
    /// <param name="take">
    /// Is given one batch after the other, in the order of the rows, and null after the last, and says where their rows go.
    /// </param>
    /// <param name="make">Makes a block of a builder that is complete; on any thread.</param>
    /// <exception cref="OperationCanceledException">The reading has been cancelled. That is seen at each row.</exception>
    public IEnumerable<(RowBlock Block, int Part)> Read(BatchTaker take, Func<RowBlockBuilder, RowBlock> make)
    {
        var isOne = _cursors.Length == 1;
        var order = new BatchOrder(_cursors.Length, isOne ? int.MaxValue : MostBlocks * _cursors.Length, take, make);
        return isOne ? OfOne(order) : OfSeveral(order);
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
            // A cursor could not be closed: whoever has read all has had the error already.
        }

        // A cursor that is read on a thread of its own is closed there.
        foreach (var cursor in _cursors.Skip(_readers.Count))
            cursor.Dispose();
        _ended.Dispose();
    }

    private IEnumerable<(RowBlock Block, int Part)> OfOne(BatchOrder order)
    {
        foreach (var _ in ReadAll(0, order))
        {
            while (order.Next(waits: false) is { } next)
                yield return next;
        }
    }

    private IEnumerable<(RowBlock Block, int Part)> OfSeveral(BatchOrder order)
    {
        using var ending = _ended.Token.Register(order.End);
        for (var k = 0; k < _cursors.Length; k++)
        {
            var own = k;
            _readers.Add(Task.Factory.StartNew(
                () => Run(own), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default));
        }

        try
        {
            while (order.Next(waits: true) is { } next)
                yield return next;
            cancellation.ThrowIfCancellationRequested();
            Task.WhenAll(_readers).WaitAsync(cancellation).GetAwaiter().GetResult();
        }
        finally
        {
            order.End();
        }

        void Run(int k)
        {
            using var cursor = _cursors[k];
            try
            {
                foreach (var _ in ReadAll(k, order))
                {
                    // All is done by then.
                }
            }
            catch (Exception error)
            {
                order.Fail(error);
            }
        }
    }

    /// <summary>Reads a cursor, and stops after each parcel that has been handed over.</summary>
    private IEnumerable<bool> ReadAll(int k, BatchOrder order)
    {
        var (cursor, parcel, next) = (_cursors[k], new List<RowBatch>(), -1L);
        Func<RowBatch, bool>? fill = null;
        ExceptionDispatchInfo? failure = null;
        while (next != long.MaxValue && failure is null)
        {
            try
            {
                // First of all the others learn where it begins: an error of theirs before that need not wait for a parcel.
                if (fill is not null)
                    next = ReadParcel(cursor, fill, () => order.Rent(k), parcel);
                else
                    (fill, next) = (Filler(cursor), cursor.MoveNext() ? cursor.Batch : long.MaxValue);
            }
            catch (Exception error) when (!_ended.IsCancellationRequested)
            {
                // The rows before it may have an error of their own, which comes first whatever the number of threads.
                failure = ExceptionDispatchInfo.Capture(error);
            }

            order.Add(k, parcel, next, failure);
            parcel.Clear();
            yield return failure is null;
        }
    }

    /// <summary>Reads some batches of a cursor that is at a row; the number of the row that it is at then.</summary>
    private long ReadParcel(DataViewRowCursor cursor, Func<RowBatch, bool> fill, Func<RowBatch> rent, List<RowBatch> parcel)
    {
        var isAtRow = true;
        for (long numbers = 0; isAtRow && numbers < ParcelNumbers; numbers += parcel[^1].NumberCount)
        {
            // Whoever gives up waits for this thread.
            if (_ended.IsCancellationRequested)
            {
                cancellation.ThrowIfCancellationRequested();
                throw new OperationCanceledException();
            }

            parcel.Add(rent());
            isAtRow = fill(parcel[^1]);
            look?.Invoke(parcel[^1]);
        }

        return isAtRow ? cursor.Batch : long.MaxValue;
    }

    /// <summary>Fills batches with the rows of a cursor that is at one; says whether it still is at a row.</summary>
    private Func<RowBatch, bool> Filler(DataViewRowCursor cursor)
    {
        var getLabel = LabelReader.Unchecked(cursor, view.Schema[labelColumnName]);
        var getFeatures = cursor.GetGetter<VBuffer<float>>(view.Schema[featureColumnName]);
        var getWeight = weightColumnName is null ? null : cursor.GetGetter<float>(view.Schema[weightColumnName]);
        Func<int>? getKey = samplingKeyColumnName is null ? null : ColumnCodes.Of(cursor, view.Schema[samplingKeyColumnName]).Next;
        return batch => batch.Fill(cursor, getLabel, getFeatures, getWeight, getKey, cancellation);
    }
}

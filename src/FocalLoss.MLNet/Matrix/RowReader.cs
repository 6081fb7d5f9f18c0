using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using FocalMlNet.Columns;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Matrix;

/// <summary>
/// Reads label, features and example weight of a view as blocks of rows, in the order of the view whatever the number of cursors. While
/// cursors are read, other threads make blocks of what has come.
/// </summary>
/// <param name="view">What is read.</param>
/// <param name="labelColumnName">A column of type Boolean or Key.</param>
/// <param name="featureColumnName">A column of type Vector&lt;Single&gt; of known size.</param>
/// <param name="weightColumnName">A column of type Single, or null.</param>
/// <param name="holdOut">Which rows are kept apart; null for none.</param>
/// <param name="outputCount">The number of scores a row will have.</param>
/// <param name="parallel">Threads and cancellation; null for one thread.</param>
/// <param name="samplingKeyColumnName">A scalar column whose values say which rows are of one group; null if they are not grouped.</param>
/// <param name="isLeftOut">Whether rows of a class have weight 0 whatever their own; null for none.</param>
internal sealed class RowReader(
    IDataView view, string labelColumnName, string featureColumnName, string? weightColumnName,
    HoldOut? holdOut = null, int outputCount = 1, ParallelOptions? parallel = null, string? samplingKeyColumnName = null,
    Predicate<int>? isLeftOut = null)
{
    private readonly int _threads = parallel is null ? 1 : parallel.MaxDegreeOfParallelism;
    private readonly List<RowBlock> _heldOut = [];
    private readonly int _blockRows = RowBlock.RowCountFor(((VectorDataViewType)view.Schema[featureColumnName].Type).Size, outputCount);

    public string LabelColumnName => labelColumnName;

    public int ClassCount { get; } = LabelReader.ClassCount(view.Schema[labelColumnName]);

    public int ColumnCount { get; } = ((VectorDataViewType)view.Schema[featureColumnName].Type).Size;

    /// <summary>How many rows have been left out since they cannot be used.</summary>
    public long RowsSkipped { get; private set; }

    /// <summary>How many rows have been left out since their weight is 0: nothing is to depend on their features.</summary>
    public long RowsOfNoWeight { get; private set; }

    /// <summary>The rows that are held out; all of them once the view has been read.</summary>
    public IReadOnlyList<RowBlock> HeldOut => _heldOut;

    /// <summary>Whether whoever reads keeps the blocks. That may change while they are read.</summary>
    public bool BlocksStay { get; set; } = true;

    /// <summary>The blocks in the order of the rows: once.</summary>
    public IEnumerable<RowBlock> Read()
    {
        // Some builders are filled while blocks are made of others; a pass that lags behind holds up the reading.
        var (idle, memory) = (new ConcurrentBag<RowBlockBuilder>(), new BlockMemory());
        var most = Math.Min(_threads, 8) + 2;
        var underway = new Queue<Task<RowBlock>>();
        foreach (var full in Fill(() => idle.TryTake(out var used) ? used : new RowBlockBuilder(ColumnCount, _blockRows)))
        {
            underway.Enqueue(_threads == 1 ? Task.FromResult(Make(full)) : Task.Run(() => Make(full), CancellationToken.None));
            while (underway.Count > 0 && (underway.Count >= most || underway.Peek().IsCompleted))
                yield return underway.Dequeue().GetAwaiter().GetResult();
        }

        while (underway.Count > 0)
            yield return underway.Dequeue().GetAwaiter().GetResult();

        RowBlock Make(RowBlockBuilder full)
        {
            var block = full.Take(BlocksStay ? memory : null);
            idle.Add(full);
            return block;
        }
    }

    /// <summary>
    /// The blocks of each of some parts, in the order of its rows, and the numbers of these rows in the view: once, and instead of
    /// <see cref="Read"/>.
    /// </summary>
    /// <param name="partOfRow">The part of each row.</param>
    /// <param name="partCount">The number of parts.</param>
    /// <param name="otherRows">What to say if the view has another number of rows, or other labels.</param>
    /// <param name="labelOfRow">The last byte of the class of each row, if that is known.</param>
    /// <exception cref="InvalidOperationException">It has.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public (List<RowBlock> Blocks, List<int> Rows)[] ReadParts(
        ushort[] partOfRow, int partCount, string otherRows, byte[]? labelOfRow = null)
    {
        // Lists that grow have room for up to twice as many.
        var counts = new int[partCount];
        foreach (var part in partOfRow)
            counts[part]++;
        (List<RowBlock> Blocks, List<int> Rows)[] parts = [.. counts.Select(count => (new List<RowBlock>(), new List<int>(count)))];
        var (builders, memory) = (new RowBlockBuilder?[partCount], new BlockMemory());
        var position = 0;
        using var cursors = Cursors();
        foreach (var batch in cursors.Read())
        {
            parallel?.CancellationToken.ThrowIfCancellationRequested();
            if (position + batch.RowCount > partOfRow.Length)
                throw new InvalidOperationException(otherRows);
            for (var i = 0; i < batch.RowCount; i++, position++)
            {
                if (labelOfRow is not null && labelOfRow[position] != unchecked((byte)batch.Label(i)))
                    throw new InvalidOperationException(otherRows);
                if (!IsUsed(batch, i, position))
                    continue;
                var part = partOfRow[position];
                var builder = builders[part] ??= new(ColumnCount, _blockRows);
                builder.Append(ref batch.Features(i), batch.Label(i), batch.Weight(i));
                parts[part].Rows.Add(position);
                if (builder.IsFull)
                    parts[part].Blocks.Add(builder.Take(memory));
            }
        }

        for (var part = 0; part < partCount; part++)
        {
            if (builders[part] is { IsEmpty: false } rest)
                parts[part].Blocks.Add(rest.Take(memory));
        }

        return position == partOfRow.Length ? parts : throw new InvalidOperationException(otherRows);
    }

    private RowCursors Cursors() => new(
        view, labelColumnName, featureColumnName, weightColumnName, _threads, parallel?.CancellationToken ?? default,
        samplingKeyColumnName);

    /// <summary>Fills builders; one that has been returned is not touched again.</summary>
    private IEnumerable<RowBlockBuilder> Fill(Func<RowBlockBuilder> next)
    {
        var heldOut = new RowBlockBuilder(ColumnCount, _blockRows);
        RowBlockBuilder? builder = null;
        long position = 0;
        using var cursors = Cursors();
        foreach (var batch in cursors.Read())
        {
            parallel?.CancellationToken.ThrowIfCancellationRequested();
            for (var row = 0; row < batch.RowCount;)
            {
                builder ??= next();
                row = Append(batch, row, position, builder, heldOut);
                if (heldOut.IsFull)
                    _heldOut.Add(heldOut.Take());
                if (!builder.IsFull)
                    continue;
                yield return builder;
                builder = null;
            }

            position += batch.RowCount;
        }

        if (!heldOut.IsEmpty)
            _heldOut.Add(heldOut.Take());
        if (builder is { IsEmpty: false })
            yield return builder;
    }

    /// <summary>Appends rows of a batch, from one of them on, until one of the builders is full.</summary>
    /// <returns>The first row that is left.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Append(RowBatch batch, int first, long position, RowBlockBuilder training, RowBlockBuilder heldOut)
    {
        var i = first;
        for (; i < batch.RowCount && !training.IsFull && !heldOut.IsFull; i++)
        {
            if (!IsUsed(batch, i, position + i))
                continue;
            var (label, group) = (batch.Label(i), batch.Group(i));
            (holdOut?.Takes(label, group) == true ? heldOut : training).Append(ref batch.Features(i), label, batch.Weight(i), group);
        }

        return i;
    }

    /// <summary>Whether a row of a batch, which is this one of the view, can be used and has weight; if not, it is counted.</summary>
    /// <exception cref="InvalidOperationException">Its label or its weight is outside its range.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool IsUsed(RowBatch batch, int i, long row)
    {
        var (label, weight) = (batch.Label(i), batch.Weight(i));
        if (!float.IsNaN(weight))
            WeightReader.Check(weightColumnName!, weight, row);
        LabelReader.Check(labelColumnName, label, row, ClassCount);
        if (label < 0 || float.IsNaN(weight) || !batch.IsFinite(i))
            RowsSkipped++;
        else if (weight == 0 || isLeftOut?.Invoke(label) == true)
            RowsOfNoWeight++;
        else
            return true;
        return false;
    }
}

using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using FocalMlNet.Columns;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Matrix;

/// <summary>
/// Reads label, features and example weight of a view as blocks of rows, in the order of the view whatever the number of cursors. The
/// thread of a cursor writes the rows that it has read into the blocks, too.
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

    /// <summary>The memory of the blocks that stay.</summary>
    public BlockMemory Memory { get; } = new();

    /// <summary>The blocks in the order of the rows: once.</summary>
    public IEnumerable<RowBlock> Read()
    {
        const int Training = 0, Apart = 1;
        foreach (var (block, part) in InParts(2, (batch, i, row) => !IsUsed(batch, i, row) ? null
            : holdOut?.Takes(batch.Label(i), batch.Group(i)) == true ? Apart : Training, onlyPart: holdOut is null ? Training : null))
        {
            if (part == Training)
                yield return block;
            else
                _heldOut.Add(block);
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
    public (List<RowBlock> Blocks, List<int> Rows)[] ReadParts(
        ushort[] partOfRow, int partCount, string otherRows, byte[]? labelOfRow = null)
    {
        // Lists that grow have room for up to twice as many.
        var counts = new int[partCount];
        foreach (var part in partOfRow)
            counts[part]++;
        (List<RowBlock> Blocks, List<int> Rows)[] parts = [.. counts.Select(count => (new List<RowBlock>(), new List<int>(count)))];
        long position = 0;
        foreach (var (block, part) in InParts(partCount, PartOf))
            parts[part].Blocks.Add(block);
        return position == partOfRow.Length ? parts : throw new InvalidOperationException(otherRows);

        int? PartOf(RowBatch batch, int i, long row)
        {
            position = row + 1;
            if (row >= partOfRow.Length || (labelOfRow is not null && labelOfRow[row] != unchecked((byte)batch.Label(i))))
                throw new InvalidOperationException(otherRows);
            if (!IsUsed(batch, i, row))
                return null;
            var part = partOfRow[row];
            parts[part].Rows.Add((int)row);
            return part;
        }
    }

    /// <summary>The blocks of some parts, and which part each one is of.</summary>
    /// <param name="partCount">The number of parts.</param>
    /// <param name="partOf">
    /// The part of a row of a batch, which is this one of the view; null for none. Is asked in the order of the rows, on any thread.
    /// </param>
    /// <param name="onlyPart">If all rows that can be used are of this part: nothing need be asked where they can; else null.</param>
    private IEnumerable<(RowBlock Block, int Part)> InParts(
        int partCount, Func<RowBatch, int, long, int?> partOf, int? onlyPart = null)
    {
        // Some builders are filled while blocks are made of others.
        var (builders, idle) = (new RowBlockBuilder?[partCount], new ConcurrentStack<RowBlockBuilder>());
        long position = 0;
        using var cursors = new RowCursors(
            view, labelColumnName, featureColumnName, weightColumnName, _threads, parallel?.CancellationToken ?? default,
            samplingKeyColumnName, batch => batch.IsWhole = onlyPart is not null && AreAllUsed(batch));
        foreach (var next in cursors.Read(Place, Make))
            yield return next;

        void Place(RowBatch? batch, Queue<(RowBlockBuilder, int)> complete)
        {
            for (var i = 0; i < batch?.RowCount;)
            {
                if ((batch.IsWhole ? onlyPart : partOf(batch, i, position + i)) is not { } part)
                {
                    i++;
                    continue;
                }

                var builder = builders[part] ??= idle.TryPop(out var used) ? used
                    : new RowBlockBuilder(ColumnCount, _blockRows, () => BlocksStay ? Memory : null, samplingKeyColumnName is not null);
                i += batch.Place(i, batch.IsWhole ? batch.RowCount - i : 1, builder);
                if (!builder.IsFull)
                    continue;
                complete.Enqueue((builder, part));
                builders[part] = null;
            }

            position += batch?.RowCount ?? 0;
            for (var part = 0; part < partCount && batch is null; part++)
            {
                if (builders[part] is { } rest)
                    complete.Enqueue((rest, part));
            }
        }

        RowBlock Make(RowBlockBuilder full)
        {
            var block = full.Take();
            idle.Push(full);
            return block;
        }
    }

    /// <summary>Whether all rows of a batch can be used and have weight, and none is held out.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool AreAllUsed(RowBatch batch)
    {
        for (var i = 0; i < batch.RowCount; i++)
        {
            var label = batch.Label(i);
            RowBlockBuilder.Check(batch.Features(i), ColumnCount);
            if (!batch.IsFinite(i) || (uint)label >= (uint)ClassCount || !WeightReader.IsAllowed(batch.Weight(i)) || batch.Weight(i) == 0
                || isLeftOut?.Invoke(label) == true)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether a row of a batch, which is this one of the view, can be used and has weight; if not, it is counted.</summary>
    /// <exception cref="InvalidOperationException">Its label or its weight is outside its range.</exception>
    private bool IsUsed(RowBatch batch, int i, long row)
    {
        var (label, weight) = (batch.Label(i), batch.Weight(i));
        if (!float.IsNaN(weight))
            WeightReader.Check(weightColumnName!, weight, row);
        LabelReader.Check(labelColumnName, label, row, ClassCount);
        RowBlockBuilder.Check(batch.Features(i), ColumnCount);
        if (label < 0 || float.IsNaN(weight) || !batch.IsFinite(i))
            RowsSkipped++;
        else if (weight == 0 || isLeftOut?.Invoke(label) == true)
            RowsOfNoWeight++;
        else
            return true;
        return false;
    }
}

using System.Runtime.ExceptionServices;

namespace FocalMlNet.Matrix;

/// <summary>
/// Gives the rows of the next batch, or of none after the last, their places in builders, and says which of these are complete with them
/// and of which part.
/// </summary>
internal delegate void BatchTaker(RowBatch? batch, Queue<(RowBlockBuilder Full, int Part)> complete);

/// <summary>
/// Brings the batches of several cursors back into their order, each being read by a thread of its own. The thread that comes with the next
/// one has it and all that follow it given their places; each writes the rows that it has read there itself, while they are near: what
/// another processor has written takes longer to come by than to read anew.
/// </summary>
/// <param name="cursorCount">Number of cursors.</param>
/// <param name="mostResults">With so many blocks that nobody has asked for the threads wait.</param>
/// <param name="take">Is called for the batches in their order, by one thread at a time.</param>
/// <param name="make">Makes a block of what is complete.</param>
internal sealed class BatchOrder(int cursorCount, int mostResults, BatchTaker take, Func<RowBlockBuilder, RowBlock> make)
{
    /// <summary>With so many numbers of a cursor that wait for rows of others its thread waits, too.</summary>
    private const long MostWaiting = 1 << 17;

    private readonly object _gate = new();

    private readonly object _blocks = new();
    private readonly Cursor[] _cursors = [.. Enumerable.Range(0, cursorCount).Select(_ => new Cursor())];
    private readonly Queue<(RowBlockBuilder Full, int Part)> _complete = [];
    private readonly Queue<Result> _results = [];
    private readonly Queue<Result> _unmade = [];
    private bool _areBlocks;
    private bool _isAll;
    private bool _isEnded;
    private ExceptionDispatchInfo? _error;

    /// <summary>A batch to fill; for the thread of the cursor.</summary>
    public RowBatch Rent(int cursor) => _cursors[cursor].Idle.TryPop(out var used) ? used : new RowBatch();

    /// <summary>
    /// Hands over what has been read of a cursor, and works on what is to be written and made, as long as there is any and while others lag
    /// behind.
    /// </summary>
    /// <param name="cursor">Which cursor.</param>
    /// <param name="batches">The batches, in their order.</param>
    /// <param name="next">The number of the row that the cursor is at; the largest there is where it has ended.</param>
    /// <param name="error">
    /// Why the cursor cannot be read on, if it cannot: the error of whoever asks for blocks, once the rows before have been taken. The
    /// thread stays until its rows have been written all the same: without them no block of the rows before would be complete.
    /// </param>
    public void Add(int cursor, IEnumerable<RowBatch> batches, long next, ExceptionDispatchInfo? error = null)
    {
        var own = _cursors[cursor];
        lock (_gate)
        {
            foreach (var batch in batches)
            {
                own.Waiting.Enqueue(batch);
                own.NumbersWaiting += batch.NumberCount;
            }

            (own.Next, own.Error) = (next, error);
            TakeAll();
        }

        while (HasWork(own, out var result))
        {
            foreach (var placed in own.Writing)
            {
                placed.Write();
                own.Idle.Push(placed);
            }

            own.Writing.Clear();
            if (result is not null)
                Make(result);
        }
    }

    /// <summary>Ends all with an error at once: a block that cannot be completed is one that all would wait for.</summary>
    public void Fail(Exception error)
    {
        lock (_gate)
            Fail(ExceptionDispatchInfo.Capture(error));
    }

    /// <summary>Nobody asks for blocks any more.</summary>
    public void End()
    {
        lock (_gate)
        {
            _isEnded = true;
            Monitor.PulseAll(_gate);
            TellOfBlocks(true);
        }
    }

    /// <summary>The next block and its part; null after the last or after the end.</summary>
    /// <param name="waits">Whether to wait until it is there.</param>
    public (RowBlock Block, int Part)? Next(bool waits)
    {
        while (true)
        {
            lock (_gate)
            {
                _error?.Throw();
                if (_isEnded)
                    return null;
                if (_results.TryPeek(out var first) && first.Block is { } block)
                {
                    if (_results.Count == mostResults)
                        Monitor.PulseAll(_gate);
                    _results.Dequeue();
                    return (block, first.Part);
                }

                if (!waits || (_isAll && first is null))
                    return null;
                TellOfBlocks(false);
            }

            lock (_blocks)
            {
                while (!_areBlocks)
                    Monitor.Wait(_blocks);
            }
        }
    }

    /// <summary>Whether there is something to write, or to make, for the thread of a cursor; waits as long as it has to.</summary>
    private bool HasWork(Cursor own, out Result? result)
    {
        lock (_gate)
        {
            while (true)
            {
                (own.Placed, own.Writing) = (own.Writing, own.Placed);
                if (_unmade.TryDequeue(out result) || own.Writing.Count > 0)
                    return true;
                // One whose batches wait is not the one that the others wait for.
                var isBehind = own.Next == long.MaxValue || own.Error is not null ? own.Waiting.Count > 0
                    : own.NumbersWaiting >= MostWaiting || _results.Count >= mostResults;
                if (_isEnded || !isBehind)
                    return false;
                Monitor.Wait(_gate);
            }
        }
    }

    /// <summary>Has the batches whose turn it is placed: until the next one is that of a cursor which is still being read.</summary>
    private void TakeAll()
    {
        var isTaken = false;
        while (!_isEnded)
        {
            // Of several that have the same number, as no view should, the first one comes first, or the order would be another each time.
            var first = _cursors[0];
            foreach (var other in _cursors)
            {
                if (other.Number < first.Number)
                    first = other;
            }

            if (first.Waiting.TryDequeue(out var batch))
            {
                Take(batch);
                first.NumbersWaiting -= batch.NumberCount;
                first.Placed.Add(batch);
                isTaken = true;
                continue;
            }

            if (first.Error is { } error)
            {
                Fail(error);
            }
            else if (first.Next == long.MaxValue && !_isAll)
            {
                _isAll = isTaken = true;
                Take(null);
                TellOfBlocks(true);
            }

            break;
        }

        if (isTaken)
            Monitor.PulseAll(_gate);
    }

    private void Take(RowBatch? batch)
    {
        try
        {
            take(batch, _complete);
        }
        catch (Exception error)
        {
            Fail(ExceptionDispatchInfo.Capture(error));
        }

        while (_complete.TryDequeue(out var complete))
        {
            var result = new Result(complete.Full, complete.Part);
            _results.Enqueue(result);
            // What is written last makes it, or it is here.
            if (complete.Full.Seal(() => Make(result)))
                _unmade.Enqueue(result);
        }
    }

    private void Make(Result result)
    {
        var block = make(result.Full);
        lock (_gate)
        {
            result.Block = block;
            if (_isAll || _results.Count >= mostResults / 2)
                TellOfBlocks(true);
        }
    }

    /// <summary>
    /// Whether it is worth looking for blocks: not for each one, since whoever waits for them takes a processor from those who read.
    /// </summary>
    private void TellOfBlocks(bool areThere)
    {
        lock (_blocks)
        {
            _areBlocks = areThere;
            Monitor.Pulse(_blocks);
        }
    }

    private void Fail(ExceptionDispatchInfo error)
    {
        if (_isEnded)
            return;
        _error = error;
        End();
    }

    private sealed class Cursor
    {
        /// <summary>Batches that wait for their turn.</summary>
        public Queue<RowBatch> Waiting { get; } = [];

        public long NumbersWaiting { get; set; }

        /// <summary>Those whose rows have places.</summary>
        public List<RowBatch> Placed { get; set; } = [];

        /// <summary>Those that its thread is writing.</summary>
        public List<RowBatch> Writing { get; set; } = [];

        public Stack<RowBatch> Idle { get; } = [];

        /// <summary>The number of the row that it is at, or one before the first.</summary>
        public long Next { get; set; } = -1;

        public ExceptionDispatchInfo? Error { get; set; }

        /// <summary>The number of what it has next.</summary>
        public long Number => Waiting.TryPeek(out var batch) ? batch.Number : Next;
    }

    private sealed class Result(RowBlockBuilder full, int part)
    {
        public RowBlockBuilder Full => full;

        public int Part => part;

        public RowBlock? Block { get; set; }
    }
}

namespace FocalMlNet.Data;

/// <summary>
/// The rows of a view that can be trained on, in blocks in their order. They are read once and kept in memory; if they need more memory than
/// they may have, they are read again from the view in each pass.
/// </summary>
internal sealed class TrainingData
{
    private readonly RowReader _reader;
    private readonly List<RowBlock>? _blocks;

    private TrainingData(RowReader reader, List<RowBlock>? blocks, ClassTotals totals, int blockCount)
    {
        _reader = reader;
        _blocks = blocks;
        Totals = totals;
        BlockCount = blockCount;
    }

    public int ColumnCount => _reader.ColumnCount;

    public int BlockCount { get; }

    public long RowCount => Totals.Positives + Totals.Negatives;

    public ClassTotals Totals { get; }

    public long RowsSkipped { get; private init; }

    /// <summary>A point near the data from which moments are taken: the first row, or 0 if there are sparse blocks.</summary>
    public float[] Origin { get; private init; } = [];

    /// <summary>Memory that all blocks take.</summary>
    public long Bytes { get; private init; }

    /// <summary>The rows that are held out of training.</summary>
    public IReadOnlyList<RowBlock> HeldOut { get; private init; } = [];

    /// <summary>Stored feature values.</summary>
    public long EntryCount { get; private init; }

    /// <summary>All blocks, or null if they are not kept in memory.</summary>
    public IReadOnlyList<RowBlock>? InMemory => _blocks;

    /// <summary>All blocks in order, from memory or from the view.</summary>
    /// <exception cref="InvalidOperationException">The view has other rows than the first time.</exception>
    public IEnumerable<RowBlock> Blocks => _blocks ?? Reread();

    /// <summary>
    /// Reads the view. A row with a NaN or an infinity in its features, or a NaN as its weight, is skipped and counted;
    /// a negative or infinite weight is an error, as is a view without two classes.
    /// </summary>
    /// <param name="reader">Reads the view's rows.</param>
    /// <param name="memoryBudget">Bytes the blocks may take.</param>
    public static TrainingData Read(RowReader reader, long memoryBudget)
    {
        List<RowBlock>? blocks = [];
        var totals = new ClassTotals();
        var count = 0;
        long bytes = 0, entries = 0;
        var origin = new float[reader.ColumnCount];
        var isSparse = false;
        foreach (var block in reader.Read())
        {
            count++;
            bytes += block.Bytes;
            entries += block.EntryCount;
            isSparse |= block is SparseBlock;
            if (count == 1)
                block.CopyRow(0, origin);
            totals = totals.Add(block);
            if (bytes > memoryBudget)
                blocks = null;
            blocks?.Add(block);
        }

        var data = new TrainingData(reader, blocks, totals, count)
        {
            RowsSkipped = reader.RowsSkipped,
            HeldOut = reader.HeldOut,
            Bytes = bytes,
            EntryCount = entries,
            Origin = isSparse ? new float[reader.ColumnCount] : origin,
        };
        data.CheckClasses();
        return data;
    }

    private IEnumerable<RowBlock> Reread()
    {
        var totals = new ClassTotals();
        var count = 0;
        foreach (var block in _reader.Read())
        {
            if (++count > BlockCount)
                throw Changed();
            totals = totals.Add(block);
            yield return block;
        }

        if (totals != Totals)
            throw Changed();

        static InvalidOperationException Changed() => new(
            "The training data gave other rows when it was read again. Data that does not fit into MemoryBudget must give the same rows in the same order each time.");
    }

    private void CheckClasses()
    {
        if (RowCount == 0)
        {
            throw new InvalidOperationException(RowsSkipped == 0
                ? "The training data has no rows."
                : $"The training data has no usable rows: all {RowsSkipped} have a NaN or an infinity in their features, or NaN as their weight.");
        }

        if (Totals.PositiveWeight > 0 && Totals.NegativeWeight > 0)
            return;
        throw new InvalidOperationException(FormattableString.Invariant(
            $"Label column '{_reader.LabelColumnName}' has {Totals.Positives} positive rows (total weight {Totals.PositiveWeight}) and {Totals.Negatives} negative rows (total weight {Totals.NegativeWeight}), but training needs both classes with a weight above 0."));
    }
}

/// <summary>Rows and summed example weight of each class.</summary>
internal readonly record struct ClassTotals(long Positives, long Negatives, double PositiveWeight, double NegativeWeight)
{
    public ClassTotals Add(RowBlock block)
    {
        var (positives, negatives, positiveWeight, negativeWeight) = this;
        var weights = block.Weights;
        for (var i = 0; i < weights.Length; i++)
        {
            if (block.Labels[i] > 0)
            {
                positives++;
                positiveWeight += weights[i];
            }
            else
            {
                negatives++;
                negativeWeight += weights[i];
            }
        }

        return new(positives, negatives, positiveWeight, negativeWeight);
    }
}

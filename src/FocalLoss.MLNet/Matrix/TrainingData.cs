namespace FocalMlNet.Matrix;

/// <summary>
/// The rows of a view that can be trained on, in blocks in their order. They are read once and kept in memory; if they need more memory
/// than
/// they may have, they are read again from the view in each pass.
/// </summary>
internal sealed class TrainingData
{
    private readonly RowReader? _reader;
    private readonly IReadOnlyList<RowBlock>? _blocks;

    private TrainingData(RowReader? reader, IReadOnlyList<RowBlock>? blocks, ClassTotals totals, int blockCount, int columnCount)
    {
        _reader = reader;
        _blocks = blocks;
        Totals = totals;
        BlockCount = blockCount;
        ColumnCount = columnCount;
    }

    public int ColumnCount { get; }

    public int BlockCount { get; }

    public long RowCount => Totals.RowCount;

    public ClassTotals Totals { get; }

    public long RowsSkipped { get; private init; }

    /// <summary>A point near the data from which moments are taken: the first row, or 0 if there are sparse blocks.</summary>
    public float[] Origin { get; private init; } = [];

    /// <summary>The label of the row that <see cref="Origin"/> was taken from.</summary>
    public float OriginLabel { get; private init; }

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
    /// Reads the view. A row with a NaN or an infinity in its features, a NaN as its weight
    /// or without a label, is skipped and counted, and one of weight 0 is left out; a weight outside [0; 1e30] is an error, as is a view
    /// without two classes.
    /// </summary>
    /// <param name="reader">Reads the view's rows.</param>
    /// <param name="memoryBudget">Bytes the blocks may take.</param>
    /// <param name="oneClassIsEnough">Whether a view with rows of one class alone is no error.</param>
    public static TrainingData Read(RowReader reader, long memoryBudget, bool oneClassIsEnough = false)
    {
        List<RowBlock>? blocks = [];
        var totals = new ClassTotals(reader.ClassCount);
        var count = 0;
        long bytes = 0, entries = 0;
        var origin = new float[reader.ColumnCount];
        var (originLabel, isSparse) = (0f, false);
        foreach (var block in reader.Read())
        {
            count++;
            bytes += block.Bytes;
            entries += block.EntryCount;
            isSparse |= block is SparseBlock;
            if (count == 1)
            {
                block.CopyRow(0, origin);
                originLabel = block.Labels[0];
            }

            totals.Add(block);
            if (bytes > memoryBudget)
            {
                blocks = null;
                reader.BlocksStay = false;
            }

            blocks?.Add(block);
        }

        var data = new TrainingData(reader, blocks, totals, count, reader.ColumnCount)
        {
            RowsSkipped = reader.RowsSkipped,
            HeldOut = reader.HeldOut ?? [],
            Bytes = bytes,
            EntryCount = entries,
            Origin = isSparse ? new float[reader.ColumnCount] : origin,
            OriginLabel = originLabel,
        };
        if (!totals.AreSeveral && !(oneClassIsEnough && totals.Weight > 0))
            throw data.TooFewClasses();
        return data;
    }

    /// <summary>Some rows that are in memory.</summary>
    public static TrainingData Of(IReadOnlyList<RowBlock> blocks, int classCount)
    {
        var totals = new ClassTotals(classCount);
        foreach (var block in blocks)
            totals.Add(block);
        var origin = new float[blocks[0].ColumnCount];
        var originLabel = 0f;
        if (!blocks.Any(block => block is SparseBlock)
            && blocks.FirstOrDefault(block => block.Weights.IndexOfAnyExcept(0) >= 0) is { } first)
        {
            var row = first.Weights.IndexOfAnyExcept(0);
            first.CopyRow(row, origin);
            originLabel = first.Labels[row];
        }

        return new TrainingData(null, blocks, totals, blocks.Count, blocks[0].ColumnCount)
        {
            Bytes = blocks.Sum(block => block.Bytes),
            EntryCount = blocks.Sum(block => (long)block.EntryCount),
            Origin = origin,
            OriginLabel = originLabel,
        };
    }

    /// <summary>Some of the rows, or of copies of them, that are in memory.</summary>
    public TrainingData Part(IReadOnlyList<RowBlock> blocks) => Of(blocks, Totals.ClassCount);

    /// <summary>The error of data of which no two classes have a weight.</summary>
    public InvalidOperationException TooFewClasses()
    {
        if (RowCount == 0)
        {
            var left = RowsSkipped + _reader!.RowsOfNoWeight;
            return new(left == 0
                ? "The training data has no rows."
                : $"The training data has no usable rows: all {left} have NaN or infinity in the features, weight NaN or 0, or no label.");
        }

        var classes = Totals.ClassCount == 2
            ? FormattableString.Invariant(
                $"{Totals.Counts[1]} positive rows (total weight {Totals.Weights[1]}) and ")
            + FormattableString.Invariant(
                $"{Totals.Counts[0]} negative rows (total weight {Totals.Weights[0]}), but training needs both classes")
            : FormattableString.Invariant(
                $"{Totals.Counts.Count(n => n > 0)} of {Totals.ClassCount} classes (total weight {Totals.Weight}), ")
            + "but training needs two classes at least";
        return new($"Label column '{_reader!.LabelColumnName}' has {classes} with a weight above 0.");
    }

    private IEnumerable<RowBlock> Reread()
    {
        var totals = new ClassTotals(_reader!.ClassCount);
        var count = 0;
        foreach (var block in _reader.Read())
        {
            if (++count > BlockCount)
                throw Changed();
            totals.Add(block);
            yield return block;
        }

        if (!totals.Equals(Totals))
            throw Changed();

        static InvalidOperationException Changed() => new(
            "The training data gave other rows when it was read again. Data that does not fit into MemoryBudget must give the same rows in the same order each time.");
    }
}

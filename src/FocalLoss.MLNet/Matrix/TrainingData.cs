namespace FocalMlNet.Matrix;

/// <summary>
/// The rows of a view that can be trained on, in blocks in their order. The view is read once; what needs more memory than it may have is
/// kept in a temporary file.
/// </summary>
internal sealed class TrainingData : IDisposable
{
    private readonly RowReader? _reader;

    private TrainingData(RowReader? reader, IReadOnlyList<RowBlock> blocks, ClassTotals totals, int columnCount)
    {
        _reader = reader;
        Blocks = blocks;
        Totals = totals;
        ColumnCount = columnCount;
    }

    public int ColumnCount { get; }

    public long RowCount => Totals.RowCount;

    public ClassTotals Totals { get; }

    public long RowsSkipped { get; private init; }

    /// <summary>The number of rows or, if these are grouped, of groups: what there is that says something of its own.</summary>
    public long UnitCount { get; private init; }

    /// <summary>A point near the data from which moments are taken: the first row, or 0 if there are sparse blocks.</summary>
    public float[] Origin { get; private init; } = [];

    /// <summary>Memory that all blocks take.</summary>
    public long Bytes { get; private init; }

    /// <summary>The rows that are held out of training.</summary>
    public IReadOnlyList<RowBlock> HeldOut { get; private init; } = [];

    /// <summary>Stored feature values.</summary>
    public long EntryCount { get; private init; }

    /// <summary>All blocks in order. Each may be read from the file whenever it is asked for.</summary>
    public IReadOnlyList<RowBlock> Blocks { get; }

    /// <summary>Whether some of them are in a file.</summary>
    public bool IsSpilled => Blocks is BlockStore { IsInMemory: false };

    /// <summary>All blocks, in memory: for few rows.</summary>
    public IReadOnlyList<RowBlock> Loaded => IsSpilled ? [.. Blocks] : Blocks;

    /// <summary>
    /// Reads the view. A row with a NaN or an infinity in its features, a NaN as its weight or without a label, is skipped and counted, and
    /// one of weight 0 is left out; a weight outside [0; 1e30] is an error.
    /// </summary>
    /// <param name="reader">Reads the view's rows.</param>
    /// <param name="memoryBudget">Bytes the blocks may take.</param>
    /// <param name="spillFolder">Where the file is made for what exceeds that; null for the system's folder for temporary files.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static TrainingData Read(RowReader reader, long memoryBudget, string? spillFolder = null)
    {
        var blocks = new BlockStore(memoryBudget, spillFolder);
        try
        {
            return Read(reader, blocks);
        }
        catch
        {
            blocks.Dispose();
            throw;
        }
    }

    private static TrainingData Read(RowReader reader, BlockStore blocks)
    {
        var totals = new ClassTotals(reader.ClassCount);
        long entries = 0, groups = 0;
        var origin = new float[reader.ColumnCount];
        var isSparse = false;
        foreach (var block in reader.Read())
        {
            entries += block.EntryCount;
            isSparse |= block is SparseBlock;
            if (block.Groups.Length > 0)
                groups = Math.Max(groups, block.Groups.Max() + 1);
            if (blocks.Count == 0)
                block.CopyRow(0, origin);
            totals.Add(block);
            blocks.Add(block);
            reader.BlocksStay = blocks.IsInMemory;
        }

        return new TrainingData(reader, blocks, totals, reader.ColumnCount)
        {
            RowsSkipped = reader.RowsSkipped,
            UnitCount = groups > 0 ? groups : totals.RowCount,
            HeldOut = reader.HeldOut,
            Bytes = blocks.Bytes,
            EntryCount = entries,
            Origin = isSparse ? new float[reader.ColumnCount] : origin,
        };
    }

    /// <summary>Some rows that are in memory.</summary>
    public static TrainingData Of(IReadOnlyList<RowBlock> blocks, int classCount)
    {
        var totals = new ClassTotals(classCount);
        foreach (var block in blocks)
            totals.Add(block);
        var origin = new float[blocks[0].ColumnCount];
        if (!blocks.Any(block => block is SparseBlock)
            && blocks.FirstOrDefault(block => block.Weights.IndexOfAnyExcept(0) >= 0) is { } first)
            first.CopyRow(first.Weights.IndexOfAnyExcept(0), origin);

        return new TrainingData(null, blocks, totals, blocks[0].ColumnCount)
        {
            Bytes = blocks.Sum(block => block.Bytes),
            EntryCount = blocks.Sum(block => (long)block.EntryCount),
            Origin = origin,
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

    public void Dispose() => (Blocks as IDisposable)?.Dispose();
}

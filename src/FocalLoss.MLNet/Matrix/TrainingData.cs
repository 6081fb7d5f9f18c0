namespace FocalMlNet.Matrix;

/// <summary>
/// The rows of a view that can be trained on, in blocks in their order. The view is read once; what needs more memory than it may have is
/// kept in a temporary file.
/// </summary>
internal sealed class TrainingData : IDisposable
{
    private readonly RowReader? _reader;
    private readonly HashSet<int> _groups = [];
    private bool _hasOrigin;

    private TrainingData(RowReader? reader, IReadOnlyList<RowBlock> blocks, int classCount, int columnCount)
        => (_reader, Blocks, Totals, Origin) = (reader, blocks, new(classCount), new float[columnCount]);

    public int ColumnCount => Origin.Length;

    public long RowCount => Totals.RowCount;

    public ClassTotals Totals { get; }

    public long RowsSkipped => _reader?.RowsSkipped ?? 0;

    /// <summary>How many rows have been left out since their weight, or that of their class, is 0.</summary>
    public long RowsOfNoWeight => _reader?.RowsOfNoWeight ?? 0;

    /// <summary>How many rows the view has: trained on, held out, or left out for any reason.</summary>
    public long RowsRead => RowCount + HeldOut.Sum(block => (long)block.RowCount) + RowsSkipped + RowsOfNoWeight;

    /// <summary>The number of rows or, if these are grouped, of groups: what there is that says something of its own.</summary>
    public long UnitCount => _groups.Count > 0 ? _groups.Count : RowCount;

    /// <summary>A point near the data from which moments are taken: the first row with weight, or 0 if there are sparse blocks.</summary>
    public float[] Origin { get; }

    /// <summary>Memory that all blocks take.</summary>
    public long Bytes { get; private set; }

    /// <summary>The rows that are held out of training.</summary>
    public IReadOnlyList<RowBlock> HeldOut => _reader?.HeldOut ?? [];

    /// <summary>Stored feature values.</summary>
    public long EntryCount { get; private set; }

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
            var data = new TrainingData(reader, blocks, reader.ClassCount, reader.ColumnCount);
            foreach (var block in reader.Read())
            {
                data.Count(block);
                blocks.Add(block);
                reader.BlocksStay = blocks.IsInMemory;
            }

            return data;
        }
        catch
        {
            blocks.Dispose();
            throw;
        }
    }

    /// <summary>Some rows that are in memory.</summary>
    public static TrainingData Of(IReadOnlyList<RowBlock> blocks, int classCount) => Of(blocks, classCount, blocks[0].ColumnCount);

    /// <summary>Some of the rows, or of copies of them, that are in memory; there may be none.</summary>
    public TrainingData Part(IReadOnlyList<RowBlock> blocks) => Of(blocks, Totals.ClassCount, ColumnCount);

    /// <summary>The error of data of which no two classes have a weight.</summary>
    public InvalidOperationException TooFewClasses()
    {
        if (RowCount == 0)
        {
            var left = RowsSkipped + RowsOfNoWeight;
            if (RowsRead == 0)
                return new("The training data has no rows.");
            return new(left == RowsRead
                ? $"The training data has no usable rows: all {left} have NaN or infinity in the features, weight NaN or 0, or no label."
                : $"The training data has no rows to train on: of {RowsRead}, {RowsRead - left} are held out"
                    + (left == 0 ? "." : $" and {left} have NaN or infinity in the features, weight NaN or 0, or no label."));
        }

        static string InAll(double weight) => FormattableString.Invariant($"(total weight {weight})");
        var (counts, weights) = (Totals.Counts, Totals.Weights);
        var classes = Totals.ClassCount == 2
            ? $"{counts[1]} positive rows {InAll(weights[1])} and {counts[0]} negative rows {InAll(weights[0])}, "
                + "but training needs both classes"
            : $"{counts.Count(n => n > 0)} of {Totals.ClassCount} classes {InAll(Totals.Weight)}, but training needs two classes at least";
        return new($"Label column '{_reader!.LabelColumnName}' has {classes} with a weight above 0.");
    }

    public void Dispose()
    {
        (Blocks as IDisposable)?.Dispose();
        _reader?.Memory.Return();
    }

    private static TrainingData Of(IReadOnlyList<RowBlock> blocks, int classCount, int columnCount)
    {
        var data = new TrainingData(null, blocks, classCount, columnCount);
        foreach (var block in blocks)
            data.Count(block);
        return data;
    }

    private void Count(RowBlock block)
    {
        Totals.Add(block);
        Bytes += block.Bytes;
        EntryCount += block.EntryCount;
        _groups.UnionWith(block.Groups);
        if (block is SparseBlock)
        {
            _hasOrigin = true;
            Array.Clear(Origin);
        }
        else if (!_hasOrigin && block.Weights.IndexOfAnyExcept(0) is >= 0 and var first)
        {
            _hasOrigin = true;
            block.CopyRow(first, Origin);
        }
    }
}

namespace FocalMlNet.Matrix;

/// <summary>
/// Deals rows into folds, each class evenly. Equal rows go into one fold, so that copies of a row, as an oversampled view has them, do not
/// judge each other. The folds depend on the
/// rows alone, not on their order.
/// </summary>
internal sealed class RowFolds
{
    private readonly IReadOnlyList<RowBlock> _blocks;

    /// <summary>For each class its rows, equal ones together.</summary>
    private readonly List<(int Block, int Row)[]>[] _rows;

    /// <param name="blocks">The rows.</param>
    /// <param name="classCount">Number of classes.</param>
    public RowFolds(IReadOnlyList<RowBlock> blocks, int classCount)
    {
        _blocks = blocks;
        var hashed = Enumerable.Range(0, classCount).Select(_ => new List<(ulong Hash, int Block, int Row)>()).ToArray();
        var values = new float[blocks[0].ColumnCount];
        for (var b = 0; b < blocks.Count; b++)
        {
            for (var i = 0; i < blocks[b].RowCount; i++)
            {
                blocks[b].CopyRow(i, values);
                hashed[(int)blocks[b].Labels[i]].Add((Hash(values), b, i));
            }
        }

        _rows = [.. hashed.Select(rows => rows.GroupBy(row => row.Hash).OrderBy(copies => copies.Key)
            .Select(copies => copies.Select(row => (row.Block, row.Row)).ToArray()).ToList())];
    }

    /// <summary>How many different rows each class has.</summary>
    public IEnumerable<int> DistinctRows => _rows.Select(rows => rows.Count);

    /// <summary>For each row of each block the number of its fold.</summary>
    /// <param name="folds">How many folds.</param>
    public int[][] Deal(int folds)
    {
        int[][] foldOf = [.. _blocks.Select(block => new int[block.RowCount])];
        var next = 0;
        foreach (var ofClass in _rows)
        {
            var sizes = new int[folds];
            foreach (var copies in ofClass)
            {
                // The smallest fold; of several the one after the last, so that not all classes begin with the same one.
                var fold = Enumerable.Range(next, folds).Select(f => f % folds).MinBy(f => sizes[f]);
                foreach (var (block, row) in copies)
                    foldOf[block][row] = fold;
                sizes[fold] += copies.Length;
                next = (fold + 1) % folds;
            }
        }

        return foldOf;
    }

    /// <summary>Of the bits of the values, well mixed.</summary>
    private static ulong Hash(float[] values)
    {
        var hash = 14695981039346656037UL;
        foreach (var value in values)
        {
            // 0 and -0 are one value.
            hash = (hash ^ BitConverter.SingleToUInt32Bits(value + 0f)) * 0x9E3779B97F4A7C15UL;
            hash ^= hash >> 29;
        }

        return hash;
    }
}

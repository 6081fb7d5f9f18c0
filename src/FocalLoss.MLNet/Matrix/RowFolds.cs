using System.Runtime.InteropServices;

namespace FocalMlNet.Matrix;

/// <summary>
/// Deals rows into folds, each class evenly. Rows of one group go into one fold or, if they are not grouped, equal rows of a class, so that
/// copies of a row, as an oversampled view has them, do not judge each other. The folds depend on the rows alone, not on their order.
/// </summary>
internal sealed class RowFolds
{
    private readonly IReadOnlyList<RowBlock> _blocks;
    private readonly int _classCount;

    /// <summary>Rows that stay together, and the class by which they are placed.</summary>
    private readonly (int Class, List<(int Block, int Row)> Rows)[] _units;

    /// <param name="blocks">The rows.</param>
    /// <param name="classCount">Number of classes.</param>
    public RowFolds(IReadOnlyList<RowBlock> blocks, int classCount)
    {
        (_blocks, _classCount) = (blocks, classCount);
        var totals = new ClassTotals(classCount);
        // Equal rows have one hash, by which they are sorted; that of a group does not depend on the order of its rows.
        var units = new Dictionary<(ulong Id, int Class), (ulong Hash, List<(int Block, int Row)> Rows)>();
        var values = new float[blocks[0].ColumnCount];
        for (var b = 0; b < blocks.Count; b++)
        {
            totals.Add(blocks[b]);
            for (var i = 0; i < blocks[b].RowCount; i++)
            {
                blocks[b].CopyRow(i, values);
                var (hash, k) = (Hash(values), ClassOf((b, i)));
                var isGrouped = blocks[b].Groups.Length > 0;
                ref var unit = ref CollectionsMarshal.GetValueRefOrAddDefault(
                    units, isGrouped ? ((ulong)blocks[b].Groups[i], -1) : (hash, k), out _);
                unit = (isGrouped ? unit.Hash + hash * (ulong)(2 * k + 1) : hash, unit.Rows ?? []);
                unit.Rows.Add((b, i));
            }
        }

        // A group is placed by the rarest of its classes, which leaves least room.
        _units = [.. units.Values.Select(unit => (unit.Hash, Class: unit.Rows.Select(ClassOf).MinBy(k => (totals.Counts[k], k)), unit.Rows))
            .OrderBy(unit => (unit.Class, unit.Hash)).Select(unit => (unit.Class, unit.Rows))];
    }

    /// <summary>How many different rows, or groups that have such, each class has.</summary>
    public int[] DistinctRows
    {
        get
        {
            var counts = new int[_classCount];
            foreach (var k in _units.SelectMany(unit => unit.Rows.Select(ClassOf).Distinct()))
                counts[k]++;
            return counts;
        }
    }

    /// <summary>For each row of each block the number of its fold.</summary>
    /// <param name="folds">How many folds.</param>
    public int[][] Deal(int folds)
    {
        int[][] foldOf = [.. _blocks.Select(block => new int[block.RowCount])];
        var sizes = new int[_classCount, folds];
        var next = 0;
        foreach (var (k, rows) in _units)
        {
            // The smallest fold; of several the one after the last, so that not all classes begin with the same one.
            var fold = Enumerable.Range(next, folds).Select(f => f % folds).MinBy(f => sizes[k, f]);
            foreach (var row in rows)
            {
                foldOf[row.Block][row.Row] = fold;
                sizes[ClassOf(row), fold]++;
            }

            next = (fold + 1) % folds;
        }

        return foldOf;
    }

    private int ClassOf((int Block, int Row) row) => (int)_blocks[row.Block].Labels[row.Row];

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

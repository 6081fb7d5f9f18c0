using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace FocalMlNet.Matrix;

/// <summary>
/// Deals rows into folds, each class evenly. Rows of one group go into one fold or, if they are not grouped, equal rows of a class, so that
/// copies of a row, as an oversampled view has them, do not judge each other. The folds depend on the rows alone, not on their order, nor
/// on a constant that all features are multiplied with.
/// </summary>
internal sealed class RowFolds
{
    private readonly IReadOnlyList<RowBlock> _blocks;
    private readonly int _classCount;

    /// <summary>Rows that stay together, and the class by which they are placed.</summary>
    private readonly (int Class, List<(int Block, int Row)> Rows)[] _units;

    /// <param name="blocks">The rows.</param>
    /// <param name="classCount">Number of classes.</param>
    /// <param name="parallel">Threads and cancellation.</param>
    public RowFolds(IReadOnlyList<RowBlock> blocks, int classCount, ParallelOptions parallel)
    {
        (_blocks, _classCount) = (blocks, classCount);
        var totals = new ClassTotals(classCount);
        var places = new RowPlaces(blocks, parallel);
        // Equal rows have one place, and with it one number, by which they are sorted; that of a group does not depend on their order.
        var units = new Dictionary<(ulong Id, int Class), (ulong Number, List<(int Block, int Row)> Rows)>();
        for (var b = 0; b < blocks.Count; b++)
        {
            totals.Add(blocks[b]);
            for (var i = 0; i < blocks[b].RowCount; i++)
            {
                var (number, k) = (SplitMix.Of(0, places.Next()).Next(), ClassOf((b, i)));
                var isGrouped = blocks[b].Groups.Length > 0;
                ref var unit = ref CollectionsMarshal.GetValueRefOrAddDefault(
                    units, isGrouped ? ((ulong)blocks[b].Groups[i], -1) : (number, k), out _);
                unit = (isGrouped ? unit.Number + number * (ulong)(2 * k + 1) : number, unit.Rows ?? []);
                unit.Rows.Add((b, i));
            }
        }

        // A group is placed by the rarest of its classes, which leaves least room.
        _units = [.. units.Values
            .Select(unit => (unit.Number, Class: unit.Rows.Select(ClassOf).MinBy(k => (totals.Counts[k], k)), unit.Rows))
            .OrderBy(unit => (unit.Class, unit.Number)).Select(unit => (unit.Class, unit.Rows))];
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

    /// <summary>
    /// The place of each row if the different rows are sorted by their values, those of the first column first: it is the same whatever
    /// order they come in, and whatever positive constant the columns are multiplied with.
    /// </summary>
    private sealed class RowPlaces
    {
        private readonly int[] _places;
        private int _next;

        public RowPlaces(IReadOnlyList<RowBlock> blocks, ParallelOptions parallel)
        {
            var width = blocks[0].ColumnCount;
            _places = new int[blocks.Sum(block => block.RowCount)];
            var values = new float[_places.Length][];
            var firsts = new int[blocks.Count];
            for (var b = 1; b < firsts.Length; b++)
                firsts[b] = firsts[b - 1] + blocks[b - 1].RowCount;
            ParallelLoop.For(blocks.Count, parallel, b =>
            {
                for (var i = 0; i < blocks[b].RowCount; i++)
                {
                    var row = values[firsts[b] + i] = new float[width];
                    blocks[b].CopyRow(i, row);
                    // 0 and -0 are one value.
                    TensorPrimitives.Add<float>(row, 0, row);
                }
            });

            int[] sorted = [.. Enumerable.Range(0, values.Length)];
            Array.Sort(sorted, (one, other) => Compare(values[one], values[other]));
            for (var i = 1; i < sorted.Length; i++)
                _places[sorted[i]] = _places[sorted[i - 1]] + (Compare(values[sorted[i - 1]], values[sorted[i]]) == 0 ? 0 : 1);
        }

        /// <summary>That of the next row, block after block.</summary>
        public int Next() => _places[_next++];

        private static int Compare(float[] one, float[] other)
        {
            var same = MemoryMarshal.Cast<float, uint>(one).CommonPrefixLength(MemoryMarshal.Cast<float, uint>(other));
            return same == one.Length ? 0 : one[same].CompareTo(other[same]);
        }
    }
}

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

    /// <summary>The class of each row, block after block.</summary>
    private readonly int[] _classes;

    /// <summary>Rows that stay together, in the order in which they are dealt out, and the class by which they are placed.</summary>
    private readonly (int Class, ArraySegment<int> Rows)[] _units;

    /// <param name="blocks">The rows.</param>
    /// <param name="classCount">Number of classes.</param>
    /// <param name="parallel">Threads and cancellation.</param>
    public RowFolds(IReadOnlyList<RowBlock> blocks, int classCount, ParallelOptions parallel)
    {
        (_blocks, _classCount) = (blocks, classCount);
        _classes = [.. blocks.SelectMany(block => block.Labels.ToArray()).Select(label => (int)label)];
        int[] groups = [.. blocks.SelectMany(block => block.Groups)];
        var totals = new ClassTotals(classCount);
        foreach (var block in blocks)
            totals.Add(block);
        _units = Units(RowPlaces.Of(blocks, parallel), groups, totals.Counts);
    }

    /// <summary>How many different rows, or groups that have such, each class has.</summary>
    public int[] DistinctRows
    {
        get
        {
            // The last unit that was counted for each class, from 1 on.
            var (counts, last) = (new int[_classCount], new int[_classCount]);
            for (var unit = 1; unit <= _units.Length; unit++)
            {
                foreach (var row in _units[unit - 1].Rows)
                {
                    var k = _classes[row];
                    if (last[k] == unit)
                        continue;
                    last[k] = unit;
                    counts[k]++;
                }
            }

            return counts;
        }
    }

    /// <summary>For each row of each block the number of its fold.</summary>
    /// <param name="folds">How many folds.</param>
    public int[][] Deal(int folds)
    {
        var (foldOf, sizes, next) = (new int[_classes.Length], new int[_classCount, folds], 0);
        foreach (var (k, rows) in _units)
        {
            // The smallest fold; of several the one after the last, so that not all classes begin with the same one.
            var fold = next;
            for (var f = 1; f < folds; f++)
                fold = sizes[k, (next + f) % folds] < sizes[k, fold] ? (next + f) % folds : fold;
            foreach (var row in rows)
            {
                foldOf[row] = fold;
                sizes[_classes[row], fold]++;
            }

            next = (fold + 1) % folds;
        }

        var first = 0;
        return [.. _blocks.Select(block => foldOf[first..(first += block.RowCount)])];
    }

    /// <summary>
    /// Different rows of each class, as many of each as go into a number together: the place of one of several that are equal, the weight
    /// of all of these, and for each class how many times as much all its rows weigh. Which ones depends on the rows alone.
    /// </summary>
    /// <param name="most">Rows at most.</param>
    public ((int Block, int Row)[] Places, float[] Weights, double[] Factors) Different(int most)
    {
        float[] weightOf = [.. _blocks.SelectMany(block => block.Weights.ToArray())];
        (int, int)[] placeOf = [.. _blocks.SelectMany((block, b) => Enumerable.Range(0, block.RowCount).Select(row => (b, row)))];
        var (places, weights, factors) = (new List<(int, int)>(), new List<float>(), new double[_classCount]);
        var ofClasses = _units.ToLookup(unit => unit.Class);
        var counts = StratifiedRows.Evenly([.. Enumerable.Range(0, _classCount).Select(k => (long)ofClasses[k].Count())], most);
        foreach (var own in ofClasses)
        {
            double[] sums = [.. own.Select(unit => unit.Rows.Sum(row => (double)weightOf[row]))];
            var count = counts[own.Key];
            places.AddRange(own.Take(count).Select(unit => placeOf[unit.Rows[0]]));
            weights.AddRange(sums.Take(count).Select(sum => (float)sum));
            factors[own.Key] = sums.Take(count).Sum() is > 0 and var taken ? sums.Sum() / taken : 0;
        }

        return ([.. places], [.. weights], factors);
    }

    /// <summary>Puts rows together, and in an order that their values decide.</summary>
    /// <param name="places">The place of each row, by its values.</param>
    /// <param name="groups">The group of each row; empty if they are not grouped.</param>
    /// <param name="classCounts">Rows of each class.</param>
    private (int Class, ArraySegment<int> Rows)[] Units(int[] places, int[] groups, IReadOnlyList<long> classCounts)
    {
        var (unitOf, numbers) = (new int[places.Length], new List<ulong>(places.Length));
        var found = new Dictionary<(int, int), int>(places.Length);
        for (var row = 0; row < places.Length; row++)
        {
            var k = _classes[row];
            var number = SplitMix.Of(0, places[row]).Next();
            ref var unit = ref CollectionsMarshal.GetValueRefOrAddDefault(
                found, groups.Length > 0 ? (groups[row], -1) : (places[row], k), out var isKnown);
            if (!isKnown)
            {
                unit = numbers.Count;
                numbers.Add(groups.Length > 0 ? 0 : number);
            }

            // Of a group in whatever order its rows come.
            if (groups.Length > 0)
                numbers[unit] += number * (ulong)(2 * k + 1);
            unitOf[row] = unit;
        }

        var (rows, ends) = (Enumerable.Range(0, places.Length).ToArray(), new int[numbers.Count]);
        Array.Sort([.. unitOf], rows);
        for (var at = 0; at < rows.Length; at++)
            ends[unitOf[rows[at]]] = at + 1;
        int[] order = [.. Enumerable.Range(0, ends.Length)];
        Array.Sort(numbers.ToArray(), order);
        // A group is placed by the rarest of its classes, which leaves least room.
        return [.. order
            .Select(u => new ArraySegment<int>(rows, u == 0 ? 0 : ends[u - 1], ends[u] - (u == 0 ? 0 : ends[u - 1])))
            .Select(own => (
                Class: own.Count == 1 ? _classes[own[0]] : own.Select(row => _classes[row]).MinBy(k => (classCounts[k], k)), own))
            .OrderBy(unit => unit.Class)];
    }

    /// <summary>
    /// The place of each row if the different rows are sorted by their values, those of the first column first: it is the same whatever
    /// order they come in, and whatever positive constant the columns are multiplied with.
    /// </summary>
    private static class RowPlaces
    {
        /// <summary>The place of each row, block after block; equal rows have one.</summary>
        public static int[] Of(IReadOnlyList<RowBlock> blocks, ParallelOptions parallel)
        {
            var firsts = new int[blocks.Count + 1];
            for (var b = 0; b < blocks.Count; b++)
                firsts[b + 1] = firsts[b] + blocks[b].RowCount;
            var values = FirstValues(blocks, firsts, parallel);
            int[] sorted = [.. Enumerable.Range(0, values.Length)];
            Array.Sort(values, sorted);
            // Most rows of most data differ in the first column: of the others all values are needed.
            var isTied = new bool[values.Length];
            for (var i = 1; i < sorted.Length; i++)
            {
                if (values[i - 1] == values[i])
                    isTied[sorted[i - 1]] = isTied[sorted[i]] = true;
            }

            var rows = Rows(blocks, firsts, isTied, parallel);
            var byValues = Comparer<int>.Create((one, other) => Compare(rows[one]!, rows[other]!));
            for (int i = 0, end; i < sorted.Length; i = end)
            {
                for (end = i + 1; end < sorted.Length && values[end] == values[i];)
                    end++;
                if (end > i + 1)
                    Array.Sort(sorted, i, end - i, byValues);
            }

            var places = new int[values.Length];
            for (var i = 1; i < sorted.Length; i++)
            {
                var (before, row) = (sorted[i - 1], sorted[i]);
                var isSame = values[i - 1] == values[i] && Compare(rows[before]!, rows[row]!) == 0;
                places[row] = places[before] + (isSame ? 0 : 1);
            }

            return places;
        }

        /// <summary>The value of the first column in each row: the score of the linear function that is this column.</summary>
        private static float[] FirstValues(IReadOnlyList<RowBlock> blocks, int[] firsts, ParallelOptions parallel)
        {
            var values = new float[firsts[^1]];
            float[] coefficients = [.. Enumerable.Range(0, blocks[0].ColumnCount).Select(j => j == 0 ? 1f : 0)];
            ParallelLoop.For(
                blocks.Count, parallel, b => blocks[b].Scores(coefficients, 0, values.AsSpan(firsts[b], blocks[b].RowCount)));
            return values;
        }

        private static float[]?[] Rows(IReadOnlyList<RowBlock> blocks, int[] firsts, bool[] areWanted, ParallelOptions parallel)
        {
            var rows = new float[]?[areWanted.Length];
            ParallelLoop.For(blocks.Count, parallel, b =>
            {
                for (var i = 0; i < blocks[b].RowCount; i++)
                {
                    if (!areWanted[firsts[b] + i])
                        continue;
                    var row = rows[firsts[b] + i] = new float[blocks[b].ColumnCount];
                    blocks[b].CopyRow(i, row);
                    // 0 and -0 are one value.
                    TensorPrimitives.Add<float>(row, 0, row);
                }
            });
            return rows;
        }

        private static int Compare(float[] one, float[] other)
        {
            var same = MemoryMarshal.Cast<float, uint>(one).CommonPrefixLength(MemoryMarshal.Cast<float, uint>(other));
            return same == one.Length ? 0 : one[same].CompareTo(other[same]);
        }
    }
}

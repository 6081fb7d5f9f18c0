namespace FocalMlNet.Matrix;

/// <summary>
/// Thins rows evenly in the classes that have most of them, so that what is left of each class, weighed anew, stands for all of it.
/// </summary>
internal sealed class StratifiedRows
{
    private readonly ClassTotals _totals;
    private readonly double[] _shares;
    private readonly long[] _seen;
    private readonly long[] _taken;
    private readonly double[] _kept;

    /// <param name="totals">Of all rows that will be seen.</param>
    /// <param name="most">Rows to be left at most: as many of each class as go into this number together.</param>
    public StratifiedRows(ClassTotals totals, int most)
    {
        _totals = totals;
        (_shares, _kept) = (new double[totals.ClassCount], new double[totals.ClassCount]);
        (_seen, _taken) = (new long[totals.ClassCount], new long[totals.ClassCount]);
        var left = Evenly(totals.Counts, most);
        for (var k = 0; k < _shares.Length; k++)
            _shares[k] = totals.Counts[k] == 0 ? 0 : (double)left[k] / totals.Counts[k];
    }

    /// <summary>How many of each class are left: as many of each as go into a number together.</summary>
    /// <param name="counts">How many there are of each class.</param>
    /// <param name="most">How many are left at most.</param>
    public static int[] Evenly(IReadOnlyList<long> counts, int most)
    {
        var (taken, left, classes) = (new int[counts.Count], most, counts.Count);
        foreach (var k in Enumerable.Range(0, classes).OrderBy(k => counts[k]))
            left -= taken[k] = (int)Math.Min(counts[k], left / classes--);
        return taken;
    }

    /// <summary>For each class the factor with which the rows that were taken weigh as much as all of its rows.</summary>
    public double[] Factors => [.. _kept.Select((kept, k) => kept > 0 ? _totals.Weights[k] / kept : 0)];

    /// <summary>What is left of a block; rows of weight 0 are not.</summary>
    public RowBlock Take(RowBlock block)
    {
        Span<int> rows = stackalloc int[RowBlock.MaxRowCount];
        var count = 0;
        var labels = block.Labels;
        var weights = block.Weights;
        for (var i = 0; i < labels.Length; i++)
        {
            var k = (int)labels[i];
            // In closed form, since a sum of shares would be off where rows are many; what rounding took is not taken twice.
            var due = (long)Math.Floor(++_seen[k] * _shares[k] + 1e-9);
            if (due <= _taken[k])
                continue;
            _taken[k] = due;
            if (weights[i] == 0)
                continue;
            rows[count++] = i;
            _kept[k] += weights[i];
        }

        if (count == block.RowCount)
            return block;
        return block.Select(rows[..count]);
    }
}

namespace FocalMlNet.Splits;

/// <summary>The numbers of rows by what they belong to: those of the first group in their order, those of the second, and so on.</summary>
internal sealed class RowGroups
{
    private readonly int[] _rows;
    private readonly int[] _ends;

    /// <param name="groupOfRow">The group of each row.</param>
    /// <param name="groupCount">The number of groups; some may be without rows.</param>
    public RowGroups(ReadOnlySpan<int> groupOfRow, int groupCount)
    {
        (_rows, _ends) = (new int[groupOfRow.Length], new int[groupCount]);
        foreach (var g in groupOfRow)
            _ends[g]++;
        var sum = 0;
        for (var g = 0; g < groupCount; g++)
            (_ends[g], sum) = (sum, sum + _ends[g]);
        for (var i = 0; i < _rows.Length; i++)
            _rows[_ends[groupOfRow[i]]++] = i;
    }

    /// <summary>All rows, group after group.</summary>
    public ReadOnlySpan<int> Rows => _rows;

    /// <summary>The rows of a group.</summary>
    public Span<int> this[int g] => _rows.AsSpan(Range(g));

    /// <summary>Where those of a group are among all.</summary>
    public Range Range(int g) => (g == 0 ? 0 : _ends[g - 1]).._ends[g];
}

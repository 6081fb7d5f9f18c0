namespace ImbalancedBinary;

/// <summary>A text table as it was in the file.</summary>
/// <param name="File">The file it came from.</param>
/// <param name="Columns">The names in the header line, all different.</param>
/// <param name="Rows">The other lines.</param>
internal sealed record Table(string File, IReadOnlyList<string> Columns, IReadOnlyList<TableRow> Rows)
{
    /// <summary>The position of a column that an option names.</summary>
    /// <exception cref="UserErrorException">There is no such column.</exception>
    public int IndexOf(string column, string option)
    {
        for (var j = 0; j < Columns.Count; j++)
        {
            if (Columns[j] == column)
                return j;
        }

        const int Shown = 12;
        var names = string.Join(", ", Columns.Take(Shown)) + (Columns.Count > Shown ? $" and {Columns.Count - Shown} more" : "");
        throw new UserErrorException($"{option}: there is no column '{column}' in '{File}'. It has {names}.");
    }
}

/// <summary>One row of a <see cref="Table"/>.</summary>
/// <param name="Line">The line of the file on which it begins, counted from 1.</param>
/// <param name="Cells">One text for each column, without the quotes and the blanks around it.</param>
internal sealed record TableRow(long Line, string[] Cells);

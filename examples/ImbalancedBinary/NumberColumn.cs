using System.Globalization;

namespace ImbalancedBinary;

/// <summary>Tells columns of numbers from text columns, and reads the former.</summary>
internal static class NumberColumn
{
    private static readonly HashSet<string> Missing = new(["", "NA", "N/A", "NaN", "null", "?"], StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether at least half of the cells that are not missing are numbers.</summary>
    public static bool IsOne(Table table, int column)
    {
        var (cells, numbers, decimalCommas) = (0, 0, 0);
        foreach (var cell in table.Rows.Select(row => row.Cells[column]).Where(cell => !Missing.Contains(cell)))
        {
            cells++;
            if (TryParse(cell, out _))
                numbers++;
            else if (cell.Contains(',') && TryParse(cell.Replace(',', '.'), out _))
                decimalCommas++;
        }

        if (cells == 0)
            throw new UserErrorException($"Column '{table.Columns[column]}' of '{table.File}' is empty: leave it out with --ignore.");
        if (decimalCommas > 0 && 2 * (numbers + decimalCommas) >= cells)
            throw NotANumber(table, column, table.Rows.First(row => !TryParse(row.Cells[column], out _) && row.Cells[column].Contains(',')));
        return 2 * numbers >= cells;
    }

    /// <summary>The numbers of a column; NaN for a missing one.</summary>
    /// <exception cref="UserErrorException">A cell is neither a number nor missing.</exception>
    public static float[] Parse(Table table, int column)
    {
        var values = new float[table.Rows.Count];
        for (var i = 0; i < values.Length; i++)
        {
            var cell = table.Rows[i].Cells[column];
            if (Missing.Contains(cell))
                values[i] = float.NaN;
            else if (!TryParse(cell, out values[i]) || !float.IsFinite(values[i]))
                throw NotANumber(table, column, table.Rows[i]);
        }

        return values;
    }

    private static bool TryParse(string cell, out float value)
        => float.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out value);

    private static UserErrorException NotANumber(Table table, int column, TableRow row)
        => new($"'{table.File}', line {row.Line}, column '{table.Columns[column]}': '{row.Cells[column]}' is not a number like 1.5 or -2e3, "
            + $"but most cells of the column are. If they are names, give --text {table.Columns[column]}.");
}

using System.Globalization;

namespace ImbalancedBinary;

/// <summary>Tells columns of numbers from text columns, and reads the former.</summary>
internal static class NumberColumn
{
    /// <summary>Sizes of numbers but 0 that can be standardised in single precision, in whatever part of the rows they are.</summary>
    private const double Smallest = 1e-30, Largest = 1e38;

    private static readonly HashSet<string> Missing = new(["", "NA", "N/A", "NaN", "null", "?"], StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether at least half of the cells that are not missing are numbers.</summary>
    public static bool IsOne(Table table, int column)
    {
        var (cells, numbers, withComma) = (0, 0, 0);
        foreach (var cell in table.Rows.Select(row => row.Cells[column]).Where(cell => !Missing.Contains(cell)))
        {
            cells++;
            if (TryParse(cell, out _))
                numbers++;
            else if (HasComma(cell))
                withComma++;
        }

        if (cells == 0)
            throw new UserErrorException($"Column '{table.Columns[column]}' of '{table.File}' is empty: leave it out with --ignore.");
        if (withComma > 0 && 2 * (numbers + withComma) >= cells)
        {
            var row = table.Rows.First(row => HasComma(row.Cells[column]));
            throw Wrong(table, column, row, $"has a comma: write 1.5 for 1,5 and 1000 for 1,000. {IfText(table, column)}");
        }

        return 2 * numbers >= cells;
    }

    /// <summary>The numbers of a column; NaN for a missing one.</summary>
    /// <exception cref="UserErrorException">A cell is neither a number in the range nor missing.</exception>
    public static float[] Parse(Table table, int column)
    {
        var values = new float[table.Rows.Count];
        for (var i = 0; i < values.Length; i++)
        {
            var cell = table.Rows[i].Cells[column];
            if (Missing.Contains(cell))
                values[i] = float.NaN;
            else if (!TryParse(cell, out var number))
                throw Wrong(table, column, table.Rows[i], $"is not a number like 1.5 or -2e3, but most are. {IfText(table, column)}");
            else if (!IsInRange(cell, number))
                throw Wrong(table, column, table.Rows[i], "is out of range: a number should be 0 or of a size from 1e-30 to 1e38.");
            else
                values[i] = (float)number;
        }

        return values;
    }

    private static bool TryParse(string cell, out double value)
        => double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out value);

    /// <summary>Whether a number is 0 or neither too small nor too large. 1e-400 is 0 as a double, but has other digits than 0.</summary>
    private static bool IsInRange(string cell, double number)
        => number == 0 ? !cell.Split('e', 'E')[0].AsSpan().ContainsAnyInRange('1', '9') : Math.Abs(number) is >= Smallest and <= Largest;

    /// <summary>Whether a cell would be a number without its commas and points: one is before the decimals or between thousands.</summary>
    private static bool HasComma(string cell) => cell.Contains(',') && TryParse(cell.Replace(",", "").Replace(".", ""), out _);

    private static string IfText(Table table, int column) => $"If the cells are names, give --text {table.Columns[column]}.";

    private static UserErrorException Wrong(Table table, int column, TableRow row, string what)
        => new($"'{table.File}', line {row.Line}, column '{table.Columns[column]}': '{row.Cells[column]}' {what}");
}

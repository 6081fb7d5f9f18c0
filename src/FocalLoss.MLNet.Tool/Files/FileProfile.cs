using System.Text;

namespace FocalMlNet.Tool.Files;

/// <summary>What a file holds, found by reading it once from end to end: that it can be read is known from then on.</summary>
internal sealed class FileProfile
{
    private FileProfile(string path, IReadOnlyList<ColumnProfile> columns, char delimiter, long rows)
        => (Path, Columns, Delimiter, Rows) = (path, columns, delimiter, rows);

    public string Path { get; }

    public IReadOnlyList<ColumnProfile> Columns { get; }

    public char Delimiter { get; }

    public long Rows { get; }

    public IReadOnlyList<string> Names => [.. Columns.Select(c => c.Name)];

    /// <summary>Reads the file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="countValues">Whether the different values of each column are wanted.</param>
    /// <exception cref="UserErrorException">It cannot be read, or has no rows.</exception>
    public static FileProfile Read(string path, bool countValues)
    {
        using var file = DelimitedFile.Open(path);
        ColumnProfile[] columns = [.. file.Columns.Select(name => new ColumnProfile(name))];
        var rows = 0L;
        while (file.Read())
        {
            rows++;
            for (var j = 0; j < columns.Length; j++)
                columns[j].Add(file[j], file.Line, countValues);
        }

        return rows > 0 ? new(path, columns, file.Delimiter, rows) : throw new UserErrorException($"'{path}' has no rows.");
    }

    /// <summary>The place of a column that an option names.</summary>
    public int IndexOf(string column, string option) => DelimitedFile.IndexOf(Names, column, option, Path);

    /// <summary>
    /// Whether numbers have a comma before their decimals: if all of the file agree on it, one of them cannot be meant otherwise, and the
    /// comma is not the delimiter.
    /// </summary>
    /// <param name="columns">The columns that are used.</param>
    public bool HasDecimalComma(IEnumerable<int> columns)
    {
        ColumnProfile[] used = [.. columns.Select(j => Columns[j])];
        ColumnProfile[] withComma = [.. used.Where(c => c.HasNumbersWithComma)];
        return Delimiter != ',' && withComma.Any(c => c.HasCertainDecimalComma) && withComma.All(c => c.HasOnlyDecimalCommas)
            && !used.Any(c => c.IsNumber(decimalComma: false) && c.HasPoint);
    }

    /// <summary>Refuses a column that would be one of numbers but for commas that are not clear.</summary>
    /// <exception cref="UserErrorException">It is such a column.</exception>
    public void CheckCommas(ColumnProfile column, bool decimalComma, string ifText)
    {
        if (!column.HasNumbersWithComma || decimalComma)
            return;
        var (line, cell) = column.FirstComma!.Value;
        throw Wrong(line, column.Name, cell, $"has a comma: write 1.5 for 1,5 and 1000 for 1,000.{ifText}");
    }

    /// <summary>An error about a cell.</summary>
    public UserErrorException Wrong(long line, string column, string cell, string what)
        => new($"'{Path}', line {line}, column '{column}': '{Short(cell)}' {what}");

    private static string Short(string cell) => cell.Length <= 60 ? cell : new StringBuilder(cell, 0, 59, 60).Append('…').ToString();
}

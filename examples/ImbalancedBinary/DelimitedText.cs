using CsvHelper;

namespace ImbalancedBinary;

/// <summary>Reads a delimited text file whose delimiter nobody told us.</summary>
internal static class DelimitedText
{
    // Without a Separator, the reader finds out which of comma, semicolon, tab and pipe it is.
    private static readonly CsvReaderOptions Options = new()
    {
        TrimWhitespace = true,
        TrackLineNumbers = true,
        MalformedData = CsvMalformedDataHandling.Throw,
        PoolStrings = true, // equal cells of a column share one string
    };

    /// <summary>The table in <paramref name="file"/>, whose first line is the header.</summary>
    /// <exception cref="UserErrorException">The file cannot be read, or a row has too many or too few cells or a stray quote.</exception>
    public static Table Read(string file)
    {
        if (Directory.Exists(file))
            throw new UserErrorException($"'{file}' is a folder, but it should be a file.");
        try
        {
            using var reader = CsvReader.FromFile(file, Options);
            return Read(file, reader);
        }
        catch (CsvFormatException error)
        {
            throw new UserErrorException($"'{file}': {error.Message}", error);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new UserErrorException($"'{file}' does not exist.", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"'{file}' cannot be read: {error.Message}", error);
        }
    }

    private static Table Read(string file, CsvReader reader)
    {
        reader.ReadHeader();
        var columns = reader.Headers.ToArray().Select((name, j) => name.Length > 0 ? name : $"#{j + 1}").ToArray();
        var twice = columns.GroupBy(name => name).FirstOrDefault(group => group.Count() > 1);
        if (twice is not null)
            throw new UserErrorException($"'{file}', line 1: {twice.Count()} columns have the name '{twice.Key}'.");

        var rows = new List<TableRow>();
        while (reader.Read())
        {
            if (reader.FieldCount != columns.Length)
                throw WrongCellCount(file, columns, reader);
            rows.Add(new TableRow(reader.LineNumber, [.. Enumerable.Range(0, columns.Length).Select(reader.GetString)]));
        }

        return rows.Count > 0 ? new Table(file, columns, rows) : throw new UserErrorException($"'{file}' has no rows.");
    }

    private static UserErrorException WrongCellCount(string file, string[] columns, CsvReader reader)
    {
        var where = reader.FieldCount < columns.Length
            ? $"column '{columns[reader.FieldCount]}' is the first without a cell"
            : $"there is no column for '{reader.GetString(columns.Length)}'";
        return new($"'{file}', line {reader.LineNumber}: {reader.FieldCount} cells, but the header has {columns.Length} columns; {where}.");
    }
}

using System.IO.Compression;
using System.Text.Unicode;
using CsvHelper;

namespace FocalMlNet.Tool.Files;

/// <summary>
/// A delimited text file, read row by row: comma, semicolon, tab or pipe is found, gzip too. The first line is the header. What the
/// user can put right is a <see cref="UserErrorException"/> that names the file and the line.
/// </summary>
internal sealed class DelimitedFile : IDisposable
{
    // Without a Separator, the reader finds out which it is.
    private static readonly CsvReaderOptions Options = new()
    {
        HasHeader = false, // it is read as a row, as it is to be written again
        TrimWhitespace = true,
        TrackLineNumbers = true,
        MalformedData = CsvMalformedDataHandling.Throw,
    };

    private readonly string _path;
    private readonly CsvReader _reader;
    private readonly Stream _stream;

    private DelimitedFile(string path)
    {
        _path = path;
        _stream = Opened(path);
        _reader = CsvReader.Create(_stream, Options, leaveOpen: true);
        if (!_reader.Read())
            throw new UserErrorException($"'{path}' has no rows.");
        CheckText(1);
        Columns = [.. Enumerable.Range(0, _reader.FieldCount).Select(_reader.GetString)
            .Select((name, j) => name.Length > 0 ? name : $"#{j + 1}")];
        var twice = Columns.GroupBy(name => name).FirstOrDefault(group => group.Count() > 1);
        if (twice is not null)
            throw new UserErrorException($"'{path}', line 1: {twice.Count()} columns have the name '{twice.Key}'.");
    }

    /// <summary>The names in the header, all different; #3 for the third if it has none.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>What stands between the cells.</summary>
    public char Delimiter => _reader.Separator;

    /// <summary>The line on which the row begins, counted from 1 as an editor does.</summary>
    public long Line => _reader.LineNumber;

    /// <summary>The row as it is in the file, in UTF-8, without the line break after it.</summary>
    public ReadOnlySpan<byte> Raw => _reader.RawRecord;

    /// <summary>A cell of the row, without quotes and the blanks around it.</summary>
    public string this[int column] => _reader.GetString(column);

    /// <summary>Opens a file and reads its header.</summary>
    /// <exception cref="UserErrorException">The file cannot be read, or two columns have the same name.</exception>
    public static DelimitedFile Open(string path)
    {
        if (Directory.Exists(path))
            throw new UserErrorException($"'{path}' is a folder, but it should be a file.");
        return Translated(path, () => new DelimitedFile(path));
    }

    /// <summary>Goes to the next row.</summary>
    /// <exception cref="UserErrorException">It cannot be read, or has too many or too few cells or a stray quote.</exception>
    public bool Read() => Translated(_path, () =>
    {
        if (!_reader.Read())
            return false;
        CheckText(_reader.LineNumber);
        if (_reader.FieldCount == Columns.Count)
            return true;
        var where = _reader.FieldCount < Columns.Count
            ? $"column '{Columns[_reader.FieldCount]}' is the first without a cell"
            : $"there is no column for '{_reader.GetString(Columns.Count)}'";
        throw new UserErrorException(
            $"'{_path}', line {Line}: {_reader.FieldCount} cells, but the header has {Columns.Count} columns; {where}.");
    });

    public void Dispose()
    {
        _reader.Dispose();
        _stream.Dispose();
    }

    /// <summary>The place of a column that an option names.</summary>
    /// <exception cref="UserErrorException">There is no such column.</exception>
    public static int IndexOf(IReadOnlyList<string> columns, string column, string option, string path)
    {
        for (var j = 0; j < columns.Count; j++)
        {
            if (columns[j] == column)
                return j;
        }

        throw new UserErrorException($"{option}: there is no column '{column}' in '{path}'. It has {Listing.Of(columns, 12)}.");
    }

    private static Stream Opened(string path)
    {
        var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        try
        {
            if (!stream.CanSeek)
                throw new UserErrorException($"'{path}' is a pipe or a device, but it should be a file: it is read twice.");
            var isZipped = stream.ReadByte() == 0x1f && stream.ReadByte() == 0x8b;
            stream.Position = 0;
            return isZipped ? new GZipStream(stream, CompressionMode.Decompress) : stream;
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    private void CheckText(long line)
    {
        if (!Utf8.IsValid(_reader.RawRecord) || _reader.RawRecord.Contains((byte)0))
            throw new UserErrorException($"'{_path}', line {line}: this is not text in UTF-8. Save the table as CSV in UTF-8.");
    }

    private static T Translated<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (CsvFormatException error)
        {
            throw new UserErrorException($"'{path}': {error.Message}", error);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new UserErrorException($"'{path}' does not exist.", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException or ArgumentException
            or NotSupportedException)
        {
            throw new UserErrorException($"'{path}' cannot be read: {error.Message}", error);
        }
    }
}

using System.Collections;

namespace FocalMlNet.Matrix;

/// <summary>
/// Blocks in their order: in memory as long as they fit into a budget, and those after in a temporary file, from which each is read again
/// whenever it is asked for. The file can be read by its owner alone, and its name is gone as soon as it is open, so that nothing is left
/// behind however the program ends. Blocks may be read on several threads at once, once all have been added.
/// </summary>
/// <param name="memoryBudget">Bytes that the blocks in memory may take.</param>
/// <param name="folder">Where the file is made if there is one; null for the system's folder for temporary files.</param>
/// <param name="create">Makes a file in a folder; null for one of the kind that is said above.</param>
internal sealed class BlockStore(long memoryBudget, string? folder = null, Func<string, FileStream>? create = null)
    : IReadOnlyList<RowBlock>, IDisposable
{
    private readonly List<RowBlock> _inMemory = [];
    private readonly List<long> _starts = [];
    private FileStream? _file;
    private long _length;

    public int Count => _inMemory.Count + _starts.Count;

    /// <summary>Memory that the blocks take, or would take.</summary>
    public long Bytes { get; private set; }

    /// <summary>Whether all blocks so far are in memory.</summary>
    public bool IsInMemory => _file is null;

    /// <summary>Block b, from memory or from the file.</summary>
    public RowBlock this[int b]
    {
        get
        {
            if (b < _inMemory.Count)
                return _inMemory[b];
            var k = b - _inMemory.Count;
            var length = (int)((k + 1 < _starts.Count ? _starts[k + 1] : _length) - _starts[k]);
            using var bytes = new Scratch<byte>(length);
            for (var read = 0; read < length;)
            {
                var more = RandomAccess.Read(_file!.SafeFileHandle, bytes.Span[read..], _starts[k] + read);
                read += more > 0 ? more : throw new IOException("The temporary file of the training data ends too early.");
            }

            return RowBlock.Read(bytes.Span);
        }
    }

    /// <summary>Adds a block.</summary>
    /// <exception cref="IOException">It does not fit into the budget, and the file cannot be written.</exception>
    public void Add(RowBlock block)
    {
        Bytes += block.Bytes;
        // What comes after a block in the file is in the file, too: the order is that of the rows.
        if (_file is null && Bytes <= memoryBudget)
            _inMemory.Add(block);
        else
            Spill(block);
    }

    public IEnumerator<RowBlock> GetEnumerator()
    {
        for (var b = 0; b < Count; b++)
            yield return this[b];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public void Dispose() => _file?.Dispose();

    private void Spill(RowBlock block)
    {
        var where = folder ?? Path.GetTempPath();
        using var bytes = new Scratch<byte>(block.StoredLength);
        try
        {
            _file ??= (create ?? Create)(where);
            block.Write(bytes.Span);
            RandomAccess.Write(_file.SafeFileHandle, bytes.Span, _length);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new IOException(
                $"The training data needs more than the MemoryBudget of {memoryBudget >> 20} MiB, and what exceeds it "
                + $"cannot be written to a temporary file in SpillFolder = '{where}' (after {_length >> 20} MiB): {error.Message}", error);
        }

        _starts.Add(_length);
        _length += bytes.Span.Length;
    }

    /// <summary>Makes the file.</summary>
    internal static FileStream Create(string folder)
    {
        var path = Path.Combine(folder, Path.GetRandomFileName());
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
            Options = FileOptions.DeleteOnClose,
            BufferSize = 0,
        };
        if (OperatingSystem.IsWindows())
            return new FileStream(path, options);
        options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        // Here an open file need not have a name: not even a process that is killed leaves it behind.
        options.Options = FileOptions.None;
        var file = new FileStream(path, options);
        try
        {
            File.Delete(path);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }
}

using System.Runtime.InteropServices;

namespace FocalMlNet.Tool.Files;

/// <summary>
/// The files that a command writes. They appear under their names when all of them are complete; nothing half done is left, by an error or
/// by a signal. What is there before is replaced then and not earlier.
/// </summary>
internal sealed class OutputFiles : IDisposable
{
    private static readonly PosixSignal[] Signals = [PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGQUIT];
    private static readonly Lock Changing = new();

    private readonly PosixSignalRegistration[] _registrations;
    private readonly List<(string Unfinished, string Final)> _files = [];
    private readonly List<string> _madeFolders = [];
    private readonly string _option;

    /// <summary>Files that an option names; its name is for messages.</summary>
    public OutputFiles(string option)
    {
        _option = option;
        // A signal waits until nothing is being changed, cleans up, and lets no change begin any more: the program then ends.
        _registrations = Array.ConvertAll(Signals, signal => PosixSignalRegistration.Create(signal, _ =>
        {
            Changing.Enter();
            CleanUp();
        }));
    }

    /// <summary>Refuses, before any work is done, a file that cannot be written or would destroy one that is read.</summary>
    /// <exception cref="UserErrorException">It is such a file.</exception>
    public void Check(string path, params IEnumerable<string> filesRead)
    {
        if (Directory.Exists(path) || Path.EndsInDirectorySeparator(path))
            throw new UserErrorException($"{_option}: '{path}' is a folder, but it should be a file.");
        Attempt(path, file =>
        {
            var comparison = OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
            foreach (var read in filesRead)
            {
                if (string.Equals(file, Resolved(read), comparison))
                    throw new UserErrorException($"{_option}: '{path}' is the file that is read, which would be overwritten.");
            }

            // All that will be done in the end, undone again: no other check knows about permissions, long names and file systems.
            try
            {
                MakeFolder(Path.GetDirectoryName(file)!);
                File.Create(UnfinishedName(file)).Dispose();
            }
            finally
            {
                File.Delete(UnfinishedName(file));
                RemoveFolders();
            }
        });
    }

    /// <summary>The path under which a file is to be written until <see cref="Commit"/>.</summary>
    /// <exception cref="UserErrorException">It cannot be written.</exception>
    public string Begin(string path)
    {
        var unfinished = "";
        Attempt(path, file =>
        {
            MakeFolder(Path.GetDirectoryName(file)!);
            unfinished = UnfinishedName(file);
            File.Create(unfinished).Dispose();
            _files.Add((unfinished, file));
        });
        return unfinished;
    }

    /// <summary>Does without a file that was begun.</summary>
    public void Withdraw(string path) => Attempt(path, file =>
    {
        File.Delete(UnfinishedName(file));
        _files.RemoveAll(f => f.Final == file);
    });

    /// <summary>Gives all files their names.</summary>
    /// <exception cref="UserErrorException">One cannot be written.</exception>
    public void Commit()
    {
        lock (Changing)
        {
            while (_files is [var (unfinished, final), ..])
            {
                Attempt(final, _ => File.Move(unfinished, final, overwrite: true));
                _files.RemoveAt(0);
            }

            _madeFolders.Clear();
        }
    }

    public void Dispose()
    {
        Array.ForEach(_registrations, registration => registration.Dispose());
        lock (Changing)
            CleanUp();
    }

    /// <summary>The full path of what a path leads to: a link stays, and what it points to is replaced.</summary>
    private static string Resolved(string path)
    {
        var full = Path.GetFullPath(path);
        if (Path.GetDirectoryName(full) is not { } folder)
            return full;
        var here = Path.Combine(Resolved(folder), Path.GetFileName(full));
        return new FileInfo(here).LinkTarget is null ? here : new FileInfo(here).ResolveLinkTarget(returnFinalTarget: true)!.FullName;
    }

    private static string UnfinishedName(string file) => $"{file}.{Environment.ProcessId}.tmp";

    private void CleanUp()
    {
        foreach (var (unfinished, _) in _files)
        {
            try
            {
                File.Delete(unfinished);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // Windows deletes no open file: nothing better can be done on the way out.
            }
        }

        _files.Clear();
        RemoveFolders();
    }

    private void MakeFolder(string folder)
    {
        List<string> missing = [];
        for (var up = folder; !Directory.Exists(up) && Path.GetDirectoryName(up) is { } parent; up = parent)
            missing.Add(up);
        _madeFolders.InsertRange(0, missing);
        Directory.CreateDirectory(folder);
    }

    private void RemoveFolders()
    {
        foreach (var made in _madeFolders)
        {
            if (Directory.Exists(made) && !Directory.EnumerateFileSystemEntries(made).Any())
                Directory.Delete(made);
        }

        _madeFolders.Clear();
    }

    private void Attempt(string path, Action<string> work)
    {
        try
        {
            lock (Changing)
            {
                var file = Resolved(path);
                if (File.Exists(file) && File.GetAttributes(file).HasFlag(FileAttributes.ReadOnly))
                    throw new UserErrorException($"{_option}: '{path}' is read-only.");
                // To a program that may do everything a device is a file to be replaced.
                if (!OperatingSystem.IsWindows() && file.StartsWith("/dev/", StringComparison.Ordinal))
                    throw new UserErrorException($"{_option}: '{path}' is a device, but it should be a file.");
                work(file);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new UserErrorException($"{_option}: '{path}' cannot be written: {error.Message}", error);
        }
    }
}

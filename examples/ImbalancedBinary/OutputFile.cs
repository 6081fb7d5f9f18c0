using System.Runtime.InteropServices;

namespace ImbalancedBinary;

/// <summary>The file that is written in the end. It appears under its name when it is complete; nothing half done is left.</summary>
internal static class OutputFile
{
    private static readonly PosixSignal[] Signals = [PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGQUIT];
    private static readonly Lock Writing = new();

    /// <summary>Refuses, before any work is done, a file that cannot be written or would destroy the data.</summary>
    /// <exception cref="UserErrorException">It is such a file.</exception>
    public static void Check(string path, string dataFile)
    {
        if (Directory.Exists(path) || Path.EndsInDirectorySeparator(path))
            throw new UserErrorException($"--output: '{path}' is a folder, but it should be a file.");
        Attempt(path, file =>
        {
            var comparison = OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
            if (string.Equals(file, Resolved(dataFile), comparison))
                throw new UserErrorException($"--output: '{path}' is the data file, which would be overwritten.");

            // All that will be done in the end, undone again: no other check knows about permissions, long names and file systems.
            var folder = Path.GetDirectoryName(file)!;
            var existing = folder;
            while (!Directory.Exists(existing) && Path.GetDirectoryName(existing) is { } parent)
                existing = parent;
            try
            {
                Directory.CreateDirectory(folder);
                File.Create(Unfinished(file)).Dispose();
                File.Delete(Unfinished(file));
            }
            finally
            {
                for (var made = folder; made != existing; made = Path.GetDirectoryName(made)!)
                {
                    if (Directory.Exists(made) && !Directory.EnumerateFileSystemEntries(made).Any())
                        Directory.Delete(made);
                }
            }
        });
    }

    /// <summary>Writes a file, and returns its full path.</summary>
    /// <exception cref="UserErrorException">It cannot be written.</exception>
    public static string Write(string path, Action<Stream> write)
    {
        // Into memory first: what a signal may not interrupt is short.
        using var content = new MemoryStream();
        write(content);
        Attempt(path, file =>
        {
            var unfinished = Unfinished(file);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            try
            {
                using (var stream = File.Create(unfinished))
                    content.WriteTo(stream);
                File.Move(unfinished, file, overwrite: true);
            }
            finally
            {
                File.Delete(unfinished);
            }
        });
        return Path.GetFullPath(path);
    }

    /// <summary>Works on a file that may be replaced, while no signal ends the program.</summary>
    private static void Attempt(string path, Action<string> work)
    {
        // A signal that comes has to wait, and then lets nothing begin that it would interrupt.
        var registrations = Array.ConvertAll(Signals, signal => PosixSignalRegistration.Create(signal, _ => Writing.Enter()));
        try
        {
            lock (Writing)
            {
                var file = Resolved(path);
                if (File.Exists(file) && File.GetAttributes(file).HasFlag(FileAttributes.ReadOnly))
                    throw new UserErrorException($"--output: '{path}' is read-only.");
                // To a program that may do everything a device is a file to be replaced.
                if (!OperatingSystem.IsWindows() && file.StartsWith("/dev/", StringComparison.Ordinal))
                    throw new UserErrorException($"--output: '{path}' is a device, but it should be a file.");
                work(file);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new UserErrorException($"--output: '{path}' cannot be written: {error.Message}", error);
        }
        finally
        {
            Array.ForEach(registrations, registration => registration.Dispose());
        }
    }

    private static string Unfinished(string file) => $"{file}.{Environment.ProcessId}.tmp";

    /// <summary>The full path of what a path leads to: a link stays, and what it points to is replaced.</summary>
    private static string Resolved(string path)
    {
        var full = Path.GetFullPath(path);
        if (Path.GetDirectoryName(full) is not { } folder)
            return full;
        var here = Path.Combine(Resolved(folder), Path.GetFileName(full));
        return new FileInfo(here).LinkTarget is null ? here : new FileInfo(here).ResolveLinkTarget(returnFinalTarget: true)!.FullName;
    }
}

using System.Text;

namespace FocalMlNet.Report;

/// <summary>A file that appears under its name when it is complete.</summary>
internal static class WholeFile
{
    public static void Write(string path, string text)
    {
        var file = Path.GetFullPath(path);
        // A link stays, and what it points to is replaced.
        if (new FileInfo(file) is { LinkTarget: not null } link)
            file = link.ResolveLinkTarget(returnFinalTarget: true)!.FullName;
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        var unfinished = $"{file}.{Environment.ProcessId}.{Environment.CurrentManagedThreadId}.tmp";
        try
        {
            File.WriteAllText(unfinished, text, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
            File.Move(unfinished, file, overwrite: true);
        }
        finally
        {
            File.Delete(unfinished);
        }
    }
}

namespace FocalMlNet.Tests;

/// <summary>Code of a test that a page of the documentation shows.</summary>
internal static class DocumentedCode
{
    /// <summary>The lines of a test's source after a comment of its own line, up to <c>// END</c>, without their indentation.</summary>
    public static string Of(string sourceFile, string start, int indent)
    {
        var source = File.ReadAllLines(Path.Combine(TestPrograms.RepositoryRoot, "tests", "FocalLoss.MLNet.Tests", sourceFile));
        string[] lines = [.. source.SkipWhile(l => l.Trim() != start).Skip(1).TakeWhile(l => l.Trim() != "// END").Select(l => l.Length > indent ? l[indent..] : "")];
        Assert.NotEmpty(lines);
        return string.Join('\n', lines);
    }
}

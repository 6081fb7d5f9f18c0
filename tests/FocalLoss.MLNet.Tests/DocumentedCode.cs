namespace FocalMlNet.Tests;

/// <summary>Code of a test that a page of the documentation shows.</summary>
internal static class DocumentedCode
{
    /// <summary>The lines of a test's source after a comment of its own line, up to <c>// END</c>, without their indentation.</summary>
    public static string Of(string sourceFile, string start, int indent)
    {
        string[] lines = [.. Source(sourceFile).SkipWhile(l => l.Trim() != start).Skip(1).TakeWhile(l => l.Trim() != "// END")
            .Select(l => l.Length > indent ? l[indent..] : "")];
        Assert.NotEmpty(lines);
        return string.Join('\n', lines);
    }

    /// <summary>Each block of C# in a page, without its using directives, is in a test's source: it compiles, and runs.</summary>
    /// <param name="page">The page, as a path in the repository.</param>
    /// <param name="sourceFile">The test's source.</param>
    public static void AssertIsInTests(string page, string sourceFile)
    {
        var source = string.Join('\n', Source(sourceFile));
        var blocks = Blocks(File.ReadAllLines(Path.Combine(TestPrograms.RepositoryRoot, page))).ToArray();
        Assert.NotEmpty(blocks);
        foreach (var block in blocks)
            Assert.Contains(string.Join('\n', block.Select(line => line.Length == 0 ? "" : $"        {line}")), source,
                StringComparison.Ordinal);
    }

    private static string[] Source(string sourceFile)
        => File.ReadAllLines(Path.Combine(TestPrograms.RepositoryRoot, "tests", "FocalLoss.MLNet.Tests", sourceFile));

    private static IEnumerable<string[]> Blocks(string[] lines)
    {
        for (var i = 0; i < lines.Length; i++)
        {
            if (lines[i] != "```csharp")
                continue;
            string[] block = [.. lines.Skip(i + 1).TakeWhile(line => line != "```")];
            i += block.Length + 1;
            yield return [.. block.SkipWhile(line => line.Length == 0 || line.StartsWith("using ", StringComparison.Ordinal))];
        }
    }
}

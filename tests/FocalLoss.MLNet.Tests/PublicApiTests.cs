namespace FocalMlNet.Tests;

public sealed class PublicApiTests
{
    /// <summary>What users can rely on changes only on purpose: with the change, PublicApi.txt is changed in the same commit.</summary>
    [Fact]
    public void The_public_API_is_the_one_in_the_file()
    {
        var file = Path.Combine(TestPrograms.RepositoryRoot, "src", "FocalLoss.MLNet", "PublicApi.txt");
        string[] actual = [.. ApiListing.Of(typeof(FocalLoss).Assembly)];
        if (actual.SequenceEqual(File.ReadLines(file)))
            return;
        var proposal = Path.Combine(AppContext.BaseDirectory, "PublicApi.actual.txt");
        File.WriteAllLines(proposal, actual);
        Assert.Fail($"The public API differs from {file}; it is now as in {proposal}.\n"
            + string.Join('\n',
                actual.Except(File.ReadLines(file)).Select(l => "+ " + l)
                .Concat(File.ReadLines(file).Except(actual).Select(l => "- " + l))));
    }
}

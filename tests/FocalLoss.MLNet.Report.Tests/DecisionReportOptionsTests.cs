namespace FocalMlNet.Report.Tests;

public class DecisionReportOptionsTests
{
    [Fact]
    public void The_defaults_are_those_of_the_documentation()
    {
        DecisionReportOptions options = new();
        Assert.Equal("Decision report", options.Title);
        Assert.Null(options.Model);
        Assert.Null(options.Baseline);
        Assert.Null(options.Tuning);
        Assert.Null(options.Costs);
        Assert.Null(options.Policies);
        Assert.Equal(10, options.HardestRows);
        Assert.Empty(options.ShownColumns);
        Assert.Empty(options.Provenance);
        Assert.Null(options.Seed);
    }
}

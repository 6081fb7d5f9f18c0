namespace FocalMlNet.Report;

/// <summary>Makes the content of a page of a comparison of two classes.</summary>
internal static class BinaryContent
{
    public static ReportContent Of(ModelComparison<ImbalancedBinaryMetrics> comparison, DecisionReportOptions options)
        => throw new NotSupportedException($"{comparison.Models.Count} {options.Title}");
}

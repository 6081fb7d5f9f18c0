namespace FocalMlNet.Report;

/// <summary>The page as one file of HTML.</summary>
internal static class Page
{
    public static string Html(ReportContent content) => System.Net.WebUtility.HtmlEncode(content.Title);
}

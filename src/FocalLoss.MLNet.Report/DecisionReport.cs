using FocalMlNet.Evaluation;
using FocalMlNet.Report;

namespace FocalMlNet;

/// <summary>
/// Fitted models on held-out rows as a page that leads to a decision: which model, at which threshold, at what cost. One HTML file that
/// needs no network, and the same pictures as SVG files.
/// </summary>
public sealed class DecisionReport
{
    private readonly PageContent _content;

    /// <summary>A report on models of two classes that were compared on the same held-out rows.</summary>
    /// <param name="comparison">
    /// What <c>mlContext.BinaryClassification.CompareImbalanced</c> gave.
    /// </param>
    /// <param name="options">Options, or null for the defaults.</param>
    /// <exception cref="ArgumentException">An option names a model that was not compared, or has a value that is not allowed.</exception>
    public DecisionReport(ModelComparison<ImbalancedBinaryMetrics> comparison, DecisionReportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(comparison);
        _content = BinaryContent.Of(comparison, options ?? new());
    }

    /// <summary>
    /// A report on models of several classes that were compared on the same held-out rows: the answer in words, each class, which class is
    /// taken for which, and what the models differ in. A row goes to the class with the highest score, so there is no threshold to move.
    /// </summary>
    /// <param name="comparison">
    /// What <c>mlContext.MulticlassClassification.CompareImbalanced</c> gave. With a cost matrix the page has the profit of each model.
    /// </param>
    /// <param name="options">Options, or null for the defaults.</param>
    /// <exception cref="ArgumentException">
    /// An option names a model that was not compared, has a value that is not allowed, or is one of two classes only.
    /// </exception>
    public DecisionReport(ModelComparison<ImbalancedMulticlassMetrics> comparison, DecisionReportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(comparison);
        _content = ClassContent.Of(comparison, options ?? new());
    }

    /// <summary>
    /// Writes the page: HTML that loads nothing and needs no other file, as a rule some hundred thousand bytes. A file of this name is
    /// replaced once the new one is whole.
    /// </summary>
    /// <param name="path">The file; its folder is made if it is not there.</param>
    /// <exception cref="ArgumentException"><paramref name="path"/> is null or empty.</exception>
    /// <exception cref="IOException">The file cannot be written; what was there before is still there.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be written; what was there before is still there.</exception>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        WholeFile.Write(path, _content is ClassReportContent classes ? ClassPage.Html(classes) : Page.Html((ReportContent)_content));
    }

    /// <summary>Writes each picture of the page as an SVG file in the colours of paper, for documents.</summary>
    /// <param name="folder">The folder, made if it is not there; files of the same names are replaced.</param>
    /// <returns>The paths of the files, such as <c>folder/precision-recall.svg</c>.</returns>
    /// <exception cref="ArgumentException"><paramref name="folder"/> is null or empty.</exception>
    /// <exception cref="IOException">A file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be written.</exception>
    public IReadOnlyList<string> SavePictures(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        List<string> paths = [];
        var pictures = _content is ClassReportContent classes ? ClassPicture.Of(classes) : Pictures.Of((ReportContent)_content);
        foreach (var (name, svg) in pictures)
        {
            paths.Add(Path.Combine(folder, name + ".svg"));
            WholeFile.Write(paths[^1], svg);
        }

        return paths;
    }

    /// <summary>The answer in words, as on top of the page.</summary>
    /// <returns>Lines of at most 80 characters.</returns>
    public override string ToString() => string.Join('\n', _content.Answer.SelectMany(TextTable.Wrapped));
}

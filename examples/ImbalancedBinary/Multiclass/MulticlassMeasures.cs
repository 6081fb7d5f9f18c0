using FocalMlNet;

namespace ImbalancedBinary;

/// <summary>How well a model of several classes does on rows it has not seen.</summary>
/// <param name="MicroAccuracy">Share of the rows whose class is predicted.</param>
/// <param name="MacroRecall">Mean over the classes of the recall: ML.NET's MacroAccuracy, also called balanced accuracy.</param>
/// <param name="MacroF1">Mean over the classes of F1.</param>
/// <param name="MacroAveragePrecision">Mean over the classes of the area under the precision-recall curve.</param>
/// <param name="LogLoss">Mean negative logarithm, in nats, of the probability given to the class that occurred.</param>
/// <param name="Recalls">Recall of each class.</param>
/// <param name="AveragePrecisions">Area under the precision-recall curve of each class against all others.</param>
internal sealed record MulticlassMeasures(
    double MicroAccuracy,
    double MacroRecall,
    double MacroF1,
    double MacroAveragePrecision,
    double LogLoss,
    IReadOnlyList<double> Recalls,
    IReadOnlyList<double> AveragePrecisions)
{
    /// <summary>What the table shows of the metrics.</summary>
    public static MulticlassMeasures Of(ImbalancedMulticlassMetrics metrics) => new(
        metrics.Accuracy,
        metrics.MacroRecall,
        metrics.MacroF1Score,
        metrics.MacroAveragePrecision,
        metrics.LogLoss,
        [.. metrics.Classes.Select(k => k.Recall)],
        [.. metrics.Classes.Select(k => k.AveragePrecision)]);
}

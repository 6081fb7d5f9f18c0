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
    /// <summary>Smallest probability in the log-loss, as in scikit-learn for floats: one certain error should not make it infinite.</summary>
    private const double SmallestProbability = 1.1920929e-7;

    /// <summary>Of predictions for rows of all classes.</summary>
    public static MulticlassMeasures Of(IReadOnlyList<MulticlassPrediction> rows)
    {
        var classes = rows[0].Score.Length;
        double[] actual = new double[classes], predicted = new double[classes], right = new double[classes];
        foreach (var row in rows)
        {
            actual[row.Label - 1]++;
            predicted[row.PredictedLabel - 1]++;
            if (row.Label == row.PredictedLabel)
                right[row.Label - 1]++;
        }

        double[] recalls = [.. right.Select((hits, k) => hits / actual[k])];
        double[] precisions = [.. Enumerable.Range(0, classes).Select(k => new RankedScores(
            [.. rows.Select(row => new Prediction { Label = row.Label == k + 1, Score = row.Score[k] })]).AveragePrecision())];
        return new MulticlassMeasures(
            right.Sum() / rows.Count,
            recalls.Average(),
            right.Select((hits, k) => 2 * hits / (actual[k] + predicted[k])).Average(),
            precisions.Average(),
            rows.Average(row => -Math.Log(Math.Max(row.Score[row.Label - 1], SmallestProbability))),
            recalls,
            precisions);
    }
}

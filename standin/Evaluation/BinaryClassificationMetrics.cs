namespace Microsoft.ML.Data;

/// <summary>What can be said without probabilities. Predicted positive is a score above 0, as in Microsoft.ML.</summary>
public class BinaryClassificationMetrics
{
    internal BinaryClassificationMetrics(BinaryEvaluation evaluation)
    {
        AreaUnderRocCurve = evaluation.AreaUnderRocCurve;
        AreaUnderPrecisionRecallCurve = evaluation.AreaUnderPrecisionRecallCurve;
        ConfusionMatrix = evaluation.ConfusionMatrix;
        var counts = ConfusionMatrix.Counts;
        Accuracy = (counts[0][0] + counts[1][1]) / counts.Sum(row => row.Sum());
        PositivePrecision = ConfusionMatrix.PerClassPrecision[0];
        PositiveRecall = ConfusionMatrix.PerClassRecall[0];
        NegativePrecision = ConfusionMatrix.PerClassPrecision[1];
        NegativeRecall = ConfusionMatrix.PerClassRecall[1];
        var sum = PositivePrecision + PositiveRecall;
        F1Score = sum == 0 ? 0 : 2 * PositivePrecision * PositiveRecall / sum;
    }

    public double AreaUnderRocCurve { get; }

    public double Accuracy { get; }

    public double PositivePrecision { get; }

    public double PositiveRecall { get; }

    public double NegativePrecision { get; }

    public double NegativeRecall { get; }

    public double F1Score { get; }

    public double AreaUnderPrecisionRecallCurve { get; }

    public ConfusionMatrix ConfusionMatrix { get; }
}

/// <summary>All logarithms are to base 2.</summary>
public sealed class CalibratedBinaryClassificationMetrics : BinaryClassificationMetrics
{
    internal CalibratedBinaryClassificationMetrics(BinaryEvaluation evaluation)
        : base(evaluation)
    {
        LogLoss = evaluation.LogLoss;
        Entropy = evaluation.Entropy;
        LogLossReduction = evaluation.LogLossReduction;
    }

    public double LogLoss { get; }

    public double LogLossReduction { get; }

    public double Entropy { get; }
}

/// <summary>Counts[actual][predicted]; class 0 is positive, class 1 negative.</summary>
public sealed class ConfusionMatrix
{
    internal ConfusionMatrix(double[][] counts)
    {
        Counts = Array.AsReadOnly(Array.ConvertAll(counts, IReadOnlyList<double> (row) => Array.AsReadOnly(row)));
        PerClassRecall = Array.AsReadOnly(counts.Select((row, i) => Ratio(row[i], row.Sum())).ToArray());
        PerClassPrecision = Array.AsReadOnly(counts.Select((row, i) => Ratio(row[i], counts.Sum(r => r[i]))).ToArray());
    }

    public IReadOnlyList<double> PerClassPrecision { get; }

    public IReadOnlyList<double> PerClassRecall { get; }

    public IReadOnlyList<IReadOnlyList<double>> Counts { get; }

    public int NumberOfClasses => Counts.Count;

    public double GetCountForClassPair(int predictedClassIndicatorIndex, int actualClassIndicatorIndex) =>
        Row(Counts, actualClassIndicatorIndex, nameof(actualClassIndicatorIndex)) is var row
            ? Row(row, predictedClassIndicatorIndex, nameof(predictedClassIndicatorIndex)) : 0;

    private static T Row<T>(IReadOnlyList<T> list, int index, string name) => index >= 0 && index < list.Count ? list[index]
        : throw new ArgumentOutOfRangeException(name, $"{name} = {index}, but it should be in [0; {list.Count})");

    private static double Ratio(double part, double whole) => whole > 0 ? part / whole : 0;
}

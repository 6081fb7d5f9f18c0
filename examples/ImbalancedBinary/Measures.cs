namespace ImbalancedBinary;

/// <summary>How well a model does on rows it has not seen.</summary>
/// <param name="AveragePrecision">Area under the precision-recall curve.</param>
/// <param name="AveragePrecisionError">The standard error of it.</param>
/// <param name="AreaUnderRoc">Area under the ROC curve.</param>
/// <param name="F1">F1 at the threshold that is best for it on the training part.</param>
/// <param name="Mcc">Matthews correlation coefficient at the threshold that is best for it on the training part.</param>
/// <param name="LogLoss">Mean negative logarithm, in nats, of the probability given to the class that occurred.</param>
/// <param name="Brier">Mean squared difference of probability and label.</param>
/// <param name="F1Threshold">The score above which <paramref name="F1"/> calls a row positive.</param>
/// <param name="TestPositives">Number of positives these figures rest on.</param>
internal sealed record Measures(
    double AveragePrecision,
    double AveragePrecisionError,
    double AreaUnderRoc,
    double F1,
    double Mcc,
    double LogLoss,
    double Brier,
    float F1Threshold,
    int TestPositives)
{
    /// <summary>Smallest probability in the log-loss, as in scikit-learn for floats: one certain error should not make it infinite.</summary>
    private const double SmallestProbability = 1.1920929e-7;

    /// <summary>Chooses thresholds on the training part, and measures on the test part.</summary>
    public static Measures Of(IReadOnlyCollection<Prediction> train, IReadOnlyCollection<Prediction> test)
    {
        var trainRanks = new RankedScores(train);
        var forF1 = trainRanks.BestThreshold(Confusion.F1);
        var forMcc = trainRanks.BestThreshold(Confusion.Mcc);
        var testRanks = new RankedScores(test);
        var positives = test.Count(p => p.Label);
        var averagePrecision = testRanks.AveragePrecision();
        return new Measures(
            averagePrecision,
            // Boyd, Eng and Page (2013): of all simple intervals, the binomial with the number of positives covers best.
            Math.Sqrt(averagePrecision * (1 - averagePrecision) / positives),
            testRanks.AreaUnderRoc(),
            Confusion.F1(Confusion.At(forF1, test)),
            Confusion.Mcc(Confusion.At(forMcc, test)),
            test.Average(NegativeLogarithm),
            test.Average(SquaredDifference),
            forF1,
            positives);
    }

    private static double NegativeLogarithm(Prediction p)
    {
        var probability = Math.Clamp(p.Probability, SmallestProbability, 1 - SmallestProbability);
        return -Math.Log(p.Label ? probability : 1 - probability);
    }

    private static double SquaredDifference(Prediction p)
    {
        var difference = p.Probability - (p.Label ? 1.0 : 0.0);
        return difference * difference;
    }
}

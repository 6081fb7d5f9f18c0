namespace FocalMlNet;

/// <summary>How rows of similar probability are put together to compare their mean probability with their share of positives.</summary>
public enum CalibrationBinning
{
    /// <summary>
    /// Bins of equally many rows, but that equal probabilities stay together: the upper end of bin b of B, included, is the probability at
    /// place ⌊b (n - 1) / B⌋ of the n sorted ones, counted from 0. These are the bins of scikit-learn's
    /// calibration_curve(strategy="quantile"). For rare classes, most of whose probabilities are near 0.
    /// </summary>
    EqualMass,

    /// <summary>
    /// Bins of width 1 / B, each with its upper end, the first also with 0: those of scikit-learn's calibration_curve(strategy="uniform").
    /// </summary>
    EqualWidth,
}

/// <summary>
/// What can be chosen in an evaluation, of two classes or of several. Immutable; a value outside its range is refused when it is used.
/// </summary>
public sealed record EvaluationOptions
{
    /// <summary>γ of <see cref="BinaryMetric.FocalLoss"/> and <see cref="MulticlassMetric.FocalLoss"/>, in [0; 50]. Default: 2.</summary>
    public double Gamma { get; init; } = 2;

    /// <summary>
    /// Weight of the positives in <see cref="BinaryMetric.FocalLoss"/>, in (0; 1), above .5 in favour of positives; negatives weigh 1 -
    /// Alpha. Null, the default, weighs both 1. Several classes have none: there it is refused.
    /// </summary>
    public double? Alpha { get; init; }

    /// <summary>The number B of bins of the calibration error and of the reliability curve, at least 1. Default: 10.</summary>
    public int CalibrationBinCount { get; init; } = 10;

    /// <summary>The kind of these bins. Default: equal mass.</summary>
    public CalibrationBinning CalibrationBinning { get; init; } = CalibrationBinning.EqualMass;

    /// <summary>
    /// How often the rows are drawn again for confidence intervals: 0, the default, for no intervals, or at least 2. 1000 is usual; each
    /// resample reads all rows in memory once more, at about 10 nanoseconds a row and processor, with several classes about 6 a row, class
    /// and processor.
    /// </summary>
    public int BootstrapResamples { get; init; }

    /// <summary>How often a confidence interval is to hold the truth, in (0; 1). Default: .95.</summary>
    public double ConfidenceLevel { get; init; } = .95;

    /// <summary>
    /// Seed of the resampling. The same seed gives the same intervals, with any number of threads. Null, the default, is 0.
    /// </summary>
    public int? Seed { get; init; }

    /// <summary>Threads for the resampling, at least 1, or null, the default, for as many as there are processors.</summary>
    public int? NumberOfThreads { get; init; }

    internal ParallelOptions Parallel => new() { MaxDegreeOfParallelism = NumberOfThreads ?? Environment.ProcessorCount };

    internal void Validate()
    {
        Guard.Gamma(Gamma);
        Guard.Alpha(Alpha);
        Guard.AtLeast(1, CalibrationBinCount);
        Guard.Defined(CalibrationBinning);
        // None, or as many as a variance takes.
        if (BootstrapResamples != 0)
            Guard.AtLeast(2, BootstrapResamples);
        Guard.OpenUnitInterval(ConfidenceLevel);
        Guard.AtLeast(1, NumberOfThreads ?? 1, nameof(NumberOfThreads));
    }
}

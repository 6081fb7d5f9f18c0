
namespace FocalMlNet.Bench;

/// <summary>A data set with one kind of features: what each trainer (first index) got on each fold (second).</summary>
internal sealed class DefaultsCell(int trainers, int folds)
{
    private const double Worse = 1.03;
    private const double Errors = 2;

    /// <summary>The stock trainers are the first two.</summary>
    private static readonly int[] Stock = [0, 1];

    public required string Name { get; init; }

    public required int RowCount { get; init; }

    public required int FeatureCount { get; init; }

    /// <summary>Rows of the positive class; means nothing for several classes.</summary>
    public required int PositiveCount { get; init; }

    public double[][] LogLosses { get; } = [.. Enumerable.Range(0, trainers).Select(_ => new double[folds])];

    public double[][] AveragePrecisions { get; } = [.. Enumerable.Range(0, trainers).Select(_ => new double[folds])];

    /// <summary>The stock trainer with the less mean log-loss, and that.</summary>
    public (int Trainer, double Mean) BetterLogLoss => Stock.Select(t => (t, LogLosses[t].Average())).MinBy(of => of.Item2);

    /// <summary>The stock trainer with the greater mean average precision, and that.</summary>
    public (int Trainer, double Mean) BetterPrecision
        => Stock.Select(t => (t, AveragePrecisions[t].Average())).MaxBy(of => of.Item2);

    /// <summary>Mean log-loss by that of the better stock trainer.</summary>
    public double Ratio(int trainer) => LogLosses[trainer].Average() / BetterLogLoss.Mean;

    public double[] LogLossDifferences(int trainer) => Paired(LogLosses, trainer, BetterLogLoss.Trainer);

    public double[] PrecisionDifferences(int trainer) => Paired(AveragePrecisions, trainer, BetterPrecision.Trainer);

    /// <summary>Whether the log-loss is above that of the better stock trainer by both 3 % and two paired standard errors.</summary>
    public bool IsWorse(int trainer)
        => Ratio(trainer) > Worse && LogLossDifferences(trainer) is var more && more.Average() > Errors * StandardError(more);

    /// <summary>Whether the average precision is below that of the better stock trainer by two paired standard errors.</summary>
    public bool IsLower(int trainer)
        => PrecisionDifferences(trainer) is var more && more.Average() < -Errors * StandardError(more);

    /// <summary>The standard error of a mean, as if the values were independent.</summary>
    public static double StandardError(double[] values)
    {
        var mean = values.Average();
        return Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Length - 1) / values.Length);
    }

    private static double[] Paired(double[][] of, int trainer, int other) => [.. of[trainer].Zip(of[other], (own, its) => own - its)];
}

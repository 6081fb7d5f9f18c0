namespace FocalMlNet;

/// <summary>What early stopping watches on the rows it holds out.</summary>
public enum EarlyStoppingMetric
{
    /// <summary>
    /// The area under the precision-recall curve, as average precision: how well the rare class is ranked first. Higher is better.
    /// </summary>
    AveragePrecision,

    /// <summary>
    /// The weighted mean of -ln of the probability σ(score) given to the true class. Lower is better; it needs γ near 0 and no class
    /// weights to mean much.
    /// </summary>
    LogLoss,
}

/// <summary>
/// Stops training when it no longer helps on rows that are held out for this, and returns the best model so far. The classes keep their
/// shares: of each run of 1 / <see cref="HoldOutShare"/> rows of a class (or groups, with a
/// <see cref="FocalSgdOptions.SamplingKeyColumnName"/>) a random one is held out. Data with copies of rows, as Oversample makes it, is
/// refused. With a schedule of γ, what is on the way to the last γ is not judged: only models of that one are, and passes are counted from
/// there.
/// </summary>
public sealed record EarlyStopping
{
    /// <summary>The share of the rows that is held out, in (0; .5). Default: .1.</summary>
    public double HoldOutShare { get; init; } = .1;

    /// <summary>What is watched. Default: average precision.</summary>
    public EarlyStoppingMetric Metric { get; init; } = EarlyStoppingMetric.AveragePrecision;

    /// <summary>How many passes over the data without improvement end the training, at least 1. Default: 5.</summary>
    public int Patience { get; init; } = 5;
}

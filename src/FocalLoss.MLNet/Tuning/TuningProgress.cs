using System.Globalization;

namespace FocalMlNet;

/// <summary>How a tuning stands.</summary>
public sealed class TuningProgress
{
    internal TuningProgress() { }

    /// <summary>The fold that is being judged, from 1; repeats go on counting.</summary>
    public int Fold { get; internal init; }

    /// <summary>All folds, of all repeats.</summary>
    public int FoldCount { get; internal init; }

    /// <summary>Candidates that are still in the race.</summary>
    public int CandidatesLeft { get; internal init; }

    /// <summary>Fits and judgements of a candidate on a fold so far.</summary>
    public long Done { get; internal init; }

    /// <summary>Those that there are in all if no further candidate drops out.</summary>
    public long Total { get; internal init; }

    /// <summary>Since the tuning began.</summary>
    public TimeSpan Elapsed { get; internal init; }

    /// <summary>
    /// How long the rest takes if it goes on as before, or what is left of the budget if that is less; without the last fit on all rows.
    /// </summary>
    public TimeSpan TimeLeft { get; internal init; }

    /// <summary>The progress in a line, such as: Fold 2 of 5: 310 of 990 fits, 150 candidates left, 12 s to go.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"Fold {Fold} of {FoldCount}: {Done} of {Total} fits, {CandidatesLeft} candidates left, {TimeLeft.TotalSeconds:F0} s to go.");
}

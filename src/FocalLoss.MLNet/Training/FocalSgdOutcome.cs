
using System.Globalization;

namespace FocalMlNet;

/// <summary>How a training run ended: what was chosen for it, and how near the minimum it came.</summary>
public sealed class FocalSgdOutcome
{
    internal FocalSgdOutcome() { }

    /// <summary>The weight λ of the penalty (λ/2) ‖weights‖²: the given one or, where none was given, the one that was chosen.</summary>
    public double L2Regularization { get; internal init; }

    /// <summary>Whether <see cref="L2Regularization"/> was chosen because none was given.</summary>
    public bool IsL2RegularizationChosen { get; internal init; }

    /// <summary>Evaluations of the objective on all rows.</summary>
    public int Passes { get; internal init; }

    /// <summary>
    /// The weighted mean focal loss plus the penalty, in nats, where training started: as a rule with the scores that are best when
    /// features are not looked at.
    /// </summary>
    public double StartObjective { get; internal init; }

    /// <summary>
    /// The same where training ended, before calibration; with <see cref="FocalSgdOptions.EarlyStopping"/>, of the model that is kept,
    /// which may be above the start.
    /// </summary>
    public double Objective { get; internal init; }

    /// <summary>
    /// If training converged, an upper estimate of what <see cref="Objective"/> is above its minimum, at most
    /// <see cref="FocalSgdOptions.ConvergenceTolerance"/> times <see cref="StartObjective"/> or, where rounding hides any further decrease
    /// before, 1e-7 of <see cref="Objective"/>; null if it did not, or if early stopping keeps an earlier model. With more than 512
    /// features, or with very many classes, it is an estimate without a proof. For γ = 0 the minimum is the only one; for γ above 0 it is
    /// the one of the valley where training ended.
    /// </summary>
    public double? Gap { get; internal init; }

    /// <summary>
    /// Whether the objective is as near to its minimum as <see cref="Gap"/> says. Always false with a given learning rate, which knows
    /// nothing of it.
    /// </summary>
    public bool IsConverged => Gap is not null;

    /// <summary>Rows that were trained on.</summary>
    public long RowCount { get; internal init; }

    /// <summary>Rows that were skipped: with a NaN or an infinity among the features, with weight NaN, or without a label.</summary>
    public long RowsSkipped { get; internal init; }

    /// <summary>
    /// The outcome in a line, such as: Objective 0.12 -> 0.034 in 5 passes over 1000 rows, converged (gap at most 1e-07); L2Regularization
    /// 0.001 (chosen).
    /// </summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"Objective {StartObjective:g6} -> {Objective:g6} in {Passes} passes over {RowCount} rows, "
        + $"{(IsConverged ? $"converged (gap at most {Gap:g2})" : "not converged")}; "
        + $"L2Regularization {L2Regularization:g3}{(IsL2RegularizationChosen ? " (chosen)" : "")}.");
}

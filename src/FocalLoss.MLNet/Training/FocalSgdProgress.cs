using System.Globalization;

namespace FocalMlNet;

/// <summary>How a training run stands after a pass over the data.</summary>
public sealed class FocalSgdProgress
{
    internal FocalSgdProgress() { }

    /// <summary>
    /// Evaluations on all rows so far, one a pass. What else reads rows, as the start on a sample and the first metric do, does not count.
    /// </summary>
    public int Iteration { get; internal init; }

    /// <summary>The weighted mean focal loss plus the penalty; with a schedule of γ and no learning rate, at the γ of this pass.</summary>
    public double Objective { get; internal init; }

    /// <summary>
    /// The length of the objective's gradient, which tends to 0; features count as standardised (of more than 512, rare ones less).
    /// </summary>
    public double GradientNorm { get; internal init; }

    /// <summary>
    /// Rows times passes, by the seconds since the first pass began: reading the data and choosing the penalty, which come before, do not
    /// count. Nothing is reported meanwhile.
    /// </summary>
    public double RowsPerSecond { get; internal init; }

    /// <summary>The pass in a line, such as: Pass 3: objective 0.0123456, gradient 0.012, 1.2e+07 rows a second.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"Pass {Iteration}: objective {Objective:g6}, gradient {GradientNorm:g2}, {RowsPerSecond:g2} rows a second.");
}

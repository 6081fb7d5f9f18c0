namespace FocalMlNet;

/// <summary>What becomes of the losses of many examples.</summary>
public enum Reduction
{
    /// <summary>Each loss is kept; an ignored example has 0.</summary>
    None = 0,

    /// <summary>The sum.</summary>
    Sum = 1,

    /// <summary>The sum over the number of examples that are not ignored; NaN if there are none.</summary>
    Mean = 2,

    /// <summary>
    /// The sum over the number of positive examples, or over 1 if that is smaller, as object detectors do (Lin et al. 2017, section 4.1). A
    /// label in
    /// (0, 1) counts as that much of a positive example. For binary losses only.
    /// </summary>
    MeanOverPositives = 3,
}

/// <summary>Reductions of losses of several classes.</summary>
internal static class MulticlassReduction
{
    /// <summary>The losses of rows, reduced.</summary>
    public static double[] Reduced(this double[] losses, Reduction reduction)
        => reduction switch
        {
            Reduction.Sum => [losses.Sum()],
            Reduction.Mean => [losses.Sum() / losses.Length],
            _ => losses,
        };
}

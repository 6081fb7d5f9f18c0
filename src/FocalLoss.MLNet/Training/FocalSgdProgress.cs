namespace FocalMlNet;

/// <summary>How a training run stands after a pass over the data.</summary>
public sealed class FocalSgdProgress
{
    internal FocalSgdProgress(int iteration, double objective, double gradientNorm, double rowsPerSecond)
    {
        Iteration = iteration;
        Objective = objective;
        GradientNorm = gradientNorm;
        RowsPerSecond = rowsPerSecond;
    }

    /// <summary>
    /// Evaluations on all rows so far, one a pass. What else reads rows, as the start on a sample and the first metric do, does not count.
    /// </summary>
    public int Iteration { get; }

    /// <summary>The weighted mean focal loss plus the penalty.</summary>
    public double Objective { get; }

    /// <summary>
    /// The length of the objective's gradient with respect to the weights of standardised features and the score at their mean. Of more
    /// than 512 features, each is multiplied with the
    /// 4th root of the share of rows in which it is not 0 besides.
    /// </summary>
    public double GradientNorm { get; }

    /// <summary>Rows times passes, by the seconds since the data was read.</summary>
    public double RowsPerSecond { get; }
}

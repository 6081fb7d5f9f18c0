namespace FocalMlNet.Optimization;

/// <summary>What is minimised: a sum over rows of a function of the row's score. All the solver knows of a loss.</summary>
internal interface IObjective
{
    /// <summary>The weight of each row's loss.</summary>
    ReadOnlySpan<float> RowWeights { get; }

    /// <summary>
    /// Sets derivatives[i] to the derivative of the loss of row rows[i], without its weight, with respect to its score scores[i].
    /// </summary>
    void Derivatives(ReadOnlySpan<int> rows, ReadOnlySpan<float> scores, Span<float> derivatives);

    /// <summary>The weighted sum of the losses of all rows.</summary>
    double Loss(ReadOnlySpan<float> scores);
}

namespace FocalMlNet;

/// <summary>
/// Settings of <see cref="FocalReweightedTrainer{TTransformer, TModel}"/>. Immutable; a value outside its range is refused when the trainer
/// is made.
/// </summary>
public sealed record FocalReweightedOptions
{
    /// <summary>The column that holds the weights of a round. It is seen by the trainer only, and hides one of the same name.</summary>
    internal const string WeightColumnName = "FocalReweighting.Weight";

    /// <summary>Name of the label column: for two classes of type Boolean, for several a key. Default: Label.</summary>
    public string LabelColumnName { get; init; } = "Label";

    /// <summary>
    /// Name of a column of example weights to multiply, of type Single with values in [0; 1e30], for example that of BalanceClasses; null,
    /// the default, for none.
    /// </summary>
    public string? ExampleWeightColumnName { get; init; }

    /// <summary>The focusing parameter γ, in [0; 50]; 0 is one fit of log-loss. Default: 2.</summary>
    public double Gamma { get; init; } = 2;

    /// <summary>
    /// Of two classes the weight of the positive one, in (0; 1): above .5 favours positives; null, the default, weighs both classes 1.
    /// </summary>
    public double? Alpha { get; init; }

    /// <summary>The most fits, at least 1. Default: 20.</summary>
    public int Rounds { get; init; } = 20;

    /// <summary>Is told of each round; what it throws ends the work. Default: null, no one.</summary>
    public IProgress<FocalReweightingRound>? Progress { get; init; }

    /// <summary>
    /// Ends Fit with an <see cref="OperationCanceledException"/>: before a round, or at the next row where rows are read, by the trainer
    /// too. Default: none.
    /// </summary>
    public CancellationToken CancellationToken { get; init; }

    /// <summary>Refuses values outside their ranges.</summary>
    internal void Validate(bool isBinary)
    {
        Guard.NotEmpty(LabelColumnName);
        if (ExampleWeightColumnName is not null)
            Guard.NotEmpty(ExampleWeightColumnName);
        Guard.Gamma(Gamma);
        Guard.Alpha(Alpha);
        Guard.Compatible(
            isBinary || Alpha is null, $"Alpha = {Alpha}, but only two classes have it: weigh several with BalanceClasses.", nameof(Alpha));
        Guard.AtLeast(1, Rounds);
    }
}

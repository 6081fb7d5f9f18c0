namespace ImbalancedBinary;

/// <summary>What a model says about a row.</summary>
internal sealed class Prediction
{
    /// <summary>Whether the row is a positive.</summary>
    public bool Label { get; set; }

    /// <summary>The higher, the more likely a positive; unbounded.</summary>
    public float Score { get; set; }

    /// <summary>The model's probability of a positive.</summary>
    public float Probability { get; set; }

    /// <summary>Whether the probability is above the model's threshold.</summary>
    public bool PredictedLabel { get; set; }
}

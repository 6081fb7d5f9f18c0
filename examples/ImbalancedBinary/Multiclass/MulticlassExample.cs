using Microsoft.ML.Data;

namespace ImbalancedBinary;

/// <summary>A row with the name of its class; else as <see cref="Example"/>.</summary>
internal sealed class MulticlassExample
{
    /// <summary>The name of the class.</summary>
    public string Label { get; set; } = "";

    /// <summary>N / (K n_k) for a row of class k, with n_k of the N training rows, of K classes.</summary>
    public float Weight { get; set; } = 1;

    /// <summary>The cells of the columns of numbers.</summary>
    public float[] Numbers { get; set; } = [];

    /// <summary>The cells of the text columns.</summary>
    public string[] Texts { get; set; } = [];

    /// <summary>The columns of a view of examples; a vector column without slots is left out.</summary>
    public static SchemaDefinition Schema(int numberCount, int textCount)
        => Example.Sized(SchemaDefinition.Create(typeof(MulticlassExample)), numberCount, textCount);
}

/// <summary>The predicted class by name, as a program would read it that uses a saved model.</summary>
internal sealed class NamedPrediction
{
    /// <summary>The name of the class.</summary>
    public string PredictedLabel { get; set; } = "";

    /// <summary>The probability of each class.</summary>
    public float[] Score { get; set; } = [];
}

using Microsoft.ML;
using Microsoft.ML.Transforms;

namespace ImbalancedBinary;

/// <summary>A way from the columns of an <see cref="Example"/> to the column Features.</summary>
/// <param name="Name">What the tables call it.</param>
/// <param name="Rank">Number of kernel features; 0 for none.</param>
internal sealed record FeatureSet(string Name, int Rank)
{
    /// <summary>The plain columns, and the kernel features with which a linear model can bend its boundary.</summary>
    public static IReadOnlyList<FeatureSet> All(int rank) =>
    [
        new("plain columns", 0),
        new($"{rank} kernel features", rank),
    ];

    /// <summary>Texts one-hot encoded, everything standardised, and then, with a rank, mapped by an approximated Gaussian kernel.</summary>
    public IEstimator<ITransformer> Estimator(MLContext mlContext, int numberCount, int textCount, int seed)
    {
        var transforms = mlContext.Transforms;
        var numbers = nameof(Example.Numbers);
        var texts = nameof(Example.Texts);
        var oneHot = transforms.Categorical.OneHotEncoding(texts);

        IEstimator<ITransformer> features = (numberCount, textCount) switch
        {
            (_, 0) => transforms.Concatenate("Features", numbers),
            (0, _) => oneHot.Append(transforms.Concatenate("Features", texts)),
            _ => oneHot.Append(transforms.Concatenate("Features", numbers, texts)),
        };
        features = features.Append(transforms.NormalizeMeanVariance("Features", fixZero: false));
        return Rank == 0
            ? features
            : features.Append(transforms.ApproximatedKernelMap("Features", rank: Rank, generator: new GaussianKernel(.5f), seed: seed));
    }
}

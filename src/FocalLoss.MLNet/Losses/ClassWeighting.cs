namespace FocalMlNet;

/// <summary>How much each class counts, decided from the class frequencies of the training data.</summary>
/// <remarks>Class weights multiply the loss of an example, on top of its example weight and of alpha.</remarks>
public sealed class ClassWeighting
{
    private readonly string _name;
    private readonly Func<IReadOnlyList<double>, double[]> _fromCounts;

    private ClassWeighting(string name, Func<IReadOnlyList<double>, double[]> fromCounts)
    {
        _name = name;
        _fromCounts = fromCounts;
    }

    /// <summary>Every class has weight 1.</summary>
    public static ClassWeighting None { get; } = new(nameof(None), counts => [.. counts.Select(_ => 1.0)]);

    /// <summary>N / (K n_k) for class k of K with n_k of all N examples: every class has the same total weight, the mean weight of an example is 1.</summary>
    public static ClassWeighting Balanced { get; } = new(nameof(Balanced), counts => [.. counts.Select(n => counts.Sum() / (counts.Count * n))]);

    /// <summary>The weight of each class.</summary>
    /// <param name="counts">The number, or the summed example weight, of the examples of each class; finite and above 0.</param>
    /// <returns>One weight per class, in the order of <paramref name="counts"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="counts"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A count is not finite and above 0.</exception>
    public double[] FromCounts(IReadOnlyList<double> counts)
    {
        ArgumentNullException.ThrowIfNull(counts);
        for (var k = 0; k < counts.Count; k++)
            Guard.Positive(counts[k], $"counts[{k}]");
        return _fromCounts(counts);
    }

    /// <summary>The name of the rule.</summary>
    public override string ToString() => _name;
}

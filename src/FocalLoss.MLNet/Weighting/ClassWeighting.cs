
using System.Globalization;

namespace FocalMlNet;

/// <summary>How much each class counts, decided from the class frequencies of the training data.</summary>
/// <remarks>
/// Class weights multiply the loss of an example, on top of its example weight and of alpha. Below, class k of K has n_k of all N examples.
/// The first three rules differ in scale: Balanced keeps the mean weight of an example at 1 and EffectiveNumber that of a class, while the
/// weights of InverseFrequency sum to 1 over the classes, so that its losses are smaller.
/// </remarks>
public sealed class ClassWeighting
{
    private readonly string _name;
    private readonly Func<IReadOnlyList<double>, double[]> _fromCounts;
    private readonly double[]? _own;

    private ClassWeighting(string name, Func<IReadOnlyList<double>, double[]> fromCounts, double[]? own = null)
        => (_name, _fromCounts, _own) = (name, fromCounts, own);

    /// <summary>Every class has weight 1.</summary>
    public static ClassWeighting None { get; } = new(nameof(None), counts => [.. counts.Select(_ => 1.0)]);

    /// <summary>N / (K n_k): every class has the same total weight, the mean weight of an example is 1.</summary>
    public static ClassWeighting Balanced { get; } = new(nameof(Balanced), counts =>
    {
        var mean = counts.Sum(n => n / counts.Count);
        return [.. counts.Select(n => Math.Min(mean / n, double.MaxValue))];
    });

    /// <summary>
    /// √(N / (K n_k)), the square root of <see cref="Balanced"/>: half-way, on a scale of ratios, between no weights and balanced ones.
    /// </summary>
    public static ClassWeighting SquareRootBalanced { get; } = new(
        nameof(SquareRootBalanced), counts => [.. Balanced._fromCounts(counts).Select(Math.Sqrt)]);

    /// <summary>(N / n_k) / Σ_j (N / n_j): in proportion to <see cref="Balanced"/>, with sum 1 over the classes.</summary>
    public static ClassWeighting InverseFrequency { get; } = new(nameof(InverseFrequency), counts =>
    {
        var rarest = counts.DefaultIfEmpty(1).Min();
        return Scaled([.. counts.Select(n => rarest / n)], total: 1);
    });

    /// <summary>
    /// In proportion to (1 - β) / (1 - β^n_k), one over the "effective number" of examples, with mean 1 over the classes (Cui, Jia, Lin,
    /// Song and Belongie, "Class-Balanced Loss Based on Effective Number of Samples", 2019, section 4).
    /// </summary>
    /// <param name="beta">
    /// β in [0; 1): 0 gives every class weight 1; the nearer to 1, the nearer to weights in inverse proportion to frequency. The paper uses
    /// .9 to .9999.
    /// </param>
    /// <returns>The rule.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="beta"/> is outside its range.</exception>
    public static ClassWeighting EffectiveNumber(double beta)
    {
        Guard.UnitIntervalBelowOne(beta);
        var lnβ = Math.Log(beta);
        return new(FormattableString.Invariant($"{nameof(EffectiveNumber)}({beta})"), counts =>
        {
            // Relative to the rarest class, whose weight is the largest: all ratios are in (0, 1].
            var rarest = counts.Count == 0 ? 0 : OneMinusExp(counts.Min() * lnβ);
            return Scaled([.. counts.Select(n => rarest / OneMinusExp(n * lnβ))], total: counts.Count);
        });
    }

    /// <summary>Weights of your own, whatever the frequencies.</summary>
    /// <param name="weights">
    /// One weight per class, in the order of the classes: key values from the first to the last; for a Boolean label first false, then
    /// true. Each is 0 or in [1e-30; 1e30], and one at least is above 0.
    /// </param>
    /// <returns>The rule.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="weights"/> is null.</exception>
    /// <exception cref="ArgumentException">There is no weight, or none above 0.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A weight is outside its range.</exception>
    public static ClassWeighting Custom(params double[] weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        double[] own = [.. Guard.Weights(weights)];
        var name = $"{nameof(Custom)}({string.Join(", ", own.Select(w => w.ToString(CultureInfo.InvariantCulture)))})";
        return new(name, counts =>
        {
            Guard.Count(own.Length, "one for each weight", counts.Count, nameof(counts));
            return [.. own];
        }, own);
    }

    /// <summary>The weight of each class.</summary>
    /// <param name="counts">The number, or the summed example weight, of the examples of each class; finite and above 0.</param>
    /// <returns>One weight per class, in the order of <paramref name="counts"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="counts"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A count is not finite and above 0.</exception>
    /// <exception cref="ArgumentException">The rule is <see cref="Custom"/>, with another number of weights.</exception>
    public double[] FromCounts(IReadOnlyList<double> counts)
    {
        ArgumentNullException.ThrowIfNull(counts);
        for (var k = 0; k < counts.Count; k++)
            Guard.Positive(counts[k], $"counts[{k}]");
        return _fromCounts(counts);
    }

    /// <summary>
    /// As <see cref="FromCounts"/>, where counts may be 0: the rule is that of the other classes alone, and the weight of one without
    /// examples is 1, but for <see cref="Custom"/>.
    /// </summary>
    internal double[] FromAnyCounts(IReadOnlyList<double> counts)
    {
        if (_own is not null)
            return _fromCounts(counts);
        var present = new Queue<double>(FromCounts([.. counts.Where(n => n > 0)]));
        return [.. counts.Select(n => n > 0 ? present.Dequeue() : 1)];
    }

    /// <summary>Whether a class has no weight whatever the data.</summary>
    internal bool IsZero(int k) => _own?[k] == 0;

    /// <summary>How many classes the rule is for; null for any number.</summary>
    internal int? ClassCount => _own?.Length;

    /// <summary>The name of the rule, with its parameters.</summary>
    public override string ToString() => _name;

    private static double[] Scaled(double[] weights, double total)
    {
        var sum = weights.Sum();
        return [.. weights.Select(w => w / sum * total)];
    }

    /// <summary>1 - e^x for x ≤ 0 without the cancellation near 0 (Kahan's correction).</summary>
    private static double OneMinusExp(double x)
    {
        var e = Math.Exp(x);
        // Once 1 - e is large there is nothing to correct, and ln e may be -∞.
        if (e < .5)
            return 1 - e;
        return e == 1 ? -x : (1 - e) * (x / Math.Log(e));
    }
}

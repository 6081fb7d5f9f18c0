using System.Runtime.CompilerServices;

namespace FocalMlNet.Matrix;

/// <summary>Rows and summed example weight of each class.</summary>
internal sealed class ClassTotals(int classCount)
{
    private readonly long[] _counts = new long[classCount];
    private readonly double[] _weights = new double[classCount];

    public int ClassCount => classCount;

    /// <summary>Rows of each class.</summary>
    public IReadOnlyList<long> Counts => _counts;

    /// <summary>Summed example weight of each class.</summary>
    public IReadOnlyList<double> Weights => _weights;

    public long RowCount => _counts.Sum();

    public double Weight => _weights.Sum();

    /// <summary>Whether training can tell anything apart: at least two classes have weight.</summary>
    public bool AreSeveral => _weights.Count(w => w > 0) > 1;

    /// <summary>
    /// The sum of all weights but one. What is left of the sum of all without it may be nothing where it weighs far more than the rest.
    /// </summary>
    public static double OfOthers(IReadOnlyList<double> weights, int k) => weights.Where((_, other) => other != k).Sum();

    /// <summary>Summed example weight of each class times a weight of the class.</summary>
    public double[] Weighted(double[] classWeights) => [.. _weights.Select((weight, k) => weight * classWeights[k])];

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Add(RowBlock block)
    {
        var labels = block.Labels;
        var weights = block.Weights;
        for (var i = 0; i < labels.Length; i++)
        {
            var k = (int)labels[i];
            _counts[k]++;
            _weights[k] += weights[i];
        }
    }
}

using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using FocalMlNet.Matrix;

namespace FocalMlNet.Optimization;

/// <summary>
/// What the curvature hangs on, as far as rows can tell at any point: the mean square of a row's standardised features plus how rare its
/// label is, by half by weight. Drawn by it, rows with rare labels and rows far from the mean come with certainty or nearly so, the others
/// seldom and with so much more weight: a few of them stand for many in sums of second order.
/// </summary>
/// <param name="labels">What is known of the rows.</param>
/// <param name="scaling">The coordinates: what is far is seen in standardised features.</param>
internal sealed class Leverage(ILabelSummary labels, Scaling scaling)
{
    private readonly double[] _rarities = labels.Rarities;
    private readonly double _perWeight = labels.RowCount / labels.Weight;
    private readonly float[] _centre = Single(scaling.Mean);
    private readonly float[] _units = Single(scaling.Scale);

    /// <summary>That of all rows, about: the mean square of standardised features is 1.</summary>
    public double Total { get; } = labels.RowCount + labels.TotalRarity;

    /// <summary>That of each row of a block.</summary>
    public float[] Of(RowBlock block)
    {
        var leverages = new float[block.RowCount];
        Of(block, leverages);
        return leverages;
    }

    /// <summary>The same, written to where there is room for it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Of(RowBlock block, Span<float> leverages)
    {
        var rowLabels = block.Labels;
        var weights = block.Weights;
        block.SquaredDistances(_centre, _units, leverages);
        for (var i = 0; i < leverages.Length; i++)
        {
            // What has no weight is not drawn.
            var byWeight = (1 + _perWeight * weights[i]) / 2;
            leverages[i] = weights[i] == 0
                ? 0 : (float)(byWeight * ((leverages[i] + 1) / (_centre.Length + 1) + _rarities[(int)rowLabels[i]]));
        }
    }

    private static float[] Single(ReadOnlySpan<double> values)
    {
        var rounded = new float[values.Length];
        TensorPrimitives.ConvertTruncating(values, rounded);
        return rounded;
    }
}

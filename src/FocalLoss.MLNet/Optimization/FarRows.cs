using System.Numerics.Tensors;
using FocalMlNet.Matrix;

namespace FocalMlNet.Optimization;

/// <summary>
/// Rows whose scores one of some steps changes by more than the quadratic model of their loss can follow: those far out. The loss of such a
/// row is flat as soon as it is right, but its square in the curvature hides all that the other rows ask for.
/// </summary>
/// <param name="bound">The largest change of a score that is none of them.</param>
internal sealed class FarRows(double bound)
{
    private readonly List<LinearModel> _steps = [];

    /// <summary>The largest change that a step makes between the scores of a row: of one score, or of the difference of two.</summary>
    /// <param name="block">The rows.</param>
    /// <param name="step">The step.</param>
    /// <param name="weights">Their weights: what has none has no say.</param>
    public static float[] Changes(RowBlock block, LinearModel step, ReadOnlySpan<float> weights)
    {
        var n = block.RowCount;
        var scores = new float[n * step.OutputCount];
        step.Score(block, scores);
        var (least, most) = (new float[n], new float[n]);
        for (var k = 0; k < step.OutputCount; k++)
        {
            var own = scores.AsSpan(k * n, n);
            TensorPrimitives.Min(least, own, least);
            TensorPrimitives.Max(most, own, most);
        }

        for (var i = 0; i < n; i++)
            most[i] = weights[i] == 0 ? 0 : most[i] - least[i];
        return most;
    }

    /// <summary>Counts in the rows that a step moves too far.</summary>
    public void Add(LinearModel step) => _steps.Add(step);

    /// <summary>The weights of a block's rows, 0 for those that are far.</summary>
    public float[] Weights(RowBlock block)
    {
        var weights = block.Weights.ToArray();
        foreach (var step in _steps)
        {
            var changes = Changes(block, step, weights);
            for (var i = 0; i < weights.Length; i++)
            {
                // A change that is no number is far.
                if (!(changes[i] <= bound))
                    weights[i] = 0;
            }
        }

        return weights;
    }
}

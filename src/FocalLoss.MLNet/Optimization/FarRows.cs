using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using FocalMlNet.Matrix;

namespace FocalMlNet.Optimization;

/// <summary>
/// Rows whose scores one of some steps changes by more than the quadratic model of their loss can follow: those far out. The loss of such a
/// row is flat as soon as it is right, but its square in the curvature hides all that the other rows ask for. The bound and the steps say
/// which they are; their weights are kept where the rows are.
/// </summary>
/// <param name="bound">The largest change of a score that is none of them.</param>
internal sealed class FarRows(double bound)
{
    private readonly List<LinearModel> _steps = [];
    private readonly ConditionalWeakTable<RowBlock, Known> _known = [];

    /// <summary>Counts in the rows that a step moves too far.</summary>
    public void Add(LinearModel step) => _steps.Add(step);

    /// <summary>The weights of a block's rows, 0 for those that are far if there are any.</summary>
    public static ReadOnlySpan<float> Weights(FarRows? far, RowBlock block) => far is null ? block.Weights : far.KnownOf(block).Weights;

    /// <summary>
    /// The largest change that a step makes between the scores of each row of a block that is not far: of one score, or of the difference
    /// of two.
    /// </summary>
    public ReadOnlySpan<float> Changes(RowBlock block, LinearModel step)
    {
        var known = KnownOf(block);
        if (known.Step != step)
            (known.Step, known.Changes) = (step, Changes(block, step, known.Weights));
        return known.Changes;
    }

    /// <summary>What is known of a block is kept as long as the block is: a look asks several times.</summary>
    private Known KnownOf(RowBlock block)
    {
        var known = _known.GetValue(block, own => new Known(own.Weights.ToArray()));
        for (; known.StepCount < _steps.Count; known.StepCount++)
        {
            var step = _steps[known.StepCount];
            var changes = known.Step == step ? known.Changes : Changes(block, step, known.Weights);
            for (var i = 0; i < changes.Length; i++)
            {
                // A change that is no number is far.
                if (!(changes[i] <= bound))
                    known.Weights[i] = 0;
            }

            // What was kept is of rows that may be far by now.
            known.Step = null;
        }

        return known;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float[] Changes(RowBlock block, LinearModel step, ReadOnlySpan<float> weights)
    {
        var n = block.RowCount;
        var scores = new float[n * step.OutputCount];
        block.Scores(step.Coefficients, step.Offsets, scores);
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

    /// <summary>The weights of a block's rows, and the changes that the last step that was asked for makes.</summary>
    private sealed class Known(float[] weights)
    {
        public float[] Weights => weights;

        /// <summary>The steps that have been looked at.</summary>
        public int StepCount { get; set; }

        public LinearModel? Step { get; set; }

        public float[] Changes { get; set; } = [];
    }
}

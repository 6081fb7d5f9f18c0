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
    public static ReadOnlySpan<float> Weights(FarRows? far, RowBlock block)
        => far?.KnownOf(block).Weights is { } own ? own : block.Weights;

    /// <summary>
    /// The largest change that a step makes between the scores of any row of a block that is not far: of one score, or of the difference of
    /// two.
    /// </summary>
    public float LargestChange(RowBlock block, LinearModel step)
    {
        var known = KnownOf(block);
        Look(block, step, known);
        return known.Largest;
    }

    /// <summary>What is known of a block is kept as long as the block is: a look asks several times.</summary>
    private Known KnownOf(RowBlock block)
    {
        var known = _known.GetValue(block, _ => new Known());
        for (; known.StepCount < _steps.Count; known.StepCount++)
        {
            Look(block, _steps[known.StepCount], known);
            if (known.Changes is not { } changes)
                continue;
            known.Weights ??= block.Weights.ToArray();
            for (var i = 0; i < changes.Length; i++)
            {
                // A change that is no number is far.
                if (!(changes[i] <= bound))
                    known.Weights[i] = 0;
            }

            // What was kept is of rows that are far by now.
            (known.Step, known.Changes) = (null, null);
        }

        return known;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Look(RowBlock block, LinearModel step, Known known)
    {
        if (known.Step == step)
            return;
        var n = block.RowCount;
        using var scratch = new Scratch<float>(n * (step.OutputCount + 2));
        var scores = scratch.Span[..(n * step.OutputCount)];
        var least = scratch.Span.Slice(scores.Length, n);
        var most = scratch.Span[(scores.Length + n)..];
        block.Scores(step.Coefficients, step.Offsets, scores);
        least.Clear();
        most.Clear();
        for (var k = 0; k < step.OutputCount; k++)
        {
            var own = scores.Slice(k * n, n);
            TensorPrimitives.Min(least, own, least);
            TensorPrimitives.Max(most, own, most);
        }

        TensorPrimitives.Subtract(most, least, most);
        var weights = known.Weights ?? block.Weights;
        for (var i = weights.IndexOf(0); i >= 0 && i < n; i++)
            most[i] = weights[i] == 0 ? 0 : most[i];

        // In most blocks no row is far, and nothing need be kept.
        (known.Step, known.Largest) = (step, TensorPrimitives.Max<float>(most));
        known.Changes = known.Largest <= bound ? null : most.ToArray();
    }

    /// <summary>What is known of a block's rows.</summary>
    private sealed class Known
    {
        /// <summary>The rows' weights, 0 for those that are far; null if none is.</summary>
        public float[]? Weights { get; set; }

        /// <summary>The steps that have been looked at.</summary>
        public int StepCount { get; set; }

        /// <summary>The step that was asked for last.</summary>
        public LinearModel? Step { get; set; }

        /// <summary>The changes that it makes, if a row's is above the bound.</summary>
        public float[]? Changes { get; set; }

        /// <summary>The largest of them.</summary>
        public float Largest { get; set; }
    }
}

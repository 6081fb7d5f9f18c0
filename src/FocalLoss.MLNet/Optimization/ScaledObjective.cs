using System.Numerics.Tensors;

namespace FocalMlNet.Optimization;

/// <summary>
/// An objective as a function of the solver's coordinates: the mean loss of some rows plus (λ/2) ‖coefficients‖². Not for several threads.
/// </summary>
/// <param name="objective">The loss.</param>
/// <param name="rows">The rows.</param>
/// <param name="weight">What they are divided by.</param>
/// <param name="scaling">The coordinates.</param>
/// <param name="penalty">λ.</param>
internal sealed class ScaledObjective(IObjective objective, ITrainingRows rows, double weight, Scaling scaling, double penalty)
{
    private readonly LinearModel _model = LinearModel.Constant(scaling.ColumnCount, new float[scaling.OutputCount]);

    public IObjective Loss => objective;

    public Scaling Scaling => scaling;

    public double Penalty => penalty;

    /// <summary>What sums over the rows are divided by.</summary>
    public double Weight => weight;

    /// <summary>The same of some of the outputs; null if there is no such thing.</summary>
    public ScaledObjective? OfOutputs(IReadOnlyList<int> outputs)
        => objective.OfOutputs(outputs) is { } own ? new(own, rows, weight, scaling.Of(outputs.Count), penalty) : null;

    /// <summary>The value at a point; <paramref name="gradient"/> receives its derivative.</summary>
    public double Evaluate(ReadOnlySpan<double> point, Span<double> gradient) => EvaluateWithout(null, point, gradient);

    /// <summary>What is known of a point under another penalty, under this one.</summary>
    public SolverState FromPenalty(SolverState state, double other)
    {
        var (difference, gradient) = (penalty - other, state.Gradient.ToArray());
        for (var at = 0; at < gradient.Length; at++)
            gradient[at] += scaling.PenaltyCurvature(at % scaling.Stride, difference) * state.Point[at];
        return state with { Value = state.Value + difference / 2 * scaling.SquaredNorm(state.Point), Gradient = gradient };
    }

    /// <summary>The same without some rows, which then have no loss.</summary>
    public double EvaluateWithout(FarRows? far, ReadOnlySpan<double> point, Span<double> gradient)
    {
        scaling.Unscale(point, _model);
        var loss = rows.Evaluate(new LossAt(objective, _model, far), gradient) / weight;
        TensorPrimitives.Divide<double>(gradient, weight, gradient);
        scaling.ToCoordinates(gradient, point, penalty);
        return loss + penalty / 2 * scaling.SquaredNorm(point);
    }

    /// <summary>For each output the mean second derivative of the losses with respect to their score, those below 0 as 0.</summary>
    public double[] MeanCurvatures(ReadOnlySpan<double> point)
    {
        var sums = rows.Curvatures(new LossAt(objective, scaling.Unscaled(point)));
        TensorPrimitives.Divide<double>(sums, weight, sums);
        return sums;
    }

    /// <summary>The largest change that a step makes between the scores of any row that is not left out.</summary>
    public double LargestChange(LinearModel step, FarRows far) => rows.LargestChange(step, far);
}

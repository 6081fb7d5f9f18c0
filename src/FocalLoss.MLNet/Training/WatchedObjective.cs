using FocalMlNet.Optimization;

namespace FocalMlNet.Training;

/// <summary>
/// An objective that tells when it is in use. The minimiser follows those of a γ schedule one after the other and does not say where it is;
/// a model it reports belongs to the last γ if none of the others has been in use since the report before.
/// </summary>
/// <param name="objective">The objective.</param>
/// <param name="use">Is called at each use, from any thread.</param>
internal sealed class WatchedObjective(IClassObjective objective, Action use) : IClassObjective
{
    public int OutputCount => objective.OutputCount;

    public double TailRate => objective.TailRate;

    public bool IsCoupled => objective.IsCoupled;

    public double Evaluate(ReadOnlySpan<float> scores, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, Span<float> slopes)
    {
        use();
        return objective.Evaluate(scores, labels, weights, slopes);
    }

    public void Curvatures(ReadOnlySpan<float> scores, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, Span<float> curvatures)
    {
        use();
        objective.Curvatures(scores, labels, weights, curvatures);
    }

    public void JointCurvatures(ReadOnlySpan<float> scores, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, Span<float> curvatures)
    {
        use();
        objective.JointCurvatures(scores, labels, weights, curvatures);
    }

    public int CurvatureFactorCount => objective.CurvatureFactorCount;

    public void CurvatureFactors(ReadOnlySpan<float> scores, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, Span<float> factors)
    {
        use();
        objective.CurvatureFactors(scores, labels, weights, factors);
    }

    public void ApplyCurvature(ReadOnlySpan<float> factors, ReadOnlySpan<float> labels, Span<float> changes)
        => objective.ApplyCurvature(factors, labels, changes);

    public void OwnCurvatures(ReadOnlySpan<float> factors, ReadOnlySpan<float> labels, Span<float> curvatures)
        => objective.OwnCurvatures(factors, labels, curvatures);

    public int[]? BoundedOutputs(IReadOnlyList<double> labelWeights) => objective.BoundedOutputs(labelWeights);

    public IObjective? OfOutputs(IReadOnlyList<int> outputs)
        => objective.OfOutputs(outputs) is IClassObjective own ? new WatchedObjective(own, use) : null;

    public double ClassWeight(float label) => objective.ClassWeight(label);
}

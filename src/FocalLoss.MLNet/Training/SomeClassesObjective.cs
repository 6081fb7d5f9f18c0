using FocalMlNet.Optimization;

namespace FocalMlNet.Training;

/// <summary>
/// An objective of some of the classes alone, an output for each, for rows whose labels are numbers among all classes. Rows of the others
/// have no loss.
/// </summary>
/// <param name="objective">The objective of these classes.</param>
/// <param name="places">For each label the number of its class among these; -1 for another class.</param>
internal sealed class SomeClassesObjective(IClassObjective objective, float[] places) : IClassObjective
{
    /// <param name="objective">The objective of these classes.</param>
    /// <param name="classes">The classes.</param>
    /// <param name="classCount">The number of all classes.</param>
    public static SomeClassesObjective Of(IClassObjective objective, IReadOnlyList<int> classes, int classCount)
    {
        var places = new float[classCount];
        Array.Fill(places, -1);
        for (var place = 0; place < classes.Count; place++)
            places[classes[place]] = place;
        return new(objective, places);
    }

    public int OutputCount => objective.OutputCount;

    public double TailRate => objective.TailRate;

    public bool IsCoupled => objective.IsCoupled;

    public int CurvatureFactorCount => objective.CurvatureFactorCount;

    public double Evaluate(ReadOnlySpan<float> scores, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, Span<float> slopes)
    {
        using var own = new Scratch<float>(2 * labels.Length);
        return objective.Evaluate(scores, Labels(labels, own.Span), Weights(labels, weights, own.Span), slopes);
    }

    public void Curvatures(ReadOnlySpan<float> scores, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, Span<float> curvatures)
    {
        using var own = new Scratch<float>(2 * labels.Length);
        objective.Curvatures(scores, Labels(labels, own.Span), Weights(labels, weights, own.Span), curvatures);
    }

    public void JointCurvatures(ReadOnlySpan<float> scores, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, Span<float> curvatures)
    {
        using var own = new Scratch<float>(2 * labels.Length);
        objective.JointCurvatures(scores, Labels(labels, own.Span), Weights(labels, weights, own.Span), curvatures);
    }

    public void CurvatureFactors(ReadOnlySpan<float> scores, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, Span<float> factors)
    {
        using var own = new Scratch<float>(2 * labels.Length);
        objective.CurvatureFactors(scores, Labels(labels, own.Span), Weights(labels, weights, own.Span), factors);
    }

    public void ApplyCurvature(ReadOnlySpan<float> factors, ReadOnlySpan<float> labels, Span<float> changes)
    {
        using var own = new Scratch<float>(labels.Length);
        objective.ApplyCurvature(factors, Labels(labels, own.Span), changes);
    }

    public void OwnCurvatures(ReadOnlySpan<float> factors, ReadOnlySpan<float> labels, Span<float> curvatures)
    {
        using var own = new Scratch<float>(labels.Length);
        objective.OwnCurvatures(factors, Labels(labels, own.Span), curvatures);
    }

    public IObjective? OfOutputs(IReadOnlyList<int> outputs)
        => objective.OfOutputs(outputs) is IClassObjective some ? new SomeClassesObjective(some, places) : null;

    public double ClassWeight(float label) => places[(int)label] is >= 0 and var place ? objective.ClassWeight(place) : 0;

    private ReadOnlySpan<float> Labels(ReadOnlySpan<float> labels, Span<float> scratch)
    {
        for (var i = 0; i < labels.Length; i++)
            scratch[i] = Math.Max(0, places[(int)labels[i]]);
        return scratch[..labels.Length];
    }

    private ReadOnlySpan<float> Weights(ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, Span<float> scratch)
    {
        var own = scratch[labels.Length..];
        for (var i = 0; i < labels.Length; i++)
            own[i] = places[(int)labels[i]] < 0 ? 0 : weights[i];
        return own;
    }
}

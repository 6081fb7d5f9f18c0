namespace FocalMlNet.Training;

/// <summary>An objective of some of the classes alone, an output for each, for rows whose labels are numbers among all classes.</summary>
internal sealed class SomeClassesObjective : IClassObjective
{
    private readonly IClassObjective _objective;

    /// <summary>For each label the number of its class among these; of another class it does not matter, there being no rows.</summary>
    private readonly float[] _places;

    /// <param name="objective">The objective of these classes.</param>
    /// <param name="classes">The classes, ascending.</param>
    /// <param name="classCount">The number of all classes.</param>
    public SomeClassesObjective(IClassObjective objective, IReadOnlyList<int> classes, int classCount)
    {
        (_objective, _places) = (objective, new float[classCount]);
        for (var place = 0; place < classes.Count; place++)
            _places[classes[place]] = place;
    }

    public int OutputCount => _objective.OutputCount;

    public double TailRate => _objective.TailRate;

    public bool IsCoupled => _objective.IsCoupled;

    public int CurvatureFactorCount => _objective.CurvatureFactorCount;

    public double Evaluate(ReadOnlySpan<float> scores, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, Span<float> slopes)
    {
        using var places = new Scratch<float>(labels.Length);
        return _objective.Evaluate(scores, Places(labels, places.Span), weights, slopes);
    }

    public void Curvatures(ReadOnlySpan<float> scores, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, Span<float> curvatures)
    {
        using var places = new Scratch<float>(labels.Length);
        _objective.Curvatures(scores, Places(labels, places.Span), weights, curvatures);
    }

    public void JointCurvatures(ReadOnlySpan<float> scores, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, Span<float> curvatures)
    {
        using var places = new Scratch<float>(labels.Length);
        _objective.JointCurvatures(scores, Places(labels, places.Span), weights, curvatures);
    }

    public void CurvatureFactors(ReadOnlySpan<float> scores, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, Span<float> factors)
    {
        using var places = new Scratch<float>(labels.Length);
        _objective.CurvatureFactors(scores, Places(labels, places.Span), weights, factors);
    }

    public void ApplyCurvature(ReadOnlySpan<float> factors, ReadOnlySpan<float> labels, Span<float> changes)
    {
        using var places = new Scratch<float>(labels.Length);
        _objective.ApplyCurvature(factors, Places(labels, places.Span), changes);
    }

    public void OwnCurvatures(ReadOnlySpan<float> factors, ReadOnlySpan<float> labels, Span<float> curvatures)
    {
        using var places = new Scratch<float>(labels.Length);
        _objective.OwnCurvatures(factors, Places(labels, places.Span), curvatures);
    }

    public double ClassWeight(float label) => _objective.ClassWeight(_places[(int)label]);

    private Span<float> Places(ReadOnlySpan<float> labels, Span<float> places)
    {
        for (var i = 0; i < labels.Length; i++)
            places[i] = _places[(int)labels[i]];
        return places;
    }
}

namespace FocalMlNet.Optimization;

/// <summary>Linear functions of the features as given: one row of coefficients and one offset for each output.</summary>
internal sealed record LinearModel(float[][] Coefficients, float[] Offsets)
{
    public int OutputCount => Offsets.Length;

    /// <summary>Functions that do not depend on the features.</summary>
    public static LinearModel Constant(int columnCount, params float[] offsets)
        => new([.. offsets.Select(_ => new float[columnCount])], offsets);

    /// <summary>Some of the functions.</summary>
    public LinearModel Some(IReadOnlyList<int> outputs)
        => new([.. outputs.Select(k => Coefficients[k])], [.. outputs.Select(k => Offsets[k])]);

    /// <summary>All functions, with others in the place of some.</summary>
    public LinearModel With(IReadOnlyList<int> outputs, LinearModel some)
    {
        var all = this with { Coefficients = [.. Coefficients], Offsets = [.. Offsets] };
        for (var place = 0; place < outputs.Count; place++)
            (all.Coefficients[outputs[place]], all.Offsets[outputs[place]]) = (some.Coefficients[place], some.Offsets[place]);
        return all;
    }

    /// <summary>The same functions, which stay as they are when this one's numbers change.</summary>
    public LinearModel Copy() => new([.. Coefficients.Select(own => own.ToArray())], [.. Offsets]);

    /// <summary>Whether another one has the same numbers.</summary>
    public bool IsSame(LinearModel other)
        => Offsets.AsSpan().SequenceEqual(other.Offsets)
            && Coefficients.Zip(other.Coefficients, (own, others) => own.AsSpan().SequenceEqual(others)).All(isSame => isSame);

    /// <summary>Whether the functions do not depend on the features.</summary>
    public bool IsConstant => Array.TrueForAll(Coefficients, c => !c.AsSpan().ContainsAnyExcept(0f));
}

namespace FocalMlNet.Optimization;

/// <summary>Linear functions of the features as given: one row of coefficients and one offset for each output.</summary>
internal sealed record LinearModel(float[][] Coefficients, float[] Offsets)
{
    public int OutputCount => Offsets.Length;

    /// <summary>Functions that do not depend on the features.</summary>
    public static LinearModel Constant(int columnCount, params float[] offsets)
        => new([.. offsets.Select(_ => new float[columnCount])], offsets);

    /// <summary>Whether the functions do not depend on the features.</summary>
    public bool IsConstant => Array.TrueForAll(Coefficients, c => !c.AsSpan().ContainsAnyExcept(0f));
}

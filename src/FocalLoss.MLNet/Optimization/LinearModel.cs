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

    /// <summary>scores[k n + i] = output k of row i of the block's n rows.</summary>
    public void Score(Matrix.RowBlock block, Span<float> scores)
    {
        for (var k = 0; k < Offsets.Length; k++)
            block.Scores(Coefficients[k], Offsets[k], scores.Slice(k * block.RowCount, block.RowCount));
    }
}

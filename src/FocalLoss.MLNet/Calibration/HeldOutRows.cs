using FocalMlNet.Matrix;
using FocalMlNet.Optimization;

namespace FocalMlNet.Calibration;

/// <summary>Rows that a model was not trained on.</summary>
/// <param name="blocks">The rows.</param>
internal sealed class HeldOutRows(IReadOnlyList<RowBlock> blocks)
{
    /// <summary>The class of each row.</summary>
    public float[] Labels { get; } = [.. blocks.SelectMany(block => block.Labels.ToArray())];

    /// <summary>The weight of each row.</summary>
    public float[] Weights { get; } = [.. blocks.SelectMany(block => block.Weights.ToArray())];

    /// <summary>
    /// scores[k][i] is output k of row i. An array for each output: of many classes and rows, one would be longer than an array can be.
    /// </summary>
    public float[][] Scores(LinearModel model, CancellationToken cancellation)
    {
        float[][] scores = [.. model.Offsets.Select(_ => new float[Labels.Length])];
        var first = 0;
        foreach (var block in blocks)
        {
            cancellation.ThrowIfCancellationRequested();
            for (var k = 0; k < model.OutputCount; k++)
                block.Scores(model.Coefficients[k], model.Offsets[k], scores[k].AsSpan(first, block.RowCount));
            first += block.RowCount;
        }

        return scores;
    }
}

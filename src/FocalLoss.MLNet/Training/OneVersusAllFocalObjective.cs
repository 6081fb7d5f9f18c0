using System.Numerics.Tensors;
using FocalMlNet.Matrix;
using FocalMlNet.Optimization;

namespace FocalMlNet.Training;

/// <summary>
/// One binary focal loss for each class, whose positives are the rows of that class: Σ_k a_y FL_k(z_k, y = k), where the weight a_y of the
/// row's own class goes with its examples into all K problems, as an example weight would.
/// </summary>
/// <param name="gammas">γ of each class's problem.</param>
/// <param name="classWeights">The weight of each class's rows.</param>
/// <param name="outputs">The classes that have an output; null for all.</param>
internal sealed class OneVersusAllFocalObjective(double[] gammas, double[] classWeights, IReadOnlyList<int>? outputs = null)
    : IClassObjective
{
    private readonly BinaryFocal.Spans[] _spans = [.. gammas.Select(gamma => new BinaryFocal.Spans(gamma, gamma, 1, 1))];

    public int OutputCount => gammas.Length;

    public double TailRate => 1 + gammas.Max();

    public double Evaluate(ReadOnlySpan<float> scores, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, Span<float> slopes)
    {
        var n = labels.Length;
        Span<float> isTrue = stackalloc float[RowBlock.MaxRowCount];
        Span<float> factors = stackalloc float[RowBlock.MaxRowCount];
        Weigh(labels, weights, factors);
        double sum = 0;
        for (var k = 0; k < _spans.Length; k++)
        {
            Select(labels, outputs?[k] ?? k, isTrue);
            sum += _spans[k].SumAndDerivatives(scores.Slice(k * n, n), isTrue[..n], factors[..n], slopes.Slice(k * n, n));
        }

        return sum;
    }

    public void Curvatures(ReadOnlySpan<float> scores, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, Span<float> curvatures)
    {
        var n = labels.Length;
        Span<float> isTrue = stackalloc float[RowBlock.MaxRowCount];
        Span<float> factors = stackalloc float[RowBlock.MaxRowCount];
        Weigh(labels, weights, factors);
        for (var k = 0; k < _spans.Length; k++)
        {
            var own = curvatures.Slice(k * n, n);
            Select(labels, outputs?[k] ?? k, isTrue);
            _spans[k].SecondDerivatives(scores.Slice(k * n, n), isTrue[..n], own);
            TensorPrimitives.Multiply(own, factors[..n], own);
        }
    }

    public int[]? BoundedOutputs(IReadOnlyList<double> labelWeights)
        => outputs is null ? IClassObjective.OutputsWithWeight(labelWeights) : null;

    public IObjective OfOutputs(IReadOnlyList<int> some) => new OneVersusAllFocalObjective(
        [.. some.Select(k => gammas[k])], classWeights, [.. some.Select(k => outputs?[k] ?? k)]);

    public double ClassWeight(float label) => classWeights[(int)label];

    private static void Select(ReadOnlySpan<float> labels, int k, Span<float> isTrue)
    {
        for (var i = 0; i < labels.Length; i++)
            isTrue[i] = labels[i] == k ? 1 : 0;
    }

    private void Weigh(ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, Span<float> factors)
    {
        for (var i = 0; i < labels.Length; i++)
            factors[i] = (float)(weights[i] * classWeights[(int)labels[i]]);
    }
}

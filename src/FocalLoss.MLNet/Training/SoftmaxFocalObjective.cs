using System.Numerics.Tensors;
using FocalMlNet.Optimization;

namespace FocalMlNet.Training;

/// <summary>The softmax focal loss with class weights as the solver sees it: a score for each class.</summary>
/// <param name="gamma">γ.</param>
/// <param name="classWeights">The weight of each class.</param>
internal sealed class SoftmaxFocalObjective(double gamma, double[] classWeights) : IClassObjective
{
    private readonly SoftmaxFocal.Rows _rows = new(gamma, classWeights);

    public int OutputCount => classWeights.Length;

    public double TailRate => 1 + gamma;

    public double Evaluate(ReadOnlySpan<float> scores, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, Span<float> slopes)
        => _rows.RunByClass(scores, labels, weights, slopes, SoftmaxFocal.Output.Slopes);

    public void Curvatures(ReadOnlySpan<float> scores, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, Span<float> curvatures)
        => _rows.RunByClass(scores, labels, weights, curvatures, SoftmaxFocal.Output.Curvatures);

    public bool IsCoupled => true;

    public void JointCurvatures(ReadOnlySpan<float> scores, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, Span<float> curvatures)
        => _rows.RunByClass(scores, labels, weights, curvatures, SoftmaxFocal.Output.JointCurvatures);

    /// <summary>The slopes, with 0 for the true class, their sum, and the second derivative along the margin.</summary>
    public int CurvatureFactorCount => OutputCount + 2;

    public void CurvatureFactors(ReadOnlySpan<float> scores, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, Span<float> factors)
    {
        var n = labels.Length;
        var slopes = factors[..scores.Length];
        var sums = factors.Slice(scores.Length, n);
        var bends = factors[(scores.Length + n)..];
        Curvatures(scores, labels, weights, slopes);
        for (var i = 0; i < n; i++)
            bends[i] = Math.Max(0, slopes[(int)labels[i] * n + i]);
        Evaluate(scores, labels, weights, slopes);
        for (var i = 0; i < n; i++)
        {
            ref var own = ref slopes[(int)labels[i] * n + i];
            (sums[i], own) = (-own, 0);
        }
    }

    /// <remarks>
    /// Of a row with shares r of the other classes, slope -σ and bend β along the margin: β (∂s · v) ∂s + σ (r ∘ v - r (r · v)), where ∂s =
    /// 1 for the true class and -r for the others, and σ r are the slopes.
    /// </remarks>
    public void ApplyCurvature(ReadOnlySpan<float> factors, ReadOnlySpan<float> labels, Span<float> changes)
    {
        var n = labels.Length;
        var slopes = factors[..changes.Length];
        var sums = factors.Slice(changes.Length, n);
        var bends = factors[(changes.Length + n)..];
        using var scratch = new Scratch<float>(2 * n);
        var shifts = scratch.Span[..n];
        var along = scratch.Span[n..];
        shifts.Clear();
        for (var k = 0; k < OutputCount; k++)
            TensorPrimitives.MultiplyAdd(slopes.Slice(k * n, n), changes.Slice(k * n, n), shifts, shifts);
        for (var i = 0; i < n; i++)
        {
            var mean = sums[i] > 0 ? shifts[i] / sums[i] : 0;
            along[i] = sums[i] > 0 ? bends[i] * (changes[(int)labels[i] * n + i] - mean) : 0;
            shifts[i] = sums[i] > 0 ? mean + along[i] / sums[i] : 0;
        }

        for (var k = 0; k < OutputCount; k++)
        {
            var own = changes.Slice(k * n, n);
            TensorPrimitives.Subtract(own, shifts, own);
            TensorPrimitives.Multiply(own, slopes.Slice(k * n, n), own);
        }

        for (var i = 0; i < n; i++)
            changes[(int)labels[i] * n + i] = along[i];
    }

    public void OwnCurvatures(ReadOnlySpan<float> factors, ReadOnlySpan<float> labels, Span<float> curvatures)
    {
        var n = labels.Length;
        var slopes = factors[..curvatures.Length];
        var sums = factors.Slice(curvatures.Length, n);
        var bends = factors[(curvatures.Length + n)..];
        for (var at = 0; at < curvatures.Length; at++)
        {
            var i = at % n;
            var share = sums[i] > 0 ? slopes[at] / sums[i] : 0;
            curvatures[at] = (int)labels[i] == at / n ? (sums[i] > 0 ? bends[i] : 0) : share * (share * (bends[i] - sums[i]) + sums[i]);
        }
    }

    public int[]? BoundedOutputs(IReadOnlyList<double> labelWeights) => IClassObjective.OutputsWithWeight(labelWeights);

    public IObjective OfOutputs(IReadOnlyList<int> outputs) => SomeClassesObjective.Of(
        new SoftmaxFocalObjective(gamma, [.. outputs.Select(k => classWeights[k])]), outputs, OutputCount);

    public double ClassWeight(float label) => classWeights[(int)label];
}

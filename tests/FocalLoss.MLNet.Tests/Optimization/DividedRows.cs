using System.Numerics.Tensors;
using FocalMlNet.Matrix;
using FocalMlNet.Optimization;

namespace FocalMlNet.Tests.Optimization;

/// <summary>
/// Rows in two places that know nothing of each other: all that the minimiser asks is answered by adding their answers, in order.
/// </summary>
internal sealed class DividedRows(ITrainingRows first, ITrainingRows second, ParallelOptions parallel) : ITrainingRows
{
    public int ColumnCount => first.ColumnCount;

    public long EntryCount => first.EntryCount + second.EntryCount;

    public IReadOnlyList<long> LabelCounts => [.. first.LabelCounts.Zip(second.LabelCounts, (a, b) => a + b)];

    public IReadOnlyList<double> LabelWeights => [.. first.LabelWeights.Zip(second.LabelWeights, (a, b) => a + b)];

    /// <summary>How often each question was asked.</summary>
    public Dictionary<string, int> Asked { get; } = [];

    public Moments Moments(double[] relativeWeights, bool withDensity)
    {
        Count(nameof(Moments));
        var (a, b) = (first.Moments(relativeWeights, withDensity), second.Moments(relativeWeights, withDensity));
        var (ofFirst, ofSecond) = (a.Weight / (a.Weight + b.Weight), b.Weight / (a.Weight + b.Weight));
        double[] Mean(double[] one, double[] other) => [.. one.Zip(other, (x, y) => ofFirst * x + ofSecond * y)];
        // The variance of a mixture: the mean of the variances, and the variance of the means.
        double[] between = [.. a.Mean.Zip(b.Mean, (x, y) => ofFirst * ofSecond * (x - y) * (x - y))];
        return new(
            a.Weight + b.Weight, Mean(a.Mean, b.Mean), [.. Mean(a.Variance, b.Variance).Zip(between, (x, y) => x + y)],
            Mean(a.Density, b.Density));
    }

    public double Evaluate(LossAt at, Span<double> gradient)
    {
        Count(nameof(Evaluate));
        var (loss, other) = (first.Evaluate(at, gradient), new double[gradient.Length]);
        loss += second.Evaluate(at, other);
        TensorPrimitives.Add(gradient, other, gradient);
        return loss;
    }

    public double[] Curvatures(LossAt at)
    {
        Count(nameof(Curvatures));
        return [.. first.Curvatures(at).Zip(second.Curvatures(at), (a, b) => a + b)];
    }

    public double CurvatureTrace(LossAt at)
    {
        Count(nameof(CurvatureTrace));
        return first.CurvatureTrace(at) + second.CurvatureTrace(at);
    }

    public float LargestChange(LinearModel step, FarRows far)
    {
        Count(nameof(LargestChange));
        return Math.Max(first.LargestChange(step, far), second.LargestChange(step, far));
    }

    public RowMatrix Draw(Leverage leverage, double perLeverage, double start, LossAt? at = null, double perCurvature = 0)
    {
        Count(at is null ? nameof(Draw) : nameof(Draw) + " near");
        return Both(
            first.Draw(leverage, perLeverage, start, at, perCurvature), second.Draw(leverage, perLeverage, start, at, perCurvature));
    }

    public RowMatrix DrawByCurvature(LossAt at, double perCurvature)
    {
        Count(nameof(DrawByCurvature));
        return Both(first.DrawByCurvature(at, perCurvature), second.DrawByCurvature(at, perCurvature));
    }

    public IEnumerable<RowMatrix> Windows(int mostRows)
    {
        Count(nameof(Windows));
        return Both([.. first.Windows(int.MaxValue), .. second.Windows(int.MaxValue)]).Windows(mostRows);
    }

    private RowMatrix Both(params RowMatrix[] parts)
        => new(TrainingData.Of([.. parts.SelectMany(part => part.Blocks)], LabelCounts.Count), parallel);

    private void Count(string question) => Asked[question] = Asked.GetValueOrDefault(question) + 1;
}

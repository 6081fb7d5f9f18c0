using FocalMlNet.Data;

namespace FocalMlNet.Optimization;

/// <summary>
/// Mini-batch stochastic gradient descent with momentum on standardised features; the step size falls linearly to 0 and the iterates of
/// the second half are averaged (Polyak and Juditsky 1992).
/// </summary>
internal sealed class AveragedSgd
{
    private const double Momentum = .9;

    private readonly double[] _velocity;
    private readonly double[] _sum;
    private readonly double[] _gradient;
    private readonly long _steps;
    private readonly double _rate;
    private long _step;
    private long _summed;

    /// <param name="start">The first point; it is not changed.</param>
    /// <param name="rate">First step size.</param>
    /// <param name="steps">How many batches there will be.</param>
    public AveragedSgd(ReadOnlySpan<double> start, double rate, long steps)
    {
        Current = start.ToArray();
        _velocity = new double[start.Length];
        _sum = new double[start.Length];
        _gradient = new double[start.Length];
        _rate = rate;
        _steps = steps;
    }

    /// <summary>The last point.</summary>
    public double[] Current { get; }

    /// <summary>The mean of the points of the second half, or the last point if there were none.</summary>
    public double[] Average => _summed == 0 ? Current : [.. _sum.Select(s => s / _summed)];

    /// <summary>A step for each batch; a row's mean weight over all batches is <paramref name="meanWeight"/>.</summary>
    public void Run(IReadOnlyList<RowBlock> batches, IObjective objective, Scaling scaling, double meanWeight, CancellationToken cancellation)
    {
        Span<float> scores = stackalloc float[RowBlock.MaxRowCount];
        Span<float> slopes = stackalloc float[RowBlock.MaxRowCount];
        foreach (var batch in batches)
        {
            cancellation.ThrowIfCancellationRequested();
            var count = batch.RowCount;
            batch.Scores(scaling.Coefficients, scaling.Unscale(Current), scores);
            objective.Evaluate(scores[..count], batch.Labels, batch.Weights, slopes[..count]);
            Array.Clear(_gradient);
            batch.AddGradient(slopes, _gradient);
            for (var i = 0; i < count; i++)
                _gradient[^1] += slopes[i];
            var scale = 1 / (meanWeight * count);
            for (var j = 0; j < _gradient.Length; j++)
                _gradient[j] *= scale;
            scaling.Transform(Current, _gradient);

            var rate = _rate * (1 - (double)_step / _steps);
            _step++;
            var isAveraged = 2 * _step > _steps;
            if (isAveraged)
                _summed++;
            for (var j = 0; j < _gradient.Length; j++)
            {
                _velocity[j] = Momentum * _velocity[j] + (1 - Momentum) * _gradient[j];
                Current[j] -= rate * _velocity[j];
                if (isAveraged)
                    _sum[j] += Current[j];
            }
        }
    }
}

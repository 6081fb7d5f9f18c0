using FocalMlNet.Data;

namespace FocalMlNet.Optimization;

/// <summary>Settings of <see cref="MiniBatchSgd"/>; the trainer's options say what they mean.</summary>
internal sealed record SgdSettings(int NumberOfIterations, double? LearningRate, double L2Regularization, int Seed);

/// <summary>Where a run ended: weights and bias for the features as given, the objective there and at the start.</summary>
internal sealed record SgdResult(float[] Weights, float Bias, double Objective, double StartObjective);

/// <summary>
/// Minimises the mean weighted loss plus (λ/2) ‖weights‖² by mini-batch stochastic gradient descent with momentum and iterate averaging.
/// </summary>
/// <remarks>
/// The steps are taken on standardised features (mean 0, variance 1 under the sampling distribution), which the matrix never holds: the
/// weights are scaled instead. The step size falls linearly to 0 and the iterates of the second half are averaged
/// (Polyak and Juditsky 1992). Without a given learning rate, a pass that raises the objective is undone and the step size halved.
/// </remarks>
internal sealed class MiniBatchSgd
{
    private const int BatchSize = 256;
    private const double Momentum = .9;
    private const double FirstRate = 2;

    /// <summary>A pass may raise the objective by this factor before it is undone: steps are noisy.</summary>
    private const double TolerableRise = 1.1;

    private readonly FeatureMatrix _x;
    private readonly IObjective _objective;
    private readonly SgdSettings _settings;
    private readonly RowSampler _sampler;
    private readonly double _totalWeight;
    private readonly double[] _mean;
    private readonly double[] _scale;
    private readonly float[] _weights;
    private readonly float[] _gradient;
    private readonly float[] _scores = new float[BatchSize];
    private readonly float[] _slopes = new float[BatchSize];

    private MiniBatchSgd(FeatureMatrix x, IObjective objective, SgdSettings settings)
    {
        _x = x;
        _objective = objective;
        _settings = settings;
        _sampler = new RowSampler(objective.RowWeights, settings.Seed);
        foreach (var weight in objective.RowWeights)
            _totalWeight += weight;
        (_mean, _scale) = Standardization(x, _sampler.Expected);
        _weights = new float[x.ColumnCount];
        _gradient = new float[x.ColumnCount];
    }

    /// <summary>Runs from weights of 0 and the given bias. The result is never above the start.</summary>
    /// <exception cref="InvalidOperationException">The given learning rate makes the objective infinite.</exception>
    public static SgdResult Minimize(FeatureMatrix x, IObjective objective, double startBias, SgdSettings settings)
        => new MiniBatchSgd(x, objective, settings).Run(startBias);

    private SgdResult Run(double startBias)
    {
        // One weight for each standardised feature, then the score at the mean of all features.
        var current = new double[_x.ColumnCount + 1];
        current[^1] = startBias;
        var start = (double[])current.Clone();
        var startValue = Value(current);

        var velocity = new double[current.Length];
        var sum = new double[current.Length];
        var summedPasses = 0;
        var value = startValue;
        var rate = _settings.LearningRate ?? FirstRate;
        for (var pass = 0; pass < _settings.NumberOfIterations; pass++)
        {
            var next = (double[])current.Clone();
            var nextVelocity = (double[])velocity.Clone();
            var passSum = new double[current.Length];
            RunPass(next, nextVelocity, passSum, rate, pass);
            var nextValue = Value(next);
            if (_settings.LearningRate is null && !(nextValue <= TolerableRise * value))
            {
                rate /= 2;
                Array.Clear(velocity);
                continue;
            }

            (current, velocity, value) = (next, nextVelocity, nextValue);
            if (2 * pass < _settings.NumberOfIterations - 1)
                continue;
            summedPasses++;
            for (var j = 0; j < sum.Length; j++)
                sum[j] += passSum[j];
        }

        if (!double.IsFinite(value))
        {
            throw new InvalidOperationException(FormattableString.Invariant(
                $"LearningRate = {_settings.LearningRate} makes the objective infinite: choose a smaller one, or null, which adapts."));
        }

        var candidates = new List<double[]> { start, current };
        if (summedPasses > 0)
            candidates.Add([.. sum.Select(s => s / summedPasses)]);
        var best = candidates.MinBy(Value)!;
        var objective = Value(best);
        var bias = Unscale(best);
        return new SgdResult(_weights, bias, objective, startValue);
    }

    /// <summary>One pass over the rows; <paramref name="average"/> receives the mean of its iterates.</summary>
    private void RunPass(double[] current, double[] velocity, double[] average, double firstRate, int pass)
    {
        var draws = _sampler.NextPass();
        var batches = (draws.Length + BatchSize - 1) / BatchSize;
        for (var batch = 0; batch < batches; batch++)
        {
            var done = (pass + (double)batch / batches) / _settings.NumberOfIterations;
            var rate = firstRate * (1 - done);
            var first = batch * BatchSize;
            var rows = draws.Slice(first, Math.Min(BatchSize, draws.Length - first));
            var slopeSum = Gradient(current, rows);
            for (var j = 0; j < current.Length; j++)
            {
                var slope = j == _gradient.Length ? slopeSum : StandardizedSlope(current[j], slopeSum, j);
                velocity[j] = Momentum * velocity[j] + (1 - Momentum) * slope;
                current[j] -= rate * velocity[j];
                average[j] += current[j] / batches;
            }
        }
    }

    /// <summary>Leaves the mean gradient of the rows' losses in <see cref="_gradient"/> and returns that with respect to the bias.</summary>
    private double Gradient(double[] current, ReadOnlySpan<int> rows)
    {
        var bias = Unscale(current);
        _x.Multiply(rows, _weights, bias, _scores);
        _objective.Derivatives(rows, _scores, _slopes);
        double slopeSum = 0;
        for (var i = 0; i < rows.Length; i++)
        {
            _slopes[i] *= _sampler.Factors[rows[i]] / rows.Length;
            slopeSum += _slopes[i];
        }

        Array.Clear(_gradient);
        _x.AddTransposed(rows, _slopes, _gradient);
        return slopeSum;
    }

    // The penalty is on the weights of the features as given, v scale; it is divided by the total weight, as the loss is in a step.
    private double StandardizedSlope(double v, double slopeSum, int j)
        => (_gradient[j] - _mean[j] * slopeSum) * _scale[j] + _settings.L2Regularization / _totalWeight * v * _scale[j] * _scale[j];

    /// <summary>The objective.</summary>
    private double Value(double[] current)
    {
        var bias = Unscale(current);
        var rows = new int[_x.RowCount];
        for (var i = 0; i < rows.Length; i++)
            rows[i] = i;
        var scores = new float[rows.Length];
        _x.Multiply(rows, _weights, bias, scores);
        double penalty = 0;
        foreach (double weight in _weights)
            penalty += weight * weight;
        return _objective.Loss(scores) + _settings.L2Regularization / 2 * penalty;
    }

    /// <summary>Leaves the weights of the features as given in <see cref="_weights"/> and returns their bias.</summary>
    private float Unscale(double[] current)
    {
        var bias = current[^1];
        for (var j = 0; j < _weights.Length; j++)
        {
            var weight = current[j] * _scale[j];
            _weights[j] = (float)weight;
            bias -= weight * _mean[j];
        }

        return (float)bias;
    }

    /// <summary>Mean and reciprocal standard deviation of each column; 0 for a column that does not vary, which keeps weight 0.</summary>
    private static (double[] Mean, double[] Scale) Standardization(FeatureMatrix x, ReadOnlySpan<double> rowWeights)
    {
        var mean = new double[x.ColumnCount];
        var scale = new double[x.ColumnCount];
        x.AddMoments(rowWeights, mean, scale);
        for (var j = 0; j < mean.Length; j++)
        {
            mean[j] /= x.RowCount;
            var square = scale[j] / x.RowCount;
            var variance = square - mean[j] * mean[j];
            // What is left of a constant column's variance is rounding.
            scale[j] = variance > 1e-12 * square ? 1 / Math.Sqrt(variance) : 0;
        }

        return (mean, scale);
    }
}

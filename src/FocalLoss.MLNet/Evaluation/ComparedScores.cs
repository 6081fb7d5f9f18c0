using System.Buffers;

namespace FocalMlNet.Evaluation;

/// <summary>A model's scores of the rows that all models have, ready to be resampled.</summary>
/// <typeparam name="TMetrics">The kind of metrics.</typeparam>
/// <param name="name">The name of the model.</param>
/// <param name="classes">The class of each row, in the order of the data.</param>
/// <param name="classNames">The names of the classes.</param>
/// <param name="weights">The example weight of each row, in the order of the data.</param>
internal abstract class ComparedScores<TMetrics>(string name, int[] classes, IReadOnlyList<string> classNames, float[] weights)
{
    public const int MetricCount = 5;

    public string Name => name;

    public int[] Classes => classes;

    public IReadOnlyList<string> ClassNames => classNames;

    public float[] Weights => weights;

    public abstract bool HasProbabilities { get; }

    /// <summary>The rows themselves.</summary>
    public abstract object Rows { get; }

    /// <summary>What is compared, of all rows.</summary>
    public abstract double[] Values { get; }

    /// <summary>What is compared, then what the intervals of the metrics need.</summary>
    /// <param name="repeats">How often each row counts, in the order of the data.</param>
    public abstract double[] Resampled(ReadOnlySpan<byte> repeats);

    /// <summary>The metrics, with intervals from what the resamples gave after what is compared.</summary>
    public abstract (TMetrics Metrics, ConfidenceInterval AveragePrecision, ConfidenceInterval LogLoss, ConfidenceInterval BrierScore)
        Evaluated(double[][] resamples);

    /// <summary>The weighted mean of what the rows bring in; NaN without gains.</summary>
    protected static double Mean(double[]? gains, float[] weights, ReadOnlySpan<byte> repeats)
    {
        if (gains is null)
            return double.NaN;
        double sum = 0, total = 0;
        for (var i = 0; i < gains.Length; i++)
        {
            var weight = repeats.IsEmpty ? weights[i] : (double)weights[i] * repeats[i];
            sum += weight * gains[i];
            total += weight;
        }

        return sum / total;
    }
}

/// <summary>Scores of two classes.</summary>
internal sealed class ComparedBinaryScores : ComparedScores<ImbalancedBinaryMetrics>
{
    private readonly ScoredRows _rows;
    private readonly EvaluationOptions _options;
    private readonly BinaryEvaluation _evaluation;
    private readonly BinaryFigures _figures;
    private readonly double[]? _gains, _bestGains;

    public ComparedBinaryScores(string name, ScoredRows rows, CostMatrix? costs, EvaluationOptions options)
        : base(name, rows.InOrderOfData(Array.ConvertAll(rows.Labels, label => label ? 1 : 0)), ["negative", "positive"],
            rows.InOrderOfData(rows.Weights))
    {
        (_rows, _options, _evaluation) = (rows, options, new(rows, options));
        _figures = _evaluation.Figures([]);
        if (costs is null)
            return;
        _gains = Gains(i => rows.PredictedLabels[i]);
        _bestGains = HasProbabilities ? Gains(i => rows.Probabilities[i] > costs.CallAbove) : null;

        double[] Gains(Func<int, bool> isCalled)
            => [.. rows.Labels.Select((label, i) => costs[label ? 1 : 0, isCalled(i) ? 1 : 0])];
    }

    public override bool HasProbabilities => _rows.Probabilities.Length > 0;

    public override object Rows => _rows;

    public override double[] Values => Compared(_figures.Values, []);

    public override double[] Resampled(ReadOnlySpan<byte> repeats)
    {
        var sorted = ArrayPool<byte>.Shared.Rent(repeats.Length);
        var order = _rows.Order;
        for (var i = 0; i < order.Length; i++)
            sorted[i] = repeats[order[i]];
        var ofSorted = sorted.AsSpan(0, repeats.Length);
        var values = _evaluation.Resampled(ofSorted, _figures);
        double[] all = [.. Compared(values, ofSorted), .. values];
        ArrayPool<byte>.Shared.Return(sorted);
        return all;
    }

    public override (ImbalancedBinaryMetrics, ConfidenceInterval, ConfidenceInterval, ConfidenceInterval) Evaluated(double[][] resamples)
    {
        var intervals = _evaluation.Intervals(_figures, resamples, _options);
        return (new(_rows, _figures, intervals), intervals[(int)BinaryMetric.AveragePrecision], intervals[(int)BinaryMetric.LogLoss],
            intervals[(int)BinaryMetric.BrierScore]);
    }

    private double[] Compared(double[] values, ReadOnlySpan<byte> repeats) =>
    [
        values[(int)BinaryMetric.AveragePrecision], values[(int)BinaryMetric.LogLoss], values[(int)BinaryMetric.BrierScore],
        Mean(_gains, _rows.Weights, repeats), Mean(_bestGains, _rows.Weights, repeats),
    ];
}

/// <summary>Scores of several classes.</summary>
internal sealed class ComparedClassScores : ComparedScores<ImbalancedMulticlassMetrics>
{
    private readonly ClassScoredRows _rows;
    private readonly EvaluationOptions _options;
    private readonly MulticlassEvaluation _evaluation;
    private readonly MulticlassFigures _figures;
    private readonly double[]? _gains, _bestGains;

    /// <param name="name">The name of the model.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="costs">What each decision brings in, for the classes in the order of this model; null if that is not known.</param>
    /// <param name="options">Options.</param>
    public ComparedClassScores(string name, ClassScoredRows rows, CostMatrix? costs, EvaluationOptions options)
        : base(name, rows.Labels, rows.ClassNames, rows.Weights)
    {
        HasProbabilities = MulticlassEvaluation.AreProbabilities(rows);
        (_rows, _options, _evaluation) = (rows, options, new(rows, HasProbabilities, options));
        _figures = _evaluation.Figures([]);
        if (costs is null)
            return;
        _gains = [.. rows.Labels.Select((label, i) => costs[label, _evaluation.Predicted[i]])];
        if (!HasProbabilities)
            return;
        // Classes without a score have probability 0.
        var probabilities = new float[costs.ClassCount];
        _bestGains = new double[rows.Labels.Length];
        for (var i = 0; i < _bestGains.Length; i++)
        {
            rows.ScoresOf(i).CopyTo(probabilities);
            _bestGains[i] = costs[rows.Labels[i], costs.BestDecision(probabilities)];
        }
    }

    public override bool HasProbabilities { get; }

    public override object Rows => _rows;

    public override double[] Values => Compared(_figures.Values, []);

    public override double[] Resampled(ReadOnlySpan<byte> repeats)
    {
        var values = _evaluation.Resampled(repeats, _figures);
        return [.. Compared(values, repeats), .. values];
    }

    public override (ImbalancedMulticlassMetrics, ConfidenceInterval, ConfidenceInterval, ConfidenceInterval) Evaluated(
        double[][] resamples)
    {
        var intervals = _evaluation.Intervals(_figures, resamples, _options);
        return (new(_rows, _figures, intervals), intervals[(int)MulticlassMetric.MacroAveragePrecision],
            intervals[(int)MulticlassMetric.LogLoss], intervals[(int)MulticlassMetric.BrierScore]);
    }

    private double[] Compared(double[] values, ReadOnlySpan<byte> repeats) =>
    [
        values[(int)MulticlassMetric.MacroAveragePrecision], values[(int)MulticlassMetric.LogLoss],
        values[(int)MulticlassMetric.BrierScore], Mean(_gains, _rows.Weights, repeats), Mean(_bestGains, _rows.Weights, repeats),
    ];
}

using System.Numerics.Tensors;
using FocalMlNet.Optimization;

namespace FocalMlNet.Training;

/// <summary>An objective whose labels are classes, each with a weight.</summary>
internal interface IClassObjective : IObjective
{
    /// <summary>What the loss of a row of this class is multiplied with, on top of its example weight.</summary>
    double ClassWeight(float label);

    /// <summary>Those of an objective with an output for each class: of a class without weight none is true.</summary>
    static int[]? OutputsWithWeight(IReadOnlyList<double> labelWeights)
        => labelWeights.All(weight => weight > 0) ? null : [.. Enumerable.Range(0, labelWeights.Count).Where(k => labelWeights[k] > 0)];

    ILabelSummary IObjective.Of(IReadOnlyList<long> counts, IReadOnlyList<double> weights) => new ClassSummary(this, counts, weights);
}

/// <summary>What follows from the rows and the weight of each class.</summary>
internal sealed class ClassSummary : ILabelSummary
{
    private readonly IClassObjective _objective;
    private readonly IReadOnlyList<double> _weights;

    public ClassSummary(IClassObjective objective, IReadOnlyList<long> counts, IReadOnlyList<double> weights)
    {
        (_objective, _weights, RowCount, Weight) = (objective, weights, counts.Sum(), weights.Sum());
        var lossWeight = weights.Select((weight, k) => weight * objective.ClassWeight(k)).Sum();
        MeanFactor = lossWeight / Weight;
        RelativeWeights = [.. weights.Select((_, k) => RowCount * objective.ClassWeight(k) / lossWeight)];
        Rarities = [.. counts.Select(n => Math.Max(1, (double)RowCount / counts.Count / Math.Max(1, n)))];
        TotalRarity = Rarities.Select((own, k) => own * counts[k]).Sum();
    }

    public long RowCount { get; }

    public double Weight { get; }

    public double MeanFactor { get; }

    public double[] RelativeWeights { get; }

    public double[] Rarities { get; }

    public double TotalRarity { get; }

    public double MeanLoss(float[] scores)
    {
        // All rows of a class have the same loss.
        double sum = 0;
        for (var k = 0; k < _weights.Count; k++)
            sum += _weights[k] * _objective.Evaluate(scores, [k], [1], new float[scores.Length]);
        return sum / Weight;
    }

    public double[] MeanCurvatures(float[] scores)
    {
        var (sums, ofClass) = (new double[scores.Length], new float[scores.Length]);
        for (var k = 0; k < _weights.Count; k++)
        {
            _objective.Curvatures(scores, [k], [1], ofClass);
            for (var output = 0; output < sums.Length; output++)
                sums[output] += _weights[k] * Math.Max(0, ofClass[output]);
        }

        TensorPrimitives.Divide<double>(sums, Weight, sums);
        return sums;
    }

    /// <remarks>Of fewer rows than an output has coordinates, chance would tell a class apart; coupled outputs share their rows.</remarks>
    public bool AreEnough(IReadOnlyList<long> few, int coordinatesOfAnOutput) => _objective.IsCoupled
        || !few.Where((own, k) => _weights[k] > 0 && own < coordinatesOfAnOutput).Any();
}

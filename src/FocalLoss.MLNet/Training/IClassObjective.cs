using System.Numerics.Tensors;
using FocalMlNet.Matrix;
using FocalMlNet.Optimization;

namespace FocalMlNet.Training;

/// <summary>An objective whose labels are classes, each with a weight.</summary>
internal interface IClassObjective : IObjective
{
    /// <summary>What the loss of a row of this class is multiplied with, on top of its example weight.</summary>
    double ClassWeight(float label);

    ILabelSummary IObjective.Of(TrainingData rows) => new ClassSummary(this, rows.Totals);
}

/// <summary>What follows from the rows and the weight of each class.</summary>
internal sealed class ClassSummary : ILabelSummary
{
    private readonly IClassObjective _objective;
    private readonly ClassTotals _totals;
    private readonly double[] _relative;

    public ClassSummary(IClassObjective objective, ClassTotals totals)
    {
        (_objective, _totals) = (objective, totals);
        var lossWeight = totals.Weights.Select((weight, k) => weight * objective.ClassWeight(k)).Sum();
        MeanFactor = lossWeight / totals.Weight;
        _relative = [.. totals.Weights.Select((_, k) => totals.RowCount * objective.ClassWeight(k) / lossWeight)];
        Rarities = [.. totals.Counts.Select(n => Math.Max(1, (double)totals.RowCount / totals.ClassCount / Math.Max(1, n)))];
        TotalRarity = Rarities.Select((own, k) => own * totals.Counts[k]).Sum();
    }

    public long RowCount => _totals.RowCount;

    public double Weight => _totals.Weight;

    public double MeanFactor { get; }

    public double[] Rarities { get; }

    public double TotalRarity { get; }

    public double MeanLoss(float[] scores)
    {
        // All rows of a class have the same loss.
        double sum = 0;
        for (var k = 0; k < _totals.ClassCount; k++)
            sum += _totals.Weights[k] * _objective.Evaluate(scores, [k], [1], new float[scores.Length]);
        return sum / Weight;
    }

    public double[] MeanCurvatures(float[] scores)
    {
        var (sums, ofClass) = (new double[scores.Length], new float[scores.Length]);
        for (var k = 0; k < _totals.ClassCount; k++)
        {
            _objective.Curvatures(scores, [k], [1], ofClass);
            for (var output = 0; output < sums.Length; output++)
                sums[output] += _totals.Weights[k] * Math.Max(0, ofClass[output]);
        }

        TensorPrimitives.Divide<double>(sums, Weight, sums);
        return sums;
    }

    public double RelativeWeight(float label, float weight) => weight * _relative[(int)label];

    /// <remarks>Of fewer rows than an output has coordinates, chance would tell a class apart; coupled outputs share their rows.</remarks>
    public bool AreEnough(TrainingData few, int coordinatesOfAnOutput) => _objective.IsCoupled
        || !few.Totals.Counts.Where((own, k) => _totals.Weights[k] > 0 && own < coordinatesOfAnOutput).Any();
}

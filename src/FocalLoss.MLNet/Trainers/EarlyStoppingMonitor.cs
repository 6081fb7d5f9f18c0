using FocalMlNet.Data;
using FocalMlNet.Evaluation;
using FocalMlNet.Optimization;

namespace FocalMlNet.Trainers;

/// <summary>Judges each pass's model on held-out rows and keeps the best.</summary>
internal sealed class EarlyStoppingMonitor
{
    private static readonly FocalLoss CrossEntropy = new(gamma: 0);

    private readonly EarlyStopping _settings;
    private readonly IReadOnlyList<RowBlock> _heldOut;
    private double _bestMerit = double.NegativeInfinity;
    private int _bestPass;

    public EarlyStoppingMonitor(EarlyStopping settings, IReadOnlyList<RowBlock> heldOut)
    {
        (_settings, _heldOut) = (settings, heldOut);
        var totals = heldOut.Aggregate(new ClassTotals(), (sum, block) => sum.Add(block));
        if (!(totals.PositiveWeight > 0 && totals.NegativeWeight > 0))
        {
            throw new InvalidOperationException(FormattableString.Invariant(
                $"EarlyStopping.HoldOutShare = {settings.HoldOutShare} holds out {totals.Positives} positive and {totals.Negatives} negative rows, but it needs some of both with a weight above 0."));
        }
    }

    /// <summary>The best model so far, or null before the first.</summary>
    public LinearModel? Best { get; private set; }

    /// <summary>Takes note of a model.</summary>
    /// <returns>Whether training should go on.</returns>
    public bool GoOn(LinearModel model, int pass)
    {
        var merit = Merit(model);
        if (merit > _bestMerit)
            (_bestMerit, _bestPass, Best) = (merit, pass, model);
        return pass - _bestPass < _settings.Patience;
    }

    private double Merit(LinearModel model)
    {
        var scores = new float[_heldOut.Sum(b => b.RowCount)];
        var labels = new bool[scores.Length];
        var weights = new float[scores.Length];
        double loss = 0, weight = 0;
        var first = 0;
        foreach (var block in _heldOut)
        {
            var part = scores.AsSpan(first, block.RowCount);
            block.Scores(model.Coefficients, model.Offset, part);
            block.Weights.CopyTo(weights.AsSpan(first));
            for (var i = 0; i < part.Length; i++)
            {
                labels[first + i] = block.Labels[i] > 0;
                loss += block.Weights[i] * CrossEntropy.Loss(part[i], block.Labels[i]);
                weight += block.Weights[i];
            }

            first += block.RowCount;
        }

        return _settings.Metric == EarlyStoppingMetric.LogLoss ? -loss / weight : AveragePrecision.Of(scores, labels, weights);
    }
}

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
        var totals = new ClassTotals(classCount: 2);
        foreach (var block in heldOut)
            totals.Add(block);
        if (!totals.AreSeveral)
        {
            throw new InvalidOperationException(FormattableString.Invariant(
                $"EarlyStopping.HoldOutShare = {settings.HoldOutShare} holds out {totals.Counts[1]} positive and {totals.Counts[0]} negative rows, but it needs some of both with a weight above 0."));
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
        var labels = new float[scores.Length];
        double loss = 0, weight = 0;
        var first = 0;
        foreach (var block in _heldOut)
        {
            var part = scores.AsSpan(first, block.RowCount);
            model.Score(block, part);
            block.Labels.CopyTo(labels.AsSpan(first));
            first += block.RowCount;
            for (var i = 0; i < part.Length; i++)
            {
                loss += block.Weights[i] * CrossEntropy.Loss(part[i], block.Labels[i]);
                weight += block.Weights[i];
            }
        }

        return _settings.Metric == EarlyStoppingMetric.LogLoss ? -loss / weight : AveragePrecision.Of(scores, labels);
    }
}

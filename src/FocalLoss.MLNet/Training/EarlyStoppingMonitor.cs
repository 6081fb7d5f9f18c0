using FocalMlNet.Calibration;
using FocalMlNet.Matrix;
using FocalMlNet.Optimization;

namespace FocalMlNet.Training;

/// <summary>Judges each pass's model on held-out rows and keeps the best.</summary>
internal sealed class EarlyStoppingMonitor
{
    private readonly EarlyStopping _settings;
    private readonly HeldOutRows _heldOut;
    private readonly HeldOutJudge _judge;
    private readonly ParallelOptions _parallel;
    private double _bestMerit = double.NegativeInfinity;
    private int _bestPass;

    public EarlyStoppingMonitor(
        EarlyStopping settings, IReadOnlyList<RowBlock> heldOut, int classCount, HeldOutJudge judge, ParallelOptions parallel)
    {
        (_settings, _heldOut, _judge, _parallel) = (settings, new(heldOut), judge, parallel);
        var totals = new ClassTotals(classCount);
        foreach (var block in heldOut)
            totals.Add(block);
        if (!totals.AreSeveral)
        {
            var (rows, needed) = classCount == 2
                ? ($"{totals.Counts[1]} positive and {totals.Counts[0]} negative rows", "some of both")
                : ($"rows of {totals.Counts.Count(n => n > 0)} of {classCount} classes", "some of two classes at least");
            throw new InvalidOperationException(FormattableString.Invariant(
                $"EarlyStopping.HoldOutShare = {settings.HoldOutShare} holds out {rows}, but it needs {needed} with a weight above 0."));
        }
    }

    /// <summary>The best model so far, or null before the first.</summary>
    public LinearModel? Best { get; private set; }

    /// <summary>Takes note of a model.</summary>
    /// <returns>Whether training should go on.</returns>
    public bool GoOn(LinearModel model, int pass)
    {
        var scores = _heldOut.Scores(model, _parallel.CancellationToken);
        FiniteScores.Check(scores);
        var merit = _judge.Merit(_settings.Metric, scores, _heldOut.Labels, _heldOut.Weights, _parallel);
        if (merit > _bestMerit)
            (_bestMerit, _bestPass, Best) = (merit, pass, model);
        return pass - _bestPass < _settings.Patience;
    }
}

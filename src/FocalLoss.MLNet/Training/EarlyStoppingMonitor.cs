using FocalMlNet.Calibration;
using FocalMlNet.Matrix;
using FocalMlNet.Optimization;

namespace FocalMlNet.Training;

/// <summary>Judges each pass's model on held-out rows and keeps the best. Models on the way to a last γ are no candidates.</summary>
internal sealed class EarlyStoppingMonitor
{
    private readonly EarlyStopping _settings;
    private readonly HeldOutRows _heldOut;
    private readonly HeldOutJudge _judge;
    private readonly ParallelOptions _parallel;
    private double _bestMerit = double.NegativeInfinity;
    private int _bestPass;
    private volatile bool _isOnTheWay;

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

    /// <summary>The objective of that model.</summary>
    public double BestObjective { get; private set; }

    /// <summary>The objectives to minimise one after the other, those before the last such that a model of theirs is known as one.</summary>
    public IReadOnlyList<IClassObjective> Watched(IReadOnlyList<IClassObjective> objectives)
    {
        var watched = objectives.Distinct().ToDictionary(
            objective => objective,
            objective => objective == objectives[^1] ? objective : new WatchedObjective(objective, () => _isOnTheWay = true));
        return [.. objectives.Select(objective => watched[objective])];
    }

    /// <summary>Takes note of a model.</summary>
    /// <returns>Whether training should go on.</returns>
    public bool GoOn(LinearModel model, double objective, int pass)
    {
        // Where the last stage begins is where the one before has ended: the best of a smaller γ, which no calibration for the last suits.
        if (_isOnTheWay)
        {
            _isOnTheWay = false;
            return true;
        }

        var scores = _heldOut.Scores(model, _parallel.CancellationToken);
        Array.ForEach(scores, ofOutput => FiniteScores.Check(ofOutput));
        var merit = _judge.Merit(_settings.Metric, scores, _heldOut.Labels, _heldOut.Weights, _parallel);
        if (merit > _bestMerit)
            (_bestMerit, _bestPass, Best, BestObjective) = (merit, pass, model, objective);
        return pass - _bestPass < _settings.Patience;
    }
}

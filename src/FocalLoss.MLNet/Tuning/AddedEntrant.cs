namespace FocalMlNet.Tuning;

/// <summary>
/// A candidate of the user's: with the probabilities that it has or, where these are better by more than one standard error, with those of
/// a calibrator on its scores out of fold. Its values are those of whichever it is.
/// </summary>
/// <param name="order">Its place among all from the simplest.</param>
/// <param name="candidate">The candidate.</param>
internal sealed class AddedEntrant(int order, TuningCandidate candidate) : Entrant(order)
{
    private readonly List<FoldValue> _own = [];

    /// <summary>Null in folds for which there is no calibrator.</summary>
    private readonly List<FoldValue?> _calibrated = [];

    public TuningCandidate Candidate => candidate;

    public override string Label => $"'{candidate.FullName}'";

    /// <summary>What it predicted in the folds of the last repeat.</summary>
    public List<JudgedFold> Kept { get; } = [];

    /// <summary>The calibrator that it needs, or null.</summary>
    public Recalibration? Recalibration { get; private set; }

    /// <summary>The log-loss in each fold of the probabilities that it has itself; NaN without any.</summary>
    public IReadOnlyList<double> OwnLogLosses => [.. _own.Select(value => value.LogLoss)];

    /// <summary>Adds what was found in a fold.</summary>
    public void Add(FoldValue value, JudgedFold fold)
    {
        Add(value);
        _own.Add(value);
        _calibrated.Add(null);
        Kept.Add(fold);
    }

    /// <inheritdoc/>
    public override void Keep(int folds)
    {
        base.Keep(folds);
        if (_own.Count <= folds)
            return;
        _own.RemoveRange(folds, _own.Count - folds);
        _calibrated.RemoveRange(folds, _calibrated.Count - folds);
        Kept.RemoveAll(fold => fold.Fold >= folds);
    }

    /// <summary>Decides by what is known so far whether it needs a calibrator.</summary>
    /// <param name="task">Judges.</param>
    /// <param name="isByTime">Whether later folds must not teach earlier ones.</param>
    /// <param name="testToTrain">Rows that judge, by rows that train.</param>
    public void Recalibrate(ITuningTask task, bool isByTime, double testToTrain)
    {
        var found = Recalibration.Of(Kept, isByTime);
        foreach (var fold in Kept)
            _calibrated[fold.Fold] = null;
        foreach (var fold in found?.Folds ?? [])
            _calibrated[fold.Fold] = task.Judge(fold.Predictions, fold.Rows);
        Recalibration = found is not null && NeedsCalibrator(testToTrain) ? found : null;
        for (var fold = 0; fold < _own.Count; fold++)
        {
            var value = Recalibration is not null && _calibrated[fold] is { } calibrated ? calibrated : _own[fold];
            (Values[fold], LogLosses[fold]) = (value.Value, value.LogLoss);
        }
    }

    /// <summary>
    /// The rule that chooses among candidates: what is simpler, no calibrator, is left unless it is behind by more than one standard error.
    /// </summary>
    private bool NeedsCalibrator(double testToTrain)
    {
        int[] folds = [.. Enumerable.Range(0, _own.Count).Where(fold => _calibrated[fold] is not null)];
        double[] own = [.. folds.Select(fold => _own[fold].LogLoss)];
        double[] calibrated = [.. folds.Select(fold => _calibrated[fold]!.Value.LogLoss)];
        return own.Any(double.IsNaN)
            || own.Length > 1 && !TuningChoice.IsWithin(own, calibrated, isHigherBetter: false, testToTrain);
    }
}

using System.Diagnostics;
using Microsoft.ML;

namespace FocalMlNet.Tuning;

/// <summary>
/// Judges all candidates in one fold after the other. From the second fold on a candidate drops out if it is clearly worse than the best so
/// far by a paired t test: a race (Maron and Moore, "The Racing Algorithm: Model Selection for Lazy Learners", Artificial Intelligence
/// Review 11, 1997, who block by test points; here the blocks are folds), with the variance corrected as in
/// <see cref="PairedDifference"/>. Logistic regression without weights stays to the end.
/// </summary>
internal sealed class TuningRace
{
    /// <summary>
    /// Two-sided level of the test, as low as there are many tests: what drops out is 64, 10 and 6 standard errors behind after two, three
    /// and four folds.
    /// </summary>
    public const double Level = .01;

    /// <summary>No timer waits for more than 49 days.</summary>
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(40);

    private readonly IDataView _data;
    private readonly ITuningTask _task;
    private readonly TuningOptions _options;
    private readonly LinePath _path;
    private readonly RaceProgress _progress;
    private readonly List<double> _testToTrain = [];
    private TuningFolds _folds;
    private int _repeat;

    /// <param name="data">The data.</param>
    /// <param name="task">Two classes or several.</param>
    /// <param name="options">The options.</param>
    public TuningRace(IDataView data, ITuningTask task, TuningOptions options)
    {
        (_data, _task, _options, _path, _progress) = (data, task, options, new(task, options), new(options));
        _folds = TuningFolds.Of(data, options, 0);
        Entrants = [.. StartingOrder.Of(options, _path.Penalties(_folds.PartOfRow.Length))];
    }

    /// <summary>All candidates, from the simplest to the most complex.</summary>
    public IReadOnlyList<Entrant> Entrants { get; }

    /// <summary>How many folds all candidates that are left have been judged in.</summary>
    public int FoldsJudged { get; private set; }

    /// <summary>All folds of all repeats.</summary>
    public int FoldCount => _folds.Count * _options.NumberOfRepeats;

    /// <summary>Whether the budget of time ended before all folds were judged.</summary>
    public bool IsPartial { get; private set; }

    /// <summary>Rows that judge, by rows that train: a mean over the folds.</summary>
    public double TestToTrain => _testToTrain.Average();

    /// <summary>The mean over the folds of what a model has that knows nothing.</summary>
    public double Chance { get; private set; }

    /// <summary>The rows of the line candidates in the repeat that was judged last.</summary>
    public LineRows? Rows { get; private set; }

    /// <summary>The candidates that were judged in all folds so far.</summary>
    public Entrant[] Finished => [.. In.Where(entrant => entrant.Values.Count == FoldsJudged)];

    /// <summary>The rows of the data.</summary>
    public int RowCount => _folds.PartOfRow.Length;

    private IEnumerable<Entrant> In => Entrants.Where(entrant => entrant.IsIn);

    /// <summary>Whether a is better than b.</summary>
    public bool IsBetter(double a, double b) => _task.IsHigherBetter ? a > b : a < b;

    /// <summary>The best of some candidates; of several the simplest.</summary>
    public Entrant Best(IEnumerable<Entrant> entrants) => TuningChoice.Best(entrants, _task.IsHigherBetter);

    /// <summary>Judges in all folds, or until the time is over.</summary>
    /// <exception cref="OperationCanceledException">The tuning was cancelled.</exception>
    /// <exception cref="TimeoutException">The time was over before anything was known.</exception>
    public void Run()
    {
        using var time = CancellationTokenSource.CreateLinkedTokenSource(_options.CancellationToken);
        if (_options.TimeBudget - _progress.Elapsed is { } left)
        {
            if (left > TimeSpan.Zero)
                time.CancelAfter(left < LongestTimer ? left : LongestTimer);
            else
                time.Cancel();
        }

        try
        {
            for (var repeat = 0; repeat < _options.NumberOfRepeats; repeat++)
                RunRepeat(repeat, _options.Parallel(time.Token));
        }
        catch (OperationCanceledException error) when (!_options.CancellationToken.IsCancellationRequested && time.IsCancellationRequested)
        {
            IsPartial = true;
            // What is known of all of them or, in the first fold, of those that came to it.
            FoldsJudged = Math.Max(FoldsJudged, 1);
            foreach (var entrant in Entrants)
                entrant.Keep(FoldsJudged);
            Recalibrate();
            if (!In.Any(entrant => entrant.Values.Count > 0))
                throw new TimeoutException($"TimeBudget = {_options.TimeBudget} was over before a candidate was judged.", error);
        }
    }

    /// <summary>
    /// What a candidate predicts for the rows of each fold that it was judged in, in the repeat that was judged last; with a calibrator
    /// only rows that have had no part in it. Each fold is made when it is asked for, and not kept.
    /// </summary>
    public IEnumerable<Func<JudgedFold>> OutOfFold(Entrant chosen)
    {
        var parallel = _options.Parallel(_options.CancellationToken);
        var repeat = (FoldsJudged - 1) / _folds.Count;
        // The time may have been over when the next one had just begun.
        if (Rows is null || repeat != _repeat)
            Deal(repeat, parallel);
        var first = repeat * _folds.Count;
        if (chosen is AddedEntrant added)
        {
            return (added.Recalibration?.Folds ?? added.Kept).Select(
                fold => (Func<JudgedFold>)(() => fold with { Fold = fold.Fold - first }));
        }

        return Enumerable.Range(0, FoldsJudged - first).Select(fold => (Func<JudgedFold>)(() =>
        {
            // The same path as in the race, down to this line.
            var (rows, line) = (Rows!.Fold(fold, parallel), (LineEntrant)chosen);
            LineEntrant[] path = [.. Entrants.OfType<LineEntrant>().Where(
                other => other.Family == line.Family && other.Order <= line.Order && other.Values.Count > first + fold)];
            return new(fold, rows.Judged, _path.Run(line.Family, path, rows, parallel).Last().Predictions);
        }));
    }

    /// <summary>The candidates that were judged in all folds so far and have not failed since.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public Entrant[] StillIn() => Finished is { Length: > 0 } finished ? finished : throw NoneIsLeft();

    /// <summary>Takes a candidate out that failed when all was decided.</summary>
    public void Drop(AddedEntrant entrant, Exception error)
    {
        entrant.Error = error;
        _progress.Tell($"Candidate {entrant.Label} is out after an error in the fit on all rows: {error.Message}");
    }

    /// <summary>λ of all lines on all rows.</summary>
    public Dictionary<LineEntrant, double> Lambdas()
    {
        var parallel = _options.Parallel(_options.CancellationToken);
        return _path.Lambdas(Entrants.OfType<LineEntrant>(), Rows!.All(parallel), parallel);
    }

    /// <summary>The estimator of an added candidate.</summary>
    public IEstimator<ITransformer> Estimator(TuningCandidate candidate)
    {
        const string WeightColumn = "Tuning.Weight";
        if (!candidate.IsWeighted)
            return Own(_options.ExampleWeightColumnName);
        return new ClassBalancingEstimator(
            WeightColumn, _options.LabelColumnName, candidate.ClassWeighting, _options.ExampleWeightColumnName).Append(Own(WeightColumn));

        IEstimator<ITransformer> Own(string? weight) => candidate.Estimator(weight)
            ?? throw new InvalidOperationException($"Candidate '{candidate.FullName}' gives null for an estimator.");
    }

    private void RunRepeat(int repeat, ParallelOptions parallel)
    {
        Deal(repeat, parallel);
        for (var fold = 0; fold < _folds.Count; fold++)
        {
            RunFold(fold, Rows!.Fold(fold, parallel), parallel);
            FoldsJudged++;
            foreach (var added in Entrants.OfType<AddedEntrant>())
                added.Kept.RemoveAll(kept => kept.Fold < repeat * _folds.Count);
            // Of a ranking a calibrator changes nothing: then it is enough to know in the end.
            if (_task.JudgesProbabilities || fold == _folds.Count - 1)
                Recalibrate();
            if (!In.Any())
                throw NoneIsLeft();
            // In the first fold of a repeat there is nothing yet to calibrate by: none is sent home for that.
            if (_options.Races && fold > 0 && FoldsJudged < FoldCount)
                DropOut();
        }
    }

    /// <summary>Finds out which of the added candidates need a calibrator.</summary>
    private void Recalibrate()
    {
        if (!_task.HasCalibrator)
            return;
        AddedEntrant[] added = [.. In.OfType<AddedEntrant>()];
        ParallelLoop.For(added.Length, _options.Parallel(_options.CancellationToken), i =>
        {
            var clock = Stopwatch.StartNew();
            added[i].Recalibrate(_task, _options.TimeColumnName is not null, TestToTrain);
            added[i].Seconds += clock.Elapsed.TotalSeconds;
        });
    }

    /// <summary>Deals the rows out for a repeat, and reads them.</summary>
    private void Deal(int repeat, ParallelOptions parallel)
    {
        // Those of the repeat before are no longer needed: their memory may be taken for these.
        Rows = null;
        if (repeat != _repeat)
            _folds = TuningFolds.Of(_data, _options, repeat);
        _repeat = repeat;
        Rows = LineRows.Of(_data, _options, _folds, _task, parallel);
    }

    private void RunFold(int fold, FoldMatrix rows, ParallelOptions parallel)
    {
        double train = rows.Train.RowCount, test = rows.Judged.Rows.Length;
        _testToTrain.Add(test / train);
        Chance += (_task.Chance(rows.Judged) - Chance) / _testToTrain.Count;
        LineEntrant[][] families =
            [.. In.OfType<LineEntrant>().GroupBy(line => line.Family).Select(family => family.ToArray())];
        var inner = new ParallelOptions
        {
            MaxDegreeOfParallelism = Math.Max(1, parallel.MaxDegreeOfParallelism / Math.Max(1, families.Length)),
            CancellationToken = parallel.CancellationToken,
        };
        ParallelLoop.For(families.Length, parallel, f => Guarded(families[f], () =>
        {
            var line = 0;
            foreach (var (predictions, seconds) in _path.Run(families[f][0].Family, families[f], rows, inner))
            {
                var entrant = families[f][line++];
                var clock = Stopwatch.StartNew();
                var value = _task.Judge(predictions, rows.Judged);
                Note(entrant, () => entrant.Add(value), seconds + clock.Elapsed.TotalSeconds);
            }
        }, parallel.CancellationToken));

        foreach (var added in In.OfType<AddedEntrant>().ToArray())
        {
            parallel.CancellationToken.ThrowIfCancellationRequested();
            Guarded([added], () =>
            {
                var clock = Stopwatch.StartNew();
                var test = _folds.Test(fold);
                var scored = Estimator(added.Candidate).Fit(_folds.Train(fold)).Transform(test);
                var testRows = _folds.TestRows(fold);
                var places = Array.ConvertAll(rows.Judged.Rows, row => Array.BinarySearch(testRows, row));
                var predictions = _task.Read(scored, test.Schema, testRows.Length).At(places);
                var value = _task.Judge(predictions, rows.Judged);
                Note(added, () => added.Add(value, new(FoldsJudged, rows.Judged, predictions)), clock.Elapsed.TotalSeconds);
            }, parallel.CancellationToken);
        }
    }

    /// <summary>Does something for candidates; if that fails, those that it was not done for are out.</summary>
    /// <param name="entrants">The candidates.</param>
    /// <param name="work">What is done.</param>
    /// <param name="cancellation">What ends the tuning: a candidate that is cancelled by anything else has failed like any other.</param>
    private void Guarded(Entrant[] entrants, Action work, CancellationToken cancellation)
    {
        try
        {
            work();
        }
        catch (Exception error) when (!(error is OperationCanceledException && cancellation.IsCancellationRequested))
        {
            foreach (var entrant in entrants.Where(entrant => entrant.Values.Count == FoldsJudged))
            {
                entrant.Error = error;
                _progress.Tell($"Candidate {entrant.Label} is out after an error in fold {FoldsJudged + 1}: {error.Message}");
            }
        }
    }

    private void DropOut()
    {
        var best = Best(In);
        foreach (var entrant in In.Where(entrant => entrant != best && !entrant.IsPlain).ToArray())
        {
            var difference = PairedDifference.Of(entrant.Values, best.Values, TestToTrain);
            if (!IsBetter(best.Mean, entrant.Mean) || !(difference.PValue < Level) || !(difference.StandardError > 0))
                continue;
            entrant.DroppedAfter = FoldsJudged;
        }

        var dropped = Entrants.Count(entrant => entrant.DroppedAfter == FoldsJudged);
        if (dropped > 0)
            _progress.Tell($"{dropped} candidates are dropped after fold {FoldsJudged}, {In.Count()} are left.");
    }

    private InvalidOperationException NoneIsLeft()
    {
        var first = Entrants.First(entrant => entrant.Error is not null);
        return new(
            $"No candidate is left: all had errors. That of the first, {first.Label}, is: {first.Error!.Message}", first.Error);
    }

    /// <summary>Takes note of what a candidate is worth in a fold, and tells of the progress.</summary>
    private void Note(Entrant entrant, Action add, double seconds) => _progress.Judged(
        () =>
        {
            add();
            entrant.Seconds += seconds;
        },
        Entrants, FoldsJudged, FoldCount);
}

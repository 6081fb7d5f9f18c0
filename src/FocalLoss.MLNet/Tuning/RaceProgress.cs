using System.Diagnostics;

namespace FocalMlNet.Tuning;

/// <summary>Tells how a race stands: one message at a time, whatever thread it comes from.</summary>
/// <param name="options">Who is told, and the budget of time.</param>
internal sealed class RaceProgress(TuningOptions options)
{
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Lock _telling = new();
    private long _done;

    /// <summary>Time since the race began.</summary>
    public TimeSpan Elapsed => _clock.Elapsed;

    /// <summary>Takes note of a candidate that was judged in a fold.</summary>
    /// <param name="note">Writes down what was found.</param>
    /// <param name="entrants">All candidates.</param>
    /// <param name="foldsJudged">The folds before.</param>
    /// <param name="foldCount">All folds.</param>
    public void Judged(Action note, IReadOnlyList<Entrant> entrants, int foldsJudged, int foldCount)
    {
        lock (_telling)
        {
            note();
            _done++;
            if (options.Progress is not { } progress)
                return;
            var left = entrants.Count(entrant => entrant.IsIn);
            var underway = entrants.Count(entrant => entrant.IsIn && entrant.Values.Count <= foldsJudged);
            var total = _done + underway + (long)left * (foldCount - foldsJudged - 1);
            var rest = _clock.Elapsed * ((double)(total - _done) / _done);
            if (options.TimeBudget - _clock.Elapsed is { } budget && budget < rest)
                rest = budget > TimeSpan.Zero ? budget : TimeSpan.Zero;
            progress.Report(new()
            {
                Fold = foldsJudged + 1,
                FoldCount = foldCount,
                CandidatesLeft = left,
                Done = _done,
                Total = total,
                Elapsed = _clock.Elapsed,
                TimeLeft = rest,
            });
        }
    }

    /// <summary>Tells of something worth knowing.</summary>
    public void Tell(string text)
    {
        lock (_telling)
            options.Log?.Invoke(text);
    }
}

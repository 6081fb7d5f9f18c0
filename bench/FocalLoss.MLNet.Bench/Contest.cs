
using System.Diagnostics;

namespace FocalMlNet.Bench;

/// <summary>One way to do the work, and how long each of its runs took.</summary>
/// <param name="Name">What it is called in the results.</param>
/// <param name="Run">One run.</param>
internal sealed record Contestant(string Name, Action Run)
{
    /// <summary>Seconds of each round.</summary>
    public List<double> Seconds { get; } = [];

    /// <summary>The median of <see cref="Seconds"/>.</summary>
    public double MedianSeconds => Median(Seconds);

    /// <summary>How many times as long as this one the other took: the median over the rounds of the ratio within a round.</summary>
    public double TimesFasterThan(Contestant other) => Median(other.Seconds.Zip(Seconds, (theirs, ours) => theirs / ours));

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}

/// <summary>
/// Runs contestants in turns, so that whatever else the machine does hits all of them alike, and compares them within each round.
/// </summary>
internal static class Contest
{
    /// <summary>Warms each contestant up, then times every one once in each round, beginning with another one each time.</summary>
    /// <param name="contestants">Who takes part.</param>
    /// <param name="rounds">The number of rounds.</param>
    /// <param name="warmUp">
    /// How long each runs untimed before: long enough for the runtime to have optimised the code. Null for not at all.
    /// </param>
    public static void Run(IReadOnlyList<Contestant> contestants, int rounds, TimeSpan? warmUp)
    {
        foreach (var contestant in warmUp is null ? [] : contestants)
        {
            var start = Stopwatch.GetTimestamp();
            do
            {
                contestant.Run();
            }
            while (Stopwatch.GetElapsedTime(start) < warmUp);
        }

        for (var round = 0; round < rounds; round++)
        {
            for (var i = 0; i < contestants.Count; i++)
            {
                var contestant = contestants[(round + i) % contestants.Count];
                var start = Stopwatch.GetTimestamp();
                contestant.Run();
                contestant.Seconds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
            }
        }
    }
}

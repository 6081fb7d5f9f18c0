using FocalMlNet.Tuning;

namespace FocalMlNet.Bench;

/// <summary>What all contestants got on a task.</summary>
/// <param name="data">The task.</param>
/// <param name="results">The results on its halves; a half counts that has those of all contestants.</param>
internal sealed class EvidenceTask(EvidenceData data, IReadOnlyList<EvidenceResult> results)
{
    private readonly EvidenceResult[] _results = [.. results.GroupBy(result => result.Half)
        .Where(half => half.Count() == EvidenceContest.Names.Length).SelectMany(half => half)];

    /// <summary>A half judges what the other has trained: n_test / n_train.</summary>
    private const double TestToTrain = 1;

    public EvidenceData Data => data;

    /// <summary>The halves that judged.</summary>
    public int Halves => _results.Length / EvidenceContest.Names.Length;

    /// <summary>A contestant's results, half by half.</summary>
    public EvidenceResult[] Of(int contestant)
        => [.. _results.Where(result => result.Contestant == contestant).OrderBy(result => result.Half)];

    /// <summary>The contestant, of those that are no tuning over all, that has the least mean log-loss.</summary>
    public int LeastLogLoss => EvidenceContest.Singles.MinBy(contestant => Mean(contestant, result => result.LogLoss));

    public double Mean(int contestant, Func<EvidenceResult, double> measure) => Of(contestant).Average(measure);

    /// <summary>The mean of one's value minus the other's, with the standard error that is corrected for halves that share rows.</summary>
    public PairedDifference Difference(int one, int other, Func<EvidenceResult, double> measure)
        => PairedDifference.Of([.. Of(one).Select(measure)], [.. Of(other).Select(measure)], TestToTrain);
}

/// <summary>The mean over the tasks of a paired difference.</summary>
/// <param name="Mean">The mean of the tasks' means.</param>
/// <param name="StandardError">From those of the tasks, as if tasks were independent.</param>
/// <param name="Reach">Half the width of the 95 % interval.</param>
internal sealed record PooledDifference(double Mean, double StandardError, double Reach)
{
    /// <summary>
    /// The interval is that of Student's t, with degrees of freedom by Satterthwaite (1946): tasks have standard errors of different size,
    /// each from few halves.
    /// </summary>
    public static PooledDifference Of(IReadOnlyList<EvidenceTask> tasks, int one, int other, Func<EvidenceResult, double> measure)
    {
        PairedDifference[] ofTasks = [.. tasks.Select(task => task.Difference(one, other, measure))];
        var variance = ofTasks.Sum(d => d.StandardError * d.StandardError);
        var freedom = variance * variance / ofTasks.Zip(tasks).Sum(of => Math.Pow(of.First.StandardError, 4) / (of.Second.Halves - 1));
        var error = Math.Sqrt(variance) / tasks.Count;
        return new(
            ofTasks.Average(d => d.Mean), error, error > 0 ? error * Distributions.StudentTwoSidedQuantile(.05, freedom) : 0);
    }
}

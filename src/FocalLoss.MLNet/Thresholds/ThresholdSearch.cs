
using FocalMlNet.Columns;
using FocalMlNet.Evaluation;
using Microsoft.ML;

namespace FocalMlNet.Thresholds;

/// <summary>A share that must reach a target, or must not exceed it.</summary>
/// <param name="Name">What it is the share of.</param>
/// <param name="Parts">What is counted, and the rest of the whole.</param>
/// <param name="Target">In (0; 1].</param>
/// <param name="AtLeast">Whether the target must be reached; if not, it must not be exceeded.</param>
internal sealed record ThresholdDemand(string Name, Func<ConfusionCounts, (double Part, double Others)> Parts, double Target, bool AtLeast)
{
    public bool IsMet(ConfusionCounts counts, double rounding)
    {
        var (part, others) = Parts(counts);
        return WeightRounding.CompareShare(part, others, Target, rounding) is var sign && AtLeast ? sign >= 0 : sign <= 0;
    }

    public double Figure(ConfusionCounts counts)
    {
        var (part, others) = Parts(counts);
        return part > 0 ? part / (part + others) : 0;
    }
}

/// <summary>What is to be made as high as possible.</summary>
/// <param name="Value">The higher, the better.</param>
/// <param name="Size">What its rounding errors are in proportion to: itself, or where terms cancel the sum of their sizes.</param>
internal readonly record struct Merit(double Value, double Size)
{
    /// <summary>A ratio of sums of weights.</summary>
    public Merit(double ratio)
        : this(ratio, ratio)
    {
    }

    /// <summary>A difference of two numbers that are 1 at most.</summary>
    public static Merit OfDifference(double value) => new(value, 1);

    public static Merit OfSum(params ReadOnlySpan<double> terms)
    {
        double value = 0, size = 0;
        foreach (var term in terms)
        {
            value += term;
            size += Math.Abs(term);
        }

        return new Merit(value, size);
    }

    /// <summary>Whether it is higher than another by more than rounding.</summary>
    public bool IsAbove(Merit other, double rounding) => Value - other.Value > rounding * (Size + other.Size);
}

/// <summary>Finds the threshold on the probability that suits a policy best.</summary>
internal static class ThresholdSearch
{
    /// <summary>Reads a view, and chooses a threshold on a column of probabilities.</summary>
    public static ThresholdChoice Choose(
        IDataView data, ThresholdPolicy policy, string labelColumnName, string probabilityColumnName, string? weightColumnName)
    {
        ArgumentNullException.ThrowIfNull(policy);
        Guard.NotEmpty(probabilityColumnName);
        ArgumentNullException.ThrowIfNull(data);
        AddedColumn.CheckProbability(data.Schema, "Score", probabilityColumnName);
        // The probability is the score here; a second time it is read to be checked.
        return Choose(RankSteps.Of(
            ScoredRows.Read(data, new(labelColumnName, probabilityColumnName, probabilityColumnName, null, weightColumnName))), policy);
    }

    /// <summary>Chooses among all thresholds that differ: above all probabilities, between two of them, below all.</summary>
    /// <param name="steps">The probabilities.</param>
    /// <param name="policy">What is wanted.</param>
    /// <exception cref="InvalidOperationException">No threshold meets the policy's demand.</exception>
    public static ThresholdChoice Choose(RankSteps steps, ThresholdPolicy policy)
    {
        var (threshold, counts) = Best(Candidates(steps), policy, steps.Rounding) ?? throw OutOfReach(steps, policy.Demand!);
        return new(policy, threshold, counts, policy.Merit(counts).Value);
    }

    /// <summary>The best of some candidates, the first of those that are as good; null if none meets the demand.</summary>
    /// <param name="candidates">Each with what is counted with it, from the one with the fewest alerts.</param>
    /// <param name="policy">What is wanted.</param>
    /// <param name="rounding">The relative error of what is counted.</param>
    public static (T Candidate, ConfusionCounts Counts)? Best<T>(
        IEnumerable<(T Candidate, ConfusionCounts Counts)> candidates, ThresholdPolicy policy, double rounding)
    {
        (T, ConfusionCounts)? best = null;
        Merit highest = default;
        foreach (var one in candidates)
        {
            if (policy.Demand is { } demand && !(one.Counts.AlertRate > 0 && demand.IsMet(one.Counts, rounding)))
                continue;
            var merit = policy.Merit(one.Counts);
            if (best is null || merit.IsAbove(highest, rounding))
                (best, highest) = (one, merit);
        }

        return best;
    }

    private static IEnumerable<(float Threshold, ConfusionCounts Counts)> Candidates(RankSteps steps)
    {
        yield return (Between(steps.Steps[0].Score, 1), new(0, 0, steps.Positives, steps.Negatives));
        for (var k = 0; k < steps.Steps.Count; k++)
        {
            var step = steps.Steps[k];
            // Called positive is what is above a threshold: no threshold in [0; 1] calls a probability of 0 positive.
            if (step.Score == 0)
                yield break;
            var below = k + 1 < steps.Steps.Count ? steps.Steps[k + 1].Score : 0;
            yield return (Between(below, step.Score),
                new(step.TruePositives, step.FalsePositives, steps.Positives - step.TruePositives, steps.Negatives - step.FalsePositives));
        }
    }

    /// <summary>Half-way between two numbers; not below the lower, and below the higher unless they are equal.</summary>
    private static float Between(float low, float high)
    {
        var middle = low + (high - low) / 2;
        return middle < high ? middle : low;
    }

    private static InvalidOperationException OutOfReach(RankSteps steps, ThresholdDemand demand)
    {
        var reached = Candidates(steps).Where(c => c.Counts.AlertRate > 0).Select(c => demand.Figure(c.Counts)).DefaultIfEmpty(0);
        var (word, extreme) = demand.AtLeast ? ("at least", reached.Max()) : ("at most", reached.Min());
        return new(FormattableString.Invariant($"No threshold gives {demand.Name} of {word} {demand.Target}: ")
            + FormattableString.Invariant($"the {(demand.AtLeast ? "highest" : "lowest")} of any is {extreme}."));
    }
}

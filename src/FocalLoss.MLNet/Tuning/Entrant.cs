namespace FocalMlNet.Tuning;

/// <summary>A candidate and how it does in the race.</summary>
/// <param name="order">Its place among all from the simplest.</param>
internal abstract class Entrant(int order)
{
    public int Order => order;

    /// <summary>What the metric says in each fold.</summary>
    public List<double> Values { get; } = [];

    /// <summary>The log-loss in each fold; NaN without probabilities.</summary>
    public List<double> LogLosses { get; } = [];

    /// <summary>For all fits and judgements.</summary>
    public double Seconds { get; set; }

    /// <summary>What went wrong, or null.</summary>
    public Exception? Error { get; set; }

    /// <summary>After how many folds it was dropped, or null.</summary>
    public int? DroppedAfter { get; set; }

    /// <summary>Whether it is still in the race.</summary>
    public bool IsIn => Error is null && DroppedAfter is null;

    /// <summary>What messages call it.</summary>
    public abstract string Label { get; }

    /// <summary>Whether it stays in the race however it does.</summary>
    public virtual bool IsPlain => false;

    public double Mean => Values.Count > 0 ? Values.Average() : double.NaN;

    /// <summary>Adds what was found in a fold.</summary>
    public void Add(FoldValue value)
    {
        Values.Add(value.Value);
        LogLosses.Add(value.LogLoss);
    }

    /// <summary>Forgets folds that not all candidates came to.</summary>
    public virtual void Keep(int folds)
    {
        if (Values.Count <= folds)
            return;
        Values.RemoveRange(folds, Values.Count - folds);
        LogLosses.RemoveRange(folds, LogLosses.Count - folds);
    }
}

/// <summary>Lines of one γ and one weighting, which differ in their penalties.</summary>
internal sealed record LineFamily(double Gamma, ClassWeighting Weighting)
{
    public string Name => FormattableString.Invariant($"γ = {Gamma}{(Weighting == ClassWeighting.None ? "" : $", {Weighting}")}");

    /// <summary>Whether it is logistic regression without weights.</summary>
    public bool IsPlain => Gamma == 0 && Weighting == ClassWeighting.None;
}

/// <summary>A line with a penalty.</summary>
/// <param name="order">Its place among all from the simplest.</param>
/// <param name="family">Its γ and weighting.</param>
/// <param name="penalty">λ, or its share of T.</param>
internal sealed class LineEntrant(int order, LineFamily family, double penalty) : Entrant(order)
{
    public LineFamily Family => family;

    public double Penalty => penalty;

    public override string Label => family.Name;

    public override bool IsPlain => family.IsPlain;
}

/// <summary>What a candidate is worth in a fold.</summary>
/// <param name="Value">What the metric says.</param>
/// <param name="LogLoss">The log-loss; NaN without probabilities.</param>
internal readonly record struct FoldValue(double Value, double LogLoss);

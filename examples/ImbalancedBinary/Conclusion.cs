namespace ImbalancedBinary;

/// <summary>What the tables say, in sentences. A difference counts only if chance is a poor explanation of it.</summary>
internal static class Conclusion
{
    /// <summary>The outcome with the highest AUPRC.</summary>
    public static Outcome Best(IEnumerable<Outcome> outcomes) => outcomes.MaxBy(o => o.Measures.Metrics.AveragePrecision)!;

    /// <summary>Who won, and where class weights and kernel features mattered.</summary>
    public static IEnumerable<string> From(IReadOnlyList<Outcome> outcomes)
        => [Winner(outcomes), .. Weights(outcomes), Features(outcomes)];

    private static string Winner(IReadOnlyList<Outcome> outcomes)
    {
        var best = Best(outcomes);
        var rival = Best(outcomes.Where(o => o.Contender.IsFocal != best.Contender.IsFocal));
        var kind = rival.Contender.IsFocal ? "with" : "without";
        var verdict = Compare(rival, best) == 0 ? $"too close to call with {best.Measures.TestPositives} positives" : "clearly less";
        return $"Best AUPRC (± standard error): {WithError(best)}, {Name(best)}. Best {kind} focal loss: {WithError(rival)}, "
            + $"{Name(rival)}; {verdict}.";
    }

    /// <summary>What balanced weights do to each trainer that is there with and without them.</summary>
    private static IEnumerable<string> Weights(IReadOnlyList<Outcome> outcomes)
    {
        var pairs =
            from balanced in outcomes
            from unweighted in outcomes
            where balanced.Contender.Weighting == Contender.Balanced && unweighted.Contender.Weighting == Contender.Unweighted
                && balanced.Features == unweighted.Features && balanced.Contender.Trainer == unweighted.Contender.Trainer
            select (balanced, unweighted);

        foreach (var onFeatures in pairs.ToLookup(pair => pair.balanced.Features))
        {
            string Listed(int sign) => string.Join("; ", onFeatures
                .Where(pair => Compare(pair.unweighted, pair.balanced) == sign)
                .Select(pair => $"{pair.balanced.Contender.Trainer}, from {Auprc(pair.unweighted)} to {Auprc(pair.balanced)}"));
            var (raised, lowered) = (Listed(1), Listed(-1));
            var verdict = (raised, lowered) switch
            {
                ("", "") => "change no AUPRC clearly",
                (_, "") => $"raise AUPRC: {raised}",
                ("", _) => $"lower AUPRC: {lowered}",
                _ => $"raise some AUPRC: {raised}; and lower others: {lowered}",
            };
            yield return $"Balanced weights on the {onFeatures.Key.Name} {verdict}.";
        }
    }

    private static string Features(IReadOnlyList<Outcome> outcomes)
    {
        var sets = outcomes.ToLookup(o => o.Features).Select(Best).ToArray();
        var (plain, kernel) = (sets[0], sets[^1]);
        var verdict = Compare(plain, kernel) switch
        {
            > 0 => "are clearly better than",
            < 0 => "are clearly worse than",
            _ => "are not clearly different from",
        };
        return $"The {kernel.Features.Name} {verdict} the {plain.Features.Name}: the best AUPRC is {Auprc(kernel)} with the former, "
            + $"{Auprc(plain)} with the latter.";
    }

    /// <summary>1 if the second AUPRC is higher by more than two standard errors of the difference, -1 if it is lower, else 0.</summary>
    private static int Compare(Outcome first, Outcome second)
    {
        var (a, b) = (first.Measures, second.Measures);
        var difference = b.Metrics.AveragePrecision - a.Metrics.AveragePrecision;
        var error = Math.Sqrt(a.AveragePrecisionError * a.AveragePrecisionError + b.AveragePrecisionError * b.AveragePrecisionError);
        return Math.Abs(difference) > 2 * error ? Math.Sign(difference) : 0;
    }

    private static string Name(Outcome o) => $"{o.Contender.Name}, on the {o.Features.Name}";

    private static string Auprc(Outcome o) => FormattableString.Invariant($"{o.Measures.Metrics.AveragePrecision:F3}");

    private static string WithError(Outcome o)
        => FormattableString.Invariant($"{o.Measures.Metrics.AveragePrecision:F3} ± {o.Measures.AveragePrecisionError:F3}");
}

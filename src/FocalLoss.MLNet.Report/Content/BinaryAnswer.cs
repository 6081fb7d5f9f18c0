using static FocalMlNet.Report.RankingWords;

namespace FocalMlNet.Report;

/// <summary>The answer in sentences: which model, how sure, what it gains, where another is better.</summary>
internal sealed class BinaryAnswer(BinaryFacts facts)
{
    private string Chosen => Quoted(facts.NameOf(facts.Chosen));

    private RankingWords Words => RankingWords.Of(facts.Comparison, facts.Chosen, "average precision");

    public static string Quoted(string name) => $"“{name}”";

    public IReadOnlyList<string> Sentences() => [.. new[] { Ranking(), Rows() }.Concat(Decision()).Concat(OfBaseline())
        .Concat(Words.OfOthers(facts.Baseline))];

    private string Ranking()
    {
        var value = facts.MetricsOf(facts.Chosen).AveragePrecision;
        var interval = facts.MetricsOf(facts.Chosen).Interval(BinaryMetric.AveragePrecision);
        var best = Enumerable.Range(0, facts.Models.Length).MaxBy(m => facts.MetricsOf(m).AveragePrecision);
        var start = facts.Models.Length == 1 ? $"{Chosen} ranks the rows"
            : best == facts.Chosen ? $"{Chosen} ranks the rows best of {facts.Models.Length} models" : Chosen;
        var chance = facts.Comparison.WithoutModel(ComparisonMetric.AveragePrecision);
        var end = best == facts.Chosen ? "" : $" {Quoted(facts.NameOf(best))} has the highest.";
        return $"{start}: average precision {WithInterval(value, interval, 1, Level)}; without a model it would be "
            + $"{ShortNumber.Digits(chance)}.{end}";
    }

    private string Rows()
    {
        var (positives, total) = (facts.Positives.Weight, facts.Positives.Weight + facts.Negatives.Weight);
        return facts.IsWeighted
            ? $"That is known from {ShortNumber.Count(facts.Rows)} held-out rows; {ShortNumber.Percent(positives / total)} of their weight "
                + $"is that of positives, who say as much as {ShortNumber.Count(Math.Round(facts.Positives.Count))} of equal weight."
            : $"That is known from {ShortNumber.Count(facts.Rows)} held-out rows, {ShortNumber.Count(positives)} of them positive "
                + $"({ShortNumber.Percent(positives / total)}).";
    }

    private IEnumerable<string> Decision()
    {
        var cut = facts.CostCut(facts.Chosen);
        if (cut < 0)
            yield break;
        var rows = facts.ChosenRows;
        var counts = rows.Counts(cut);
        var threshold = ShortNumber.Digits(rows.HasProbabilities && facts.Costs.BayesThreshold is { } bayes ? bayes : rows.Threshold(cut));
        var where = rows.HasProbabilities ? $"Above probability {threshold}, the threshold for these costs,"
            : $"Above score {threshold}, its own threshold,";
        var (called, total) = (rows.TruePositives(cut) + rows.FalsePositives(cut), facts.Positives + facts.Negatives);
        var found = facts.IsWeighted ? $"{Percent(counts.Recall, facts.Positives.Count)} of the positives"
            : $"{ShortNumber.Count(counts.TruePositives)} of {ShortNumber.Count(facts.Positives.Weight)} positives";
        if (counts.AlertRate == 0)
        {
            yield return $"{where} it calls no row positive.";
            yield break;
        }

        yield return $"{where} it finds {found} and raises "
            + $"{ShortNumber.Known(1000 * counts.AlertRate, 1000 * Error(counts.AlertRate, total.Count))} alerts per 1,000 rows, "
            + $"{Percent(counts.Precision, called.Count)} of which are right.";
        var none = new bool[facts.Rows];
        var all = Array.ConvertAll(none, _ => true);
        var isNoneBest = facts.Gain(none, all).Difference >= 0;
        var constant = isNoneBest ? none : all;
        var (gain, interval, _) = facts.Gain(facts.Called(facts.Chosen, cut), constant);
        yield return $"{CostWords(facts.Costs)}, that {(gain >= 0 ? "saves" : "costs")} "
            + $"{WithInterval(Math.Abs(gain), gain >= 0 ? interval : new(-interval.High, -interval.Low), 1000, .95)} per 1,000 rows "
            + $"{(gain >= 0 ? "" : "more ")}against "
            + $"{(isNoneBest ? "doing nothing" : "calling every row positive, the best without a model")}.";
    }

    private IEnumerable<string> OfBaseline()
    {
        if (facts.Baseline < 0)
            yield break;
        var name = Quoted(facts.NameOf(facts.Baseline));
        yield return Words.OfBaseline(facts.Baseline);
        var (own, other) = (facts.CostCut(facts.Chosen), facts.CostCut(facts.Baseline));
        if (own < 0 || other < 0)
            yield break;
        var (gain, interval, p) = facts.Gain(facts.Called(facts.Chosen, own), facts.Called(facts.Baseline, other));
        yield return gain == 0 && interval.Low == 0 && interval.High == 0 ? $"At these costs {name} calls the same rows."
            : $"At these costs {Chosen} {(gain >= 0 ? "saves" : "costs")} "
                + $"{WithInterval(Math.Abs(gain), gain >= 0 ? interval : new(-interval.High, -interval.Low), 1000, .95, false)} per "
                + $"1,000 rows more than {name}{(p < Clear ? "" : ", which may be chance")}.";
    }

    /// <summary>Half the length of the interval of a share of so many rows, about.</summary>
    private static double Error(double share, double rows) => 2 * Math.Sqrt(share * (1 - share) / rows);

    private static string Percent(double share, double rows) => $"{ShortNumber.Known(100 * share, 100 * Error(share, rows))} %";

    private double Level => facts.Comparison.ConfidenceLevel;

    private static string CostWords(CostMatrix costs)
        => costs is { TruePositive: 0, TrueNegative: 0, FalsePositive: < 0, FalseNegative: < 0 }
            ? $"If a missed positive costs {ShortNumber.Digits(-costs.FalseNegative)} and a false alert "
                + $"{ShortNumber.Digits(-costs.FalsePositive)}" : "At the costs and gains given below";
}

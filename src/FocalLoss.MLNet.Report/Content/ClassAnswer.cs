using static FocalMlNet.Report.RankingWords;

namespace FocalMlNet.Report;

/// <summary>The answer for several classes in sentences: which model, how sure, what it gains, how the rarest class does.</summary>
internal sealed class ClassAnswer(ClassFacts facts)
{
    private readonly ModelComparison<ImbalancedMulticlassMetrics> _comparison = facts.Comparison;

    private readonly ImbalancedMulticlassMetrics _metrics = facts.ModelOf(facts.Chosen).Metrics;

    private string Chosen => Quoted(facts.NameOf(facts.Chosen));

    private RankingWords Words => Of(_comparison, facts.Chosen, "macro average precision");

    private static string Quoted(string name) => BinaryAnswer.Quoted(name);

    public IReadOnlyList<string> Sentences()
        => [.. new[] { Ranking(), Rows() }.Concat(Shares()).Concat(Rarest()).Concat(Profit()).Concat(OfBaseline())
            .Concat(Words.OfOthers(facts.Baseline))];

    private string Ranking()
    {
        var best = Enumerable.Range(0, _comparison.Models.Count).MaxBy(m => facts.ModelOf(m).Metrics.MacroAveragePrecision);
        var count = _comparison.Models.Count;
        var start = count == 1 ? $"{Chosen} tells the classes apart"
            : best == facts.Chosen ? $"{Chosen} tells the classes apart best of {ShortNumber.Count(count)} models" : Chosen;
        var end = best == facts.Chosen ? "" : $" {Quoted(facts.NameOf(best))} has the highest.";
        return $"{start}: macro average precision "
            + $"{WithInterval(_metrics.MacroAveragePrecision, _metrics.Interval(MulticlassMetric.MacroAveragePrecision), 1, facts.Level)}; "
            + $"without a model it would be {ShortNumber.Digits(_comparison.WithoutModel(ComparisonMetric.AveragePrecision))}.{end}";
    }

    private string Rows()
    {
        var (rows, classes) = (ShortNumber.Count(_metrics.RowCount), ShortNumber.Count(facts.Occurring.Length));
        return $"That is known from {rows} held-out rows of {classes} {(facts.Occurring.Length == 1 ? "class" : "classes")}"
            + $"{(facts.IsWeighted ? ", which have weights" : "")}.";
    }

    private IEnumerable<string> Shares()
    {
        var frequent = facts.Occurring[^1];
        var constant = frequent.Weight / facts.Occurring.Sum(one => one.Weight);
        yield return $"It gives {Percent(MulticlassMetric.Accuracy)} of the rows to their class (accuracy), where the most frequent class "
            + $"alone, {Quoted(frequent.Name)}, would be right in {ShortNumber.Percent(constant)}. If each class counts alike, the rare as "
            + $"the frequent, it is {Percent(MulticlassMetric.BalancedAccuracy)} (balanced accuracy), where "
            + $"{ShortNumber.Percent(1.0 / facts.Occurring.Length)} would be chance.";
        if (!double.IsNaN(_metrics.LogLoss))
        {
            yield return $"Its log-loss is {WithInterval(_metrics.LogLoss, _metrics.Interval(MulticlassMetric.LogLoss), 1, facts.Level)}; "
                + $"without a model it would be {ShortNumber.Digits(_comparison.WithoutModel(ComparisonMetric.LogLoss))}.";
        }
    }

    private IEnumerable<string> Rarest()
    {
        // What the model cannot know is among the worries.
        if (facts.Occurring.Length < 2 || Array.Find(facts.Occurring, one => one.Metrics.HasScore) is not { } rarest)
            yield break;
        var (one, intervals) = (rarest.Metrics, rarest.Metrics.Intervals!);
        var found = _metrics.ConfusionMatrix[rarest.Place][rarest.Place];
        var rows = $"{ShortNumber.Count(rarest.Rows)} {(rarest.Rows == 1 ? "row" : "rows")}";
        var size = facts.IsWeighted ? $"{rows} of weight {ShortNumber.Count(rarest.Weight)}, of which weight {ShortNumber.Count(found)}"
            : $"{rows}, of which {ShortNumber.Count(found)}";
        var precision = rarest.Given == 0 ? "no row is given to it"
            : $"of the rows given to it {Percent(one.Precision, intervals.Precision)} are right";
        yield return $"The rarest class that the model knows, {Quoted(rarest.Name)}, has {size} {(found == 1 ? "is" : "are")} found "
            + $"(recall {Percent(one.Recall, intervals.Recall)}); {precision}.";
    }

    private IEnumerable<string> Profit()
    {
        var name = facts.NameOf(facts.Chosen);
        if (double.IsNaN(_comparison.Value(name, ComparisonMetric.Profit)))
            yield break;
        var best = double.IsNaN(_comparison.Value(name, ComparisonMetric.BestDecisionProfit)) ? ""
            : $", and {Of(ComparisonMetric.BestDecisionProfit)} with the decision that is best for its probabilities";
        yield return $"By the cost matrix a row brings in {Of(ComparisonMetric.Profit)} if it goes to the class with the highest score"
            + $"{best}; without a model it would be {ShortNumber.Digits(_comparison.WithoutModel(ComparisonMetric.Profit))}.";

        string Of(ComparisonMetric metric)
            => WithInterval(_comparison.Value(name, metric), _comparison.Interval(name, metric), 1, facts.Level, isLevelSaid: false);
    }

    private IEnumerable<string> OfBaseline()
    {
        if (facts.Baseline < 0)
            yield break;
        yield return Words.OfBaseline(facts.Baseline);
        var name = Quoted(facts.NameOf(facts.Baseline));
        if (Against(ComparisonMetric.LogLoss) is { } loss)
        {
            yield return $"Its log-loss is {Size(loss)} {(loss.Difference <= 0 ? "lower" : "higher")} than that of {name}"
                + $"{Chance(loss)}.";
        }

        if (Against(ComparisonMetric.Profit) is { } profit)
        {
            yield return $"By the cost matrix a row brings in {Size(profit)} {(profit.Difference >= 0 ? "more" : "less")} than with {name}"
                + $"{Chance(profit)}.";
        }

        string Size(ModelDifference difference)
            => WithInterval(Math.Abs(difference.Difference), Absolute(difference), 1, facts.Level, isLevelSaid: false);

        static string Chance(ModelDifference difference)
            => difference.AdjustedPValue < Clear ? $" (p {Is(difference)})" : $", which may be chance (p {Is(difference)})";
    }

    private ModelDifference? Against(ComparisonMetric metric)
        => _comparison.Difference(facts.NameOf(facts.Chosen), facts.NameOf(facts.Baseline), metric) is { Difference: not double.NaN } found
            ? found : null;

    private string Percent(MulticlassMetric metric) => Percent(_metrics[metric], _metrics.Interval(metric));

    private static string Percent(double share, ConfidenceInterval interval)
    {
        var (figure, ends) = Known(100 * share, new(100 * interval.Low, 100 * interval.High));
        return $"{figure} % ({ends} %)";
    }
}

using FocalMlNet.Columns;
using FocalMlNet.Evaluation;
using Microsoft.ML.Data;

namespace FocalMlNet.Report;

/// <summary>What to worry about, in sentences; none where nothing stands out.</summary>
internal sealed class BinaryWorries(BinaryFacts facts)
{
    private const double FewRows = 100, VeryFewRows = 20;

    /// <summary>Ranked better than this, the answer is as a rule among the features.</summary>
    private const double LeakingModel = .999, LeakingFeature = .995;

    /// <summary>|z| of a deviation that is no chance, among some tests.</summary>
    private const double ClearZ = 3;

    private static string Quoted(string name) => BinaryAnswer.Quoted(name);

    private string Chosen => Quoted(facts.NameOf(facts.Chosen));

    public IReadOnlyList<string> Sentences()
        => [.. FewPositives().Concat(Leakage()).Concat(Drift()).Concat(Calibration()).Concat(Threshold()).Concat(Labels())];

    private IEnumerable<string> FewPositives()
    {
        var rarer = Math.Min(facts.Positives.Count, facts.Negatives.Count);
        if (rarer >= FewRows)
            yield break;
        var which = facts.Positives.Count <= facts.Negatives.Count ? "positives" : "negatives";
        var number = facts.IsWeighted ? $"{which} that say as much as {ShortNumber.Count(Math.Round(rarer))} of equal weight"
            : $"{ShortNumber.Count(rarer)} {which}";
        yield return rarer < VeryFewRows
            ? $"There are only {number}: the intervals are wide, may not hold what they promise, and the order of the models may be chance."
            : $"There are only {number}: the intervals are wide, and small differences between models may be chance.";
    }

    private IEnumerable<string> Leakage()
    {
        var area = facts.MetricsOf(facts.Chosen).AreaUnderRocCurve;
        if (area > LeakingModel)
        {
            yield return $"{Chosen} ranks nearly without error (area under the ROC curve above {ShortNumber.Digits(LeakingModel)}). Is "
                + "there a feature that is known only once the outcome is?";
        }

        if (facts.FeatureFigures is not { RankAreas: { Length: > 0 } areas } || facts.Features!.HasMadeFeatures
            || facts.Positives.Count < 5)
            yield break;
        int[] leaking = [.. Enumerable.Range(0, areas.Length).Where(j => Math.Max(areas[j], 1 - areas[j]) > LeakingFeature)
            .OrderByDescending(j => Math.Max(areas[j], 1 - areas[j]))];
        if (leaking.Length > 0)
        {
            var more = leaking.Length > 3 ? FormattableString.Invariant($" and {leaking.Length - 3} more") : "";
            yield return $"{string.Join(", ", leaking.Take(3).Select(j => Quoted(facts.Features.NameOf(j))))}{more} "
                + $"{(leaking.Length == 1 ? "tells" : "tell")} the classes apart alone (area under the ROC curve above "
                + $"{ShortNumber.Digits(LeakingFeature)}). Is that known before the outcome is?";
        }
    }

    private IEnumerable<string> Drift()
    {
        if (facts.Options.Tuning is not BinaryTuningResult tuning)
            yield break;
        var (positives, negatives) = TrainingRows(tuning);
        var (p, q) = (Share(facts.Positives.Weight, facts.Negatives.Weight), Share(positives.Weight, negatives.Weight));
        double here = (facts.Positives + facts.Negatives).Count, there = (positives + negatives).Count;
        var pooled = (p * here + q * there) / (here + there);
        var z = (p - q) / Math.Sqrt(pooled * (1 - pooled) * (1 / here + 1 / there));
        if (Math.Abs(z) > ClearZ && Math.Abs(p - q) > .1 * q)
        {
            yield return $"Positives are {(p > q ? "more" : "less")} frequent here than where the model was tuned: "
                + $"{ShortNumber.Percent(p)} against {ShortNumber.Percent(q)} of the rows. What holds here may not hold "
                + "later: probabilities shift with the share.";
        }

        static double Share(double part, double rest) => part / (part + rest);
    }

    private IEnumerable<string> Calibration()
    {
        if (facts.Calibration is not { } test)
            yield break;
        var (ratio, slope) = (test.Observed / test.Expected, (test.Slope - 1) / test.SlopeError);
        if (Math.Abs(test.Z) > ClearZ && Math.Abs(ratio - 1) > .1)
        {
            yield return $"The probabilities of {Chosen} are too {(ratio > 1 ? "low" : "high")} on the whole: by them "
                + $"{ShortNumber.Count(Math.Round(test.Expected))} positives were expected, and "
                + $"{ShortNumber.Count(Math.Round(test.Observed))} came.";
        }

        if (Math.Abs(slope) > ClearZ && Math.Abs(test.Slope - 1) > .15)
        {
            var so = test.Slope < 1 ? "bold: high ones should be lower, low ones higher"
                : "cautious: high ones should be higher, low ones lower";
            yield return $"The probabilities of {Chosen} are too {so} (calibration slope "
                + $"{ShortNumber.Known(test.Slope, 2 * test.SlopeError)}, where 1 would be right).";
        }

        var rows = facts.ChosenRows;
        var certain = rows.Rows.Probabilities.Count(p => p is 0 or 1);
        if (rows.Values.Length < 20 && facts.Rows > 1000)
        {
            yield return FormattableString.Invariant($"{Chosen} has only {rows.Values.Length} different probabilities: a threshold ")
                + "between two of them changes nothing.";
        }
        else if (certain > .01 * facts.Rows && rows.Rows.Scores.Distinct().Take(rows.Values.Length + 1).Count() > rows.Values.Length)
        {
            yield return $"{Chosen} gives {ShortNumber.Percent((double)certain / facts.Rows)} of the rows a probability of exactly 0 or 1: "
                + "no threshold can tell them apart, and one wrong among them costs much log-loss.";
        }
    }

    private IEnumerable<string> Threshold()
    {
        var (rows, cut) = (facts.ChosenRows, facts.CostCut(facts.Chosen));
        if (!rows.HasProbabilities)
            yield break;
        if (rows.OwnCut < 0)
        {
            yield return $"{Chosen} does not call rows positive by a threshold on its probability: what is marked below is not what it "
                + "does.";
            yield break;
        }

        var unit = Math.Abs(facts.Costs.ProfitPerRow(rows.Counts(cut)));
        var (gain, interval, p) = facts.Gain(facts.Called(facts.Chosen, cut), facts.Called(facts.Chosen, rows.OwnCut));
        if (gain > .05 * unit && p < .05)
        {
            yield return $"The threshold that {Chosen} has now is not the one for these costs: as it is, it costs "
                + $"{ShortNumber.Known(1000 * gain, 500 * (interval.High - interval.Low))} more per 1,000 rows. Give it "
                + "another with WithThreshold.";
        }
    }

    /// <summary>Rows whose label the model all but excludes, and more of them than its probabilities let expect.</summary>
    private IEnumerable<string> Labels()
    {
        const double Excluded = .01;
        if (!facts.ChosenRows.HasProbabilities)
            yield break;
        var rows = facts.ChosenRows.Rows;
        double expected = 0;
        long missed = 0, alerts = 0;
        for (var i = 0; i < rows.Labels.Length; i++)
        {
            double p = rows.Probabilities[i];
            if (p is >= Excluded and <= 1 - Excluded)
                continue;
            expected += Math.Min(p, 1 - p);
            if (p < Excluded && rows.Labels[i])
                missed++;
            if (p > 1 - Excluded && !rows.Labels[i])
                alerts++;
        }

        var found = missed + alerts;
        if (found >= 5 && found > 2 * expected && found - expected > ClearZ * Math.Sqrt(expected))
        {
            yield return $"{ShortNumber.Count(found)} rows are what {Chosen} gives less than a 1 % chance ({ShortNumber.Count(missed)} of "
                + $"them positives), where {ShortNumber.Count(Math.Round(expected))} would be expected. Their labels may be wrong: see the "
                + "hardest rows.";
        }
    }

    /// <summary>The rows that judged the tuning: of its columns the labels are the first Booleans, the weights come last.</summary>
    private static (EffectiveRows Positives, EffectiveRows Negatives) TrainingRows(BinaryTuningResult tuning)
    {
        var schema = tuning.OutOfFold.Schema;
        var (label, weight) = (schema.First(column => column.Type is BooleanDataViewType), schema[^1]);
        using var cursor = tuning.OutOfFold.GetRowCursor([label, weight]);
        var (labelOf, weightOf) = (LabelReader.Of(cursor, label), WeightReader.Of(cursor, weight));
        EffectiveRows positives = default, negatives = default;
        while (cursor.MoveNext())
        {
            double w = weightOf();
            (labelOf() == 1 ? ref positives : ref negatives) += new EffectiveRows(w, w * w);
        }

        return (positives, negatives);
    }
}

namespace FocalMlNet.Report;

/// <summary>What to worry about with several classes, in sentences; none where nothing stands out.</summary>
internal sealed class ClassWorries(ClassFacts facts)
{
    private const double FewRows = 100, VeryFewRows = 20;

    /// <summary>Ranked better than this, the answer is as a rule among the features.</summary>
    private const double LeakingModel = .999;

    /// <summary>|z| of a deviation that is no chance.</summary>
    private const double ClearZ = 3;

    private const int MostNamed = 5;

    private readonly ImbalancedMulticlassMetrics _metrics = facts.ModelOf(facts.Chosen).Metrics;

    private string Chosen => BinaryAnswer.Quoted(facts.NameOf(facts.Chosen));

    public IReadOnlyList<string> Sentences()
        => [.. Few().Concat(NeverPredicted()).Concat(Unknown()).Concat(Absent()).Concat(WithoutLabel()).Concat(Leakage())
            .Concat(Calibration())];

    private IEnumerable<string> Few()
    {
        ClassFact[] veryFew = [.. facts.Occurring.Where(one => one.EffectiveRows < VeryFewRows)];
        ClassFact[] few = [.. facts.Occurring.Where(one => one.EffectiveRows is >= VeryFewRows and < FewRows)];
        if (veryFew.Length > 0)
        {
            yield return $"{Count(veryFew)} fewer than {ShortNumber.Count(VeryFewRows)} rows{Equal}: {Sizes(veryFew)}. What is said of "
                + $"{(veryFew.Length == 1 ? "it" : "them")} may be chance, and macro averages with it.";
        }

        if (few.Length > 0)
        {
            yield return $"{Count(few)} fewer than {ShortNumber.Count(FewRows)} rows{Equal}: {Sizes(few)}. The intervals are wide, and "
                + "small differences between models may be chance.";
        }

        static string Count(ClassFact[] classes)
            => classes.Length == 1 ? "1 class has" : $"{ShortNumber.Count(classes.Length)} classes have";

        static string Sizes(ClassFact[] classes)
            => Listed(classes, one => $"{BinaryAnswer.Quoted(one.Name)} ({ShortNumber.Count(Math.Round(one.EffectiveRows))})");
    }

    private string Equal => facts.IsWeighted ? " of equal weight, or as many as say so little" : "";

    private IEnumerable<string> NeverPredicted()
    {
        ClassFact[] classes = [.. facts.Occurring.Where(one => one.IsNeverPredicted)];
        if (classes.Length > 0)
        {
            yield return $"{Chosen} never gives a row to {Listed(classes, NameAndRows)}. Class weights, or "
                + "decisions by a cost matrix, can change that.";
        }
    }

    private IEnumerable<string> Unknown()
    {
        ClassFact[] classes = [.. facts.Occurring.Where(one => !one.Metrics.HasScore)];
        if (classes.Length > 0)
        {
            yield return $"Not in the training data of {Chosen}: {Listed(classes, NameAndRows)}. All rows of "
                + $"{(classes.Length == 1 ? "it" : "them")} count as errors.";
        }
    }

    private IEnumerable<string> Absent()
    {
        ClassFact[] classes = [.. facts.Classes.Where(one => one.Rows == 0)];
        if (classes.Length > 0)
        {
            yield return $"No held-out row is of {Listed(classes, one => BinaryAnswer.Quoted(one.Name))}: nothing is known of how "
                + $"{(classes.Length == 1 ? "it does" : "they do")}.";
        }
    }

    private IEnumerable<string> WithoutLabel()
    {
        if (_metrics.RowsWithoutLabel > 0)
        {
            yield return $"{Rows(_metrics.RowsWithoutLabel)} without a label {(_metrics.RowsWithoutLabel == 1 ? "is" : "are")} left out. "
                + "Where the model makes the key of the label itself, these may be of classes that it does not know.";
        }
    }

    private IEnumerable<string> Leakage()
    {
        if (_metrics.MacroAveragePrecision > LeakingModel)
        {
            yield return $"{Chosen} tells the classes apart nearly without error (macro average precision above "
                + $"{ShortNumber.Digits(LeakingModel)}). Is there a feature that is known only once the class is?";
        }
    }

    /// <summary>Whether the highest probability of a row is the share of rows that are right, on the whole.</summary>
    private IEnumerable<string> Calibration()
    {
        if (!facts.ModelOf(facts.Chosen).HasProbabilities)
            yield break;
        var rows = facts.ChosenRows;
        double total = 0, sum = 0, variance = 0;
        for (var i = 0; i < rows.Labels.Length; i++)
        {
            var highest = 0f;
            foreach (var p in rows.ScoresOf(i))
                highest = Math.Max(highest, p);
            double weight = rows.Weights[i];
            total += weight;
            sum += weight * highest;
            variance += weight * weight * highest * (1 - highest);
        }

        var (mean, right) = (sum / total, _metrics.Accuracy);
        if (Math.Abs(mean - right) * total > ClearZ * Math.Sqrt(variance) && Math.Abs(mean - right) > .02)
        {
            yield return $"{Chosen} is too {(mean > right ? "sure" : "unsure")} of itself: in the mean it gives the class that it takes "
                + $"{ShortNumber.Percent(mean)}, and is right in {ShortNumber.Percent(right)} of the rows.";
        }
    }

    private static string NameAndRows(ClassFact one) => $"{BinaryAnswer.Quoted(one.Name)} ({Rows(one.Rows)})";

    private static string Rows(long count) => $"{ShortNumber.Count(count)} {(count == 1 ? "row" : "rows")}";

    private static string Listed(ClassFact[] classes, Func<ClassFact, string> words)
        => string.Join(", ", classes.Take(MostNamed).Select(words))
            + (classes.Length > MostNamed ? $" and {ShortNumber.Count(classes.Length - MostNamed)} more" : "");
}

using FocalMlNet.Evaluation;

namespace FocalMlNet.Report.Tests.Content;

/// <summary>Comparisons of several classes whose confusion matrices are given.</summary>
internal static class GivenClasses
{
    public static readonly string[] Three = ["common", "middle", "rare"];

    /// <summary>[actual][given to]: 88 of 100 rows are right.</summary>
    public static readonly int[][] Counts = [[55, 4, 1], [3, 27, 0], [4, 0, 6]];

    /// <summary>A model that gives rows to classes as told, each with probability .7, and to the others alike.</summary>
    public static ClassScoredRows Rows(
        string[] names, int[][] counts, int unseen = 0, long withoutLabel = 0, float weight = 1, float sure = .7f, float scale = 1)
    {
        List<int> labels = [];
        List<float> scores = [];
        var known = names.Length - unseen;
        for (var actual = 0; actual < names.Length; actual++)
        {
            for (var given = 0; given < known; given++)
            {
                for (var i = 0; i < counts[actual][given]; i++)
                {
                    labels.Add(actual);
                    scores.AddRange(Enumerable.Range(0, known).Select(k => scale * (k == given ? sure : (1 - sure) / (known - 1))));
                }
            }
        }

        return new(names, [.. scores], [.. labels], [.. labels.Select(_ => weight)], unseen, withoutLabel);
    }

    /// <summary>The same rows with all of them right, by a model that has the classes the other way round.</summary>
    public static ClassScoredRows Perfect(ClassScoredRows rows)
    {
        var n = rows.ClassNames.Count;
        int[] labels = [.. rows.Labels.Select(k => n - 1 - k)];
        float[] scores = [.. labels.SelectMany(label => Enumerable.Range(0, n).Select(k => k == label ? 1f : 0f))];
        return rows with { ClassNames = [.. rows.ClassNames.Reverse()], Labels = labels, Scores = scores };
    }

    public static ModelComparison<ImbalancedMulticlassMetrics> Compared(
        CostMatrix? costs, double level, params (string Name, ClassScoredRows Rows)[] models)
    {
        EvaluationOptions options = new() { BootstrapResamples = 50, ConfidenceLevel = level };
        return Comparison.Compared<ImbalancedMulticlassMetrics>(
            [.. models.Select(m => new ComparedClassScores(m.Name, m.Rows, costs, options))], costs, options,
            new(DrawnRows.View([]), [], null, costs));
    }

    public static ClassReportContent Content(
        (string Name, ClassScoredRows Rows)[] models, DecisionReportOptions? options = null, CostMatrix? costs = null, double level = .95)
        => ClassContent.Of(Compared(costs, level, models), options ?? new());

    /// <summary>Two models on the same 100 rows.</summary>
    public static ClassReportContent TwoModels(DecisionReportOptions? options = null, CostMatrix? costs = null, string[]? names = null)
    {
        var rows = Rows(names ?? Three, Counts);
        return Content([("Given", rows), ("Perfect", Perfect(rows))], options, costs);
    }

    /// <summary>So many classes, each of some rows, one of which is given to the next class.</summary>
    public static ClassScoredRows Many(int classes)
    {
        string[] names = [.. Enumerable.Range(0, classes).Select(k => FormattableString.Invariant($"c{k}"))];
        var counts = Array.ConvertAll(names, _ => new int[classes]);
        for (var k = 0; k < classes; k++)
            (counts[k][k], counts[k][(k + 1) % classes]) = (1 + k / 5, 1);
        return Rows(names, counts);
    }
}

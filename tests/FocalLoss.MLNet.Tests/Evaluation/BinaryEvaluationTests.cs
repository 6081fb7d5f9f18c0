
using System.Text.Json;
using FocalMlNet.Evaluation;

namespace FocalMlNet.Tests.Evaluation;

/// <summary>The metrics of binary data against scikit-learn, and against what can be worked out by hand.</summary>
public sealed class BinaryEvaluationTests
{
    public static TheoryData<string> Cases => [.. MetricVectors.Names("binary")];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_metric_is_that_of_scikit_learn(string name)
    {
        var vector = MetricVectors.Case("binary", name);
        AssertFigures(vector, MetricVectors.Rows(vector), MetricVectors.Options(vector));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Every_metric_is_that_of_scikit_learn_for_a_million_rows(bool weighted)
    {
        var vector = MetricVectors.Generated;
        var rows = GeneratedRows(vector.GetProperty("rows").GetInt32(), weighted);
        AssertFigures(vector.GetProperty(weighted ? "weighted" : "unweighted"), rows, new EvaluationOptions { Gamma = 2, Alpha = .75 });
    }

    [Fact]
    public void Every_metric_that_can_be_asked_for_is_in_a_vector()
        => Assert.Equal(
            Enum.GetNames<BinaryMetric>().Order(StringComparer.Ordinal),
            MetricVectors.Case("binary", "weights").GetProperty("values").EnumerateObject().Select(v => v.Name)
                .Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("no ties")]
    [InlineData("ties")]
    [InlineData("weights")]
    public void Curves_are_those_of_scikit_learn(string name)
    {
        var vector = MetricVectors.Case("binary", name);
        var metrics = BinaryEvaluation.Of(MetricVectors.Rows(vector), MetricVectors.Options(vector));

        MetricVectors.AssertTable(
            MetricVectors.Table(vector, "precisionRecall"),
            metrics.PrecisionRecallCurve.Select(p => (double[])[p.Threshold, p.Recall, p.Precision]));
        Assert.Equal(new RocPoint(float.PositiveInfinity, 0, 0), metrics.RocCurve[0]);
        MetricVectors.AssertTable(
            MetricVectors.Table(vector, "roc"),
            metrics.RocCurve.Skip(1).Select(p => (double[])[p.Threshold, p.FalsePositiveRate, p.TruePositiveRate]));
    }

    [Fact]
    public void The_lift_curve_is_precision_over_prevalence()
    {
        // Of 8 rows 2 are positive. Above .9: 1 of 1; above .5: 1 of 3 and 2 more; above .1: 2 of 8.
        var metrics = BinaryEvaluation.Of(
            Rows((.9f, true), (.5f, false), (.5f, false), (.1f, true), (.1f, false), (.1f, false), (.1f, false), (.1f, false)), new());

        Assert.Equal([new(.9f, 1 / 8.0, 4, .5), new(.5f, 3 / 8.0, 4 / 3.0, .5), new LiftPoint(.1f, 1, 1, 1)], metrics.LiftCurve);
    }

    [Fact]
    public void A_curve_is_made_once_however_often_it_is_asked_for()
    {
        var metrics = BinaryEvaluation.Of(Rows((.9f, true), (.5f, false)), new());

        Assert.Same(metrics.PrecisionRecallCurve, metrics.PrecisionRecallCurve);
        Assert.Same(metrics.RocCurve, metrics.RocCurve);
        Assert.Same(metrics.LiftCurve, metrics.LiftCurve);
    }

    [Fact]
    public void A_weight_of_3_is_as_three_rows()
    {
        float[] scores = [.9f, .7f, .7f, .4f, .2f];
        bool[] labels = [true, false, true, false, false];
        int[] repeats = [1, 3, 2, 3, 1];
        T[] Repeated<T>(T[] values) => [.. values.SelectMany((v, i) => Enumerable.Repeat(v, repeats[i]))];
        var weighted = BinaryEvaluation.Of(
            ScoredRows.Of(scores, labels, [.. repeats.Select(r => (float)r)], scores, labels),
            new() { CalibrationBinning = CalibrationBinning.EqualWidth });
        var repeated = BinaryEvaluation.Of(
            ScoredRows.Of(Repeated(scores), Repeated(labels), [.. Repeated(scores).Select(_ => 1f)], Repeated(scores), Repeated(labels)),
            new() { CalibrationBinning = CalibrationBinning.EqualWidth });

        foreach (var metric in Enum.GetValues<BinaryMetric>())
            Assert.Equal(repeated[metric], weighted[metric], MetricVectors.Tolerance);
        Assert.Equal(repeated.ConfusionCounts, weighted.ConfusionCounts);
        Assert.Equal((5, 10), (weighted.RowCount, repeated.RowCount));
    }

    [Fact]
    public void Properties_are_the_metrics_of_their_names()
    {
        var vector = MetricVectors.Case("binary", "weights");
        var metrics = BinaryEvaluation.Of(MetricVectors.Rows(vector), MetricVectors.Options(vector));

        foreach (var metric in Enum.GetValues<BinaryMetric>())
            Assert.Equal(metrics[metric], (double)typeof(ImbalancedBinaryMetrics).GetProperty($"{metric}")!.GetValue(metrics)!);
    }

    [Fact]
    public void Without_probabilities_only_what_needs_them_is_not_a_number()
    {
        bool[] labels = [true, false, false];
        var metrics = BinaryEvaluation.Of(ScoredRows.Of([3, 1, 2], labels, [1, 1, 1], null, labels), new());

        BinaryMetric[] needed =
            [BinaryMetric.LogLoss, BinaryMetric.BrierScore, BinaryMetric.ExpectedCalibrationError, BinaryMetric.FocalLoss];
        Assert.Equal(needed.Order(), Enum.GetValues<BinaryMetric>().Where(m => double.IsNaN(metrics[m])).Order());
        Assert.Empty(metrics.ReliabilityCurve);
    }

    [Fact]
    public void A_precision_that_no_threshold_has_is_reached_at_recall_0()
        => Assert.Equal(0, BinaryEvaluation.Of(Rows((.9f, false), (.5f, true)), new()).RecallAtPrecision(.75));

    [Theory]
    [InlineData(0)]
    [InlineData(-.1)]
    [InlineData(1.1)]
    [InlineData(double.NaN)]
    public void A_recall_or_precision_to_reach_is_a_share(double share)
    {
        var metrics = BinaryEvaluation.Of(Rows((.9f, false), (.5f, true)), new());

        Assert.Contains("recall = ", Assert.Throws<ArgumentOutOfRangeException>(() => metrics.PrecisionAtRecall(share)).Message,
            StringComparison.Ordinal);
        Assert.Contains("precision = ", Assert.Throws<ArgumentOutOfRangeException>(() => metrics.RecallAtPrecision(share)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void F_scores_go_from_precision_to_recall_as_beta_grows()
    {
        var counts = new ConfusionCounts(2, 6, 3, 100);

        Assert.Equal(counts.Precision, counts.FScore(1e-200), MetricVectors.Tolerance);
        Assert.Equal(counts.Recall, counts.FScore(1e200), MetricVectors.Tolerance);
        Assert.Throws<ArgumentOutOfRangeException>(() => counts.FScore(0));
    }

    [Fact]
    public void Correlation_of_huge_and_tiny_counts_is_finite()
    {
        // TP 2, FP 1, FN 1, TN 3: (6 - 1) / √(3 · 3 · 4 · 4)
        foreach (var scale in new[] { 1, 1e-90, 1e150 })
            Assert.Equal(5 / 12.0, new ConfusionCounts(2 * scale, scale, scale, 3 * scale).MatthewsCorrelation, MetricVectors.Tolerance);
    }

    /// <summary>As generated_case in make_metrics.py.</summary>
    internal static ScoredRows GeneratedRows(int count, bool weighted)
    {
        var scores = new float[count];
        var probabilities = new float[count];
        var labels = new bool[count];
        var predicted = new bool[count];
        var weights = new float[count];
        for (var i = 0; i < count; i++)
        {
            var first = 4 * (ulong)i;
            scores[i] = (Mix(first) >> 52) / 4096f;
            probabilities[i] = scores[i] * scores[i];
            double p = probabilities[i];
            labels[i] = (Mix(first + 1) >> 40) / (double)(1 << 24) < p * p * p * .125;
            predicted[i] = p > .75;
            weights[i] = weighted ? 1 + (Mix(first + 2) & 3) : 1;
        }

        return ScoredRows.Of(scores, labels, weights, probabilities, predicted);
    }

    internal static ScoredRows Rows(params (float Score, bool Label)[] rows)
    {
        float[] scores = [.. rows.Select(r => r.Score)];
        return ScoredRows.Of(scores, [.. rows.Select(r => r.Label)], [.. rows.Select(_ => 1f)], scores, [.. scores.Select(s => s > .5f)]);
    }

    private static void AssertFigures(JsonElement expected, ScoredRows rows, EvaluationOptions options)
    {
        var figures = new BinaryEvaluation(rows, options).Figures([]);
        foreach (var value in expected.GetProperty("values").EnumerateObject())
            Assert.True(Math.Abs(
                value.Value.GetDouble() - figures.Values[(int)Enum.Parse<BinaryMetric>(value.Name)]) <= MetricVectors.Tolerance,
                $"{value.Name} is {figures.Values[(int)Enum.Parse<BinaryMetric>(value.Name)]:R}, not {value.Value}");
        var c = figures.Confusion;
        MetricVectors.AssertTable([MetricVectors.Doubles(expected.GetProperty("confusion"))],
            [[c.TruePositives, c.FalsePositives, c.FalseNegatives, c.TrueNegatives]]);
        MetricVectors.AssertTable(MetricVectors.Table(expected, "reliability"),
            CalibrationBins.Curve(figures.Bins).Select(p => (double[])[p.MeanProbability, p.PositiveRate, p.Share]));
        if (!expected.TryGetProperty("precisionAtRecall", out _))
            return;
        var steps = RankSteps.Of(rows);
        foreach (var at in MetricVectors.Table(expected, "precisionAtRecall"))
            Assert.Equal(at[1], steps.PrecisionAtRecall(at[0]), MetricVectors.Tolerance);
        foreach (var at in MetricVectors.Table(expected, "recallAtPrecision"))
            Assert.Equal(at[1], steps.RecallAtPrecision(at[0]), MetricVectors.Tolerance);
    }

    private static ulong Mix(ulong i)
    {
        var z = unchecked(i * 0x9E3779B97F4A7C15);
        z = unchecked((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9);
        z = unchecked((z ^ (z >> 27)) * 0x94D049BB133111EB);
        return z ^ (z >> 31);
    }
}

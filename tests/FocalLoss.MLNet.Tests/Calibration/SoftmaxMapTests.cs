
using FocalMlNet.Calibration;

namespace FocalMlNet.Tests.Calibration;

public sealed class SoftmaxMapTests
{
    private static readonly ParallelOptions Parallel = new();

    [Fact]
    public void Two_classes_are_the_binary_map()
    {
        double[] scores = [.. Enumerable.Range(-40, 81).Select(i => i / 10.0 - 1)];
        ScorePoints points = new(scores, [.. scores.Select((_, i) => 1.0 + i % 3)]);
        var rows = Rows([.. scores.Select(z => new[] { 0, z })], points.Weights);
        var binary = LinearMap.ForFocal(FocalPosterior.WithClassWeights(2, positiveWeight: 9, negativeWeight: 1), points, prevalence: .2);
        var softmax = SoftmaxMap.ForFocal(new SoftmaxFocalPosterior(2, [1, 9]), rows, rows, [8, 2], Parallel);
        Assert.Equal(binary.Slope, softmax.Slope, 1e-5);
        Assert.Equal(binary.Intercept, softmax.Intercepts[1] - softmax.Intercepts[0], 1e-5);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(40)]
    public void The_mean_probabilities_are_the_prevalences(int classes)
    {
        var rows = Random(classes, count: 700, spread: 2);
        double[] weights = [.. Enumerable.Range(1, classes).Select(k => (double)k * k)];
        double[] prevalences = [.. weights.Select(w => 1 / w / weights.Sum(v => 1 / v))];
        var map = SoftmaxMap.ForFocal(new SoftmaxFocalPosterior(2, weights), rows, rows, prevalences, Parallel);
        Assert.All(Means(map, rows).Zip(prevalences), pair => Assert.Equal(1, pair.First / pair.Second, 1e-4));
    }

    /// <summary>Up to 32 classes the second derivative is a matrix; 34 of which 29 have no part in anything are the other five.</summary>
    [Fact]
    public void Many_classes_are_mapped_as_few_are()
    {
        var few = Random(classes: 5, count: 700, spread: 2);
        var many = Rows([.. ScoresOf(few).Select(row => (double[])[.. row, .. Enumerable.Repeat(-300.0, 29)])], Weights(few));
        double[] prevalences = [.4, .3, .2, .09, .01];
        var ofFew = SoftmaxMap.ForFocal(new SoftmaxFocalPosterior(2), few, few, prevalences, Parallel);
        var ofMany = SoftmaxMap.ForFocal(new SoftmaxFocalPosterior(2), many, many, [.. prevalences, .. new double[29]], Parallel);
        Assert.Equal(ofFew.Slope, ofMany.Slope, 1e-5);
        for (var k = 1; k < 5; k++)
            Assert.Equal(ofFew.Intercepts[k] - ofFew.Intercepts[0], ofMany.Intercepts[k] - ofMany.Intercepts[0], 1e-5);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(40)]
    public void A_Newton_step_takes_the_gradient_away_as_far_as_it_is_linear(int classes)
    {
        const double Share = 1e-5;
        var loss = new SoftmaxMapLoss(
            Random(classes, count: 700, spread: 2), [.. Enumerable.Repeat(1.0 / classes, classes), .3], isSlopeFree: true, Parallel);
        double[] point = [.. Enumerable.Range(0, classes).Select(k => .1 * k / classes), 1.5];
        var (gradient, moved, step) = (new double[point.Length], new double[point.Length], new double[point.Length]);
        loss.Evaluate(point, gradient);
        loss.NewtonStep(gradient, step);
        loss.Evaluate([.. point.Zip(step, (at, s) => at + Share * s)], moved);
        var largest = gradient.Max(Math.Abs);
        Assert.All(moved.Zip(gradient), pair => Assert.Equal(-pair.Second / largest, (pair.First - pair.Second) / Share / largest, 1e-3));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(8)]
    public void The_map_does_not_depend_on_the_number_of_threads(int threads)
    {
        SoftmaxMap MapOn(int count, int classes)
        {
            var rows = Random(classes, count: 5000, spread: 2);
            return SoftmaxMap.ForFocal(
                new SoftmaxFocalPosterior(2), rows, rows, [.. Enumerable.Range(1, classes).Select(k => 1.0 / k)],
                new() { MaxDegreeOfParallelism = count });
        }

        foreach (var classes in new[] { 7, 40 })
        {
            var (one, some) = (MapOn(1, classes), MapOn(threads, classes));
            Assert.Equal(one.Slope, some.Slope);
            Assert.Equal(one.Intercepts, some.Intercepts);
        }
    }

    /// <summary>
    /// Some scores lie so far below the others that they have no exponential: what else is in memory must not decide the last bits.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_map_does_not_depend_on_where_the_scores_lie(bool isForLabels)
    {
        var random = new Random(3);
        var scores = ScoresOf(Random(classes: 7, count: 700, spread: 3));
        for (var i = 0; i < scores.Length; i += 9)
            scores[i][0] = -4000;
        int[] labels = [.. scores.Select((row, i) => i % 9 == 0 ? 1 + i % 6 : i % 7)];
        SoftmaxMap? first = null;
        List<byte[]> others = [];
        for (var time = 0; time < 40; time++)
        {
            others.Add(new byte[random.Next(1, 200)]);
            var rows = Rows(scores, [.. Enumerable.Repeat(1.0, 700)], labels);
            var map = isForLabels
                ? SoftmaxMap.ForLabels(rows, Parallel)
                : SoftmaxMap.ForFocal(new SoftmaxFocalPosterior(2), rows, rows, [.. Enumerable.Range(1, 7).Select(k => 1.0 / k)], Parallel);
            first ??= map;
            Assert.Equal(first.Slope, map.Slope);
            Assert.Equal(first.Intercepts, map.Intercepts);
        }
    }

    [Fact]
    public void A_class_without_rows_keeps_the_others_right()
    {
        var random = Random(classes: 3, count: 300, spread: 2);
        var rows = Rows([.. ScoresOf(random).Select(row => (double[])[.. row, -30])], Weights(random));
        var map = SoftmaxMap.ForFocal(new SoftmaxFocalPosterior(2), rows, rows, [.6, .3, .1, 0], Parallel);
        Assert.All(map.Intercepts, b => Assert.True(double.IsFinite(b)));
        Assert.All(Means(map, rows).Zip([.6, .3, .1, 0]), pair => Assert.Equal(pair.Second, pair.First, 1e-4));
    }

    [Theory]
    [InlineData(1e3)]
    [InlineData(1e6)]
    public void Classes_told_apart_without_doubt_leave_a_finite_map(double spread)
    {
        var rows = Rows([[spread, 0, 0], [0, spread, 0], [0, 0, spread], [spread, 0, 0]], [1, 1, 1, 1], [0, 1, 2, 0]);
        var map = SoftmaxMap.ForFocal(new SoftmaxFocalPosterior(2, [1, 2, 3]), rows, rows, [2, 1, 1], Parallel);
        Assert.InRange(map.Slope, 1, 4);
        Assert.All(map.Intercepts, b => Assert.InRange(b, -20, 20));
        Assert.True(double.IsFinite(SoftmaxMap.ForLabels(rows, Parallel).Slope));
    }

    /// <summary>A model without a feature that varies, whose scores single precision may round in two ways.</summary>
    [Theory]
    [InlineData(3, 0)]
    [InlineData(3, 1e-7)]
    [InlineData(40, 0)]
    [InlineData(40, 1e-7)]
    public void Scores_that_are_all_the_same_leave_a_slope_of_usual_size_and_the_right_shares(int classes, double rounding)
    {
        foreach (var level in new[] { 0, .3, 4 })
        {
            double Score(int i, int k) => level * Math.Cos(k) * (1 + (i + k) % 2 * rounding);
            var numbers = Enumerable.Range(0, 700);
            var rows = Rows(
                [.. numbers.Select(i => Enumerable.Range(0, classes).Select(k => Score(i, k)).ToArray())],
                [.. numbers.Select(i => 1.0 + i % 3)], [.. numbers.Select(i => i % classes)]);
            double[] prevalences = [.. Enumerable.Range(1, classes).Select(k => 1.0 / k)];
            var map = SoftmaxMap.ForFocal(new SoftmaxFocalPosterior(2, prevalences), rows, rows, prevalences, Parallel);
            Assert.InRange(map.Slope, .5, 6);
            Assert.All(Means(map, rows).Zip(prevalences), pair => Assert.Equal(pair.Second / prevalences.Sum(), pair.First, 1e-6));
            Assert.True(double.IsFinite(SoftmaxMap.ForLabels(rows, Parallel).Slope));
        }
    }

    /// <summary>With the first intercepts every row is of class 0 without doubt, where the loss is flat.</summary>
    [Theory]
    [InlineData(4)]
    [InlineData(40)]
    public void Shares_far_from_those_of_the_scores_are_reached(int classes)
    {
        double[] scores = [.. Enumerable.Range(0, classes).Select(k => -40.0 * k / classes)];
        var rows = Rows([.. Enumerable.Repeat(scores, 50)], [.. Enumerable.Repeat(1.0, 50)]);
        double[] prevalences = [.. Enumerable.Range(1, classes).Select(k => (double)k)];
        var map = SoftmaxMap.ForFocal(new SoftmaxFocalPosterior(5), rows, rows, prevalences, Parallel);
        Assert.All(Means(map, rows).Zip(prevalences), pair => Assert.Equal(pair.Second / prevalences.Sum(), pair.First, 1e-6));
    }

    [Fact]
    public void Labels_drawn_from_a_map_find_it_again()
    {
        var rows = Random(classes: 3, count: 20_000, spread: 1);
        var random = new Random(5);
        var truth = new SoftmaxMap(1.7, [0, -1, .5]);
        int[] labels = [.. Probabilities(truth, rows).Select(p =>
        {
            var u = random.NextDouble();
            return u < p[0] ? 0 : u < p[0] + p[1] ? 1 : 2;
        })];
        var found = SoftmaxMap.ForLabels(Rows(ScoresOf(rows), Weights(rows), labels), Parallel);
        Assert.Equal(1.7, found.Slope, .1);
        Assert.Equal(-1, found.Intercepts[1] - found.Intercepts[0], .1);
        Assert.Equal(.5, found.Intercepts[2] - found.Intercepts[0], .1);
    }

    private static ScoreRows Random(int classes, int count, double spread)
    {
        var random = new Random(2);
        double[][] scores =
            [.. Enumerable.Range(0, count)
            .Select(_ => Enumerable.Range(0, classes).Select(_ => spread * (2 * random.NextDouble() - 1)).ToArray())];
        return Rows(scores, [.. scores.Select(_ => random.NextDouble())]);
    }

    private static ScoreRows Rows(double[][] scores, double[] weights, int[]? labels = null)
    {
        var builder = new ScoreRowsBuilder(scores[0].Length);
        var next = 0;
        // Pieces that fill no block, or more than one.
        for (var size = 1; next < scores.Length; next += size, size += 97)
        {
            var some = scores[next..Math.Min(next + size, scores.Length)];
            builder.Add(
                [.. Enumerable.Range(0, scores[0].Length).SelectMany(k => some.Select(row => (float)row[k]))],
                [.. weights.Skip(next).Take(some.Length).Select(w => (float)w)],
                [.. Enumerable.Range(next, some.Length).Select(i => (float)(labels?[i] ?? 0))]);
        }

        return builder.Build([.. Enumerable.Repeat(1.0, scores[0].Length)]);
    }

    private static double[][] ScoresOf(ScoreRows rows)
        => [.. rows.Blocks.SelectMany(
            block => Enumerable.Range(0, block.RowCount)
            .Select(i => Enumerable.Range(0, rows.ClassCount).Select(k => block.Class(k)[i]).ToArray()))];

    private static double[] Weights(ScoreRows rows) => [.. rows.Blocks.SelectMany(block => block.Weights)];

    private static IEnumerable<double[]> Probabilities(SoftmaxMap map, ScoreRows rows)
        => ScoresOf(rows).Select(row =>
        {
            var e = row.Select((z, k) => Math.Exp(map.Slope * z + map.Intercepts[k])).ToArray();
            return e.Select(v => v / e.Sum()).ToArray();
        });

    private static double[] Means(SoftmaxMap map, ScoreRows rows)
    {
        var means = new double[rows.ClassCount];
        foreach (var (p, weight) in Probabilities(map, rows).Zip(Weights(rows)))
        {
            for (var k = 0; k < p.Length; k++)
                means[k] += weight * p[k] / rows.Weight;
        }

        return means;
    }
}

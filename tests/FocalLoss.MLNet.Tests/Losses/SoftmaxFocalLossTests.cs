
using System.Globalization;
using System.Text.Json;
using FsCheck.Fluent;

namespace FocalMlNet.Tests.Losses;

public sealed class SoftmaxFocalLossTests
{
    /// <summary>Logits and classes of one of the descriptions that started the project; its figures are below.</summary>
    private static readonly float[] Scores = [1, 2, -.5f, .3f, -1.2f, 2.2f, 4, 0, -4, -.7f, .1f, .2f];
    private static readonly int[] Classes = [0, 2, 0, 1];

    private static IEnumerable<(double[] Logits, int Label, double Gamma, double Loss, double[] Gradient)> ReferenceRows()
    {
        using var document =
            JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Reference", "focal-softmax.json")));
        return
        [
            .. document.RootElement.EnumerateArray().Select(row => (
                row.GetProperty("logits").EnumerateArray().Select(z => z.GetDouble()).ToArray(),
                row.GetProperty("label").GetInt32(),
                row.GetProperty("gamma").GetDouble(),
                Number(row.GetProperty("loss")),
                row.GetProperty("gradient").EnumerateArray().Select(Number).ToArray())),
        ];

        static double Number(JsonElement text) => double.Parse(text.GetString()!, CultureInfo.InvariantCulture);
    }

    [Fact]
    public void Loss_and_gradient_equal_the_reference_to_twelve_digits()
    {
        var rows = 0;
        foreach (var (logits, label, γ, loss, gradient) in ReferenceRows())
        {
            var where = $"logits {string.Join(' ', logits)}, label {label}, γ {γ}";
            var row = new SoftmaxFocalLoss(γ).Row;
            LossChecks.AssertRelative(loss, row.Loss(logits, label), 1e-12, where);
            var actual = new double[logits.Length];
            row.Gradient(logits, label, actual);
            for (var j = 0; j < logits.Length; j++)
                LossChecks.AssertRelative(gradient[j], actual[j], 1e-12, where);
            rows++;
        }

        Assert.Equal(145, rows);
    }

    [Fact]
    public void Floats_equal_the_reference_to_a_millionth()
    {
        foreach (var (logits, label, γ, loss, gradient) in ReferenceRows())
        {
            var where = $"logits {string.Join(' ', logits)}, label {label}, γ {γ}";
            float[] floats = [.. logits.Select(z => (float)z)];
            // A logit that no float equals exactly is another logit.
            if (!floats.Select(z => (double)z).SequenceEqual(logits))
                continue;
            var focal = new SoftmaxFocalLoss(γ);
            AssertClose(loss, focal.Loss(floats, label));
            var (actual, losses, gradients) = (new float[logits.Length], new float[1], new float[logits.Length]);
            focal.Gradient(floats, label, actual);
            focal.LossesAndGradients(floats, [label], losses, gradients);
            AssertClose(loss, losses[0]);
            for (var j = 0; j < logits.Length; j++)
            {
                AssertClose(gradient[j], actual[j]);
                AssertClose(gradient[j], gradients[j]);
            }

            // Below the smallest normal float there are fewer digits, down to none.
            void AssertClose(double expected, double value)
                => Assert.True(Math.Abs(value - expected) <= Math.Max(1e-6 * Math.Abs(expected), 1.2e-38),
                    $"{where}: {value:r}, expected {expected:r}");
        }
    }

    [Fact]
    public void The_description_with_softmax_and_its_figures()
    {
        var plain = new SoftmaxFocalLoss(gamma: 2);
        var losses = plain.Compute(Scores, Classes, Reduction.None);
        double[] expected = [.763864314, .00401809605, 6.19503309e-6, .347300964];
        for (var i = 0; i < 4; i++)
            LossChecks.AssertRelative(expected[i], losses[i], 1e-6, $"row {i}");
        LossChecks.AssertRelative(.27879739, plain.Compute(Scores, Classes, Reduction.Mean)[0], 1e-6, "mean");
        LossChecks.AssertRelative(expected.Sum(), plain.Compute(Scores, Classes, Reduction.Sum)[0], 1e-6, "sum");
        var weighted = new SoftmaxFocalLoss(gamma: 2, classWeights: [.2, .3, .5]);
        LossChecks.AssertRelative(.06474334, weighted.Compute(Scores, Classes)[0], 1e-6, "weighted mean");
    }

    [Fact]
    public void Derivatives_are_those_that_differences_give()
    {
        var random = new Random(5);
        for (var i = 0; i < 500; i++)
        {
            var (loss, z, y) = RandomRow(random);
            var k = z.Length;
            var v = z.Select(_ => 2 * random.NextDouble() - 1).ToArray();
            var (gradient, product) = (new double[k], new double[k]);
            loss.Row.Gradient(z, y, gradient);
            loss.Row.HessianVectorProduct(z, y, v, product);
            for (var j = 0; j < k; j++)
            {
                var where = $"K {k}, γ {loss.Gamma}, ε {loss.LabelSmoothing}, logits {string.Join(' ', z)}, label {y}, class {j}";
                AssertDifferences(x => loss.Row.Loss([.. z[..j], x, .. z[(j + 1)..]], y), z[j], gradient[j], loss.Row.Loss(z, y), where);
                AssertDifferences(
                    x =>
                    {
                        var at = new double[k];
                        loss.Row.Gradient([.. z.Select((value, c) => value + x * v[c])], y, at);
                        return at[j];
                    }, 0, product[j], gradient.Max(Math.Abs), $"{where}, Hessian");
            }
        }

        // With label smoothing terms of opposite signs add up: the tolerance is relative to their size, that of the function.
        static void AssertDifferences(Func<double, double> function, double x, double derivative, double size, string where)
        {
            const double H = 1e-3;
            var difference = (8 * (function(x + H) - function(x - H)) - (function(x + 2 * H) - function(x - 2 * H))) / (12 * H);
            Assert.True(Math.Abs(derivative - difference) <= 1e-6 * Math.Abs(difference) + 1e-11 * (1e-3 + size),
                $"{where}: {derivative:r}, differences give {difference:r}");
        }
    }

    [Fact]
    public void Label_smoothing_mixes_the_losses_of_all_classes()
    {
        var random = new Random(6);
        for (var i = 0; i < 200; i++)
        {
            var (loss, z, y) = RandomRow(random, smoothing: .3);
            var hard = new SoftmaxFocalLoss(loss.Gamma, loss.ClassWeights);
            double expected = 0;
            var (expectedGradient, gradient, own) = (new double[z.Length], new double[z.Length], new double[z.Length]);
            for (var k = 0; k < z.Length; k++)
            {
                var share = (k == y ? .7 : 0) + .3 / z.Length;
                expected += share * hard.Row.Loss(z, k);
                hard.Row.Gradient(z, k, own);
                for (var j = 0; j < z.Length; j++)
                    expectedGradient[j] += share * own[j];
            }

            loss.Row.Gradient(z, y, gradient);
            LossChecks.AssertRelative(expected, loss.Row.Loss(z, y), 1e-12, $"{i}");
            for (var j = 0; j < z.Length; j++)
                Assert.Equal(expectedGradient[j], gradient[j], 1e-12);
        }
    }

    [Fact]
    public void Every_number_of_rows_and_classes_gives_what_one_row_at_a_time_gives()
    {
        var random = new Random(7);
        foreach (var classes in new[] { 2, 3, 7, 33 })
        {
            double[] weights = [.. Enumerable.Range(0, classes).Select(_ => 3 * random.NextDouble())];
            foreach (var loss in new[] { new SoftmaxFocalLoss(2), new SoftmaxFocalLoss(0, weights), new SoftmaxFocalLoss(.5),
                new SoftmaxFocalLoss(3.3, weights, .1) })
            {
                for (var rows = 0; rows <= 67; rows++)
                {
                    var offset = random.Next(5);
                    var (scores, labels) = (new float[rows * classes + 9], new int[rows]);
                    for (var i = 0; i < scores.Length; i++)
                        scores[i] = (float)(20 * random.NextDouble() - 10);
                    for (var i = 0; i < rows; i++)
                        labels[i] = random.Next(classes);
                    AssertEqualsRows(loss, scores.AsSpan(offset, rows * classes), labels, random);
                }
            }
        }
    }

    [Fact]
    public void Any_logits_and_any_gamma_give_what_one_row_gives_and_it_is_finite()
        => LossChecks.Check(Prop.ForAll(
            LossChecks.AnyScore.ArrayOf(4 * 9).ToArbitrary(),
            LossChecks.AnyGamma.ToArbitrary(),
            Gen.Choose(0, 4).ToArbitrary(),
            (scores, γ, kind) =>
            {
                double[]? weights = kind switch { 1 => [.5, 0, 2, 1e3], 3 => [1e30, 0, 1, 1e-30], _ => null };
                var loss = new SoftmaxFocalLoss(γ, weights, kind switch { 2 => .2, 4 => 1, _ => 0 });
                int[] labels = [.. Enumerable.Range(0, 9).Select(i => i % 4)];
                AssertEqualsRows(loss, scores, labels, new Random(1));
            }), 1000);

    [Fact]
    public void Digits_that_the_difference_of_two_logits_loses_are_carried_along()
    {
        // Differences reach 80, where floats lie 8e-6 apart: without them gradients would be off by up to 4e-6.
        var random = new Random(12);
        var loss = new SoftmaxFocalLoss(gamma: 1);
        float[] scores = [.. Enumerable.Range(0, 3 * 2000).Select(_ => 80 * random.NextSingle() - 40)];
        var labels = new int[2000];
        var (gradients, gradient) = (new float[scores.Length], new double[3]);
        loss.Gradients(scores, labels, gradients);
        for (var i = 0; i < labels.Length; i++)
        {
            loss.Row.Gradient([scores[3 * i], scores[3 * i + 1], scores[3 * i + 2]], 0, gradient);
            for (var j = 0; j < 3; j++)
                Assert.True(Math.Abs(gradients[3 * i + j] - gradient[j]) <= Math.Max(4e-7 * Math.Abs(gradient[j]), 1e-30),
                    $"row {i}, class {j}");
        }
    }

    [Fact]
    public void Gamma_zero_equals_weighted_cross_entropy_and_focusing_never_adds_to_it()
    {
        double[] weights = [.5, 1, 3];
        for (var i = 0; i < 4; i++)
        {
            var z = Scores[(3 * i)..(3 * i + 3)];
            var crossEntropy = weights[Classes[i]] * (Math.Log(z.Sum(x => Math.Exp(x))) - z[Classes[i]]);
            Assert.Equal(crossEntropy, new SoftmaxFocalLoss(0, weights).Loss(z, Classes[i]), 1e-12);
            var before = crossEntropy;
            foreach (var γ in new[] { .1, .5, 1, 2, 5, 20 })
            {
                var loss = new SoftmaxFocalLoss(γ, weights).Loss(z, Classes[i]);
                Assert.InRange(loss, 0, before);
                before = loss;
            }
        }
    }

    [Fact]
    public void Two_classes_equal_the_binary_loss_of_the_difference()
    {
        foreach (var z in new[] { -50f, -3, -.25f, 0, 1.5f, 40 })
        {
            Assert.Equal(new FocalLoss(2).Loss(z, 1), new SoftmaxFocalLoss(2).Loss([0, z], 1), 1e-14);
            Assert.Equal(new FocalLoss(2).Loss(z, 0), new SoftmaxFocalLoss(2).Loss([0, z], 0), 1e-14);
        }
    }

    [Fact]
    public void A_constant_on_all_logits_changes_nothing_and_the_gradient_sums_to_zero()
    {
        var loss = new SoftmaxFocalLoss(1.5, labelSmoothing: .1);
        Assert.Equal(loss.Loss([1, 2, -1], 0), loss.Loss([65, 66, 63], 0), 1e-14);
        var gradient = new double[3];
        loss.Row.Gradient([1, 2, -1], 0, gradient);
        Assert.Equal(0, gradient.Sum(), 1e-15);
    }

    [Fact]
    public void The_weighted_sum_for_a_solver_is_that_of_the_rows()
    {
        float[] weights = [1, .5f, 0, 2.5f];
        foreach (var loss in new[] { new SoftmaxFocalLoss(2, [.2, .3, .5]), new SoftmaxFocalLoss(1, labelSmoothing: .1) })
        {
            var (gradients, one) = (new float[12], new float[3]);
            var sum = loss.SumAndGradients(Scores, Classes, weights, gradients);
            double expected = 0;
            for (var i = 0; i < 4; i++)
            {
                expected += weights[i] * loss.Loss(Scores.AsSpan(3 * i, 3), Classes[i]);
                loss.Gradient(Scores.AsSpan(3 * i, 3), Classes[i], one);
                for (var j = 0; j < 3; j++)
                    Assert.Equal(weights[i] * one[j], gradients[3 * i + j], 1e-6);
            }

            LossChecks.AssertRelative(expected, sum, 1e-6, "sum");
        }
    }

    [Fact]
    public void Bad_input_is_refused_with_name_value_and_range()
    {
        var loss = new SoftmaxFocalLoss(2, [1, 2, 3]);
        LossChecks.AssertRefused<ArgumentOutOfRangeException>(
            "gamma = -1, but it should be in [0; 50]. (Parameter 'gamma')",
            () => new SoftmaxFocalLoss(-1));
        LossChecks.AssertRefused<ArgumentOutOfRangeException>("labelSmoothing = 1.5, but it should be in [0; 1]. (Parameter 'labelSmoothing')", () => new SoftmaxFocalLoss(labelSmoothing: 1.5));
        LossChecks.AssertRefused<ArgumentOutOfRangeException>(
            "classWeights[1] = -2, but it should be 0 or in [1E-30; 1E+30]. (Parameter 'classWeights[1]')",
            () => new SoftmaxFocalLoss(2, [1, -2]));
        LossChecks.AssertRefused<ArgumentOutOfRangeException>(
            "classWeights[0] = NaN, but it should be 0 or in [1E-30; 1E+30]. (Parameter 'classWeights[0]')",
            () => new SoftmaxFocalLoss(2, [double.NaN, 1]));
        LossChecks.AssertRefused<ArgumentException>("classWeights are all 0, but one at least should be above 0. (Parameter 'classWeights')", () => new SoftmaxFocalLoss(2, [0, 0]));
        LossChecks.AssertRefused<ArgumentException>("classWeights has 1 element, but it should have at least 2. (Parameter 'classWeights')", () => new SoftmaxFocalLoss(2, [1]));
        LossChecks.AssertRefused<ArgumentException>("logits has 2 elements, but it should have 3, one for each class weight. (Parameter 'logits')", () => loss.Loss([1, 2], 0));
        LossChecks.AssertRefused<ArgumentException>("logits has 1 element, but it should have at least 2. (Parameter 'logits')",
            () => new SoftmaxFocalLoss().Loss([1], 0));
        LossChecks.AssertRefused<ArgumentOutOfRangeException>("label = 3, but it should be a class from 0 to 2. (Parameter 'label')",
            () => loss.Loss([1, 2, 3], 3));
        LossChecks.AssertRefused<ArgumentOutOfRangeException>("label = -1, but it should be a class from 0 to 2. (Parameter 'label')",
            () => loss.Gradient([1, 2, 3], -1, new float[3]));
        LossChecks.AssertRefused<ArgumentException>("gradient has 2 elements, but it should have 3, as many as logits. (Parameter 'gradient')", () => loss.Gradient([1, 2, 3], 1, new float[2]));
        LossChecks.AssertRefused<ArgumentException>("vector has 2 elements, but it should have 3, as many as logits. (Parameter 'vector')",
            () => loss.HessianVectorProduct([1, 2, 3], 1, new float[2], new float[3]));
        LossChecks.AssertRefused<ArgumentException>("product has 4 elements, but it should have 3, as many as logits. (Parameter 'product')", () => loss.HessianVectorProduct([1, 2, 3], 1, new float[3], new float[4]));
        LossChecks.AssertRefused<ArgumentException>("scores has 5 elements, but it should have 6, 3 for each label. (Parameter 'scores')",
            () => loss.Losses(new float[5], [0, 1], new float[2]));
        LossChecks.AssertRefused<ArgumentException>("scores has 5 elements, but it should have a multiple of 2, the number of labels. (Parameter 'scores')", () => new SoftmaxFocalLoss().Losses(new float[5], [0, 1], new float[2]));
        LossChecks.AssertRefused<ArgumentException>("scores has fewer than 2 elements for each label, but there should be 2 classes or more. (Parameter 'scores')", () => new SoftmaxFocalLoss().Losses(new float[2], [0, 0], new float[2]));
        LossChecks.AssertRefused<ArgumentOutOfRangeException>("labels[1] = 3, but it should be a class from 0 to 2. (Parameter 'labels[1]')", () => loss.Losses(new float[6], [0, 3], new float[2]));
        LossChecks.AssertRefused<ArgumentException>("losses has 1 element, but it should have 2, as many as labels. (Parameter 'losses')",
            () => loss.Losses(new float[6], [0, 1], new float[1]));
        LossChecks.AssertRefused<ArgumentException>("gradients has 5 elements, but it should have 6, as many as scores. (Parameter 'gradients')", () => loss.LossesAndGradients(new float[6], [0, 1], new float[2], new float[5]));
        LossChecks.AssertRefused<ArgumentOutOfRangeException>("reduction = MeanOverPositives, but it should be one of None, Sum, Mean. (Parameter 'reduction')", () => loss.Compute(new float[6], [0, 1], Reduction.MeanOverPositives));
    }

    private static (SoftmaxFocalLoss Loss, double[] Logits, int Label) RandomRow(Random random, double? smoothing = null)
    {
        var k = 2 + random.Next(5);
        double[]? weights = random.Next(2) == 0 ? null : [.. Enumerable.Range(0, k).Select(_ => .1 + random.NextDouble())];
        var loss = new SoftmaxFocalLoss(LossChecks.SomeGamma(random), weights, smoothing ?? random.Next(3) * .15);
        return (loss, [.. Enumerable.Range(0, k).Select(_ => 12 * random.NextDouble() - 6)], random.Next(k));
    }

    private static void AssertEqualsRows(SoftmaxFocalLoss loss, ReadOnlySpan<float> scores, int[] labels, Random random)
    {
        var classes = labels.Length == 0 ? 0 : scores.Length / labels.Length;
        var (losses, gradients, products) = (new float[labels.Length], new float[scores.Length], new float[scores.Length]);
        var (onlyLosses, onlyGradients) = (new float[labels.Length], new float[scores.Length]);
        float[] vectors = [.. Enumerable.Range(0, scores.Length).Select(_ => 2 * random.NextSingle() - 1)];
        loss.LossesAndGradients(scores, labels, losses, gradients);
        loss.Losses(scores, labels, onlyLosses);
        loss.Gradients(scores, labels, onlyGradients);
        loss.HessianVectorProducts(scores, labels, vectors, products);
        Assert.Equal(losses, onlyLosses);
        Assert.Equal(gradients, onlyGradients);
        var (gradient, product) = (new float[classes], new float[classes]);
        for (var i = 0; i < labels.Length; i++)
        {
            var row = scores.Slice(i * classes, classes);
            var where = $"γ {loss.Gamma}, ε {loss.LabelSmoothing}, logits {string.Join(' ', row.ToArray())}, label {labels[i]}";
            var expected = Math.Min(loss.Loss(row, labels[i]), float.MaxValue);
            var weight = loss.ClassWeights?[labels[i]] ?? 1;
            Assert.True(float.IsFinite(losses[i]), where);
            LossChecks.AssertBatchEqual(expected, losses[i], expected, where, weight);
            loss.Gradient(row, labels[i], gradient);
            loss.HessianVectorProduct(row, labels[i], vectors.AsSpan(i * classes, classes), product);
            for (var j = 0; j < classes; j++)
            {
                Assert.True(float.IsFinite(gradients[i * classes + j]) && float.IsFinite(products[i * classes + j]), where);
                LossChecks.AssertBatchEqual(gradient[j], gradients[i * classes + j], gradient[j], where, weight);
                Assert.Equal(product[j], products[i * classes + j]);
            }
        }
    }
}

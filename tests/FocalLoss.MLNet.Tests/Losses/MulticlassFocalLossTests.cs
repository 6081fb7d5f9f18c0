using FsCheck.Fluent;

namespace FocalMlNet.Tests.Losses;

/// <summary>What both losses of several classes have in common, written against their common type.</summary>
public sealed class MulticlassFocalLossTests
{
    public static TheoryData<bool> IsSoftmax => [true, false];

    [Theory]
    [MemberData(nameof(IsSoftmax))]
    public void Derivatives_are_those_that_differences_give(bool isSoftmax)
    {
        var random = new Random(5);
        for (var i = 0; i < 500; i++)
        {
            var (loss, z, y) = RandomRow(random, isSoftmax);
            var k = z.Length;
            var v = z.Select(_ => 2 * random.NextDouble() - 1).ToArray();
            var (gradient, product) = (new double[k], new double[k]);
            loss.ExactGradient(z, y, gradient);
            loss.ExactProduct(z, y, v, product);
            for (var j = 0; j < k; j++)
            {
                var where = $"{Description(loss)}, scores {string.Join(' ', z)}, label {y}, class {j}";
                AssertDifferences(x => loss.ExactLoss([.. z[..j], x, .. z[(j + 1)..]], y), z[j], gradient[j], loss.ExactLoss(z, y), where);
                AssertDifferences(
                    x =>
                    {
                        var at = new double[k];
                        loss.ExactGradient([.. z.Select((value, c) => value + x * v[c])], y, at);
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

    [Theory]
    [MemberData(nameof(IsSoftmax))]
    public void Every_number_of_rows_and_classes_gives_what_one_row_at_a_time_gives(bool isSoftmax)
    {
        var random = new Random(7);
        foreach (var classes in new[] { 2, 3, 7, 33, 1500 })
        {
            double[] weights = [.. Enumerable.Range(0, classes).Select(_ => 3 * random.NextDouble())];
            double[] γs = [.. Enumerable.Range(0, classes).Select(k => k % 4 * .75)];
            MulticlassFocalLoss[] losses = isSoftmax
                ? [new SoftmaxFocalLoss(2), new SoftmaxFocalLoss(0, weights), new SoftmaxFocalLoss(.5),
                    new SoftmaxFocalLoss(3.3, weights, .1)]
                : [new OneVersusAllFocalLoss(2), new OneVersusAllFocalLoss(0, weights), new OneVersusAllFocalLoss(1, weights, γs),
                    new OneVersusAllFocalLoss(classGammas: γs)];
            foreach (var loss in losses)
            {
                for (var rows = 0; rows <= (classes > 100 ? 3 : 67); rows++)
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

    [Theory]
    [MemberData(nameof(IsSoftmax))]
    public void More_rows_than_are_taken_at_a_time_give_what_one_row_gives(bool isSoftmax)
    {
        var random = new Random(10);
        float[] scores = [.. Enumerable.Range(0, 5 * 1001).Select(_ => 8 * random.NextSingle() - 4)];
        int[] labels = [.. Enumerable.Range(0, 1001).Select(_ => random.Next(5))];
        double[] weights = [1, 2, 3, 4, 5];
        AssertEqualsRows(
            isSoftmax ? new SoftmaxFocalLoss(2, weights) : new OneVersusAllFocalLoss(2, weights, [0, 1, 2, 3, 4]), scores, labels, random);
    }

    [Theory]
    [MemberData(nameof(IsSoftmax))]
    public void Any_scores_and_any_gamma_give_what_one_row_gives_and_it_is_finite(bool isSoftmax)
        => LossChecks.Check(Prop.ForAll(
            LossChecks.AnyScore.ArrayOf(4 * 9).ToArbitrary(),
            LossChecks.AnyGamma.ArrayOf(4).ToArbitrary(),
            Gen.Choose(0, 4).ToArbitrary(),
            (scores, γs, kind) =>
            {
                double[]? weights = kind switch { 1 => [.5, 0, 2, 1e3], 3 => [1e30, 0, 1, 1e-30], _ => null };
                MulticlassFocalLoss loss = isSoftmax
                    ? new SoftmaxFocalLoss(γs[0], weights, kind switch { 2 => .2, 4 => 1, _ => 0 })
                    : new OneVersusAllFocalLoss(γs[0], weights, kind == 2 ? γs : null);
                AssertEqualsRows(loss, scores, [.. Enumerable.Range(0, 9).Select(i => i % 4)], new Random(1));
            }), 1000);

    [Theory]
    [MemberData(nameof(IsSoftmax))]
    public void Sum_and_mean_are_those_of_the_rows_whatever_they_weigh(bool isSoftmax)
    {
        double[] weights = [.25, 0, 4];
        MulticlassFocalLoss loss = isSoftmax ? new SoftmaxFocalLoss(1.5, weights) : new OneVersusAllFocalLoss(1.5, weights);
        float[] scores = [1, 2, -.5f, .3f, -1.2f, 2.2f, 4, 0, -4];
        int[] labels = [0, 1, 2];
        var sum = loss.Loss(scores.AsSpan(0, 3), 0) + loss.Loss(scores.AsSpan(3, 3), 1) + loss.Loss(scores.AsSpan(6, 3), 2);
        Assert.Equal(sum, loss.Sum(scores, labels), 1e-14);
        Assert.Equal(sum / 3, loss.Mean(scores, labels), 1e-14);
        Assert.Equal(0, loss.Sum([], []));
        Assert.True(double.IsNaN(loss.Mean([], [])));
        // A sum beyond the range of a float.
        var heavy = isSoftmax ? (MulticlassFocalLoss)new SoftmaxFocalLoss(0, [1e30, 0]) : new OneVersusAllFocalLoss(0, [1e30, 0]);
        LossChecks.AssertRelative(1e30 * 1e38f, heavy.Sum([-1e38f, 0], [0]), 1e-14, "heavy");
    }

    [Theory]
    [MemberData(nameof(IsSoftmax))]
    public void Bad_input_is_refused_with_name_value_and_range(bool isSoftmax)
    {
        MulticlassFocalLoss loss = isSoftmax ? new SoftmaxFocalLoss(2, [1, 2, 3]) : new OneVersusAllFocalLoss(2, [1, 2, 3]);
        MulticlassFocalLoss free = isSoftmax ? new SoftmaxFocalLoss() : new OneVersusAllFocalLoss();
        Range("gamma = -1, but it should be in [0; 50].", "gamma", () => Make(-1));
        Range("gamma = Infinity, but it should be in [0; 50].", "gamma", () => Make(double.PositiveInfinity));
        Range("classWeights[1] = -2, but it should be 0 or in [1E-30; 1E+30].", "classWeights[1]", () => Make(2, 1, -2));
        Range("classWeights[0] = NaN, but it should be 0 or in [1E-30; 1E+30].", "classWeights[0]", () => Make(2, double.NaN, 1));
        Argument("classWeights are all 0, but one at least should be above 0.", "classWeights", () => Make(2, 0, 0));
        Argument("classWeights has 1 element, but it should have at least 2.", "classWeights", () => Make(2, 1));

        Argument("scores has 2 elements, but it should have 3, one for each class.", "scores", () => loss.Loss([1, 2], 0));
        Argument("scores has 1 element, but it should have at least 2.", "scores", () => free.Loss([1], 0));
        Range("label = 3, but it should be a class from 0 to 2.", "label", () => loss.Loss([1, 2, 3], 3));
        Range("label = -1, but it should be a class from 0 to 2.", "label", () => loss.Gradient([1, 2, 3], -1, new float[3]));
        Argument("gradient has 2 elements, but it should have 3, as many as scores.", "gradient",
            () => loss.Gradient([1, 2, 3], 1, new float[2]));
        Argument("vector has 2 elements, but it should have 3, as many as scores.", "vector",
            () => loss.HessianVectorProduct([1, 2, 3], 1, new float[2], new float[3]));
        Argument("product has 4 elements, but it should have 3, as many as scores.", "product",
            () => loss.HessianVectorProduct([1, 2, 3], 1, new float[3], new float[4]));

        Argument("scores has 5 elements, but it should have 6, 3 for each label.", "scores",
            () => loss.Losses(new float[5], [0, 1], new float[2]));
        Argument("scores has 5 elements, but it should have a multiple of 2, the number of labels.", "scores",
            () => free.Mean(new float[5], [0, 1]));
        Argument("scores has fewer than 2 elements for each label, but there should be 2 classes or more.", "scores",
            () => free.Sum(new float[2], [0, 0]));
        Range("labels[1] = 3, but it should be a class from 0 to 2.", "labels[1]", () => loss.Sum(new float[6], [0, 3]));
        Range("labels[0] = -1, but it should be a class from 0 to 2.", "labels[0]",
            () => loss.Gradients(new float[3], [-1], new float[3]));
        Argument("losses has 1 element, but it should have 2, as many as labels.", "losses",
            () => loss.Losses(new float[6], [0, 1], new float[1]));
        Argument("losses has 3 elements, but it should have 2, as many as labels.", "losses",
            () => loss.LossesAndGradients(new float[6], [0, 1], new float[3], new float[6]));
        Argument("gradients has 5 elements, but it should have 6, as many as scores.", "gradients",
            () => loss.LossesAndGradients(new float[6], [0, 1], new float[2], new float[5]));
        Argument("products has 0 elements, but it should have 6, as many as scores.", "products",
            () => loss.HessianVectorProducts(new float[6], [0, 1], new float[6], []));

        void Make(double gamma, params double[] weights)
            => _ = isSoftmax
                ? (MulticlassFocalLoss)new SoftmaxFocalLoss(gamma, weights.Length == 0 ? null : weights)
                : new OneVersusAllFocalLoss(gamma, weights.Length == 0 ? null : weights);

        static void Range(string message, string name, Action call)
            => LossChecks.AssertRefused<ArgumentOutOfRangeException>($"{message} (Parameter '{name}')", call);

        static void Argument(string message, string name, Action call)
            => LossChecks.AssertRefused<ArgumentException>($"{message} (Parameter '{name}')", call);
    }

    internal static (MulticlassFocalLoss Loss, double[] Scores, int Label) RandomRow(Random random, bool isSoftmax)
    {
        var k = 2 + random.Next(5);
        double[]? weights = random.Next(2) == 0 ? null : [.. Enumerable.Range(0, k).Select(_ => .1 + random.NextDouble())];
        MulticlassFocalLoss loss = isSoftmax
            ? new SoftmaxFocalLoss(LossChecks.SomeGamma(random), weights, random.Next(3) * .15)
            : new OneVersusAllFocalLoss(2, weights, [.. Enumerable.Range(0, k).Select(_ => LossChecks.SomeGamma(random))]);
        return (loss, [.. Enumerable.Range(0, k).Select(_ => 12 * random.NextDouble() - 6)], random.Next(k));
    }

    private static string Description(MulticlassFocalLoss loss)
        => $"{loss.GetType().Name}, γ {loss.Gamma}, weights {string.Join(' ', loss.ClassWeights?.Take(8) ?? [])}, "
            + $"ε {(loss as SoftmaxFocalLoss)?.LabelSmoothing}";

    private static void AssertEqualsRows(MulticlassFocalLoss loss, ReadOnlySpan<float> scores, int[] labels, Random random)
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
            var where = $"{Description(loss)}, label {labels[i]}, scores {string.Join(' ', row[..Math.Min(8, classes)].ToArray())}";
            var expected = Math.Min(loss.Loss(row, labels[i]), float.MaxValue);
            Assert.True(float.IsFinite(losses[i]), where);
            // Softmax takes the weight of the true class, one-versus-all that of each class.
            var own = loss is SoftmaxFocalLoss ? loss.ClassWeights?[labels[i]] : loss.ClassWeights?.Max();
            LossChecks.AssertBatchEqual(expected, losses[i], expected, where, own ?? 1);
            loss.Gradient(row, labels[i], gradient);
            loss.HessianVectorProduct(row, labels[i], vectors.AsSpan(i * classes, classes), product);
            for (var j = 0; j < classes; j++)
            {
                Assert.True(float.IsFinite(gradients[i * classes + j]) && float.IsFinite(products[i * classes + j]), where);
                var weight = loss is SoftmaxFocalLoss ? own : loss.ClassWeights?[j];
                LossChecks.AssertBatchEqual(gradient[j], gradients[i * classes + j], gradient[j], where, weight ?? 1);
                Assert.Equal(product[j], products[i * classes + j]);
            }
        }
    }
}

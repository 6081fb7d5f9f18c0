
using FsCheck.Fluent;

namespace FocalMlNet.Tests.Losses;

public sealed class OneVersusAllFocalLossTests
{
    [Fact]
    public void The_description_with_class_frequencies_and_its_figures()
    {
        double[][] probabilities =
        [
            [.37623284, .33230947, .0481559, .2433018], [.29497108, .12360882, .20553146, .37588864],
                [.58799838, .28331014, .07566421, .05302727],
            [.4794889, .07500778, .41214537, .03335796], [.28295068, .07871247, .16113049, .47720636],
            [.03239087, .35946281, .28374307, .32440325],
            [.08932401, .54083959, .23610655, .13372985], [.19806993, .20598081, .29593526, .30001401],
        ];
        int[] classes = [0, 1, 0, 2, 2, 2, 0, 1];
        double[] expected = [.04206767, .11250415, .00784752, .05654315, .30171221, .12844518, .16094631, .06586922];
        var weights = ClassWeighting.InverseFrequency.FromCounts([100, 200, 50, 10]);
        var loss = new OneVersusAllFocalLoss(gamma: 2, classWeights: weights);
        float[] logits = [.. probabilities.SelectMany(row => row.Select(p => (float)Math.Log(p / (1 - p))))];
        var (batch, each) = (new float[8], loss.Compute(logits, classes, Reduction.None));
        loss.Losses(logits, classes, batch);
        for (var i = 0; i < 8; i++)
        {
            // Eight decimals are given.
            Assert.Equal(expected[i], each[i], 5e-8);
            Assert.Equal(expected[i], batch[i], 5e-8);
        }

        Assert.Equal(expected.Sum(), loss.Compute(logits, classes, Reduction.Sum)[0], 5e-7);
        Assert.Equal(expected.Average(), loss.Compute(logits, classes)[0], 5e-8);
    }

    [Fact]
    public void It_is_the_sum_of_the_binary_losses()
    {
        double[] weights = [.5, 1, 2];
        double[] γs = [0, 1.5, 3];
        var loss = new OneVersusAllFocalLoss(classWeights: weights, classGammas: γs);
        float[] z = [.3f, -2, 1.25f];
        var expected = weights[0] * new FocalLoss(0).Loss(z[0], 0) + weights[1] * new FocalLoss(1.5)
            .Loss(z[1], 1) + weights[2] * new FocalLoss(3).Loss(z[2], 0);
        Assert.Equal(expected, loss.Loss(z, 1), 1e-14);
        var gradient = new float[3];
        loss.Gradient(z, 1, gradient);
        Assert.Equal(weights[0] * new FocalLoss(0).Derivative(z[0], 0), gradient[0], 1e-7);
        Assert.Equal(weights[1] * new FocalLoss(1.5).Derivative(z[1], 1), gradient[1], 1e-7);
        Assert.Equal(weights[2] * new FocalLoss(3).Derivative(z[2], 0), gradient[2], 1e-7);
    }

    [Fact]
    public void Derivatives_are_those_that_differences_give()
    {
        var random = new Random(8);
        for (var i = 0; i < 500; i++)
        {
            var loss = new OneVersusAllFocalLoss(
                classWeights: [random.NextDouble(), 1], classGammas: [LossChecks.SomeGamma(random), LossChecks.SomeGamma(random)]);
            var (k, z, isTrue) = (random.Next(2), 20 * random.NextDouble() - 10, random.Next(2) == 0);
            LossChecks.AssertDerivative(x => loss.ExactLoss(k, x, isTrue), z, loss.ExactDerivative(k, z, isTrue), $"{i}");
        }
    }

    [Fact]
    public void Every_number_of_rows_and_classes_gives_what_one_row_at_a_time_gives()
    {
        var random = new Random(9);
        foreach (var classes in new[] { 2, 3, 7, 33, 1500 })
        {
            double[] weights = [.. Enumerable.Range(0, classes).Select(_ => 3 * random.NextDouble())];
            double[] γs = [.. Enumerable.Range(0, classes).Select(k => k % 4 * .75)];
            foreach (var loss in new[] { new OneVersusAllFocalLoss(2), new OneVersusAllFocalLoss(0, weights),
                new OneVersusAllFocalLoss(1, weights, γs), new OneVersusAllFocalLoss(classGammas: γs) })
            {
                for (var rows = 0; rows <= (classes > 100 ? 3 : 67); rows++)
                {
                    var offset = random.Next(5);
                    var (scores, labels) = (new float[rows * classes + 9], new int[rows]);
                    for (var i = 0; i < scores.Length; i++)
                        scores[i] = (float)(20 * random.NextDouble() - 10);
                    for (var i = 0; i < rows; i++)
                        labels[i] = random.Next(classes);
                    AssertEqualsRows(loss, scores.AsSpan(offset, rows * classes), labels);
                }
            }
        }
    }

    [Fact]
    public void A_batch_longer_than_a_block_gives_what_one_row_at_a_time_gives()
    {
        var random = new Random(10);
        float[] scores = [.. Enumerable.Range(0, 5 * 1001).Select(_ => 8 * random.NextSingle() - 4)];
        int[] labels = [.. Enumerable.Range(0, 1001).Select(_ => random.Next(5))];
        AssertEqualsRows(new OneVersusAllFocalLoss(2, [1, 2, 3, 4, 5], [0, 1, 2, 3, 4]), scores, labels);
    }

    [Fact]
    public void Any_logits_and_any_gamma_give_what_one_row_gives_and_it_is_finite()
        => LossChecks.Check(Prop.ForAll(
            LossChecks.AnyScore.ArrayOf(3 * 7).ToArbitrary(),
            LossChecks.AnyGamma.ArrayOf(3).ToArbitrary(),
            Gen.Choose(0, 3).ToArbitrary(),
            (scores, γs, kind) => AssertEqualsRows(
                new OneVersusAllFocalLoss(
                    γs[0], kind switch { 1 => [.5, 0, 1e3], 3 => [1e30, 0, 1e-30], _ => null }, kind == 2 ? γs : null),
                scores, [0, 1, 2, 0, 1, 2, 0])), 1000);

    [Fact]
    public void Example_weights_multiply_losses_and_gradients_and_the_sum_is_theirs()
    {
        float[] scores = [.5f, -1, 2, 3, 0, -2];
        int[] labels = [2, 0];
        float[] weights = [.5f, 3];
        var loss = new OneVersusAllFocalLoss(2, [1, 2, 3]);
        var (losses, gradients, one) = (new float[2], new float[6], new float[3]);
        var sum = loss.SumAndGradients(scores, labels, weights, losses, gradients);
        double expected = 0;
        for (var i = 0; i < 2; i++)
        {
            var own = weights[i] * loss.Loss(scores.AsSpan(3 * i, 3), labels[i]);
            expected += own;
            Assert.Equal(own, losses[i], 1e-6);
            loss.Gradient(scores.AsSpan(3 * i, 3), labels[i], one);
            for (var k = 0; k < 3; k++)
                Assert.Equal(weights[i] * one[k], gradients[3 * i + k], 1e-6);
        }

        LossChecks.AssertRelative(expected, sum, 1e-6, "sum");
    }

    [Fact]
    public void Bad_input_is_refused_with_name_value_and_range()
    {
        var loss = new OneVersusAllFocalLoss(2, [1, 2, 3]);
        LossChecks.AssertRefused<ArgumentOutOfRangeException>(
            "gamma = Infinity, but it should be in [0; 50]. (Parameter 'gamma')",
            () => new OneVersusAllFocalLoss(double.PositiveInfinity));
        LossChecks.AssertRefused<ArgumentOutOfRangeException>(
            "classGammas[2] = -0.5, but it should be in [0; 50]. (Parameter 'classGammas[2]')",
            () => new OneVersusAllFocalLoss(2, null, [1, 2, -.5]));
        LossChecks.AssertRefused<ArgumentException>("classGammas has 2 elements, but it should have 3, one for each class weight. (Parameter 'classGammas')", () => new OneVersusAllFocalLoss(2, [1, 2, 3], [1, 2]));
        LossChecks.AssertRefused<ArgumentException>("classGammas has 1 element, but it should have at least 2. (Parameter 'classGammas')",
            () => new OneVersusAllFocalLoss(2, null, [1]));
        LossChecks.AssertRefused<ArgumentOutOfRangeException>(
            "classWeights[0] = -1, but it should be 0 or in [1E-30; 1E+30]. (Parameter 'classWeights[0]')",
            () => new OneVersusAllFocalLoss(2, [-1, 2]));
        LossChecks.AssertRefused<ArgumentException>("logits has 2 elements, but it should have 3, one for each class. (Parameter 'logits')", () => loss.Loss([1, 2], 0));
        LossChecks.AssertRefused<ArgumentOutOfRangeException>("label = 3, but it should be a class from 0 to 2. (Parameter 'label')",
            () => loss.Loss([1, 2, 3], 3));
        LossChecks.AssertRefused<ArgumentException>("gradient has 1 element, but it should have 3, as many as logits. (Parameter 'gradient')", () => loss.Gradient([1, 2, 3], 0, new float[1]));
        LossChecks.AssertRefused<ArgumentException>("scores has 5 elements, but it should have 6, 3 for each label. (Parameter 'scores')",
            () => loss.Losses(new float[5], [0, 1], new float[2]));
        LossChecks.AssertRefused<ArgumentOutOfRangeException>("labels[0] = -1, but it should be a class from 0 to 2. (Parameter 'labels[0]')", () => loss.Gradients(new float[3], [-1], new float[3]));
        LossChecks.AssertRefused<ArgumentException>("losses has 3 elements, but it should have 2, as many as labels. (Parameter 'losses')",
            () => loss.Losses(new float[6], [0, 1], new float[3]));
        LossChecks.AssertRefused<ArgumentOutOfRangeException>("reduction = 9, but it should be one of None, Sum, Mean. (Parameter 'reduction')", () => loss.Compute(new float[3], [1], (Reduction)9));
    }

    private static void AssertEqualsRows(OneVersusAllFocalLoss loss, ReadOnlySpan<float> scores, int[] labels)
    {
        var classes = labels.Length == 0 ? 0 : scores.Length / labels.Length;
        var (losses, gradients, gradient) = (new float[labels.Length], new float[scores.Length], new float[classes]);
        var (onlyLosses, onlyGradients) = (new float[labels.Length], new float[scores.Length]);
        loss.LossesAndGradients(scores, labels, losses, gradients);
        loss.Losses(scores, labels, onlyLosses);
        loss.Gradients(scores, labels, onlyGradients);
        Assert.Equal(losses, onlyLosses);
        Assert.Equal(gradients, onlyGradients);
        for (var i = 0; i < labels.Length; i++)
        {
            var row = scores.Slice(i * classes, classes);
            var where = $"γ {loss.Gamma}, label {labels[i]}, logits {string.Join(' ', row[..Math.Min(8, classes)].ToArray())}";
            Assert.True(float.IsFinite(losses[i]), where);
            var expected = Math.Min(loss.Loss(row, labels[i]), float.MaxValue);
            LossChecks.AssertBatchEqual(expected, losses[i], expected, where, loss.ClassWeights?.Max() ?? 1);
            loss.Gradient(row, labels[i], gradient);
            for (var k = 0; k < classes; k++)
            {
                Assert.True(float.IsFinite(gradients[i * classes + k]), where);
                LossChecks.AssertBatchEqual(gradient[k], gradients[i * classes + k], gradient[k], where, loss.ClassWeights?[k] ?? 1);
            }
        }
    }
}

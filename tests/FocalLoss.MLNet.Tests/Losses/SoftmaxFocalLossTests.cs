using System.Globalization;
using System.Text.Json;

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
            var focal = new SoftmaxFocalLoss(γ);
            LossChecks.AssertRelative(loss, focal.ExactLoss(logits, label), 1e-12, where);
            var actual = new double[logits.Length];
            focal.ExactGradient(logits, label, actual);
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
        var losses = new float[4];
        plain.Losses(Scores, Classes, losses);
        double[] expected = [.763864314, .00401809605, 6.19503309e-6, .347300964];
        for (var i = 0; i < 4; i++)
            LossChecks.AssertRelative(expected[i], losses[i], 1e-6, $"row {i}");
        LossChecks.AssertRelative(.27879739, plain.Mean(Scores, Classes), 1e-6, "mean");
        LossChecks.AssertRelative(expected.Sum(), plain.Sum(Scores, Classes), 1e-6, "sum");
        var weighted = new SoftmaxFocalLoss(gamma: 2, classWeights: [.2, .3, .5]);
        LossChecks.AssertRelative(.06474334, weighted.Mean(Scores, Classes), 1e-6, "weighted mean");
    }

    [Fact]
    public void Label_smoothing_mixes_the_losses_of_all_classes()
    {
        var random = new Random(6);
        for (var i = 0; i < 200; i++)
        {
            var (hard, z, y) = MulticlassFocalLossTests.RandomRow(random, isSoftmax: true);
            hard = new SoftmaxFocalLoss(hard.Gamma, hard.ClassWeights);
            var loss = new SoftmaxFocalLoss(hard.Gamma, hard.ClassWeights, labelSmoothing: .3);
            double expected = 0;
            var (expectedGradient, gradient, own) = (new double[z.Length], new double[z.Length], new double[z.Length]);
            for (var k = 0; k < z.Length; k++)
            {
                var share = (k == y ? .7 : 0) + .3 / z.Length;
                expected += share * hard.ExactLoss(z, k);
                hard.ExactGradient(z, k, own);
                for (var j = 0; j < z.Length; j++)
                    expectedGradient[j] += share * own[j];
            }

            loss.ExactGradient(z, y, gradient);
            LossChecks.AssertRelative(expected, loss.ExactLoss(z, y), 1e-12, $"{i}");
            for (var j = 0; j < z.Length; j++)
                Assert.Equal(expectedGradient[j], gradient[j], 1e-12);
        }
    }

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
            loss.ExactGradient([scores[3 * i], scores[3 * i + 1], scores[3 * i + 2]], 0, gradient);
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
        loss.ExactGradient([1, 2, -1], 0, gradient);
        Assert.Equal(0, gradient.Sum(), 1e-15);
    }

    [Fact]
    public void Label_smoothing_outside_its_range_is_refused()
        => LossChecks.AssertRefused<ArgumentOutOfRangeException>(
            "labelSmoothing = 1.5, but it should be in [0; 1]. (Parameter 'labelSmoothing')",
            () => new SoftmaxFocalLoss(labelSmoothing: 1.5));
}

using FsCheck.Fluent;

namespace FocalMlNet.Tests.Losses;

/// <summary>Infinite, huge and tiny scores, for one score as for a span: the limits, worked by hand.</summary>
public sealed class ExtremeScoresTests
{
    private const float Infinity = float.PositiveInfinity;
    private const float Max = float.MaxValue;

    public static TheoryData<double> Gammas => [0, .01, .5, 1, 2, 3, 3.7, 5, 50];

    [Theory]
    [MemberData(nameof(Gammas))]
    public void An_infinitely_right_score_costs_nothing_and_an_infinitely_wrong_one_the_largest_float(double gamma)
    {
        var loss = new FocalLoss(gamma);
        foreach (var (score, label) in new[] { (Infinity, 1f), (-Infinity, 0f) })
            AssertAll(loss, score, label, 0, 0);
        AssertAll(loss, -Infinity, 1, Max, -1);
        AssertAll(loss, Infinity, 0, Max, 1);
        // Half of an example of each class.
        AssertSpan(loss, Infinity, .5f, Max / 2, .5f);
        AssertSpan(loss, -Infinity, .5f, Max / 2, -.5f);
        // A class without weight: the trainer's objective has such.
        var slopes = new float[9];
        Assert.Equal(0, new FocalMlNet.Training.FocalObjective(loss, positiveWeight: 0, negativeWeight: 1).Evaluate(
            [.. Enumerable.Repeat(-Infinity, 9)], [.. Enumerable.Repeat(1f, 9)], [.. Enumerable.Repeat(1f, 9)], slopes));
        Assert.All(slopes, slope => Assert.Equal(0, slope));
        AssertAll(new FocalLoss(gamma, alpha: .25), -Infinity, 1, Max / 4, -.25f);
        AssertAll(new FocalLoss(gamma, labelSmoothing: 1), -Infinity, 1, Max / 2, -.5f);
    }

    [Theory]
    [MemberData(nameof(Gammas))]
    public void Softmax_takes_infinite_logits_at_their_limits(double gamma)
    {
        // Certainly right, certainly wrong; a class of minus infinity is out of the question.
        AssertSoftmax(gamma, [Infinity, 0, 0], 0, 0, [0, 0, 0]);
        AssertSoftmax(gamma, [Infinity, 0, 0], 1, Max, [1, -1, 0]);
        AssertSoftmax(gamma, [0, -Infinity, -Infinity], 0, 0, [0, 0, 0]);
        AssertSoftmax(gamma, [0, -Infinity, 0], 1, Max, [.5f, -1, .5f]);
        // Equal infinities are equal: p = 1/2 and p = 1/3, and dL/dz_y = q^γ (γ p ln p - q).
        var half = Math.Pow(.5, gamma);
        var slope = (float)(half * (gamma * .5 * Math.Log(.5) - .5));
        AssertSoftmax(gamma, [Infinity, Infinity, 0], 0, half * Math.Log(2), [slope, -slope, 0]);
        var twoThirds = Math.Pow(2 / 3.0, gamma);
        slope = (float)(twoThirds * (gamma / 3 * Math.Log(1 / 3.0) - 2 / 3.0));
        foreach (var all in new[] { Infinity, -Infinity })
            AssertSoftmax(gamma, [all, all, all], 2, twoThirds * Math.Log(3), [-slope / 2, -slope / 2, slope]);
    }

    [Theory]
    [MemberData(nameof(Gammas))]
    public void One_versus_all_takes_infinite_logits_at_their_limits(double gamma)
    {
        var loss = new OneVersusAllFocalLoss(gamma, [2, 0, 1]);
        AssertRow(loss.Loss([Infinity, Infinity, -Infinity], 0), 0);
        AssertRow(loss.Loss([-Infinity, 0, -Infinity], 0), Max);
        var (losses, gradients, gradient) = (new float[2], new float[6], new float[3]);
        loss.LossesAndGradients([Infinity, Infinity, -Infinity, -Infinity, 0, -Infinity], [0, 0], losses, gradients);
        Assert.Equal([0, Max], losses);
        Assert.Equal([0, 0, 0, -2, 0, 0], gradients);
        loss.Gradient([-Infinity, 0, -Infinity], 0, gradient);
        Assert.Equal([-2, 0, 0], gradient);

        static void AssertRow(double found, double expected) => Assert.Equal(expected, Math.Min(found, Max));
    }

    [Theory]
    [InlineData(1e-1)]
    [InlineData(1e-3)]
    [InlineData(-1e-5)]
    [InlineData(1e-8)]
    public void With_label_smoothing_1_the_slope_near_score_0_keeps_its_digits(double z)
    {
        // Half a positive and half a negative example: at γ = 0 the slope is σ(z) - 1/2 = tanh(z/2) / 2.
        float[] slopes = new float[1], logits = [(float)z];
        new FocalLoss(0, labelSmoothing: 1).Derivatives(logits, [1], slopes);
        LossChecks.AssertRelative(Math.Tanh(logits[0] / 2.0) / 2, slopes[0], 1e-6, $"z = {z}");
        // At γ = 2 it is z times the second derivative at 0, p q² [5 q + 2 (1 - 3 p) ln p] with p = q = 1/2, but for a share z² of it.
        new FocalLoss(2, labelSmoothing: 1).Derivatives(logits, [0], slopes);
        LossChecks.AssertRelative(logits[0] / 8.0 * (2.5 + Math.Log(2)), slopes[0], Math.Max(1e-5, z * z), $"z = {z}");
    }

    [Fact]
    public void What_a_score_gives_does_not_depend_on_its_neighbours_whatever_they_are()
        => LossChecks.Check(Prop.ForAll(
            Gen.Frequency((9, LossChecks.AnyScore), (1, Gen.Constant(float.NaN))).ArrayOf(19).ToArbitrary(),
            Gen.Elements(0, 1, 1, .3f, .5f, float.Epsilon, float.NaN).ArrayOf(19).ToArbitrary(),
            Gen.Elements(0.0, .5, 2, 3.7, 50).ToArbitrary(),
            (logits, labels, gamma) =>
            {
                var loss = new FocalLoss(gamma, .7);
                var (losses, slopes) = (new float[19], new float[19]);
                loss.LossesAndDerivatives(logits, labels, losses, slopes);
                for (var i = 0; i < 19; i++)
                {
                    float[] ownLoss = new float[1], ownSlope = new float[1];
                    loss.LossesAndDerivatives(logits.AsSpan(i, 1), labels.AsSpan(i, 1), ownLoss, ownSlope);
                    Assert.Equal((ownLoss[0], ownSlope[0]), (losses[i], slopes[i]));
                }
            }), 1000);

    [Theory]
    [InlineData(50.1, "50.1")]
    [InlineData(1e30, "1E+30")]
    [InlineData(-.5, "-0.5")]
    [InlineData(double.NaN, "NaN")]
    public void Gamma_has_the_same_range_wherever_it_is_given(double gamma, string text)
    {
        (string Name, Action Make)[] places =
        [
            ("gamma", () => _ = new FocalLoss(gamma)),
            ("gammaPositive", () => _ = new FocalLoss(gammaPositive: gamma)),
            ("gammaNegative", () => _ = new FocalLoss(gammaNegative: gamma)),
            ("gamma", () => _ = new SoftmaxFocalLoss(gamma)),
            ("gamma", () => _ = new OneVersusAllFocalLoss(gamma)),
            ("classGammas[1]", () => _ = new OneVersusAllFocalLoss(2, null, [1, gamma])),
            ("gamma", () => _ = new FocalPosterior(gamma)),
            ("gamma", () => FocalPosterior.WithClassWeights(gamma, 1, 1)),
            ("gamma", () => _ = new SoftmaxFocalPosterior(gamma)),
            ("gamma", () => GammaSchedule.Constant(gamma)),
            ("first", () => GammaSchedule.Linear(gamma, 2)),
            ("last", () => GammaSchedule.Linear(0, gamma)),
            ("stages[0].Gamma", () => GammaSchedule.Stepwise((0, gamma))),
            ("Gamma", () => new EvaluationOptions { Gamma = gamma }.Validate()),
            ("gamma", () => new FocalSgdBinaryTrainer.Options { Gamma = gamma }.Validate()),
            ("gamma", () => new FocalSgdMulticlassTrainer.Options { Gamma = gamma }.Validate()),
            ("ClassGammas[0]", () => new FocalSgdMulticlassTrainer.Options
            {
                Formulation = MulticlassFormulation.OneVersusAll,
                ClassGammas = [gamma, 1],
            }.Validate()),
            ("Gamma", () => new FocalReweightedOptions { Gamma = gamma }.Validate(isBinary: true)),
        ];
        foreach (var (name, make) in places)
            LossChecks.AssertRefused<ArgumentOutOfRangeException>(
                $"{name} = {text}, but it should be in [0; 50]. (Parameter '{name}')",
                make);
    }

    private static void AssertAll(FocalLoss loss, float score, float label, float expectedLoss, float expectedSlope)
    {
        AssertSpan(loss, score, label, expectedLoss, expectedSlope);
        Assert.Equal(expectedLoss, (float)loss.Loss(score, label));
        Assert.Equal(expectedSlope, loss.Derivative(score, label));
        Assert.Equal(0, loss.SecondDerivative(score, label));
    }

    private static void AssertSpan(FocalLoss loss, float score, float label, float expectedLoss, float expectedSlope)
    {
        float[] scores = [.. Enumerable.Repeat(score, 9)], labels = [.. Enumerable.Repeat(label, 9)];
        var (losses, slopes) = (new float[9], new float[9]);
        loss.LossesAndDerivatives(scores, labels, losses, slopes);
        Assert.All(losses, x => Assert.Equal(expectedLoss, x));
        Assert.All(slopes, x => Assert.Equal(expectedSlope, x));
        LossChecks.AssertRelative(9.0 * expectedLoss, loss.Sum(scores, labels), 1e-6, "sum");
    }

    private static void AssertSoftmax(double gamma, float[] logits, int label, double expectedLoss, float[] expectedGradient)
    {
        var loss = new SoftmaxFocalLoss(gamma);
        LossChecks.AssertRelative(expectedLoss, Math.Min(loss.Loss(logits, label), Max), 1e-12, "loss of one row");
        var (gradient, losses, gradients) = (new float[3], new float[9], new float[27]);
        loss.Gradient(logits, label, gradient);
        loss.LossesAndGradients(
            [.. Enumerable.Repeat(logits, 9).SelectMany(row => row)], [.. Enumerable.Repeat(label, 9)], losses, gradients);
        for (var i = 0; i < 9; i++)
        {
            LossChecks.AssertBatchEqual(expectedLoss, losses[i], expectedLoss, "loss");
            for (var j = 0; j < 3; j++)
            {
                LossChecks.AssertBatchEqual(expectedGradient[j], gradient[j], expectedGradient[j], $"gradient {j} of one row");
                LossChecks.AssertBatchEqual(expectedGradient[j], gradients[3 * i + j], expectedGradient[j], $"gradient {j}");
            }
        }
    }
}

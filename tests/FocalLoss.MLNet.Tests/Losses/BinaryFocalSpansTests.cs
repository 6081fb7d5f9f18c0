using FsCheck.Fluent;

namespace FocalMlNet.Tests.Losses;

public sealed class BinaryFocalSpansTests
{
    [Fact]
    public void Every_length_and_alignment_gives_what_one_score_at_a_time_gives()
    {
        var random = new Random(2);
        foreach (var loss in SomeLosses())
        {
            for (var length = 0; length <= 67; length++)
            {
                // Slices that begin anywhere, and neighbours that must stay as they are.
                var offset = random.Next(9);
                var (logits, labels) = (new float[length + 20], new float[length + 20]);
                for (var i = 0; i < logits.Length; i++)
                {
                    logits[i] = (float)(30 * random.NextDouble() - 15);
                    labels[i] = random.Next(
                        5) switch
                    { 0 => 1, 1 => (float)random.NextDouble(), 2 when random.Next(4) == 0 => float.NaN, _ => 0 };
                }

                var z = logits.AsSpan(offset, length);
                var y = labels.AsSpan(offset + 1, length);
                var (losses, derivatives) = (Filled(length + 20), Filled(length + 20));
                loss.LossesAndDerivatives(z, y, losses.AsSpan(offset + 2, length), derivatives.AsSpan(offset + 3, length));
                AssertEqualsScalar(loss, z, y, losses.AsSpan(offset + 2, length), derivatives.AsSpan(offset + 3, length));
                Assert.All(losses[..(offset + 2)].Concat(losses[(offset + 2 + length)..]), x => Assert.Equal(7, x));
                Assert.All(derivatives[..(offset + 3)].Concat(derivatives[(offset + 3 + length)..]), x => Assert.Equal(7, x));

                var (onlyLosses, onlyDerivatives) = (new float[length], new float[length]);
                loss.Losses(z, y, onlyLosses);
                loss.Derivatives(z, y, onlyDerivatives);
                var seconds = Filled(length + 20);
                loss.SecondDerivatives(z, y, seconds.AsSpan(offset + 4, length));
                AssertSecondDerivatives(loss, z, y, seconds.AsSpan(offset + 4, length));
                Assert.All(seconds[..(offset + 4)].Concat(seconds[(offset + 4 + length)..]), x => Assert.Equal(7, x));
                Assert.Equal(losses[(offset + 2)..(offset + 2 + length)], onlyLosses);
                Assert.Equal(derivatives[(offset + 3)..(offset + 3 + length)], onlyDerivatives);
            }
        }

        static float[] Filled(int length) => [.. Enumerable.Repeat(7f, length)];
    }

    [Fact]
    public void Any_score_and_any_gamma_give_what_one_score_gives_and_it_is_finite()
        => LossChecks.Check(Prop.ForAll(
            LossChecks.AnyScore.ArrayOf(21).ToArbitrary(),
            LossChecks.AnyGamma.ArrayOf(2).ToArbitrary(),
            Gen.Choose(0, 7).ToArbitrary(),
            (logits, γs, kind) =>
            {
                var loss = new FocalLoss(
                    γs[0], kind switch { 1 => .3, 4 => 1e-30, 5 => .999, _ => null }, gammaNegative: kind == 2 ? γs[1] : null,
                    labelSmoothing: kind switch { 3 => .1, 6 => 1, 7 => 1e-40, _ => 0 });
                foreach (var label in new[] { 0f, 1f, .3f, float.Epsilon })
                {
                    float[] labels = [.. Enumerable.Repeat(label, logits.Length)];
                    var (losses, derivatives) = (new float[logits.Length], new float[logits.Length]);
                    loss.LossesAndDerivatives(logits, labels, losses, derivatives);
                    var seconds = new float[logits.Length];
                    loss.SecondDerivatives(logits, labels, seconds);
                    AssertSecondDerivatives(loss, logits, labels, seconds);
                    Assert.All(losses, x => Assert.True(float.IsFinite(x)));
                    Assert.All(derivatives, x => Assert.True(float.IsFinite(x)));
                    AssertEqualsScalar(loss, logits, labels, losses, derivatives);
                }
            }));

    [Fact]
    public void An_element_has_the_same_bits_wherever_it_stands()
    {
        var random = new Random(3);
        float[] logits = [.. Enumerable.Range(0, 64).Select(_ => (float)(20 * random.NextDouble() - 10))];
        float[] labels = [.. Enumerable.Range(0, 64).Select(i => i % 3 == 0 ? 1f : 0)];
        foreach (var γ in new[] { 0, .5, 1, 2, 3, 3.3, 5 })
        {
            var loss = new FocalLoss(γ, .8);
            var whole = new float[64];
            loss.Derivatives(logits, labels, whole);
            for (var i = 0; i < 64; i++)
            {
                var alone = new float[1];
                loss.Derivatives(logits.AsSpan(i, 1), labels.AsSpan(i, 1), alone);
                // Alone the label's neighbours are padding.
                Assert.Equal(BitConverter.SingleToInt32Bits(whole[i]), BitConverter.SingleToInt32Bits(alone[0]));
            }

            // A soft label among its neighbours takes another way, too.
            float[] mixed = [.. labels];
            mixed[13] = .5f;
            var others = new float[64];
            loss.SecondDerivatives(logits, labels, whole);
            loss.SecondDerivatives(logits, mixed, others);
            (whole[13], others[13]) = (0, 0);
            Assert.Equal(whole, others);
        }
    }

    [Theory]
    [InlineData(.3)]
    [InlineData(3.7)]
    [InlineData(20.3)]
    [InlineData(49.9)]
    public void Digits_that_the_exponent_loses_are_carried_along(double γ)
    {
        // q^γ = e^(γ ln q) with exponents down to -70: a float exponent alone would be off by 4e-6, a float γ by up to 2e-6. What remains
        // is the error of ln q near 0, times γ.
        var loss = new FocalLoss(γ);
        float[] logits = [.. Enumerable.Range(0, 20_000).Select(i => i * (float)(70 / (1 + γ)) / 20_000)];
        float[] labels = [.. Enumerable.Repeat(1f, logits.Length)];
        var derivatives = new float[logits.Length];
        loss.Derivatives(logits, labels, derivatives);
        for (var i = 0; i < logits.Length; i++)
            LossChecks.AssertRelative(loss.ExactDerivative(logits[i], 1), derivatives[i], 3e-7 + 1.1e-7 * γ, $"{logits[i]:r}");
    }

    [Fact]
    public void Weights_multiply_losses_and_derivatives_and_the_sum_is_theirs()
    {
        var random = new Random(4);
        const int Length = 203;
        var (logits, labels, weights) = (new float[Length], new float[Length], new float[Length]);
        for (var i = 0; i < Length; i++)
        {
            logits[i] = (float)(10 * random.NextDouble() - 5);
            labels[i] = i == 17 ? float.NaN : i % 7 == 0 ? 1 : i % 11 == 0 ? .4f : 0;
            weights[i] = 3 * (float)random.NextDouble();
        }

        foreach (var γ in new[] { 0, .5, 1, 2, 2.5, 3, 5 })
        {
            var loss = new FocalLoss(γ, .6);
            double expected = 0, plain = 0;
            var (losses, derivatives, summed) = (new float[Length], new float[Length], new float[Length]);
            loss.Spans.Run(logits, labels, weights, default, losses, derivatives);
            var sum = loss.Spans.SumAndDerivatives(logits, labels, weights, summed);
            for (var i = 0; i < Length; i++)
            {
                if (float.IsNaN(labels[i]))
                    continue;
                expected += weights[i] * loss.ExactLoss(logits[i], labels[i]);
                plain += loss.ExactLoss(logits[i], labels[i]);
                Assert.Equal(weights[i] * loss.ExactLoss(logits[i], labels[i]), losses[i], 1e-5);
                Assert.Equal(weights[i] * loss.ExactDerivative(logits[i], labels[i]), derivatives[i], 1e-5);
            }

            Assert.Equal(0, losses[17]);
            Assert.Equal(0, derivatives[17]);
            Assert.Equal(derivatives, summed);
            LossChecks.AssertRelative(expected, sum, 1e-6, "sum with derivatives");
            LossChecks.AssertRelative(plain, loss.Spans.Sum(logits, labels), 1e-6, "sum without weights");
        }
    }

    [Fact]
    public void Each_element_may_have_a_gamma_of_its_own()
    {
        float[] logits = [.. Enumerable.Range(0, 37).Select(i => i / 3f - 6)];
        float[] labels = [.. Enumerable.Range(0, 37).Select(i => (float)(i % 2))];
        float[] γs = [.. Enumerable.Range(0, 37).Select(i => i / 4f)];
        var losses = new float[37];
        var derivatives = new float[37];
        new FocalLoss(gamma: 1).Spans.Run(logits, labels, default, γs, losses, derivatives);
        for (var i = 0; i < 37; i++)
        {
            var own = new FocalLoss(γs[i]);
            LossChecks.AssertBatchEqual(own.ExactLoss(logits[i], labels[i]), losses[i], own.ExactLoss(logits[i], labels[i]), $"{i}");
            LossChecks.AssertBatchEqual(
                own.ExactDerivative(logits[i], labels[i]), derivatives[i], own.ExactDerivative(logits[i], labels[i]), $"{i}");
        }
    }

    [Fact]
    public void An_output_may_be_the_span_of_an_input()
    {
        float[] logits = [.. Enumerable.Range(0, 29).Select(i => i / 2f - 7)];
        float[] labels = [.. Enumerable.Range(0, 29).Select(i => (float)(i % 2))];
        var loss = new FocalLoss(2.5);
        var expected = new float[29];
        loss.Derivatives(logits, labels, expected);
        float[] scores = [.. logits];
        loss.Derivatives(logits, labels, logits);
        Assert.Equal(expected, logits);
        loss.SecondDerivatives(scores, labels, expected);
        loss.SecondDerivatives(scores, labels, scores);
        Assert.Equal(expected, scores);
    }

    [Fact]
    public void Nothing_is_allocated()
    {
        var (logits, labels, losses, derivatives) = (new float[1003], new float[1003], new float[1003], new float[1003]);
        labels[5] = .5f;
        var loss = new FocalLoss(2.5);
        loss.LossesAndDerivatives(logits, labels, losses, derivatives);
        loss.SecondDerivatives(logits, labels, derivatives);
        var before = GC.GetAllocatedBytesForCurrentThread();
        loss.LossesAndDerivatives(logits, labels, losses, derivatives);
        loss.Losses(logits, labels, losses);
        loss.Derivatives(logits, labels, derivatives);
        loss.SecondDerivatives(logits, labels, derivatives);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void A_score_of_NaN_gives_NaN()
    {
        var (losses, derivatives) = (new float[3], new float[3]);
        foreach (var γ in new[] { 0, .5, 1, 2, 2.5, 3, 5 })
        {
            new FocalLoss(γ).LossesAndDerivatives([float.NaN, float.NaN, float.NaN], [0, 1, .5f], losses, derivatives);
            Assert.All(losses, x => Assert.Equal(float.NaN, x));
            Assert.All(derivatives, x => Assert.Equal(float.NaN, x));
            new FocalLoss(γ).SecondDerivatives([float.NaN, float.NaN, float.NaN], [0, 1, .5f], derivatives);
            Assert.All(derivatives, x => Assert.Equal(float.NaN, x));
        }
    }

    private static IEnumerable<FocalLoss> SomeLosses()
    {
        foreach (var γ in new[] { 0, .5, 1, 2, 3, 3.7, 5, 50 })
            yield return new FocalLoss(γ);
        yield return new FocalLoss(2, .25);
        yield return new FocalLoss(gammaPositive: 1, gammaNegative: 4);
        yield return new FocalLoss(2, .9, labelSmoothing: .1);
        yield return new FocalLoss(0, labelSmoothing: 1e-6);
        yield return new FocalLoss(3, labelSmoothing: 1);
    }

    /// <summary>For a soft label positive and negative part may cancel: what double precision leaves of them is allowed, too.</summary>
    private static void AssertEqualsScalar(
        FocalLoss loss, ReadOnlySpan<float> logits, ReadOnlySpan<float> labels, ReadOnlySpan<float> losses, ReadOnlySpan<float> derivatives)
    {
        for (var i = 0; i < logits.Length; i++)
        {
            if (float.IsNaN(labels[i]))
            {
                Assert.Equal(0, losses[i]);
                Assert.Equal(0, derivatives[i]);
                continue;
            }

            var where = $"logit {logits[i]:r}, label {labels[i]}, γ {loss.GammaPositive}/{loss.GammaNegative}, ε {loss.LabelSmoothing}";
            var expected = loss.ExactLoss(logits[i], labels[i]);
            LossChecks.AssertBatchEqual(expected, losses[i], expected, where);
            var y = labels[i] * (1 - loss.LabelSmoothing) + loss.LabelSmoothing / 2;
            var size = y * (loss.Alpha ?? 1) * Math.Abs(BinaryFocal.Derivative(logits[i], loss.GammaPositive))
                + (1 - y) * (1 - loss.Alpha ?? 1) * Math.Abs(BinaryFocal.Derivative(-logits[i], loss.GammaNegative));
            var derivative = loss.ExactDerivative(logits[i], labels[i]);
            LossChecks.AssertBatchEqual(derivative, derivatives[i], Math.Max(Math.Abs(derivative), 1e-10 * size), where);
        }
    }

    /// <summary>To half a unit in the last place of a float, but for what double precision leaves where parts cancel.</summary>
    private static void AssertSecondDerivatives(
        FocalLoss loss, ReadOnlySpan<float> logits, ReadOnlySpan<float> labels, ReadOnlySpan<float> secondDerivatives)
    {
        for (var i = 0; i < logits.Length; i++)
        {
            var expected = float.IsNaN(labels[i]) ? 0 : loss.ExactSecondDerivative(logits[i], labels[i]);
            var size = Size(logits[i], loss.GammaPositive) + Size(-logits[i], loss.GammaNegative);
            Assert.True(
                Math.Abs(secondDerivatives[i] - expected) <= 6.1e-8 * Math.Abs(expected) + 1e-14 * size + 1e-38,
                $"logit {logits[i]:r}, label {labels[i]}, γ {loss.GammaPositive}: {secondDerivatives[i]:r}, expected {expected:r}");
        }

        // The parts of p q^γ [q (1 + 2γ) + γ (q - γ p) ln p], without their signs.
        static double Size(double s, double γ)
        {
            var (lnP, lnQ) = BinaryFocal.LogProbabilities(s);
            double p = Math.Exp(lnP), q = Math.Exp(lnQ);
            return (γ == 0 ? 1 : Math.Exp(γ * lnQ)) * (p * q * (1 + 2 * γ) - γ * (q + γ * p) * (p * lnP));
        }
    }
}

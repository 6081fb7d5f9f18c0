using System.Numerics;
using System.Runtime.CompilerServices;

namespace FocalMlNet;

internal static partial class BinaryFocal
{
    /// <summary>
    /// The loss of many scores at once, with class weights and label smoothing: scores, labels and weights are read once, results written
    /// once, nothing is allocated. An element's result does not depend on its place or on the length of the spans.
    /// </summary>
    /// <remarks>
    /// A label is in [0, 1]: y counts as y positive and 1 - y negative examples, and their mixture is computed in double precision. An
    /// element whose label is NaN is ignored: its loss and derivatives are 0. An infinite score counts as the largest finite float of its
    /// sign. An output may be the very span of an input, but must not overlap one otherwise. Spans are trusted to be of one length.
    /// </remarks>
    internal sealed class Spans
    {
        private readonly float _γPositive;
        private readonly float _γPositiveLow;
        private readonly float _γNegative;
        private readonly float _γNegativeLow;
        private readonly float _weightPositive;
        private readonly float _weightNegative;
        private readonly (double γPositive, double γNegative, double WeightPositive, double WeightNegative, double Smoothing) _exact;
        private readonly double _commonγ;

        /// <param name="γPositive">γ of the positive class.</param>
        /// <param name="γNegative">γ of the negative class.</param>
        /// <param name="weightPositive">Weight of the positive class.</param>
        /// <param name="weightNegative">Weight of the negative class.</param>
        /// <param name="smoothing">ε of the label smoothing y (1 - ε) + ε / 2.</param>
        public Spans(double γPositive, double γNegative, double weightPositive, double weightNegative, double smoothing = 0)
        {
            (_γPositive, _γPositiveLow) = Split(γPositive);
            (_γNegative, _γNegativeLow) = Split(γNegative);
            (_weightPositive, _weightNegative) = ((float)weightPositive, (float)weightNegative);
            _exact = (γPositive, γNegative, weightPositive, weightNegative, smoothing);
            _commonγ = γPositive == γNegative ? γPositive : double.NaN;
        }

        /// <summary>Computes the outputs whose spans are not empty.</summary>
        /// <param name="scores">The raw scores.</param>
        /// <param name="labels">The labels.</param>
        /// <param name="weights">A factor for each element's loss and derivative; empty for 1.</param>
        /// <param name="γs">γ of each element, whatever its label; empty for that of the classes.</param>
        /// <param name="losses">Receives the losses; may be empty.</param>
        /// <param name="derivatives">Receives the derivatives with respect to the scores; may be empty.</param>
        public void Run(
            ReadOnlySpan<float> scores, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, ReadOnlySpan<float> γs,
            Span<float> losses, Span<float> derivatives)
        {
            if (derivatives.IsEmpty)
                Choose<LossesOnly>(scores, labels, weights, γs, losses, derivatives);
            else if (losses.IsEmpty)
                Choose<DerivativesOnly>(scores, labels, weights, γs, losses, derivatives);
            else
                Choose<LossesAndDerivatives>(scores, labels, weights, γs, losses, derivatives);
        }

        /// <summary>The sum of the losses, in double precision.</summary>
        /// <inheritdoc cref="Run" path="/param"/>
        public double Sum(ReadOnlySpan<float> scores, ReadOnlySpan<float> labels)
            => Choose<SumOnly>(scores, labels, default, default, default, default);

        /// <summary>
        /// The weighted derivatives, and the sum of the weighted losses in double precision: what a solver needs of a block of rows.
        /// </summary>
        /// <inheritdoc cref="Run" path="/param"/>
        public double SumAndDerivatives(
            ReadOnlySpan<float> scores, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, Span<float> derivatives)
            => Choose<SumWithDerivatives>(scores, labels, weights, default, default, derivatives);

        /// <summary>
        /// The second derivatives with respect to the scores. They change sign, where single precision would leave nothing of them: each is
        /// computed in double precision.
        /// </summary>
        /// <param name="scores">The raw scores.</param>
        /// <param name="labels">The labels.</param>
        /// <param name="secondDerivatives">Receives the second derivatives.</param>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void SecondDerivatives(ReadOnlySpan<float> scores, ReadOnlySpan<float> labels, Span<float> secondDerivatives)
        {
            var i = 0;
            for (; i <= scores.Length - Vector<float>.Count; i += Vector<float>.Count)
                SecondDerivative(new Vector<float>(scores[i..]), new Vector<float>(labels[i..])).CopyTo(secondDerivatives[i..]);
            if (i == scores.Length)
                return;
            var rest = SecondDerivative(Padded(scores[i..]), Padded(labels[i..]));
            for (var j = i; j < scores.Length; j++)
                secondDerivatives[j] = rest[j - i];
        }

        private double Choose<TOutput>(
            ReadOnlySpan<float> scores, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, ReadOnlySpan<float> γs,
            Span<float> losses, Span<float> derivatives)
            where TOutput : struct
            => (γs.IsEmpty ? _commonγ : double.NaN) switch
            {
                0 => Loop<Zero, TOutput>(scores, labels, weights, γs, losses, derivatives),
                .5 => Loop<Half, TOutput>(scores, labels, weights, γs, losses, derivatives),
                1 => Loop<One, TOutput>(scores, labels, weights, γs, losses, derivatives),
                2 => Loop<Two, TOutput>(scores, labels, weights, γs, losses, derivatives),
                3 => Loop<Three, TOutput>(scores, labels, weights, γs, losses, derivatives),
                5 => Loop<Five, TOutput>(scores, labels, weights, γs, losses, derivatives),
                _ => Loop<Any, TOutput>(scores, labels, weights, γs, losses, derivatives),
            };

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private double Loop<TGamma, TOutput>(
            ReadOnlySpan<float> scores, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, ReadOnlySpan<float> γs,
            Span<float> losses, Span<float> derivatives)
            where TGamma : struct
            where TOutput : struct
        {
            var sum = Vector<double>.Zero;
            var i = 0;
            for (; i <= scores.Length - Vector<float>.Count; i += Vector<float>.Count)
            {
                var label = new Vector<float>(labels[i..]);
                var weight = weights.IsEmpty ? Vector<float>.One : new Vector<float>(weights[i..]);
                var γ = γs.IsEmpty ? Vector<float>.Zero : new Vector<float>(γs[i..]);
                var (loss, derivative) = Evaluate<TGamma>(new Vector<float>(scores[i..]), label, weight, γ, !γs.IsEmpty);
                if (GivesLosses<TOutput>())
                    loss.CopyTo(losses[i..]);
                if (GivesDerivatives<TOutput>())
                    derivative.CopyTo(derivatives[i..]);
                if (GivesSum<TOutput>())
                    sum += WidenedSum(loss);
            }

            if (i < scores.Length)
            {
                // The rest goes through the same code, padded with elements of weight 0.
                var label = Padded(labels[i..]);
                var isThere = Vector.LessThan<float>(Vector<float>.Indices, Vector.Create((float)(scores.Length - i)));
                var weight = weights.IsEmpty ? Vector<float>.One & isThere : Padded(weights[i..]);
                var γ = γs.IsEmpty ? Vector<float>.Zero : Padded(γs[i..]);
                var (loss, derivative) = Evaluate<TGamma>(Padded(scores[i..]), label, weight, γ, !γs.IsEmpty);
                for (var j = 0; j < scores.Length - i; j++)
                {
                    if (GivesLosses<TOutput>())
                        losses[i + j] = loss[j];
                    if (GivesDerivatives<TOutput>())
                        derivatives[i + j] = derivative[j];
                }

                if (GivesSum<TOutput>())
                    sum += WidenedSum(loss);
            }

            return Vector.Sum(sum);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private (Vector<float> Loss, Vector<float> Derivative) Evaluate<TGamma>(
            Vector<float> score, Vector<float> label, Vector<float> weight, Vector<float> γ, bool isγGiven)
            where TGamma : struct
        {
            var isPositive = Vector.Equals<float>(label, Vector<float>.One);
            var isHard = isPositive | Vector.Equals<float>(label, Vector<float>.Zero);
            if (_exact.Smoothing != 0 || !Vector.EqualsAll(Vector.AsVectorInt32(isHard), Vector<int>.AllBitsSet))
                return EvaluateSoft<TGamma>(score, label, weight, γ, isγGiven);
            return EvaluateHard<TGamma>(score, isPositive, weight, γ, isγGiven);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private (Vector<float> Loss, Vector<float> Derivative) EvaluateHard<TGamma>(
            Vector<float> score, Vector<float> isPositive, Vector<float> weight, Vector<float> γ, bool isγGiven)
            where TGamma : struct
        {
            var γLow = Vector<float>.Zero;
            if (!isγGiven)
            {
                γ = Pick(isPositive, _γPositive, _γNegative);
                γLow = Pick(isPositive, _γPositiveLow, _γNegativeLow);
            }

            weight *= Pick(isPositive, _weightPositive, _weightNegative);
            var sign = Vector.AndNot(Vector.Create(-0f), isPositive);
            BinaryFocal.Evaluate<TGamma>(score ^ sign, γ, γLow, weight, weight ^ sign, out var loss, out var derivative);
            return (loss, derivative);
        }

        /// <summary>Some labels are neither 0 nor 1. What a hard one gives does not depend on its neighbours.</summary>
        [MethodImpl(MethodImplOptions.NoInlining)]
        private (Vector<float> Loss, Vector<float> Derivative) EvaluateSoft<TGamma>(
            Vector<float> score, Vector<float> label, Vector<float> weight, Vector<float> γ, bool isγGiven)
            where TGamma : struct
        {
            var isCounted = Vector.Equals<float>(label, label);
            var isPositive = Vector.Equals<float>(label, Vector<float>.One);
            var isHard = _exact.Smoothing == 0 ? isPositive | Vector.Equals<float>(label, Vector<float>.Zero) : Vector<float>.Zero;
            var (loss, derivative) = EvaluateHard<TGamma>(score, isPositive, weight, γ, isγGiven);
            if (!Vector.EqualsAll(Vector.AsVectorInt32(isHard | ~isCounted), Vector<int>.AllBitsSet))
            {
                Vector.Widen(score, out var lowScore, out var highScore);
                Vector.Widen(label, out var lowLabel, out var highLabel);
                Vector.Widen(weight, out var lowWeight, out var highWeight);
                Vector.Widen(γ, out var lowγ, out var highγ);
                Mix(lowScore, lowLabel, lowWeight, lowγ, isγGiven, out var lowLoss, out var lowSlope);
                Mix(highScore, highLabel, highWeight, highγ, isγGiven, out var highLoss, out var highSlope);
                loss = Vector.ConditionalSelect(isHard, loss, Vector.Narrow(lowLoss, highLoss));
                derivative = Vector.ConditionalSelect(isHard, derivative, Vector.Narrow(lowSlope, highSlope));
            }

            return (loss & isCounted, derivative & isCounted);
        }

        private void Mix(
            Vector<double> score, Vector<double> label, Vector<double> weight, Vector<double> γ, bool isγGiven,
            out Vector<double> loss, out Vector<double> slope)
        {
            var (positive, negative) = Shares(label, weight);
            EvaluateMixture(
                score, isγGiven ? γ : Vector.Create(_exact.γPositive), isγGiven ? γ : Vector.Create(_exact.γNegative), positive, negative,
                out loss, out slope);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private Vector<float> SecondDerivative(Vector<float> score, Vector<float> label)
        {
            score = Vector.MaxNative(Vector.Create(float.MinValue), Vector.MinNative(Vector.Create(float.MaxValue), score));
            Vector.Widen(score, out var lowScore, out var highScore);
            Vector.Widen(label, out var lowLabel, out var highLabel);
            return Vector.Narrow(SecondDerivative(lowScore, lowLabel), SecondDerivative(highScore, highLabel))
                & Vector.Equals<float>(label, label);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private Vector<double> SecondDerivative(Vector<double> score, Vector<double> label)
        {
            var (positive, negative) = Shares(label, Vector<double>.One);
            var isPositive = Vector.GreaterThan<double>(positive, Vector<double>.Zero);
            var isMixed = isPositive & Vector.GreaterThan<double>(negative, Vector<double>.Zero);
            if (_commonγ >= 0 && Vector.EqualsAll(isMixed, Vector<double>.Zero))
                return (positive + negative) * Bend(Vector.ConditionalSelect(isPositive, score, -score), _commonγ);
            return positive * Bend(score, _exact.γPositive) + negative * Bend(-score, _exact.γNegative);

            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            static Vector<double> Bend(Vector<double> margin, double γ)
            {
                BinaryFocal.Evaluate(margin, γ, out _, out _, out var bend);
                return bend;
            }
        }

        /// <summary>How much of the loss of a positive and of a negative example an element has.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private (Vector<double> Positive, Vector<double> Negative) Shares(Vector<double> label, Vector<double> weight)
        {
            // Two shares, not one and its difference from 1, which would lose the digits of a small share.
            var (keep, half) = (Vector.Create(1 - _exact.Smoothing), Vector.Create(_exact.Smoothing / 2));
            return (
                (label * keep + half) * weight * Vector.Create(_exact.WeightPositive),
                ((Vector<double>.One - label) * keep + half) * weight * Vector.Create(_exact.WeightNegative));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector<float> Pick(Vector<float> isPositive, float positive, float negative)
            => (Vector.Create(positive) & isPositive) | Vector.AndNot(Vector.Create(negative), isPositive);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector<double> WidenedSum(Vector<float> values)
        {
            Vector.Widen(values, out var low, out var high);
            return low + high;
        }

        /// <summary>Fewer values than a vector has, and 0 behind them.</summary>
        private static Vector<float> Padded(ReadOnlySpan<float> values)
        {
            Span<float> buffer = stackalloc float[Vector<float>.Count];
            buffer.Clear();
            values.CopyTo(buffer);
            return new Vector<float>(buffer);
        }

        private static (float High, float Low) Split(double value)
        {
            var high = (float)value;
            return (high, (float)(value - high));
        }

        private static bool GivesLosses<TOutput>()
            => typeof(TOutput) == typeof(LossesOnly) || typeof(TOutput) == typeof(LossesAndDerivatives);

        private static bool GivesDerivatives<TOutput>() => typeof(TOutput) != typeof(LossesOnly) && typeof(TOutput) != typeof(SumOnly);

        private static bool GivesSum<TOutput>()
            => typeof(TOutput) == typeof(SumOnly) || typeof(TOutput) == typeof(SumWithDerivatives);

        // What a loop makes of the elements, known when it is compiled.
        private readonly struct LossesOnly;
        private readonly struct DerivativesOnly;
        private readonly struct LossesAndDerivatives;
        private readonly struct SumOnly;
        private readonly struct SumWithDerivatives;
    }
}

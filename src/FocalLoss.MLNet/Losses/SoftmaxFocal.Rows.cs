using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace FocalMlNet;

internal static partial class SoftmaxFocal
{
    /// <summary>What is computed of rows besides their losses.</summary>
    internal enum Output
    {
        /// <summary>Nothing.</summary>
        None,

        /// <summary>The derivatives with respect to the scores.</summary>
        Slopes,

        /// <summary>The second derivatives with respect to one score each: the diagonal of the Hessian.</summary>
        Curvatures,

        /// <summary>
        /// The second derivatives with respect to scores k and l ≤ k, at place k (k + 1) / 2 + l, of the nearest convex function: the
        /// binary loss's second derivative counts as 0 where it is below.
        /// </summary>
        JointCurvatures,
    }

    /// <summary>
    /// The loss of many rows with one true class each, a row in each lane of a vector. What there is one of in a row is computed in double
    /// precision, what there is one of for each class in single precision.
    /// </summary>
    /// <remarks>
    /// Spans are trusted to fit together. A row's result does not depend on its place. No arrays are allocated once the shared pool has
    /// them.
    /// </remarks>
    internal readonly struct Rows(double γ, double[]? classWeights)
    {
        private static int Width => Vector<float>.Count;

        /// <summary>Writes each loss and gradient where the span for it is not empty.</summary>
        /// <param name="scores">Rows of one score for each class.</param>
        /// <param name="labels">The true class of each row.</param>
        /// <param name="losses">Receives the loss of each row; the largest float for one above it. May be empty.</param>
        /// <param name="gradients">Receives the gradients, as rows. May be empty.</param>
        public void Run(ReadOnlySpan<float> scores, ReadOnlySpan<int> labels, Span<float> losses, Span<float> gradients)
        {
            if (labels.IsEmpty)
                return;
            var classes = scores.Length / labels.Length;
            var rented = ArrayPool<float>.Shared.Rent(classes * Width);
            var block = rented.AsSpan(0, classes * Width);
            Span<int> blockLabels = stackalloc int[Width];
            Span<double> factors = stackalloc double[Width];
            for (var first = 0; first < labels.Length; first += Width)
            {
                var rows = Math.Min(Width, labels.Length - first);
                // Rows that are not there have weight 0.
                if (rows < Width)
                {
                    block.Clear();
                    blockLabels.Clear();
                    factors.Clear();
                }

                labels.Slice(first, rows).CopyTo(blockLabels);
                for (var row = 0; row < rows; row++)
                {
                    factors[row] = WeightOf(blockLabels[row]);
                    var source = scores.Slice((first + row) * classes, classes);
                    for (var j = 0; j < source.Length; j++)
                        block[j * Width + row] = source[j];
                }

                Evaluate(
                    block, block, Width, new Vector<int>(blockLabels), factors, losses.IsEmpty ? default : losses.Slice(first, rows),
                    gradients.IsEmpty ? Output.None : Output.Slopes);
                if (gradients.IsEmpty)
                    continue;
                for (var row = 0; row < rows; row++)
                {
                    var target = gradients.Slice((first + row) * classes, classes);
                    for (var j = 0; j < target.Length; j++)
                        target[j] = block[j * Width + row];
                }
            }

            ArrayPool<float>.Shared.Return(rented);
        }

        /// <summary>
        /// The weighted sum of the losses in double precision, of scores that lie class by class: those of all rows for class 0, then for
        /// class 1, and so on. What a solver needs of a block of rows: nothing is moved.
        /// </summary>
        /// <param name="scores">scores[k n + i] is the score of class k in row i of n.</param>
        /// <param name="labels">The true class of each row.</param>
        /// <param name="weights">A factor for each row.</param>
        /// <param name="output">Receives the derivatives with respect to the scores, or the second derivatives, in the same layout.</param>
        /// <param name="wanted">What <paramref name="output"/> receives.</param>
        public double RunByClass(
            ReadOnlySpan<float> scores, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, Span<float> output, Output wanted)
        {
            var count = labels.Length;
            Span<int> blockLabels = stackalloc int[Width];
            Span<double> factors = stackalloc double[Width];
            double sum = 0;
            var first = 0;
            for (; first <= count - Width; first += Width)
            {
                Prepare(labels.Slice(first, Width), weights.Slice(first, Width), blockLabels, factors);
                sum += Evaluate(scores[first..], output[first..], count, new Vector<int>(blockLabels), factors, default, wanted);
            }

            return first < count ? sum + RestByClass(scores, labels, weights, output, wanted, first) : sum;
        }

        /// <summary>The last rows, which do not fill a vector: copied, with rows of weight 0 beside them.</summary>
        private double RestByClass(
            ReadOnlySpan<float> scores, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, Span<float> output, Output wanted,
            int first)
        {
            var (count, rows) = (labels.Length, labels.Length - first);
            var (classes, places) = (scores.Length / count, output.Length / count);
            var rented = ArrayPool<float>.Shared.Rent((classes + places) * Width);
            var block = rented.AsSpan(0, classes * Width);
            var result = rented.AsSpan(classes * Width, places * Width);
            block.Clear();
            for (var k = 0; k < classes; k++)
                scores.Slice(k * count + first, rows).CopyTo(block[(k * Width)..]);
            Span<int> blockLabels = stackalloc int[Width];
            Span<double> factors = stackalloc double[Width];
            Prepare(labels[first..], weights[first..], blockLabels, factors);
            var sum = Evaluate(block, result, Width, new Vector<int>(blockLabels), factors, default, wanted);
            for (var k = 0; k < places; k++)
                result.Slice(k * Width, rows).CopyTo(output[(k * count + first)..]);
            ArrayPool<float>.Shared.Return(rented);
            return sum;
        }

        private void Prepare(ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, Span<int> blockLabels, Span<double> factors)
        {
            blockLabels.Clear();
            factors.Clear();
            for (var row = 0; row < labels.Length; row++)
            {
                blockLabels[row] = (int)labels[row];
                factors[row] = weights[row] * WeightOf(blockLabels[row]);
            }
        }

        private double WeightOf(int label) => classWeights is null ? 1 : classWeights[label];

        /// <summary>
        /// Rows side by side, one in each lane, whose classes lie <paramref name="stride"/> apart. <paramref name="output"/>, which may be
        /// the scores themselves, is overwritten whatever is wanted.
        /// </summary>
        private double Evaluate(
            ReadOnlySpan<float> scores, Span<float> output, int stride, Vector<int> labels, ReadOnlySpan<double> factors,
            Span<float> losses, Output wanted, bool isBounded = false)
        {
            var end = scores.Length - Width;
            var trueLogit = Vector<float>.Zero;
            var largest = Vector.Create(float.NegativeInfinity);
            for (int at = 0, j = 0; at <= end; at += stride, j++)
            {
                var z = new Vector<float>(scores[at..]);
                var isTrue = IsClass(labels, j);
                trueLogit = Vector.ConditionalSelect(isTrue, z, trueLogit);
                largest = Vector.ConditionalSelect(isTrue, largest, Vector.Max(largest, z));
            }

            // Infinity less infinity is none of the differences below.
            var extreme = Vector.Max(Vector.Abs(trueLogit), Vector.Abs(largest));
            if (!isBounded && Vector.GreaterThanOrEqualAny(extreme, Vector.Create(float.MaxValue)))
                return EvaluateBounded(scores, output, stride, labels, factors, losses, wanted);

            var (lowSum, highSum) = (Vector<double>.Zero, Vector<double>.Zero);
            for (int at = 0, j = 0; at <= end; at += stride, j++)
            {
                var e = ExpOfDifference(new Vector<float>(scores[at..]), largest, IsClass(labels, j));
                e.CopyTo(output[at..]);
                Vector.Widen(e, out var low, out var high);
                lowSum += low;
                highSum += high;
            }

            Vector.Widen(trueLogit, out var lowTrue, out var highTrue);
            Vector.Widen(largest, out var lowLargest, out var highLargest);
            var half = Vector<double>.Count;
            var (lowMargin, highMargin) = (lowTrue - lowLargest - Vector.Log(lowSum), highTrue - highLargest - Vector.Log(highSum));
            BinaryFocal.Evaluate(lowMargin, γ, out var lowLoss, out var lowSlope, out var lowBend);
            BinaryFocal.Evaluate(highMargin, γ, out var highLoss, out var highSlope, out var highBend);
            var (lowFactor, highFactor) = (new Vector<double>(factors), new Vector<double>(factors[half..]));
            lowLoss *= lowFactor;
            highLoss *= highFactor;
            for (var row = 0; row < losses.Length; row++)
                losses[row] = (float)Math.Min(row < half ? lowLoss[row] : highLoss[row - half], float.MaxValue);
            var sum = Vector.Sum(lowLoss + highLoss);
            if (wanted == Output.None)
                return sum;

            lowSlope *= lowFactor;
            highSlope *= highFactor;
            var own = Vector.Narrow(lowSlope, highSlope);
            if (wanted == Output.Slopes)
            {
                var other = Vector.Narrow(-lowSlope / lowSum, -highSlope / highSum);
                for (int at = 0, j = 0; at <= end; at += stride, j++)
                    Vector.ConditionalSelect(IsClass(labels, j), own, other * new Vector<float>(output[at..])).CopyTo(output[at..]);
                return sum;
            }

            var bend = Vector.Narrow(lowFactor * lowBend, highFactor * highBend);
            var perShare = Vector.Narrow(Vector<double>.One / lowSum, Vector<double>.One / highSum);
            if (wanted == Output.JointCurvatures)
            {
                JointCurvatures(output, stride, end / stride, labels, Vector.Max(bend, Vector<float>.Zero), own, perShare);
                return sum;
            }

            for (int at = 0, j = 0; at <= end; at += stride, j++)
            {
                // The Hessian of SoftmaxFocal, at its diagonal.
                var share = perShare * new Vector<float>(output[at..]);
                Vector.ConditionalSelect(IsClass(labels, j), bend, share * (share * (bend + own) - own)).CopyTo(output[at..]);
            }

            return sum;
        }

        /// <summary>The same for scores of which some may be infinite: one counts as the largest finite float of its sign.</summary>
        [MethodImpl(MethodImplOptions.NoInlining)]
        private double EvaluateBounded(
            ReadOnlySpan<float> scores, Span<float> output, int stride, Vector<int> labels, ReadOnlySpan<double> factors,
            Span<float> losses, Output wanted)
        {
            for (var at = 0; at <= scores.Length - Width; at += stride)
            {
                var z = Vector.MinNative(Vector.Create(float.MaxValue), new Vector<float>(scores[at..]));
                Vector.MaxNative(Vector.Create(float.MinValue), z).CopyTo(output[at..]);
            }

            return Evaluate(output[..scores.Length], output, stride, labels, factors, losses, wanted, isBounded: true);
        }

        /// <summary>The Hessian of <see cref="SoftmaxFocal"/>: L'' ∂s ∂sᵀ - L' (diag r - r rᵀ).</summary>
        private static void JointCurvatures(
            Span<float> output, int stride, int last, Vector<int> labels, Vector<float> bend, Vector<float> slope, Vector<float> perShare)
        {
            // Backwards: what is written lies behind the exponentials that are still to be read.
            for (var k = last; k >= 0; k--)
            {
                var share = perShare * new Vector<float>(output[(k * stride)..]);
                var along = bend * Vector.ConditionalSelect(IsClass(labels, k), Vector<float>.One, -share);
                for (var l = k; l >= 0; l--)
                {
                    var other = l == k ? share : perShare * new Vector<float>(output[(l * stride)..]);
                    var joint = along * Vector.ConditionalSelect(IsClass(labels, l), Vector<float>.One, -other) + slope * (share * other);
                    if (l == k)
                        joint -= slope * share;
                    joint.CopyTo(output[((k * (k + 1) / 2 + l) * stride)..]);
                }
            }
        }

        private static Vector<float> IsClass(Vector<int> labels, int j) => Vector.AsVectorSingle(Vector.Equals(labels, Vector.Create(j)));

        /// <summary>e^(z - largest), with what a float loses of the difference; 0 for the true class.</summary>
        private static Vector<float> ExpOfDifference(Vector<float> z, Vector<float> largest, Vector<float> isTrue)
        {
            var difference = z - largest;
            var taken = z - difference;
            var lost = z - (difference + taken) + (taken - largest);
            // Far down, where nothing is left of the exponential, what is lost may be anything, NaN included.
            lost &= Vector.GreaterThan<float>(difference, Vector.Create(VectorMath.LowestExponent));
            return Vector.AndNot(VectorMath.Exp(difference, lost), isTrue);
        }
    }
}

using System.Buffers;
using System.Numerics;

namespace FocalMlNet;

/// <summary>
/// The softmax focal loss of many rows with hard labels: <see cref="SoftmaxFocal"/> with a row in each lane. What there is one of in a row is
/// computed in double precision, what there is one of for each class in single precision.
/// </summary>
/// <remarks>Spans are trusted to fit together. A row's result does not depend on its place. No arrays are allocated once the shared pool has them.</remarks>
internal readonly struct SoftmaxFocalBatch(double γ, double[]? classWeights)
{
    private static int Width => Vector<float>.Count;

    /// <summary>The sum of the losses in double precision; writes each loss and gradient where the span for it is not empty.</summary>
    /// <param name="scores">Rows of one logit for each class.</param>
    /// <param name="labels">The true class of each row.</param>
    /// <param name="weights">A factor for each row's loss and gradient; empty for 1.</param>
    /// <param name="losses">Receives the loss of each row; the largest float for one above it. May be empty.</param>
    /// <param name="gradients">Receives the gradients, as rows. May be empty.</param>
    public double Run(ReadOnlySpan<float> scores, ReadOnlySpan<int> labels, ReadOnlySpan<float> weights, Span<float> losses, Span<float> gradients)
    {
        if (labels.IsEmpty)
            return 0;
        var classes = scores.Length / labels.Length;
        var rented = ArrayPool<float>.Shared.Rent(classes * Width);
        var block = rented.AsSpan(0, classes * Width);
        Span<int> blockLabels = stackalloc int[Width];
        Span<double> factors = stackalloc double[Width];
        double sum = 0;
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
                factors[row] = (classWeights is null ? 1 : classWeights[blockLabels[row]]) * (weights.IsEmpty ? 1 : weights[first + row]);
                var source = scores.Slice((first + row) * classes, classes);
                for (var j = 0; j < source.Length; j++)
                    block[j * Width + row] = source[j];
            }

            sum += Evaluate(block, new Vector<int>(blockLabels), factors, losses.IsEmpty ? default : losses.Slice(first, rows), !gradients.IsEmpty);
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
        return sum;
    }

    /// <summary>A block with a row in each lane and the classes one after the other. It is overwritten, with the gradients if they are wanted.</summary>
    private double Evaluate(Span<float> block, Vector<int> labels, ReadOnlySpan<double> factors, Span<float> losses, bool wantsGradients)
    {
        var trueLogit = Vector<float>.Zero;
        var largest = Vector.Create(float.MinValue);
        for (var j = 0; j < block.Length / Width; j++)
        {
            var z = new Vector<float>(block[(j * Width)..]);
            var isTrue = IsClass(labels, j);
            trueLogit = Vector.ConditionalSelect(isTrue, z, trueLogit);
            largest = Vector.ConditionalSelect(isTrue, largest, Vector.Max(largest, z));
        }

        var (lowSum, highSum) = (Vector<double>.Zero, Vector<double>.Zero);
        for (var j = 0; j < block.Length / Width; j++)
        {
            var e = ExpOfDifference(new Vector<float>(block[(j * Width)..]), largest, IsClass(labels, j));
            e.CopyTo(block[(j * Width)..]);
            Vector.Widen(e, out var low, out var high);
            lowSum += low;
            highSum += high;
        }

        Vector.Widen(trueLogit, out var lowTrue, out var highTrue);
        Vector.Widen(largest, out var lowLargest, out var highLargest);
        var half = Vector<double>.Count;
        BinaryFocalVector.Evaluate(lowTrue - lowLargest - Vector.Log(lowSum), γ, out var lowLoss, out var lowSlope);
        BinaryFocalVector.Evaluate(highTrue - highLargest - Vector.Log(highSum), γ, out var highLoss, out var highSlope);
        var (lowFactor, highFactor) = (new Vector<double>(factors), new Vector<double>(factors[half..]));
        lowLoss *= lowFactor;
        highLoss *= highFactor;
        for (var row = 0; row < losses.Length; row++)
            losses[row] = (float)Math.Min(row < half ? lowLoss[row] : highLoss[row - half], float.MaxValue);
        if (wantsGradients)
        {
            lowSlope *= lowFactor;
            highSlope *= highFactor;
            var own = Vector.Narrow(lowSlope, highSlope);
            var other = Vector.Narrow(-lowSlope / lowSum, -highSlope / highSum);
            for (var j = 0; j < block.Length / Width; j++)
            {
                var gradient = Vector.ConditionalSelect(IsClass(labels, j), own, other * new Vector<float>(block[(j * Width)..]));
                gradient.CopyTo(block[(j * Width)..]);
            }
        }

        return Vector.Sum(lowLoss + highLoss);
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

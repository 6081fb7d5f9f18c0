using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using FocalMlNet.Data;

namespace FocalMlNet.Optimization;

/// <summary>
/// An estimate of the objective's second derivative at a point, from a sample of rows: the metric in which steps are taken. The matrix of each output, with nothing between two
/// outputs. Rows where the loss is not convex are left out, so it is positive definite.
/// </summary>
internal sealed class SampledCurvature : IMetric
{
    /// <summary>Up to this many features the whole matrix of an output is used.</summary>
    public const int MostColumns = 512;

    private const double MostOperations = 8e8;
    /// <summary>Share of the mean curvature added to the diagonal: without a penalty, separable data has directions of almost none, in which steps would be far too long.</summary>
    private const double MatrixDamping = 1e-3;
    private const double DiagonalDamping = 1e-2;
    private const int Chunks = 8;

    /// <summary>Columns that are multiplied at a time with two others.</summary>
    private const int TileColumns = 4;

    /// <summary>Numbers in the matrices of all outputs at most.</summary>
    private const long MostNumbers = 1 << 22;

    private readonly double[][]?[] _factors;
    private readonly double[][] _diagonals;
    private readonly int _stride;

    /// <param name="sample">The rows.</param>
    /// <param name="objective">What is minimised.</param>
    /// <param name="weight">The total weight of the sample, by which sums are divided.</param>
    /// <param name="scaling">The coordinates.</param>
    /// <param name="point">Where.</param>
    /// <param name="parallel">Threads and cancellation.</param>
    public SampledCurvature(
        IReadOnlyList<RowBlock> sample, IObjective objective, double weight, Scaling scaling, ReadOnlySpan<double> point, ParallelOptions parallel)
    {
        var (outputs, size) = (scaling.OutputCount, scaling.Stride);
        var model = scaling.Unscale(point);
        IsWhole = !objective.IsCoupled;
        _stride = size;
        _factors = new double[outputs][][];
        var affordable = MostOperations / ((double)size * size * outputs) / sample[0].RowCount;
        var blocks = (int)Math.Clamp(affordable, 1, sample.Count);
        weight *= (double)sample.Take(blocks).Sum(b => b.RowCount) / sample.Sum(b => b.RowCount);
        var matrices = Matrices(sample, blocks, objective, scaling, model, parallel);
        _diagonals = [.. matrices.Select(m => m.Select((row, j) => row[j] / weight).ToArray())];
        Parallel.For(0, matrices.Length, parallel, k =>
        {
            var typical = AddPenalty(_diagonals[k], scaling);
            for (var damping = MatrixDamping; _factors[k] is null && damping < 1e6; damping *= 100)
                _factors[k] = Factor(matrices[k], weight, _diagonals[k], damping, typical);
            LiftDiagonal(_diagonals[k], typical);
        });
    }

    /// <summary>Whether the matrices are not too large.</summary>
    public static bool Fits(int columnCount, int outputCount)
        => columnCount <= MostColumns && (columnCount + 1L) * (columnCount + 1L) * outputCount <= MostNumbers;

    public bool IsFull => Array.TrueForAll(_factors, f => f is not null);

    public bool IsWhole { get; }

    public void Solve(Span<double> vector)
    {
        for (var k = 0; k < _factors.Length; k++)
        {
            var part = vector.Slice(k * _stride, _stride);
            if (_factors[k] is { } factor)
                Cholesky.Solve(factor, part);
            else
                TensorPrimitives.Divide<double>(part, _diagonals[k], part);
        }
    }

    /// <summary>Adds the penalty's curvature; returns, for each coordinate, the mean curvature of its output, or 1 if there is none.</summary>
    private static double[] AddPenalty(double[] diagonal, Scaling scaling)
    {
        var typical = new double[diagonal.Length];
        for (var first = 0; first < diagonal.Length; first += scaling.Stride)
        {
            for (var j = 0; j < scaling.ColumnCount; j++)
                diagonal[first + j] += scaling.PenaltyCurvature(j);
            var mean = TensorPrimitives.Average<double>(diagonal.AsSpan(first, scaling.Stride));
            typical.AsSpan(first, scaling.Stride).Fill(mean > 0 && double.IsFinite(mean) ? mean : 1);
        }

        return typical;
    }

    private static void LiftDiagonal(double[] diagonal, double[] typical)
    {
        for (var j = 0; j < diagonal.Length; j++)
            diagonal[j] = double.IsFinite(diagonal[j]) ? Math.Max(diagonal[j], DiagonalDamping * typical[j]) : typical[j];
    }

    /// <summary>
    /// For each output Σ c z zᵀ over the rows, lower triangle; z is a standardised row with a 1 at its end and c its curvature.
    /// </summary>
    private static float[][][] Matrices(
        IReadOnlyList<RowBlock> sample, int blocks, IObjective objective, Scaling scaling, LinearModel model, ParallelOptions parallel)
    {
        var chunks = Math.Min(Chunks, blocks);
        var parts = new float[chunks][][][];
        Parallel.For(0, chunks, parallel, chunk =>
        {
            float[][][] matrices = [.. Enumerable.Range(0, scaling.OutputCount).Select(_ => Triangle(scaling.Stride))];
            var (from, to) = ((int)((long)chunk * blocks / chunks), (int)((chunk + 1L) * blocks / chunks));
            // The last tile may reach beyond the columns; what it finds there is not used.
            var columns = new float[(scaling.Stride + TileColumns - 1) * Padded(sample.Skip(from).Take(to - from).Max(block => block.RowCount))];
            for (var b = from; b < to; b++)
                AddOuterProducts(matrices, sample[b], DataPass.Curvatures(sample[b], objective, model), columns, scaling);
            parts[chunk] = matrices;
        });
        for (var chunk = 1; chunk < chunks; chunk++)
        {
            for (var k = 0; k < parts[0].Length; k++)
            {
                for (var j = 0; j < parts[0][k].Length; j++)
                    TensorPrimitives.Add<float>(parts[0][k][j], parts[chunk][k][j], parts[0][k][j]);
            }
        }

        return parts[0];
    }

    /// <summary>The length of a column of whole vectors.</summary>
    private static int Padded(int length) => (length + Vector<float>.Count - 1) / Vector<float>.Count * Vector<float>.Count;

    private static void AddOuterProducts(float[][][] matrices, RowBlock block, float[] curvatures, float[] columns, Scaling scaling)
    {
        // Standardised rows, stored column after column, with a column of 1 at the end.
        var (n, size, length) = (block.RowCount, scaling.Stride, Padded(block.RowCount));
        scaling.Standardise(block, columns, length);
        // Their zeros at the end meet what another block may have left in the columns.
        var (first, second) = (new float[length], new float[length]);
        for (var k = 0; k < scaling.OutputCount; k++)
        {
            var own = curvatures.AsSpan(k * n, n);
            for (var j = 0; j < size; j += 2)
            {
                TensorPrimitives.Multiply<float>(columns.AsSpan(j * length, n), own, first);
                TensorPrimitives.Multiply<float>(columns.AsSpan(Math.Min(j + 1, size - 1) * length, n), own, second);
                AddDots(first, second, columns, matrices[k][j], j + 1 < size ? matrices[k][j + 1] : []);
            }
        }
    }

    /// <summary>To each of two rows of a matrix, the products of its column with the first columns, as many as the row has numbers.</summary>
    private static void AddDots(ReadOnlySpan<float> first, ReadOnlySpan<float> second, ReadOnlySpan<float> columns, Span<float> firstSums, Span<float> secondSums)
    {
        var length = first.Length;
        ref var c0 = ref MemoryMarshal.GetReference(first);
        ref var c1 = ref MemoryMarshal.GetReference(second[..length]);
        for (var j = 0; j < Math.Max(firstSums.Length, secondSums.Length); j += TileColumns)
        {
            ref var x = ref MemoryMarshal.GetReference(columns.Slice(j * length, TileColumns * length));
            Vector<float> a0 = default, a1 = default, a2 = default, a3 = default, b0 = default, b1 = default, b2 = default, b3 = default;
            for (var i = 0; i < length; i += Vector<float>.Count)
            {
                var (own0, own1) = (Vector.LoadUnsafe(ref c0, (nuint)i), Vector.LoadUnsafe(ref c1, (nuint)i));
                var (x0, x1) = (Vector.LoadUnsafe(ref x, (nuint)i), Vector.LoadUnsafe(ref x, (nuint)(length + i)));
                var (x2, x3) = (Vector.LoadUnsafe(ref x, (nuint)(2 * length + i)), Vector.LoadUnsafe(ref x, (nuint)(3 * length + i)));
                a0 = Vector.FusedMultiplyAdd(own0, x0, a0);
                a1 = Vector.FusedMultiplyAdd(own0, x1, a1);
                a2 = Vector.FusedMultiplyAdd(own0, x2, a2);
                a3 = Vector.FusedMultiplyAdd(own0, x3, a3);
                b0 = Vector.FusedMultiplyAdd(own1, x0, b0);
                b1 = Vector.FusedMultiplyAdd(own1, x1, b1);
                b2 = Vector.FusedMultiplyAdd(own1, x2, b2);
                b3 = Vector.FusedMultiplyAdd(own1, x3, b3);
            }

            Add(firstSums, j, a0, a1, a2, a3);
            Add(secondSums, j, b0, b1, b2, b3);
        }

        static void Add(Span<float> sums, int j, Vector<float> v0, Vector<float> v1, Vector<float> v2, Vector<float> v3)
        {
            if (j < sums.Length)
                sums[j] += Vector.Sum(v0);
            if (j + 1 < sums.Length)
                sums[j + 1] += Vector.Sum(v1);
            if (j + 2 < sums.Length)
                sums[j + 2] += Vector.Sum(v2);
            if (j + 3 < sums.Length)
                sums[j + 3] += Vector.Sum(v3);
        }
    }

    /// <summary>
    /// The lower triangular L with L Lᵀ = matrix / weight, the diagonal given apart and raised by a share of what is typical; null if it is not positive definite.
    /// </summary>
    private static double[][]? Factor(float[][] matrix, double weight, double[] diagonal, double damping, double[] typical)
    {
        var l = new double[matrix.Length][];
        for (var j = 0; j < l.Length; j++)
        {
            l[j] = new double[j + 1];
            TensorPrimitives.ConvertTruncating<float, double>(matrix[j], l[j]);
            TensorPrimitives.Divide<double>(l[j], weight, l[j]);
            l[j][j] = diagonal[j] + damping * typical[j];
        }

        return Cholesky.Factor(l) ? l : null;
    }

    private static float[][] Triangle(int size)
    {
        var rows = new float[size][];
        for (var j = 0; j < size; j++)
            rows[j] = new float[j + 1];
        return rows;
    }
}

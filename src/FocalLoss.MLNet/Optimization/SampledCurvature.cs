using System.Numerics.Tensors;
using FocalMlNet.Data;

namespace FocalMlNet.Optimization;

/// <summary>
/// An estimate of the objective's second derivative at a point, from a sample of rows: the metric in which steps are taken. The whole matrix where it
/// is small enough, otherwise its diagonal. Rows where the loss is not convex are left out, so it is positive definite.
/// </summary>
internal sealed class SampledCurvature
{
    /// <summary>Up to this many features the whole matrix is used.</summary>
    public const int MostColumns = 512;

    private const double MostOperations = 8e8;
    /// <summary>Share of the mean curvature added to the diagonal: without a penalty, separable data has directions of almost none, in which steps would be far too long.</summary>
    private const double MatrixDamping = 1e-3;
    private const double DiagonalDamping = 1e-2;
    private const int Chunks = 8;

    private readonly double[][]? _factor;
    private readonly double[] _diagonal;

    /// <param name="sample">The rows.</param>
    /// <param name="objective">What is minimised.</param>
    /// <param name="weight">The total weight of the sample, by which sums are divided.</param>
    /// <param name="scaling">The coordinates.</param>
    /// <param name="point">Where.</param>
    /// <param name="parallel">Threads and cancellation.</param>
    public SampledCurvature(
        IReadOnlyList<RowBlock> sample, IObjective objective, double weight, Scaling scaling, ReadOnlySpan<double> point, ParallelOptions parallel)
    {
        var size = scaling.ColumnCount + 1;
        var offset = scaling.Unscale(point);
        float[][]? matrix = null;
        if (scaling.ColumnCount <= MostColumns)
        {
            var affordable = MostOperations / ((double)size * size) / sample[0].RowCount;
            var blocks = (int)Math.Clamp(affordable, 1, sample.Count);
            weight *= (double)sample.Take(blocks).Sum(b => b.RowCount) / sample.Sum(b => b.RowCount);
            matrix = Matrix(sample, blocks, objective, scaling, offset, parallel);
            _diagonal = new double[size];
            for (var j = 0; j < size; j++)
                _diagonal[j] = matrix[j][j] / weight;
        }
        else
        {
            _diagonal = Diagonal(sample, objective, scaling, offset);
            for (var j = 0; j < size; j++)
                _diagonal[j] /= weight;
        }

        for (var j = 0; j < scaling.ColumnCount; j++)
            _diagonal[j] += scaling.PenaltyCurvature(j);
        var typical = TensorPrimitives.Sum<double>(_diagonal) / size;
        if (!(typical > 0) || !double.IsFinite(typical))
            typical = 1;
        for (var damping = MatrixDamping; matrix is not null && _factor is null && damping < 1e6; damping *= 100)
            _factor = Cholesky(matrix, weight, _diagonal, damping * typical);
        for (var j = 0; j < size; j++)
            _diagonal[j] = Math.Max(_diagonal[j], DiagonalDamping * typical);
    }

    /// <summary>Whether this is the whole matrix.</summary>
    public bool IsFull => _factor is not null;

    /// <summary>Replaces a gradient by the step it asks for.</summary>
    public void Solve(Span<double> vector)
    {
        if (_factor is null)
        {
            TensorPrimitives.Divide<double>(vector, _diagonal, vector);
            return;
        }

        for (var j = 0; j < vector.Length; j++)
            vector[j] = (vector[j] - TensorPrimitives.Dot<double>(_factor[j].AsSpan(0, j), vector[..j])) / _factor[j][j];
        for (var j = vector.Length - 1; j >= 0; j--)
        {
            vector[j] /= _factor[j][j];
            TensorPrimitives.MultiplyAdd<double>(_factor[j].AsSpan(0, j), -vector[j], vector[..j], vector[..j]);
        }
    }

    /// <summary>Σ c z zᵀ over the rows, lower triangle; z is a standardised row with a 1 at its end and c its curvature.</summary>
    private static float[][] Matrix(
        IReadOnlyList<RowBlock> sample, int blocks, IObjective objective, Scaling scaling, float offset, ParallelOptions parallel)
    {
        var chunks = Math.Min(Chunks, blocks);
        var parts = new float[chunks][][];
        Parallel.For(0, chunks, parallel, chunk =>
        {
            var matrix = Triangle(scaling.ColumnCount + 1);
            for (var b = (int)((long)chunk * blocks / chunks); b < (int)((chunk + 1L) * blocks / chunks); b++)
                AddOuterProducts(matrix, sample[b], Curvatures(sample[b], objective, scaling, offset), scaling);
            parts[chunk] = matrix;
        });
        for (var chunk = 1; chunk < chunks; chunk++)
        {
            for (var j = 0; j < parts[0].Length; j++)
                TensorPrimitives.Add<float>(parts[0][j], parts[chunk][j], parts[0][j]);
        }

        return parts[0];
    }

    private static void AddOuterProducts(float[][] matrix, RowBlock block, float[] curvatures, Scaling scaling)
    {
        // Rows scaled by √c, stored column after column: an entry of the matrix is then the product of two columns.
        var size = matrix.Length;
        var n = block.RowCount;
        var columns = new float[size * n];
        var row = new float[scaling.ColumnCount];
        for (var i = 0; i < n; i++)
        {
            block.CopyRow(i, row);
            var root = MathF.Sqrt(curvatures[i]);
            for (var j = 0; j < row.Length; j++)
                columns[j * n + i] = (float)((row[j] - scaling.Mean[j]) * scaling.Scale[j]) * root;
            columns[(size - 1) * n + i] = root;
        }

        for (var j = 0; j < size; j++)
        {
            var column = columns.AsSpan(j * n, n);
            for (var k = 0; k <= j; k++)
                matrix[j][k] += TensorPrimitives.Dot<float>(column, columns.AsSpan(k * n, n));
        }
    }

    private static double[] Diagonal(IReadOnlyList<RowBlock> sample, IObjective objective, Scaling scaling, float offset)
    {
        var size = scaling.ColumnCount + 1;
        var (sums, squares, origin) = (new double[size], new double[size], new float[size]);
        double total = 0;
        foreach (var block in sample)
        {
            var curvatures = Curvatures(block, objective, scaling, offset);
            total += TensorPrimitives.Sum<float>(curvatures);
            block.AddMoments(curvatures, origin, sums, squares);
        }

        var diagonal = new double[size];
        for (var j = 0; j < scaling.ColumnCount; j++)
        {
            var (mean, scale) = (scaling.Mean[j], scaling.Scale[j]);
            diagonal[j] = Math.Max(0, scale * scale * (squares[j] - 2 * mean * sums[j] + mean * mean * total));
        }

        diagonal[^1] = total;
        return diagonal;
    }

    private static float[] Curvatures(RowBlock block, IObjective objective, Scaling scaling, float offset)
    {
        var scores = new float[block.RowCount];
        var curvatures = new float[block.RowCount];
        block.Scores(scaling.Coefficients, offset, scores);
        objective.Curvatures(scores, block.Labels, block.Weights, curvatures);
        TensorPrimitives.Max<float>(curvatures, 0, curvatures);
        return curvatures;
    }

    /// <summary>The lower triangular L with L Lᵀ = matrix / weight + damping I, the diagonal given apart; null if it is not positive definite.</summary>
    private static double[][]? Cholesky(float[][] matrix, double weight, double[] diagonal, double damping)
    {
        var l = new double[matrix.Length][];
        for (var j = 0; j < l.Length; j++)
        {
            l[j] = new double[j + 1];
            for (var k = 0; k < j; k++)
                l[j][k] = (matrix[j][k] / weight - TensorPrimitives.Dot<double>(l[j].AsSpan(0, k), l[k].AsSpan(0, k))) / l[k][k];
            var rest = diagonal[j] + damping - TensorPrimitives.SumOfSquares<double>(l[j].AsSpan(0, j));
            if (!(rest > 0) || !double.IsFinite(rest))
                return null;
            l[j][j] = Math.Sqrt(rest);
        }

        return l;
    }

    private static float[][] Triangle(int size)
    {
        var rows = new float[size][];
        for (var j = 0; j < size; j++)
            rows[j] = new float[j + 1];
        return rows;
    }
}

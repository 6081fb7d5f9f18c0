using System.Numerics.Tensors;

namespace FocalMlNet.Data;

/// <summary>
/// N rows of d features in single precision.
/// </summary>
internal abstract class FeatureMatrix
{
    /// <summary>N.</summary>
    public abstract int RowCount { get; }

    /// <summary>d.</summary>
    public abstract int ColumnCount { get; }

    /// <summary>scores[i] = offset + Σ_j weights[j] x[rows[i], j].</summary>
    public abstract void Multiply(ReadOnlySpan<int> rows, ReadOnlySpan<float> weights, float offset, Span<float> scores);

    /// <summary>gradient[j] += Σ_i factors[i] x[rows[i], j].</summary>
    public abstract void AddTransposed(ReadOnlySpan<int> rows, ReadOnlySpan<float> factors, Span<float> gradient);

    /// <summary>Per column Σ_i weights[i] x[i, j] and Σ_i weights[i] x[i, j]² over all rows.</summary>
    public abstract void AddMoments(ReadOnlySpan<double> weights, Span<double> sums, Span<double> squares);
}

/// <summary>Row-major, every value stored.</summary>
internal sealed class DenseMatrix(float[] values, int rowCount, int columnCount) : FeatureMatrix
{
    public override int RowCount => rowCount;

    public override int ColumnCount => columnCount;

    public override void Multiply(ReadOnlySpan<int> rows, ReadOnlySpan<float> weights, float offset, Span<float> scores)
    {
        for (var i = 0; i < rows.Length; i++)
            scores[i] = offset + TensorPrimitives.Dot(Row(rows[i]), weights);
    }

    public override void AddTransposed(ReadOnlySpan<int> rows, ReadOnlySpan<float> factors, Span<float> gradient)
    {
        for (var i = 0; i < rows.Length; i++)
            TensorPrimitives.MultiplyAdd(Row(rows[i]), factors[i], gradient, gradient);
    }

    public override void AddMoments(ReadOnlySpan<double> weights, Span<double> sums, Span<double> squares)
    {
        for (var i = 0; i < rowCount; i++)
        {
            var row = Row(i);
            var weight = weights[i];
            for (var j = 0; j < row.Length; j++)
            {
                double x = row[j];
                sums[j] += weight * x;
                squares[j] += weight * x * x;
            }
        }
    }

    private ReadOnlySpan<float> Row(int i) => values.AsSpan(i * columnCount, columnCount);
}

/// <summary>Compressed sparse rows: row i holds the entries from starts[i] up to, not including, starts[i + 1].</summary>
internal sealed class SparseMatrix(int[] starts, int[] columns, float[] values, int columnCount) : FeatureMatrix
{
    public override int RowCount => starts.Length - 1;

    public override int ColumnCount => columnCount;

    public override void Multiply(ReadOnlySpan<int> rows, ReadOnlySpan<float> weights, float offset, Span<float> scores)
    {
        for (var i = 0; i < rows.Length; i++)
        {
            var sum = 0f;
            for (var k = starts[rows[i]]; k < starts[rows[i] + 1]; k++)
                sum += values[k] * weights[columns[k]];
            scores[i] = offset + sum;
        }
    }

    public override void AddTransposed(ReadOnlySpan<int> rows, ReadOnlySpan<float> factors, Span<float> gradient)
    {
        for (var i = 0; i < rows.Length; i++)
        {
            for (var k = starts[rows[i]]; k < starts[rows[i] + 1]; k++)
                gradient[columns[k]] += factors[i] * values[k];
        }
    }

    public override void AddMoments(ReadOnlySpan<double> weights, Span<double> sums, Span<double> squares)
    {
        for (var i = 0; i < RowCount; i++)
        {
            for (var k = starts[i]; k < starts[i + 1]; k++)
            {
                sums[columns[k]] += weights[i] * values[k];
                squares[columns[k]] += weights[i] * values[k] * values[k];
            }
        }
    }
}

using System.Numerics.Tensors;
using FocalMlNet.Data;

namespace FocalMlNet.Optimization;

/// <summary>
/// The second derivative of a coupled objective at a point, all that is between two outputs included: H = Σ_i w_i C_i ⊗ z_i z_iᵀ / Σ_i w_i + the penalty's, with a standardised
/// row z, a 1 at its end, and the K × K curvature C of its loss. A row is drawn in proportion to the trace of its own term, which leaves out nearly all
/// rows whose loss is flat where they are.
/// </summary>
/// <param name="rows">The rows.</param>
/// <param name="count">Rows to be drawn, about; fewer if a few rows have most of the curvature.</param>
/// <param name="scaling">The coordinates.</param>
/// <param name="parallel">Threads and cancellation; the result does not depend on them.</param>
internal sealed class JointCurvature(IReadOnlyList<RowBlock> rows, double count, Scaling scaling, ParallelOptions parallel)
{
    private const int Chunks = 8;

    /// <summary>In every so many blocks the mean trace is estimated.</summary>
    private const int TraceStep = 8;

    /// <summary>The golden section: its multiples, less whole numbers, are spread as evenly as can be.</summary>
    private const double GoldenSection = .6180339887498949;

    private readonly int _pairs = OuterSums.Triangle(scaling.OutputCount);
    private readonly double _weight = rows.Sum(block => block.Weight);
    private readonly double[] _metric = Metric(rows, scaling, parallel);
    private readonly Work[] _work = Works(scaling, rows.Max(block => block.RowCount));

    /// <summary>Multiplications for a row that is drawn.</summary>
    public static double Operations(Scaling scaling) => (double)OuterSums.Triangle(scaling.OutputCount) * OuterSums.Triangle(scaling.Stride);

    /// <summary>H at a point, in D.</summary>
    public DampedCurvature At(ReadOnlySpan<double> point, IObjective objective)
    {
        var model = scaling.Unscale(point);
        var perTrace = count / OrderedSum.Of(Chunks, 1, parallel, (chunk, sums) =>
        {
            for (var b = chunk; b * TraceStep < rows.Count; b += Chunks)
                sums[0] += TensorPrimitives.Sum<float>(_work[chunk].Traces(rows[b * TraceStep], objective, model));
        })[0] * ((rows.Count + TraceStep - 1) / TraceStep) / rows.Count;
        var sums = OrderedSum.Of(Chunks, _pairs * OuterSums.Triangle(scaling.Stride), parallel, (chunk, sums) =>
        {
            var outer = new OuterSums(_pairs, scaling.Stride);
            for (var b = chunk * rows.Count / Chunks; b < (chunk + 1) * rows.Count / Chunks; b++)
                _work[chunk].AddTo(outer, rows[b], objective, model, perTrace, b * GoldenSection % 1);
            outer.Sums.CopyTo(sums, 0);
        });
        TensorPrimitives.Divide<double>(sums, _weight, sums);
        return new DampedCurvature(Matrix(sums), _metric, scaling);
    }

    /// <summary>D for one output: Σ w z zᵀ / Σ w, its lower triangle.</summary>
    private static double[] Metric(IReadOnlyList<RowBlock> rows, Scaling scaling, ParallelOptions parallel)
    {
        var sums = OrderedSum.Of(Chunks, OuterSums.Triangle(scaling.Stride), parallel, (chunk, sums) =>
        {
            var outer = new OuterSums(1, scaling.Stride);
            var columns = new float[scaling.Stride * RowBlock.MaxRowCount];
            int[] all = [.. Enumerable.Range(0, RowBlock.MaxRowCount)];
            float[] ones = [.. all.Select(_ => 1f)];
            for (var b = chunk * rows.Count / Chunks; b < (chunk + 1) * rows.Count / Chunks; b++)
            {
                var n = rows[b].RowCount;
                scaling.Standardise(rows[b], columns, n);
                outer.Add(rows[b].Weights, columns, all.AsSpan(0, n), ones.AsSpan(0, n), n);
            }

            outer.Sums.CopyTo(sums, 0);
        });
        TensorPrimitives.Divide<double>(sums, rows.Sum(block => block.Weight), sums);
        return sums;
    }

    private static Work[] Works(Scaling scaling, int mostRows) => [.. Enumerable.Range(0, Chunks).Select(_ => new Work(scaling, mostRows))];

    /// <summary>The lower triangle of H.</summary>
    private double[][] Matrix(double[] sums)
    {
        var (stride, products) = (scaling.Stride, OuterSums.Triangle(scaling.Stride));
        var matrix = new double[scaling.Size][];
        for (var at = 0; at < matrix.Length; at++)
        {
            var (k, j) = (at / stride, at % stride);
            matrix[at] = new double[at + 1];
            for (var other = 0; other <= at; other++)
            {
                var (l, m) = (other / stride, other % stride);
                matrix[at][other] = sums[(OuterSums.Triangle(k) + l) * products + OuterSums.Triangle(Math.Max(j, m)) + Math.Min(j, m)];
            }

            matrix[at][at] += j < scaling.ColumnCount ? scaling.PenaltyCurvature(j) : 0;
        }

        return matrix;
    }

    /// <summary>Room for the curvatures and the standardised features of a block of so many rows or fewer.</summary>
    private sealed class Work(Scaling scaling, int mostRows)
    {
        private readonly float[] _scores = new float[scaling.OutputCount * mostRows];
        private readonly float[] _curvatures = new float[OuterSums.Triangle(scaling.OutputCount) * mostRows];
        private readonly float[] _columns = new float[scaling.Stride * mostRows];
        private readonly float[] _traces = new float[mostRows];

        /// <summary>The trace of each row's term: that of its curvature times the square of its length.</summary>
        public Span<float> Traces(RowBlock block, IObjective objective, LinearModel model)
        {
            var n = block.RowCount;
            model.Score(block, _scores.AsSpan(0, n * model.OutputCount));
            objective.JointCurvatures(
                _scores.AsSpan(0, n * model.OutputCount), block.Labels, block.Weights, _curvatures.AsSpan(0, n * OuterSums.Triangle(model.OutputCount)));
            scaling.Standardise(block, _columns, n);
            var traces = _traces.AsSpan(0, n);
            traces.Clear();
            for (var j = 0; j < scaling.Stride; j++)
                TensorPrimitives.MultiplyAdd(_columns.AsSpan(j * n, n), _columns.AsSpan(j * n, n), traces, traces);
            Span<float> ofCurvature = stackalloc float[n];
            for (var k = 0; k < model.OutputCount; k++)
                TensorPrimitives.Add(ofCurvature, _curvatures.AsSpan((OuterSums.Triangle(k) + k) * n, n), ofCurvature);
            TensorPrimitives.Multiply(traces, ofCurvature, traces);
            return traces;
        }

        /// <summary>Draws rows of a block systematically.</summary>
        public void AddTo(OuterSums outer, RowBlock block, IObjective objective, LinearModel model, double perTrace, double reached)
        {
            var traces = Traces(block, objective, model);
            Span<int> drawn = stackalloc int[traces.Length];
            Span<float> scales = stackalloc float[traces.Length];
            var found = 0;
            for (var i = 0; i < traces.Length; i++)
            {
                var chance = Math.Min(1, perTrace * traces[i]);
                var before = Math.Floor(reached);
                reached += chance;
                if (!(chance >= 1) && !(Math.Floor(reached) > before))
                    continue;
                (drawn[found], scales[found]) = (i, (float)(1 / chance));
                found++;
            }

            outer.Add(_curvatures, _columns, drawn[..found], scales[..found], traces.Length);
        }
    }
}

/// <summary>
/// A second derivative H beside D, the same with a curvature of 1 in all rows and nothing between two outputs: in H + μ D every row has a curvature of μ at least, those whose loss
/// is flat or not convex where they are too.
/// </summary>
/// <param name="matrix">The lower triangle of H.</param>
/// <param name="metric">The lower triangle of D for one output.</param>
/// <param name="scaling">The coordinates.</param>
internal sealed class DampedCurvature(double[][] matrix, double[] metric, Scaling scaling)
{
    /// <summary>Share of the mean curvature added to the diagonal: a function added to the scores of all classes alike has no curvature at all.</summary>
    private const double Lift = 1e-6;

    /// <summary>Solves (H + μ D) step = gradient.</summary>
    /// <param name="gradient">The gradient.</param>
    /// <param name="damping">μ, at least 0.</param>
    public double[] Solve(ReadOnlySpan<double> gradient, double damping)
    {
        double typical = 0;
        for (var j = 0; j < matrix.Length; j++)
            typical += matrix[j][j] / matrix.Length;
        for (var lift = typical > 0 && double.IsFinite(typical) ? Lift * typical : 1; ; lift *= 100)
        {
            double[][] factor = [.. matrix.Select(row => row.ToArray())];
            for (var j = 0; j < factor.Length; j++)
            {
                var own = j % scaling.Stride;
                var block = factor[j].AsSpan(j - own);
                TensorPrimitives.MultiplyAdd(metric.AsSpan(OuterSums.Triangle(own), own + 1), damping, block, block);
                factor[j][j] += lift;
            }

            // A lift that is no number any more leads to a step that is none, which the caller sees.
            if (!Cholesky.Factor(factor) && double.IsFinite(lift))
                continue;
            var step = gradient.ToArray();
            Cholesky.Solve(factor, step);
            return step;
        }
    }

    /// <summary>stepᵀ D step.</summary>
    public double SquareInD(ReadOnlySpan<double> step)
    {
        double sum = 0;
        for (var first = 0; first < step.Length; first += scaling.Stride)
        {
            for (var j = 0; j < scaling.Stride; j++)
            {
                var row = metric.AsSpan(OuterSums.Triangle(j), j + 1);
                sum += step[first + j] * (2 * TensorPrimitives.Dot<double>(row, step.Slice(first, j + 1)) - row[j] * step[first + j]);
            }
        }

        return sum;
    }
}

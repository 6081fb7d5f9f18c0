using System.Numerics.Tensors;
using FocalMlNet.Matrix;

namespace FocalMlNet.Optimization;

/// <summary>
/// The second derivative of an objective at a point: H = Σ_i w_i C_i ⊗ z_i z_iᵀ / Σ_i w_i + the penalty's, with a row z in the solver's
/// coordinates, a 1 at its end, and the K × K curvature C of its loss, what is not convex left out. Where outputs do not depend on each
/// other, C is diagonal and H a matrix for each output. Of many rows some are drawn, in proportion to the mean of two shares: of the trace
/// of a row's own term, so that rows far out whose loss is not flat come with certainty, and of its curvature, so that these do not crowd
/// out all others.
/// </summary>
/// <param name="rows">The rows.</param>
/// <param name="count">Rows to be drawn, about; all if there are no more.</param>
/// <param name="scaling">The coordinates.</param>
/// <param name="isCoupled">Whether outputs depend on each other.</param>
/// <param name="parallel">Threads and cancellation; the result does not depend on them.</param>
internal sealed class SampledCurvature(
    IReadOnlyList<RowBlock> rows, double count, Scaling scaling, bool isCoupled, ParallelOptions parallel)
{
    private const int Chunks = 8;

    /// <summary>In every so many blocks the sums of what rows are drawn by are estimated.</summary>
    private const int EstimateStep = 8;

    /// <summary>The golden section: its multiples, less whole numbers, are spread as evenly as can be.</summary>
    private const double GoldenSection = .6180339887498949;

    /// <summary>
    /// In D a row counts at most like one whose features are this many of their units from the centre, in the mean of squares.
    /// </summary>
    private const double FarthestInMetric = 10;

    private readonly int _factorCount = FactorCount(scaling.OutputCount, isCoupled);
    private readonly double _weight = rows.Sum(block => block.Weight);
    private readonly bool _areAllDrawn = rows.Sum(block => (long)block.RowCount) <= count;
    private readonly (double[] D, double[][] SquaredLengths) _metric = Metric(rows, scaling, parallel);
    private readonly Work[] _work =
        [.. Enumerable.Range(0, Chunks).Select(_ => new Work(scaling, isCoupled, rows.Max(block => block.RowCount)))];

    /// <summary>Multiplications for a row that is drawn.</summary>
    public static double Operations(int stride, int outputCount, bool isCoupled)
        => (double)FactorCount(outputCount, isCoupled) * OuterSums.Triangle(stride);

    /// <summary>H at a point, in D.</summary>
    /// <param name="point">Where.</param>
    /// <param name="objective">What is minimised.</param>
    /// <param name="penalty">λ.</param>
    /// <param name="far">Rows that are left out, or null for none.</param>
    public DampedCurvature At(ReadOnlySpan<double> point, IObjective objective, double penalty, FarRows? far = null)
    {
        var model = scaling.Unscaled(point);
        var (perTrace, perCurvature) = _areAllDrawn ? (double.PositiveInfinity, double.PositiveInfinity) : Shares(objective, model, far);
        var sums = OrderedSum.Of(Chunks, _factorCount * OuterSums.Triangle(scaling.Stride), parallel, (chunk, sums) =>
        {
            var outer = new OuterSums(_factorCount, scaling.Stride);
            var (first, end) = OrderedSum.Items(chunk, Chunks, rows.Count);
            for (var b = first; b < end; b++)
            {
                _work[chunk].Set(rows[b], _metric.SquaredLengths[b], objective, model, far);
                _work[chunk].AddTo(outer, perTrace, perCurvature, b * GoldenSection % 1);
            }

            outer.Sums.CopyTo(sums, 0);
        });
        TensorPrimitives.Divide<double>(sums, _weight, sums);
        return new DampedCurvature(Matrices(sums, penalty), _metric.D);
    }

    private static int FactorCount(int outputCount, bool isCoupled) => isCoupled ? OuterSums.Triangle(outputCount) : outputCount;

    /// <summary>What the trace and the curvature of a row are multiplied with for its chance.</summary>
    private (double PerTrace, double PerCurvature) Shares(IObjective objective, LinearModel model, FarRows? far)
    {
        var sums = OrderedSum.Of(Chunks, 2, parallel, (chunk, sums) =>
        {
            for (var b = chunk; b * EstimateStep < rows.Count; b += Chunks)
            {
                var work = _work[chunk];
                work.Set(rows[b * EstimateStep], _metric.SquaredLengths[b * EstimateStep], objective, model, far);
                sums[0] += TensorPrimitives.Sum(work.Traces);
                foreach (var curvature in work.OwnCurvatures)
                    sums[1] += curvature;
            }
        });
        var perBlock = count / 2 * ((rows.Count + EstimateStep - 1) / EstimateStep) / rows.Count;
        return (perBlock / sums[0], perBlock / sums[1]);
    }

    /// <summary>
    /// D for one output: Σ w z zᵀ / Σ w, its lower triangle; rows that lie far out count less. And the squares of the rows' lengths, block
    /// after block.
    /// </summary>
    private static (double[], double[][]) Metric(IReadOnlyList<RowBlock> rows, Scaling scaling, ParallelOptions parallel)
    {
        var squaredLengths = new double[rows.Count][];
        var sums = OrderedSum.Of(Chunks, OuterSums.Triangle(scaling.Stride), parallel, (chunk, sums) =>
        {
            var outer = new OuterSums(1, scaling.Stride);
            var most = rows.Max(block => block.RowCount);
            var (columns, shares) = (new double[scaling.Stride * most], new double[most]);
            int[] all = [.. Enumerable.Range(0, most)];
            var (first, end) = OrderedSum.Items(chunk, Chunks, rows.Count);
            for (var b = first; b < end; b++)
            {
                var n = rows[b].RowCount;
                var squares = squaredLengths[b] = new double[n];
                scaling.Standardise(rows[b], all.AsSpan(0, n), columns);
                for (var j = 0; j < scaling.Stride; j++)
                    TensorPrimitives.MultiplyAdd(columns.AsSpan(j * n, n), columns.AsSpan(j * n, n), squares, squares);
                for (var i = 0; i < n; i++)
                    shares[i] = Math.Min(1, FarthestInMetric * FarthestInMetric * scaling.Stride / squares[i]);
                outer.Add(rows[b].Weights, columns, all.AsSpan(0, n), shares);
            }

            outer.Sums.CopyTo(sums, 0);
        });
        TensorPrimitives.Divide<double>(sums, rows.Sum(block => block.Weight), sums);
        return (sums, squaredLengths);
    }

    /// <summary>
    /// The lower triangle of H, or of the part of each output. A function that is added to all of several coupled outputs has no curvature
    /// but the penalty's, and must not be mistaken for one with little. Its direction gets that of D times what outputs have on average:
    /// neither gradients nor steps ever lie along it, since the penalty of outputs that sum to 0 is at its least.
    /// </summary>
    private double[][][] Matrices(double[] sums, double penalty)
    {
        var (stride, products) = (scaling.Stride, OuterSums.Triangle(scaling.Stride));
        double common = 0;
        for (var k = 0; k < scaling.OutputCount && isCoupled; k++)
            common += sums[(OuterSums.Triangle(k) + k + 1) * products - 1] / scaling.OutputCount / scaling.OutputCount;
        var matrices = new double[isCoupled ? 1 : scaling.OutputCount][][];
        for (var m = 0; m < matrices.Length; m++)
        {
            matrices[m] = new double[isCoupled ? scaling.Size : stride][];
            for (var at = 0; at < matrices[m].Length; at++)
            {
                var (k, j) = (at / stride, at % stride);
                var row = matrices[m][at] = new double[at + 1];
                for (var other = 0; other <= at; other++)
                {
                    var (l, i) = (other / stride, other % stride);
                    var place = OuterSums.Triangle(Math.Max(j, i)) + Math.Min(j, i);
                    row[other] = sums[(isCoupled ? OuterSums.Triangle(k) + l : m) * products + place] + common * _metric.D[place];
                }

                row[at] += scaling.PenaltyCurvature(j, penalty);
            }
        }

        return matrices;
    }

    /// <summary>The curvatures of a block of so many rows or fewer, and the standardised features of those that are drawn.</summary>
    private sealed class Work(Scaling scaling, bool isCoupled, int mostRows)
    {
        private readonly float[] _scores = new float[scaling.OutputCount * mostRows];
        private readonly float[] _curvatures = new float[FactorCount(scaling.OutputCount, isCoupled) * mostRows];
        private readonly double[] _columns = new double[scaling.Stride * mostRows];
        private readonly double[] _traces = new double[mostRows];
        private readonly double[] _ownCurvatures = new double[mostRows];
        private RowBlock? _block;
        private int _rowCount;

        /// <summary>The trace of each row's term: its curvature times the square of its length.</summary>
        public ReadOnlySpan<double> Traces => _traces.AsSpan(0, _rowCount);

        /// <summary>The trace of each row's curvature.</summary>
        public ReadOnlySpan<double> OwnCurvatures => _ownCurvatures.AsSpan(0, _rowCount);

        public void Set(RowBlock block, double[] squaredLengths, IObjective objective, LinearModel model, FarRows? far)
        {
            _block = block;
            var n = _rowCount = block.RowCount;
            var scores = _scores.AsSpan(0, n * model.OutputCount);
            var curvatures = _curvatures.AsSpan(0, n * FactorCount(scaling.OutputCount, isCoupled));
            var weights = far is null ? block.Weights : far.Weights(block);
            model.Score(block, scores);
            if (isCoupled)
            {
                objective.JointCurvatures(scores, block.Labels, weights, curvatures);
            }
            else
            {
                objective.Curvatures(scores, block.Labels, weights, curvatures);
                TensorPrimitives.Max(curvatures, 0, curvatures);
            }

            _ownCurvatures.AsSpan(0, n).Clear();
            for (var k = 0; k < model.OutputCount; k++)
            {
                var own = curvatures.Slice((isCoupled ? OuterSums.Triangle(k) + k : k) * n, n);
                for (var i = 0; i < n; i++)
                    _ownCurvatures[i] += own[i];
            }

            TensorPrimitives.Multiply(squaredLengths, OwnCurvatures, _traces);
        }

        /// <summary>Draws rows of the block systematically.</summary>
        public void AddTo(OuterSums outer, double perTrace, double perCurvature, double start)
        {
            Span<int> drawn = stackalloc int[_rowCount];
            Span<double> scales = stackalloc double[_rowCount];
            var (draw, found) = (new SystematicDraw(start), 0);
            for (var i = 0; i < _rowCount; i++)
            {
                if (_ownCurvatures[i] == 0)
                    continue;
                var chance = Math.Min(1, perTrace * _traces[i] + perCurvature * _ownCurvatures[i]);
                if (draw.Next(chance) == 0)
                    continue;
                (drawn[found], scales[found]) = (i, 1 / chance);
                found++;
            }

            scaling.Standardise(_block!, drawn[..found], _columns);
            var curvatures = _curvatures.AsSpan(0, _rowCount * FactorCount(scaling.OutputCount, isCoupled));
            outer.Add(curvatures, _columns, drawn[..found], scales[..found]);
        }
    }
}

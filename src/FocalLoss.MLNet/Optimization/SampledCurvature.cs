using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using FocalMlNet.Matrix;

namespace FocalMlNet.Optimization;

/// <summary>
/// The second derivative of an objective at a point: H = Σ_i w_i C_i ⊗ z_i z_iᵀ / Σ_i w_i + the penalty's, with a row z in the solver's
/// coordinates, a 1 at its end, and the K × K curvature C of its loss, what is not convex left out. Where outputs do not depend on each
/// other, C is diagonal and H a matrix for each output. Of many rows some are drawn, in proportion to the mean of two shares: of the trace
/// of a row's own term, so that rows far out whose loss is not flat come with certainty, and of its curvature, so that these do not crowd
/// out all others.
/// </summary>
internal sealed class SampledCurvature
{
    private const int Chunks = 8;

    /// <summary>In every so many blocks the sums of what rows are drawn by are estimated.</summary>
    private const int EstimateStep = 8;

    /// <summary>Rows in which D is taken: so many for each coordinate, and at least.</summary>
    private const double RowsOfMetricPerCoordinate = 4;
    private const double FewestRowsOfMetric = 2048;

    /// <summary>
    /// The largest square of a row's length, which stands for all larger ones: a multiple of it is finite in single precision.
    /// </summary>
    private const float Farthest = 1e30f;

    /// <summary>
    /// In D a row counts at most like one whose features are this many of their units from the centre, in the mean of squares.
    /// </summary>
    private const double FarthestInMetric = 10;

    private readonly RowMatrix _rows;
    private readonly IReadOnlyList<RowBlock> _blocks;
    private readonly double _count;
    private readonly Scaling _scaling;
    private readonly bool _isCoupled;
    private readonly int _factorCount;
    private readonly double _weight;
    private readonly Work[] _work;
    private readonly (double[] D, float[][] SquaredLengths) _metric;

    /// <summary>Where H of all rows was taken last, and its sums without the penalty's part.</summary>
    private (LossAt At, double[] Sums)? _last;

    /// <param name="rows">The rows, in memory.</param>
    /// <param name="count">Rows to be drawn, about; all if there are no more.</param>
    /// <param name="scaling">The coordinates.</param>
    /// <param name="isCoupled">Whether outputs depend on each other.</param>
    public SampledCurvature(RowMatrix rows, double count, Scaling scaling, bool isCoupled)
    {
        (_rows, _count, _scaling, _isCoupled) = (rows, count, scaling, isCoupled);
        (_blocks, _weight, _factorCount) = (rows.Blocks, rows.Weight, FactorCount(scaling.OutputCount, isCoupled));
        rows.KeepScores(scaling.OutputCount);
        var mostRows = rows.Blocks.Max(block => block.RowCount);
        _work = [.. Enumerable.Range(0, Chunks).Select(_ => new Work(scaling, isCoupled, mostRows))];
        _metric = Metric();
    }

    /// <summary>The same for some of the outputs.</summary>
    public SampledCurvature OfSome(Scaling scaling) => new(_rows, _count, scaling, _isCoupled);

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
        var at = new LossAt(objective, _scaling.Unscaled(point), far);
        // By the next look at the same point more rows may be far.
        if (far is not null)
            return new DampedCurvature(Matrices(SumsAt(at), penalty), _metric.D);
        // Where one penalty after the other is looked at, each begins where the one before has ended.
        if (_last is not { } last || last.At.Loss != objective || !last.At.Model.IsSame(at.Model))
            _last = last = (at, SumsAt(at));
        return new DampedCurvature(Matrices(last.Sums, penalty), _metric.D);
    }

    private double[] SumsAt(LossAt at)
    {
        var scores = _rows.KnownScores(at.Model);
        var (perTrace, perCurvature) = _rows.RowCount <= _count ? (double.PositiveInfinity, double.PositiveInfinity) : Shares(at, scores);
        ParallelLoop.For(Chunks, _rows.Parallel, chunk =>
        {
            var work = _work[chunk];
            work.Outer.Clear();
            var (first, end) = OrderedSum.Items(chunk, Chunks, _blocks.Count);
            for (var b = first; b < end; b++)
            {
                work.Set(_blocks[b], _metric.SquaredLengths[b], at, scores?[b]);
                work.AddDrawn(perTrace, perCurvature, SystematicDraw.StartOf(b));
            }
        });
        var sums = new double[_factorCount * OuterSums.Triangle(_scaling.Stride)];
        foreach (var work in _work)
            work.Outer.AddTo(sums);
        TensorPrimitives.Divide<double>(sums, _weight, sums);
        return sums;
    }

    private static int FactorCount(int outputCount, bool isCoupled) => isCoupled ? OuterSums.Triangle(outputCount) : outputCount;

    /// <summary>What the trace and the curvature of a row are multiplied with for its chance.</summary>
    private (double PerTrace, double PerCurvature) Shares(LossAt at, float[][]? scores)
    {
        var sums = OrderedSum.Of(Chunks, 3, _rows.Parallel, (chunk, sums) =>
        {
            for (var b = chunk; b * EstimateStep < _blocks.Count; b += Chunks)
            {
                var work = _work[chunk];
                work.Set(_blocks[b * EstimateStep], _metric.SquaredLengths[b * EstimateStep], at, scores?[b * EstimateStep]);
                sums[0] += TensorPrimitives.Sum(work.Traces);
                sums[1] += TensorPrimitives.Sum(work.OwnCurvatures);
                sums[2] += work.Traces.Length;
            }
        });
        var share = _count / 2 * sums[2] / _rows.RowCount;
        return (share / sums[0], share / sums[1]);
    }

    /// <summary>
    /// D for one output: Σ w z zᵀ / Σ w, its lower triangle, of rows drawn by what they have of its trace; rows that lie far out count
    /// less. And the squares of the rows' lengths, block after block.
    /// </summary>
    private (double[], float[][]) Metric()
    {
        var (rows, blocks, scaling) = (_rows, _blocks, _scaling);
        var (squaredLengths, traces) = (new float[blocks.Count][], new float[blocks.Count][]);
        var (centre, units) = (new float[scaling.ColumnCount], new float[scaling.ColumnCount]);
        TensorPrimitives.ConvertTruncating(scaling.Mean, centre);
        TensorPrimitives.ConvertTruncating(scaling.Scale, units);
        var most = (float)(FarthestInMetric * FarthestInMetric * scaling.Stride);
        ParallelLoop.For(blocks.Count, rows.Parallel, b =>
        {
            var squares = squaredLengths[b] = new float[blocks[b].RowCount];
            blocks[b].SquaredDistances(centre, units, squares);
            TensorPrimitives.Add(squares, 1, squares);
            TensorPrimitives.MinNumber(squares, Farthest, squares);
            var own = traces[b] = new float[squares.Length];
            TensorPrimitives.Min(squares, most, own);
            TensorPrimitives.Multiply(own, blocks[b].Weights, own);
        });
        var count = Math.Max(FewestRowsOfMetric, RowsOfMetricPerCoordinate * scaling.Stride);
        var perTrace = rows.RowCount <= count
            ? double.PositiveInfinity : count / traces.Sum(own => (double)TensorPrimitives.Sum<float>(own));
        var sums = OrderedSum.Of(Chunks, OuterSums.Triangle(scaling.Stride), rows.Parallel,
            [MethodImpl(MethodImplOptions.AggressiveOptimization)] (chunk, sums) =>
        {
            var mostRows = blocks.Max(block => block.RowCount);
            // Where it is for one factor, the memory of later sums does.
            var outer = _factorCount == 1 ? _work[chunk].Outer : new OuterSums(1, scaling);
            outer.Clear();
            var (chances, places) = (new double[mostRows], new int[mostRows]);
            var (first, end) = OrderedSum.Items(chunk, Chunks, blocks.Count);
            for (var b = first; b < end; b++)
            {
                for (var i = 0; i < traces[b].Length; i++)
                    chances[i] = traces[b][i] > 0 ? Math.Min(1, perTrace * traces[b][i]) : 0;
                var found = SystematicDraw.Draw(chances.AsSpan(0, traces[b].Length), SystematicDraw.StartOf(b), places);
                var drawn = places.AsSpan(0, found);
                var scales = chances.AsSpan(0, found);
                for (var i = 0; i < found; i++)
                    scales[i] = Math.Min(1, most / squaredLengths[b][drawn[i]]) / scales[i];
                outer.Add(blocks[b], drawn, blocks[b].Weights, scales);
            }

            outer.AddTo(sums);
        });
        TensorPrimitives.Divide<double>(sums, rows.Weight, sums);
        return (sums, squaredLengths);
    }

    /// <summary>
    /// The lower triangle of H, or of the part of each output. A function that is added to all of several coupled outputs has no curvature
    /// but the penalty's, and must not be mistaken for one with little. Its direction gets that of D times what outputs have on average:
    /// neither gradients nor steps ever lie along it, since the penalty of outputs that sum to 0 is at its least.
    /// </summary>
    private double[][][] Matrices(double[] sums, double penalty)
    {
        var (stride, products) = (_scaling.Stride, OuterSums.Triangle(_scaling.Stride));
        double common = 0;
        for (var k = 0; k < _scaling.OutputCount && _isCoupled; k++)
            common += sums[(OuterSums.Triangle(k) + k + 1) * products - 1] / _scaling.OutputCount / _scaling.OutputCount;
        var matrices = new double[_isCoupled ? 1 : _scaling.OutputCount][][];
        for (var m = 0; m < matrices.Length; m++)
        {
            matrices[m] = new double[_isCoupled ? _scaling.Size : stride][];
            for (var at = 0; at < matrices[m].Length; at++)
            {
                var (k, j) = (at / stride, at % stride);
                var row = matrices[m][at] = new double[at + 1];
                for (var other = 0; other <= at; other++)
                {
                    var (l, i) = (other / stride, other % stride);
                    var place = OuterSums.Triangle(Math.Max(j, i)) + Math.Min(j, i);
                    row[other] = sums[(_isCoupled ? OuterSums.Triangle(k) + l : m) * products + place] + common * _metric.D[place];
                }

                row[at] += _scaling.PenaltyCurvature(j, penalty);
            }
        }

        return matrices;
    }

    /// <summary>The curvatures of a block of so many rows or fewer, and the standardised features of those that are drawn.</summary>
    private sealed class Work(Scaling scaling, bool isCoupled, int mostRows)
    {
        private readonly float[] _scores = new float[scaling.OutputCount * mostRows];
        private readonly float[] _curvatures = new float[FactorCount(scaling.OutputCount, isCoupled) * mostRows];
        private readonly float[] _traces = new float[mostRows];
        private readonly float[] _ownCurvatures = new float[mostRows];

        /// <summary>The sums over the rows that were drawn; kept, since new memory takes time each time.</summary>
        public OuterSums Outer { get; } = new(FactorCount(scaling.OutputCount, isCoupled), scaling);

        private RowBlock? _block;
        private int _rowCount;

        /// <summary>The trace of each row's term: its curvature times the square of its length.</summary>
        public ReadOnlySpan<float> Traces => _traces.AsSpan(0, _rowCount);

        /// <summary>The trace of each row's curvature.</summary>
        public ReadOnlySpan<float> OwnCurvatures => _ownCurvatures.AsSpan(0, _rowCount);

        public void Set(RowBlock block, float[] squaredLengths, LossAt at, float[]? knownScores)
        {
            _block = block;
            var n = _rowCount = block.RowCount;
            ReadOnlySpan<float> scores = knownScores is null ? default : knownScores.AsSpan(0, n * scaling.OutputCount);
            var curvatures = _curvatures.AsSpan(0, n * FactorCount(scaling.OutputCount, isCoupled));
            var weights = FarRows.Weights(at.Far, block);
            if (knownScores is null)
            {
                var own = _scores.AsSpan(0, n * scaling.OutputCount);
                block.Scores(at.Model.Coefficients, at.Model.Offsets, own);
                scores = own;
            }

            if (isCoupled)
            {
                at.Loss.JointCurvatures(scores, block.Labels, weights, curvatures);
            }
            else
            {
                at.Loss.Curvatures(scores, block.Labels, weights, curvatures);
                TensorPrimitives.Max(curvatures, 0, curvatures);
            }

            var ownCurvatures = _ownCurvatures.AsSpan(0, n);
            ownCurvatures.Clear();
            for (var k = 0; k < scaling.OutputCount; k++)
                TensorPrimitives.Add(ownCurvatures, curvatures.Slice((isCoupled ? OuterSums.Triangle(k) + k : k) * n, n), ownCurvatures);
            TensorPrimitives.Multiply(squaredLengths, OwnCurvatures, _traces);
            TensorPrimitives.Min(Traces, Farthest, _traces);
        }

        /// <summary>Adds rows of the block that are drawn.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void AddDrawn(double perTrace, double perCurvature, double start)
        {
            Span<int> drawn = stackalloc int[_rowCount];
            Span<double> chances = stackalloc double[_rowCount];
            for (var i = 0; i < _rowCount; i++)
            {
                chances[i] = _ownCurvatures[i] == 0
                    ? 0 : Math.Min(1, perTrace * _traces[i] + perCurvature * _ownCurvatures[i]);
            }

            drawn = drawn[..SystematicDraw.Draw(chances, start, drawn)];
            var scales = chances[..drawn.Length];
            foreach (ref var scale in scales)
                scale = 1 / scale;
            var curvatures = _curvatures.AsSpan(0, _rowCount * FactorCount(scaling.OutputCount, isCoupled));
            Outer.Add(_block!, drawn, curvatures, scales);
        }
    }
}

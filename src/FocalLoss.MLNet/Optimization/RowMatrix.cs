using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using FocalMlNet.Matrix;

namespace FocalMlNet.Optimization;

/// <summary>
/// Rows in blocks: those of the training data, in memory or in a file, or some that were drawn, which are in memory and the minimiser's
/// own. Sums over all rows are taken in parallel over chunks of blocks. How the blocks are cut into chunks depends on the data alone, so
/// the result has the same bits whatever the number of threads, and wherever the blocks are.
/// </summary>
internal sealed partial class RowMatrix : ITrainingRows
{
    private const int MostChunks = 64;
    private const int FewestChunks = 8;

    /// <summary>
    /// Each chunk has a gradient of its own, to be cleared and added: worth it for this many values of the matrix for each number in it.
    /// </summary>
    private const int ValuesPerNumber = 16;

    private readonly TrainingData _data;
    private readonly int _chunkCount;

    /// <summary>
    /// The scores of the last evaluation are kept where they take no more than this share of the memory of the rows' values.
    /// </summary>
    private const double MostOfScores = .125;

    /// <summary>The numbers of a gradient, and then the loss.</summary>
    private OrderedSum? _sums;

    /// <summary>The scores of the last evaluation, block after block, and what they are the scores of.</summary>
    private (LinearModel Of, float[][] Blocks)? _scores;

    /// <param name="data">The rows.</param>
    /// <param name="parallel">Threads and cancellation.</param>
    public RowMatrix(TrainingData data, ParallelOptions parallel)
    {
        (_data, Parallel) = (data, parallel);
        // A power of two, so that no thread is left with one chunk more than the others.
        var worthwhile = Math.Clamp(data.EntryCount / ValuesPerNumber / (data.ColumnCount + 1), FewestChunks, MostChunks);
        _chunkCount = (int)Math.Min(data.Blocks.Count, 1L << BitOperations.Log2((ulong)worthwhile));
    }

    public int ColumnCount => _data.ColumnCount;

    public long EntryCount => _data.EntryCount;

    public long RowCount => _data.RowCount;

    public IReadOnlyList<long> LabelCounts => _data.Totals.Counts;

    public IReadOnlyList<double> LabelWeights => _data.Totals.Weights;

    /// <summary>All blocks in order. Each may be read from a file whenever it is asked for, but not if the rows were drawn.</summary>
    public IReadOnlyList<RowBlock> Blocks => _data.Blocks;

    /// <summary>The example weight of rows that are in memory.</summary>
    public double Weight => Blocks.Sum(block => block.Weight);

    /// <summary>Threads and cancellation.</summary>
    public ParallelOptions Parallel { get; }

    public double Evaluate(LossAt at, Span<double> gradient)
    {
        var outputCount = at.Model.OutputCount;
        var sums = Sums(outputCount);
        var kept = KnownScores(at.Model);
        var isKnown = kept is not null;
        // Those of no functions, until they are complete: an evaluation that fails leaves some of each.
        if (!isKnown && _scores is not null)
            _scores = (LinearModel.Constant(0), kept = _scores.Value.Blocks);
        ForEachBlock((chunk, b) =>
        {
            var block = Blocks[b];
            var n = block.RowCount;
            using var scratch = new Scratch<float>((kept is null ? 2 : 1) * n * outputCount);
            var slopes = scratch.Span[..(n * outputCount)];
            // An objective of some of the outputs asks for fewer.
            var scores = kept is null ? scratch.Span[(n * outputCount)..]
                : (kept[b] ??= new float[n * outputCount]).AsSpan(0, n * outputCount);
            if (!isKnown)
                block.Scores(at.Model.Coefficients, at.Model.Offsets, scores);
            var own = sums[chunk];
            own[^1] += at.Loss.Evaluate(scores, block.Labels, FarRows.Weights(at.Far, block), slopes);
            AddGradients(block, slopes, own.AsSpan(..^1));
        });
        if (!isKnown && kept is not null)
            _scores = (at.Model.Copy(), kept);
        sums.AddUp(gradient);
        return sums.Total(gradient.Length);
    }

    /// <summary>
    /// From now on the scores of an evaluation are kept until the next one, if they are few: a second derivative at the same point needs
    /// them. For rows that are in memory.
    /// </summary>
    public void KeepScores(int outputCount)
    {
        if (outputCount * (double)RowCount <= MostOfScores * EntryCount)
            _scores ??= (LinearModel.Constant(0), new float[Blocks.Count][]);
    }

    /// <summary>The scores of all rows, block after block, if those of the last evaluation are kept and were of these functions.</summary>
    public float[][]? KnownScores(LinearModel model) => _scores is { } scores && scores.Of.IsSame(model) ? scores.Blocks : null;

    public float LargestChange(LinearModel step, FarRows far)
    {
        var largest = new float[_chunkCount];
        ForEachBlock((chunk, b) => largest[chunk] = Math.Max(largest[chunk], far.LargestChange(Blocks[b], step)));
        return TensorPrimitives.Max<float>(largest);
    }

    /// <summary>For each output Σ slope x and then Σ slope over the rows of a block, added to <paramref name="sums"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddGradients(RowBlock block, ReadOnlySpan<float> slopes, Span<double> sums)
    {
        var (n, stride) = (block.RowCount, block.ColumnCount + 1);
        for (var k = 0; k * stride < sums.Length; k++)
        {
            var part = sums.Slice(k * stride, stride);
            var own = slopes.Slice(k * n, n);
            block.AddGradient(own, part);
            double sum = 0;
            foreach (var slope in own)
                sum += slope;
            part[^1] += sum;
        }
    }

    public double[] Curvatures(LossAt at)
    {
        var sums = Sums(at.Model.OutputCount);
        ForEachBlock((chunk, b) =>
        {
            var block = Blocks[b];
            var curvatures = Curvatures(block, at);
            for (var k = 0; k < at.Model.OutputCount; k++)
                sums[chunk][k] += TensorPrimitives.Sum<float>(curvatures.AsSpan(k * block.RowCount, block.RowCount));
        });
        var total = new double[at.Model.OutputCount];
        sums.AddUp(total);
        return total;
    }

    /// <summary>
    /// The second derivatives of a block's rows with respect to each of their scores, those below 0 as 0, in the order of scores.
    /// </summary>
    private static float[] Curvatures(RowBlock block, LossAt at)
    {
        var scores = new float[block.RowCount * at.Model.OutputCount];
        block.Scores(at.Model.Coefficients, at.Model.Offsets, scores);
        var curvatures = new float[scores.Length];
        at.Loss.Curvatures(scores, block.Labels, FarRows.Weights(at.Far, block), curvatures);
        TensorPrimitives.Max<float>(curvatures, 0, curvatures);
        return curvatures;
    }

    public Moments Moments(double[] relativeWeights, bool withDensity)
    {
        // Squares are taken of the difference from a row, if no block is sparse: a large mean would drown a small variance.
        var (origin, columnCount) = (_data.Origin, ColumnCount);
        var (mean, variance, density) =
            (new double[columnCount], new double[columnCount], new double[withDensity ? columnCount : 0]);
        var (squares, occurrences) = (new OrderedSum(_chunkCount, columnCount), new OrderedSum(_chunkCount, density.Length));
        var sums = Sums(outputCount: 1);
        ForEachBlock((chunk, b) =>
        {
            var block = Blocks[b];
            var own = sums[chunk];
            Span<float> shares = stackalloc float[block.RowCount];
            own[columnCount] += Shares(block, relativeWeights, shares);
            block.AddMoments(shares, origin, own, squares[chunk]);
            if (occurrences[chunk].Length > 0)
                block.AddOccurrences(shares, occurrences[chunk]);
        });
        sums.AddUp(mean);
        squares.AddUp(variance);
        occurrences.AddUp(density);
        var total = sums.Total(columnCount);
        for (var j = 0; j < columnCount; j++)
        {
            var difference = mean[j] / total;
            var left = variance[j] / total - difference * difference;
            mean[j] = origin[j] + difference;
            // What is left of a constant column is rounding.
            variance[j] = left > 1e-10 * difference * difference ? left : 0;
        }

        TensorPrimitives.Divide(density, total, density);
        return new(total, mean, variance, density);
    }

    /// <summary>What each row counts in moments, and the sum: half by the rows, half by their relative weight.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double Shares(RowBlock block, double[] relativeWeights, Span<float> shares)
    {
        var labels = block.Labels;
        var weights = block.Weights;
        double sum = 0;
        for (var i = 0; i < shares.Length; i++)
        {
            // A row without weight says nothing of the scale, however far out it lies.
            var weight = weights[i] * relativeWeights[(int)labels[i]];
            shares[i] = weight > 0 ? (float)((1 + weight) / 2) : 0;
            sum += shares[i];
        }

        return sum;
    }

    /// <summary>Sums for a gradient and a number, all 0.</summary>
    private OrderedSum Sums(int outputCount)
    {
        var length = outputCount * (ColumnCount + 1) + 1;
        if (_sums?.Length != length)
            _sums = new OrderedSum(_chunkCount, length);
        _sums.Clear();
        return _sums;
    }

    private void ForEachBlock(Action<int, int> work)
        => ParallelLoop.For(_chunkCount, Parallel, chunk =>
        {
            var (first, end) = OrderedSum.Items(chunk, _chunkCount, Blocks.Count);
            for (var b = first; b < end; b++)
                work(chunk, b);
        });
}

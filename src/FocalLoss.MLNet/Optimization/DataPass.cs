using System.Numerics;
using System.Numerics.Tensors;
using FocalMlNet.Matrix;

namespace FocalMlNet.Optimization;

/// <summary>
/// Sums over all rows, in parallel over chunks of blocks. How the blocks are cut into chunks depends on the data alone, so the result has
/// the same bits whatever the number of threads, and whether the data is in memory or not.
/// </summary>
internal sealed class DataPass
{
    private const int MostChunks = 64;
    private const int FewestChunks = 8;

    /// <summary>
    /// Each chunk has a gradient of its own, to be cleared and added: worth it for this many values of the matrix for each number in it.
    /// </summary>
    private const int ValuesPerNumber = 16;

    private readonly TrainingData _data;
    private readonly int _outputCount;
    private readonly int _chunkCount;
    private readonly ParallelOptions _parallel;

    /// <summary>The numbers of a gradient, and then the loss.</summary>
    private readonly OrderedSum _sums;

    /// <param name="data">The rows.</param>
    /// <param name="outputCount">Number of outputs.</param>
    /// <param name="parallel">Threads and cancellation.</param>
    public DataPass(TrainingData data, int outputCount, ParallelOptions parallel)
    {
        (_data, _outputCount, _parallel) = (data, outputCount, parallel);
        // A power of two, so that no thread is left with one chunk more than the others.
        var worthwhile = Math.Clamp(data.EntryCount / ValuesPerNumber / (data.ColumnCount + 1), FewestChunks, MostChunks);
        _chunkCount = (int)Math.Min(data.Blocks.Count, 1L << BitOperations.Log2((ulong)worthwhile));
        _sums = new OrderedSum(_chunkCount, outputCount * (data.ColumnCount + 1) + 1);
    }

    /// <summary>
    /// The summed loss; <paramref name="gradient"/> receives its derivative with respect to the coefficients and then the offset of each
    /// output.
    /// </summary>
    /// <param name="objective">The loss.</param>
    /// <param name="model">Scores of each row.</param>
    /// <param name="gradient">Receives the derivative.</param>
    /// <param name="far">Rows that are left out, or null for none.</param>
    public double Evaluate(IObjective objective, LinearModel model, Span<double> gradient, FarRows? far = null)
    {
        _sums.Clear();
        ForEachBlock((chunk, block) =>
        {
            var n = block.RowCount;
            using var scratch = new Scratch<float>(2 * n * _outputCount);
            var scores = scratch.Span[..(n * _outputCount)];
            var slopes = scratch.Span[(n * _outputCount)..];
            model.Score(block, scores);
            var sums = _sums[chunk];
            sums[^1] += objective.Evaluate(scores, block.Labels, far is null ? block.Weights : far.Weights(block), slopes);
            AddGradients(block, slopes, sums.AsSpan(..^1));
        });
        _sums.AddUp(gradient);

        return _sums.Total(gradient.Length);
    }

    /// <summary>The largest change that a step makes between the scores of any row that is not left out.</summary>
    public double LargestChange(LinearModel step, FarRows? far)
    {
        var largest = new float[_chunkCount];
        ForEachBlock((chunk, block) =>
        {
            var changes = FarRows.Changes(block, step, far is null ? block.Weights : far.Weights(block));
            largest[chunk] = Math.Max(largest[chunk], TensorPrimitives.Max<float>(changes));
        });
        return TensorPrimitives.Max<float>(largest);
    }

    /// <summary>For each output Σ slope x and then Σ slope over the rows of a block, added to <paramref name="sums"/>.</summary>
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

    /// <summary>
    /// For each output the summed second derivatives of the rows' losses with respect to their score, those below 0 as 0.
    /// </summary>
    public double[] Curvatures(IObjective objective, LinearModel model)
    {
        _sums.Clear();
        ForEachBlock((chunk, block) =>
        {
            var curvatures = Curvatures(block, objective, model, far: null);
            for (var k = 0; k < _outputCount; k++)
                _sums[chunk][k] += TensorPrimitives.Sum<float>(curvatures.AsSpan(k * block.RowCount, block.RowCount));
        });
        var total = new double[_outputCount];
        _sums.AddUp(total);
        return total;
    }

    /// <summary>
    /// The second derivatives of a block's rows with respect to each of their scores, those below 0 as 0, in the order of scores.
    /// </summary>
    private static float[] Curvatures(RowBlock block, IObjective objective, LinearModel model, FarRows? far)
    {
        var scores = new float[block.RowCount * model.OutputCount];
        model.Score(block, scores);
        var curvatures = new float[scores.Length];
        objective.Curvatures(scores, block.Labels, far is null ? block.Weights : far.Weights(block), curvatures);
        TensorPrimitives.Max<float>(curvatures, 0, curvatures);
        return curvatures;
    }

    /// <summary>The sum over a row's scores of the second derivatives of its loss, those below 0 as 0.</summary>
    public static float[] CurvatureTraces(RowBlock block, IObjective objective, LinearModel model, FarRows? far = null)
    {
        var curvatures = Curvatures(block, objective, model, far);
        var traces = curvatures[..block.RowCount];
        for (var k = 1; k < model.OutputCount; k++)
            TensorPrimitives.Add<float>(traces, curvatures.AsSpan(k * traces.Length, traces.Length), traces);
        return traces;
    }

    /// <summary>Mean and variance of each column.</summary>
    /// <param name="share">What a row with this label and example weight counts.</param>
    /// <param name="mean">Receives the means.</param>
    /// <param name="variance">Receives the variances; 0 for a column that does not vary.</param>
    /// <param name="density">Receives the shares of rows in which a column is not 0; empty if that is not asked.</param>
    public void Moments(Func<float, float, float> share, Span<double> mean, Span<double> variance, Span<double> density)
    {
        // Squares are taken of the difference from a row, if no block is sparse: a large mean would drown a small variance.
        var (origin, columnCount) = (_data.Origin, _data.ColumnCount);
        var (squares, occurrences) = (new OrderedSum(_chunkCount, columnCount), new OrderedSum(_chunkCount, density.Length));
        _sums.Clear();
        ForEachBlock((chunk, block) =>
        {
            var sums = _sums[chunk];
            Span<float> shares = stackalloc float[block.RowCount];
            for (var i = 0; i < shares.Length; i++)
            {
                shares[i] = share(block.Labels[i], block.Weights[i]);
                sums[columnCount] += shares[i];
            }

            block.AddMoments(shares, origin, sums, squares[chunk]);
            if (occurrences[chunk].Length > 0)
                block.AddOccurrences(shares, occurrences[chunk]);
        });
        _sums.AddUp(mean);
        squares.AddUp(variance);
        occurrences.AddUp(density);
        var total = _sums.Total(columnCount);
        for (var j = 0; j < columnCount; j++)
        {
            var difference = mean[j] / total;
            var left = variance[j] / total - difference * difference;
            mean[j] = origin[j] + difference;
            // What is left of a constant column is rounding.
            variance[j] = left > 1e-10 * difference * difference ? left : 0;
        }

        TensorPrimitives.Divide(density, total, density);
    }

    private void ForEachBlock(Action<int, RowBlock> work)
        => ParallelLoop.For(_chunkCount, _parallel, chunk =>
        {
            var (first, end) = OrderedSum.Items(chunk, _chunkCount, _data.Blocks.Count);
            for (var b = first; b < end; b++)
                work(chunk, _data.Blocks[b]);
        });
}

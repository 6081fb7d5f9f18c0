
using System.Buffers;
using System.Numerics;
using System.Numerics.Tensors;
using FocalMlNet.Matrix;

namespace FocalMlNet.Optimization;

/// <summary>
/// Sums over all rows, in parallel over chunks of blocks. How the blocks are cut into chunks and in which order the chunks' sums are added
/// depends
/// on the data alone, so the result has the same bits whatever the number of threads, and whether the data is in memory or not.
/// </summary>
internal sealed class DataPass
{
    private const int MostChunks = 64;
    private const int FewestChunks = 8;

    /// <summary>
    /// Each chunk has a gradient of its own, to be cleared and added: worth it for this many values of the matrix for each number in it.
    /// </summary>
    private const int ValuesPerNumber = 16;

    private readonly IEnumerable<RowBlock> _blocks;
    private readonly int _blockCount;
    private readonly int _columnCount;
    private readonly int _outputCount;
    private readonly int _chunkCount;
    private readonly ParallelOptions _parallel;
    private readonly double[][] _sums;

    /// <param name="blocks">The rows; parallel if it is a list.</param>
    /// <param name="blockCount">Number of blocks.</param>
    /// <param name="entryCount">Stored values in all blocks.</param>
    /// <param name="columnCount">Number of features.</param>
    /// <param name="outputCount">Number of outputs.</param>
    /// <param name="parallel">Threads and cancellation.</param>
    public DataPass(IEnumerable<RowBlock> blocks, int blockCount, long entryCount, int columnCount, int outputCount,
        ParallelOptions parallel)
    {
        _blocks = blocks;
        _blockCount = blockCount;
        _columnCount = columnCount;
        _outputCount = outputCount;
        // A power of two, so that no thread is left with one chunk more than the others.
        var worthwhile = Math.Clamp(entryCount / ValuesPerNumber / (columnCount + 1), FewestChunks, MostChunks);
        _chunkCount = (int)Math.Min(blockCount, 1L << BitOperations.Log2((ulong)worthwhile));
        _parallel = parallel;
        _sums = new double[_chunkCount][];
        for (var chunk = 0; chunk < _chunkCount; chunk++)
            _sums[chunk] = new double[outputCount * (columnCount + 1)];
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
        var losses = new double[_chunkCount];
        Clear();
        ForEachBlock((chunk, block) =>
        {
            var n = block.RowCount;
            var rented = ArrayPool<float>.Shared.Rent(2 * n * _outputCount);
            var scores = rented.AsSpan(0, n * _outputCount);
            var slopes = rented.AsSpan(n * _outputCount, n * _outputCount);
            model.Score(block, scores);
            losses[chunk] += objective.Evaluate(scores, block.Labels, far is null ? block.Weights : far.Weights(block), slopes);
            AddGradients(block, slopes, _sums[chunk]);
            ArrayPool<float>.Shared.Return(rented);
        });
        AddUp(gradient);
        return losses.Sum();
    }

    /// <summary>
    /// For each output the sum over the rows of curvature × change of the score × row, those below 0 as 0: what the second derivative makes
    /// of a change of the model, but for
    /// what is between two outputs.
    /// </summary>
    /// <param name="objective">The loss.</param>
    /// <param name="model">Scores of each row.</param>
    /// <param name="change">What is added to the scores.</param>
    /// <param name="far">Rows that are left out, or null for none.</param>
    /// <param name="product">Receives the product with respect to the coefficients and then the offset of each output.</param>
    public void CurvatureProduct(IObjective objective, LinearModel model, LinearModel change, FarRows? far, Span<double> product)
    {
        Clear();
        ForEachBlock((chunk, block) =>
        {
            var curvatures = Curvatures(block, objective, model, far);
            var changes = new float[curvatures.Length];
            change.Score(block, changes);
            TensorPrimitives.Multiply(changes, curvatures, changes);
            AddGradients(block, changes, _sums[chunk]);
        });
        AddUp(product);
    }

    /// <summary>The largest change that a step makes between the scores of any row that is not left out.</summary>
    public double LargestChange(LinearModel step, FarRows? far)
    {
        var largest = new float[_chunkCount];
        ForEachBlock((chunk, block) =>
        {
            var n = block.RowCount;
            var changes = ArrayPool<float>.Shared.Rent(n);
            FarRows.Changes(block, step, changes.AsSpan(0, n));
            if (far is not null)
            {
                var weights = far.Weights(block);
                for (var i = 0; i < n; i++)
                    changes[i] = weights[i] == 0 ? 0 : changes[i];
            }

            largest[chunk] = Math.Max(largest[chunk], TensorPrimitives.Max<float>(changes.AsSpan(0, n)));
            ArrayPool<float>.Shared.Return(changes);
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
        var sums = new double[_chunkCount * _outputCount];
        ForEachBlock((chunk, block) =>
        {
            var curvatures = Curvatures(block, objective, model, far: null);
            for (var k = 0; k < _outputCount; k++)
                sums[chunk * _outputCount + k] += TensorPrimitives.Sum<float>(curvatures.AsSpan(k * block.RowCount, block.RowCount));
        });
        var total = sums[.._outputCount];
        for (var chunk = 1; chunk < _chunkCount; chunk++)
            TensorPrimitives.Add<double>(total, sums.AsSpan(chunk * _outputCount, _outputCount), total);
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
    public static float[] CurvatureTraces(RowBlock block, IObjective objective, LinearModel model)
    {
        var curvatures = Curvatures(block, objective, model, far: null);
        var traces = curvatures[..block.RowCount];
        for (var k = 1; k < model.OutputCount; k++)
            TensorPrimitives.Add<float>(traces, curvatures.AsSpan(k * traces.Length, traces.Length), traces);
        return traces;
    }

    /// <summary>Mean and variance of each column.</summary>
    /// <param name="share">What a row with this label and example weight counts.</param>
    /// <param name="origin">
    /// Squares are taken of the difference from it: a large mean would drown a small variance. 0 if a block is sparse.
    /// </param>
    /// <param name="mean">Receives the means.</param>
    /// <param name="variance">Receives the variances; 0 for a column that does not vary.</param>
    /// <param name="density">Receives the shares of rows in which a column is not 0; empty if that is not asked.</param>
    public void Moments(Func<float, float, float> share, float[] origin, Span<double> mean, Span<double> variance, Span<double> density)
    {
        double[][] OfEachChunk(int length) => [.. Enumerable.Range(0, _chunkCount).Select(_ => new double[length])];
        var (squares, occurrences) = (OfEachChunk(_columnCount), OfEachChunk(density.Length));
        Clear();
        ForEachBlock((chunk, block) =>
        {
            Span<float> shares = stackalloc float[RowBlock.MaxRowCount];
            for (var i = 0; i < block.RowCount; i++)
            {
                shares[i] = share(block.Labels[i], block.Weights[i]);
                _sums[chunk][_columnCount] += shares[i];
            }

            block.AddMoments(shares[..block.RowCount], origin, _sums[chunk], squares[chunk]);
            if (occurrences[chunk].Length > 0)
                block.AddOccurrences(shares[..block.RowCount], occurrences[chunk]);
        });
        var sums = new double[_columnCount + 1];
        AddUp(sums);
        for (var j = 0; j < _columnCount; j++)
        {
            double square = 0;
            foreach (var chunk in squares)
                square += chunk[j];
            var difference = sums[j] / sums[_columnCount];
            var left = square / sums[_columnCount] - difference * difference;
            mean[j] = origin[j] + difference;
            // What is left of a constant column is rounding.
            variance[j] = left > 1e-10 * difference * difference ? left : 0;
        }

        foreach (var chunk in occurrences)
            TensorPrimitives.Add(density, chunk, density);
        TensorPrimitives.Divide(density, sums[_columnCount], density);
    }

    private void ForEachBlock(Action<int, RowBlock> work)
    {
        if (_blocks is IReadOnlyList<RowBlock> list)
        {
            Parallel.For(0, _chunkCount, _parallel, chunk =>
            {
                var end = FirstBlock(chunk + 1);
                for (var b = FirstBlock(chunk); b < end; b++)
                    work(chunk, list[b]);
            });
            return;
        }

        var at = 0;
        var current = 0;
        foreach (var block in _blocks)
        {
            _parallel.CancellationToken.ThrowIfCancellationRequested();
            while (at == FirstBlock(current + 1))
                current++;
            work(current, block);
            at++;
        }
    }

    private int FirstBlock(int chunk) => (int)((long)chunk * _blockCount / _chunkCount);

    private void Clear()
    {
        foreach (var sums in _sums)
            Array.Clear(sums);
    }

    private void AddUp(Span<double> total)
    {
        total.Clear();
        foreach (var sums in _sums)
            TensorPrimitives.Add(total, sums.AsSpan(0, total.Length), total);
    }
}

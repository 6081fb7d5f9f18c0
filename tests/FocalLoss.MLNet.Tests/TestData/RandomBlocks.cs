using FocalMlNet.Matrix;
using Microsoft.ML.Data;

namespace FocalMlNet.Tests;

/// <summary>Blocks of rows with normal features.</summary>
internal static class RandomBlocks
{
    /// <summary>Blocks of so many rows each; a third of the rows is positive, weights are 0, .5, 1 or 1.5.</summary>
    /// <param name="columns">Number of features.</param>
    /// <param name="isSparse">Whether nine of ten values are 0, and blocks are sparse.</param>
    /// <param name="seed">Of the features.</param>
    /// <param name="rowCounts">How many rows each block has.</param>
    public static RowBlock[] Of(int columns, bool isSparse, int seed, params int[] rowCounts)
    {
        var random = new Random(seed);
        return [.. rowCounts.Select(count =>
        {
            var builder = new RowBlockBuilder(columns, Math.Max(1, count));
            for (var i = 0; i < count; i++)
            {
                float[] values = [.. Enumerable.Range(0, columns)
                    .Select(_ => isSparse && random.Next(10) > 0 ? 0 : (float)Rows.Normal(random))];
                var row = new VBuffer<float>(columns, values);
                builder.Append(ref row, i % 3 == 0 ? 1 : 0, i % 4 / 2f);
            }

            var block = builder.Take();
            Assert.Equal(isSparse, block is SparseBlock);
            return block;
        })];
    }

    /// <summary>The features of a row in double precision.</summary>
    public static double[] Row(RowBlock block, int i)
    {
        var row = new float[block.ColumnCount];
        block.CopyRow(i, row);
        return [.. row.Select(x => (double)x)];
    }
}

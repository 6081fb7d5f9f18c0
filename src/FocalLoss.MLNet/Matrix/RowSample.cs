namespace FocalMlNet.Matrix;

/// <summary>
/// A random sample of the rows in random order, in small blocks: the mini-batches. A row is drawn in proportion to the mean of 1 and its
/// relative weight, and its weight is divided by that: rare rows with a large weight come often with a small weight instead of seldom with
/// a large one, which would be a blow to the coefficients each time. If as many rows are expected as there are and all weights are equal,
/// each row comes once.
/// </summary>
internal static class RowSample
{
    /// <summary>Rows of a block, each with the weight it has in the sample.</summary>
    private sealed record Drawn(RowBlock Block, int[] Rows, float[] Weights)
    {
        public RowBlock Copy() => Block.Select(Rows, Weights);
    }

    /// <summary>Draws rows. The mean weight of a drawn row is, but for chance, that of all rows.</summary>
    /// <param name="blocks">The rows.</param>
    /// <param name="perRow">How often a row of relative weight 1 is expected in the sample.</param>
    /// <param name="batchSize">Rows in a block of the sample.</param>
    /// <param name="relativeWeight">The relative weight of a row with this label and example weight: 1 on average.</param>
    /// <param name="random">Source of randomness.</param>
    /// <param name="shuffle">Whether the sample is in random order instead of that of the rows.</param>
    /// <param name="parallel">Threads and cancellation; the sample does not depend on it.</param>
    public static RowBlock[] Draw(
        IEnumerable<RowBlock> blocks, double perRow, int batchSize, Func<float, float, double> relativeWeight, Random random, bool shuffle,
        ParallelOptions parallel)
    {
        var draw = new SystematicDraw(-random.NextDouble());
        var copies = blocks is IReadOnlyList<RowBlock> list
            ? InParallel(Draws(list, draw, perRow, relativeWeight).ToArray(), drawn => drawn.Copy(), parallel)
            // A block that is not kept is gone when the next one comes.
            : [.. Draws(blocks, draw, perRow, relativeWeight).Select(drawn => drawn.Copy())];
        (int Copy, int Row)[] places = [.. copies.SelectMany((copy, b) => Enumerable.Range(0, copy.RowCount).Select(i => (b, i)))];
        if (shuffle)
            random.Shuffle(places);
        return InParallel(places.Chunk(batchSize).ToArray(), batch => RowBlock.Gather(copies, batch), parallel);
    }

    private static IEnumerable<Drawn> Draws(
        IEnumerable<RowBlock> blocks, SystematicDraw draw, double perRow, Func<float, float, double> relativeWeight)
    {
        foreach (var block in blocks)
        {
            if (Draw(block, draw, perRow, relativeWeight) is { Rows.Length: > 0 } drawn)
                yield return drawn;
        }
    }

    private static Drawn Draw(RowBlock block, SystematicDraw draw, double perRow, Func<float, float, double> relativeWeight)
    {
        List<int> rows = [];
        List<float> drawnWeights = [];
        var labels = block.Labels;
        var weights = block.Weights;
        for (var i = 0; i < labels.Length; i++)
        {
            var relativeChance = (1 + relativeWeight(labels[i], weights[i])) / 2;
            for (var times = draw.Next(perRow * relativeChance); times > 0; times--)
            {
                rows.Add(i);
                drawnWeights.Add((float)(weights[i] / relativeChance));
            }
        }

        return new Drawn(block, [.. rows], [.. drawnWeights]);
    }

    private static RowBlock[] InParallel<T>(T[] sources, Func<T, RowBlock> make, ParallelOptions parallel)
    {
        var made = new RowBlock[sources.Length];
        ParallelLoop.For(sources.Length, parallel, i => made[i] = make(sources[i]));
        return made;
    }
}

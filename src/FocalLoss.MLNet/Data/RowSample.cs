namespace FocalMlNet.Data;

/// <summary>
/// A random sample of the rows in random order, in small blocks: the mini-batches. A row is drawn in proportion to the mean of 1 and its relative
/// weight, and its weight is divided by that: rare rows with a large weight come often with a small weight instead of seldom with a large
/// one, which would be a blow to the coefficients each time. If as many rows are expected as there are and all weights are equal, each row comes once.
/// </summary>
internal static class RowSample
{
    /// <summary>A draw: row i of a block, with the weight it has in the sample.</summary>
    private readonly record struct Drawn(int Row, float Weight);

    /// <summary>Draws rows. The mean weight of a drawn row is, but for chance, that of all rows.</summary>
    /// <param name="blocks">The rows.</param>
    /// <param name="columnCount">The number of features.</param>
    /// <param name="perRow">How often a row of relative weight 1 is expected in the sample.</param>
    /// <param name="batchSize">Rows in a block of the sample.</param>
    /// <param name="relativeWeight">The relative weight of a row with this label and example weight: 1 on average.</param>
    /// <param name="random">Source of randomness.</param>
    /// <param name="shuffle">Whether the sample is in random order instead of that of the rows.</param>
    public static List<RowBlock> Draw(
        IEnumerable<RowBlock> blocks, int columnCount, double perRow, int batchSize, Func<float, float, double> relativeWeight, Random random, bool shuffle)
    {
        // Copies of the drawn rows, block by block: the data may be gone when the next block comes.
        var copies = new List<RowBlock>();
        var places = new List<(int Copy, int Row)>();
        var drawn = new List<Drawn>();
        var draw = new SystematicDraw(perRow, random.NextDouble());
        foreach (var block in blocks)
        {
            drawn.Clear();
            for (var i = 0; i < block.RowCount; i++)
            {
                var relativeChance = (1 + relativeWeight(block.Labels[i], block.Weights[i])) / 2;
                for (var times = draw.Next(relativeChance); times > 0; times--)
                    drawn.Add(new(i, (float)(block.Weights[i] / relativeChance)));
            }

            if (drawn.Count == 0)
                continue;
            for (var i = 0; i < drawn.Count; i++)
                places.Add((copies.Count, i));
            copies.Add(block.Select([.. drawn.Select(d => d.Row)], [.. drawn.Select(d => d.Weight)]));
        }

        var order = places.ToArray();
        if (shuffle)
            random.Shuffle(order);
        return [.. order.Chunk(batchSize).Select(batch => RowBlock.Gather(copies, batch))];
    }

    /// <summary>Systematic sampling: a row that is expected x times comes floor(x) or ceil(x) times.</summary>
    private struct SystematicDraw(double perRow, double offset)
    {
        private double _reached;
        private long _drawn;

        public int Next(double relativeChance)
        {
            _reached += perRow * relativeChance;
            var times = (int)Math.Max(0, Math.Ceiling(_reached - offset) - _drawn);
            _drawn += times;
            return times;
        }
    }
}

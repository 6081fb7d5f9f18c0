using Microsoft.ML.Data;

namespace FocalMlNet.Data;

/// <summary>
/// A random sample of the rows in random order, in small blocks: the mini-batches. A row is drawn in proportion to the mean of 1 and its relative
/// weight, and its weight is divided by that: rare rows with a large weight come often with a small weight instead of seldom with a large
/// one, which would be a blow to the coefficients each time. If there are as many draws as rows and all weights are equal, each row comes once.
/// </summary>
internal static class RowSample
{
    /// <summary>Draws rows. The mean weight of a drawn row is, but for chance, that of all rows.</summary>
    /// <param name="data">All rows.</param>
    /// <param name="draws">How many rows to draw.</param>
    /// <param name="batchSize">Rows in a block of the sample.</param>
    /// <param name="relativeWeight">The relative weight of a row with this label and example weight: 1 on average.</param>
    /// <param name="random">Source of randomness.</param>
    /// <param name="shuffle">Whether the sample is in random order instead of that of the rows.</param>
    public static List<RowBlock> Draw(TrainingData data, int draws, int batchSize, Func<float, float, double> relativeWeight, Random random, bool shuffle)
    {
        var inOrder = InOrder(data, draws, relativeWeight, random.NextDouble());
        var places = new (int Block, int Row)[draws];
        var place = 0;
        for (var b = 0; b < inOrder.Count; b++)
        {
            for (var i = 0; i < inOrder[b].RowCount; i++)
                places[place++] = (b, i);
        }

        if (shuffle)
            random.Shuffle(places);
        var builder = new RowBlockBuilder(data.ColumnCount, batchSize);
        var sample = new List<RowBlock>();
        var row = default(VBuffer<float>);
        foreach (var (b, i) in places)
            Append(inOrder[b], i, inOrder[b].Weights[i], builder, sample, ref row);
        if (!builder.IsEmpty)
            sample.Add(builder.Take());
        return sample;
    }

    /// <summary>Systematic sampling: a row that is expected x times comes floor(x) or ceil(x) times.</summary>
    private static List<RowBlock> InOrder(TrainingData data, int draws, Func<float, float, double> relativeWeight, double offset)
    {
        var builder = new RowBlockBuilder(data.ColumnCount, RowBlock.MaxRowCount);
        var sample = new List<RowBlock>();
        var row = default(VBuffer<float>);
        var perRow = (double)draws / data.RowCount;
        double reached = 0;
        var drawn = 0;
        RowBlock? last = null;
        foreach (var block in data.Blocks)
        {
            last = block;
            for (var i = 0; i < block.RowCount; i++)
            {
                var relativeChance = (1 + relativeWeight(block.Labels[i], block.Weights[i])) / 2;
                reached += perRow * relativeChance;
                for (; drawn < draws && drawn + offset < reached; drawn++)
                    Append(block, i, (float)(block.Weights[i] / relativeChance), builder, sample, ref row);
            }
        }

        // Rounding in the running sum may leave the last draw open.
        for (; drawn < draws; drawn++)
            Append(last!, last!.RowCount - 1, last.Weights[^1], builder, sample, ref row);
        if (!builder.IsEmpty)
            sample.Add(builder.Take());
        return sample;
    }

    private static void Append(RowBlock block, int i, float weight, RowBlockBuilder builder, List<RowBlock> sample, ref VBuffer<float> row)
    {
        block.GetRow(i, ref row);
        builder.TryAppend(row, block.Labels[i] > 0, weight);
        if (builder.IsFull)
            sample.Add(builder.Take());
    }
}

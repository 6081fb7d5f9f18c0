using System.Runtime.CompilerServices;

namespace FocalMlNet.Matrix;

/// <summary>
/// A random sample of rows: each comes about as often as its chance says, with its weight divided by that, so that the sample stands for
/// all rows.
/// </summary>
/// <param name="start">Where the systematic draw begins: a random number that is even over a unit.</param>
/// <param name="parallel">Threads and cancellation; the sample does not depend on it.</param>
internal sealed class RowSample(double start, ParallelOptions parallel)
{
    private readonly List<RowBlock> _drawn = [];
    private SystematicDraw _draw = new(start);

    /// <summary>
    /// Draws mini-batches. A row is drawn in proportion to the mean of 1 and its relative weight: rare rows with a large weight come often
    /// with a small weight instead of seldom with a large one, which would be a blow to the coefficients each time. If as many rows are
    /// expected as there are and all weights are equal, each row comes once. The mean weight of a drawn row is, but for chance, that of all
    /// rows.
    /// </summary>
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
        var sample = new RowSample(-random.NextDouble(), parallel);
        foreach (var some in RowBlock.Several(blocks))
            sample.Add(
                some, [MethodImpl(MethodImplOptions.AggressiveOptimization)] (b, i)
                    => (1 + relativeWeight(some[b].Labels[i], some[b].Weights[i])) / 2,
                perRow);
        return sample.ToBlocks(batchSize, shuffle ? random : null);
    }

    /// <summary>Draws from some blocks, which need not be kept.</summary>
    /// <param name="blocks">The blocks.</param>
    /// <param name="chance">The chance of a row, by the place of its block and its place there.</param>
    /// <param name="perChance">How often a row with chance 1 is expected.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Add(IReadOnlyList<RowBlock> blocks, Func<int, int, double> chance, double perChance = 1)
    {
        var (rows, weights) = (new List<int>[blocks.Count], new List<float>[blocks.Count]);
        for (var b = 0; b < blocks.Count; b++)
        {
            (rows[b], weights[b]) = ([], []);
            var own = blocks[b].Weights;
            for (var i = 0; i < own.Length; i++)
            {
                var ofRow = chance(b, i);
                for (var times = _draw.Next(perChance * ofRow); times > 0; times--)
                {
                    rows[b].Add(i);
                    weights[b].Add((float)(own[i] / ofRow));
                }
            }
        }

        _drawn.AddRange(InParallel(blocks.Count, parallel, b => blocks[b].Select([.. rows[b]], [.. weights[b]])));
    }

    /// <summary>The sample in blocks of so many rows, in random order if there is a source of randomness.</summary>
    public RowBlock[] ToBlocks(int rowCount, Random? shuffle = null)
    {
        var places = Places();
        shuffle?.Shuffle(places);
        return InParallel((places.Length + rowCount - 1) / rowCount, parallel, part =>
        {
            var first = part * rowCount;
            return RowBlock.Gather(_drawn, places.AsSpan(first, Math.Min(rowCount, places.Length - first)));
        });
    }

    /// <summary>Where the rows are, in their order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private (int Block, int Row)[] Places()
    {
        var places = new (int Block, int Row)[_drawn.Sum(block => block.RowCount)];
        var next = 0;
        for (var b = 0; b < _drawn.Count; b++)
        {
            for (var i = 0; i < _drawn[b].RowCount; i++)
                places[next++] = (b, i);
        }

        return places;
    }

    private static RowBlock[] InParallel(int count, ParallelOptions parallel, Func<int, RowBlock> make)
    {
        var made = new RowBlock[count];
        ParallelLoop.For(count, parallel, i => made[i] = make(i));
        return made;
    }
}

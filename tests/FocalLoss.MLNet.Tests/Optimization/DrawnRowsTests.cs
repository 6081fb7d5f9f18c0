using FocalMlNet.Matrix;
using FocalMlNet.Optimization;
using FocalMlNet.Training;

namespace FocalMlNet.Tests.Optimization;

/// <summary>
/// The ways in which rows are drawn, against chances that are computed one by one. The last feature of a row is its number: it has scale 0
/// and coefficient 0, and plays no part.
/// </summary>
public sealed class DrawnRowsTests
{
    private const int Count = 3000;
    private const double Gamma = 2;

    private static readonly RowBlock[] Blocks = Made();
    private static readonly Scaling Coordinates = new([.1, -.2, 0], [1, 2, 0], outputCount: 1);
    private static readonly FocalObjective Objective = new(new FocalLoss(Gamma), 1, 1);
    private static readonly LinearModel Model = new([[1.5f, -1, 0]], [-1]);
    private static readonly double[] Leverages = PlainLeverages();
    private static readonly double[] Curvatures = PlainCurvatures();

    public static TheoryData<string> Ways => ["by leverage", "by leverage and curvature", "so many", "by curvature"];

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_row_is_drawn_once_at_most_and_its_weight_is_divided_by_its_chance(string way)
    {
        var (chances, matrix) = (Chances(way), Matrix());
        var (drawn, seen) = (Drawn(way, matrix, .25), new HashSet<int>());
        // Rows with next to no curvature may weigh anything where chances are by that; what they stand for there is all curvature.
        var isCurvature = way == "by curvature";
        var (standsFor, total) = (0.0, isCurvature ? Curvatures.Sum() : Enumerable.Range(0, Count).Sum(Weight));
        foreach (var block in drawn.Blocks)
        {
            for (var i = 0; i < block.RowCount; i++)
            {
                var x = RandomBlocks.Row(block, i);
                var number = (int)x[^1];
                var (from, row) = (Blocks[number / 256], number % 256);
                Assert.True(seen.Add(number), $"row {number} comes twice");
                Assert.Equal(RandomBlocks.Row(from, row), x);
                Assert.Equal(from.Labels[row], block.Labels[i]);
                Assert.True(from.Weights[row] > 0);
                standsFor += block.Weights[i] * (isCurvature ? Curvatures[number] / from.Weights[row] : 1);
                Assert.Equal(chances[number], from.Weights[row] / block.Weights[i], 1e-4 * chances[number] + 1e-6);
            }
        }

        // Each block's part is rounded up or down.
        Assert.Equal(chances.Sum(), seen.Count, (double)Blocks.Length);
        Assert.All(Enumerable.Range(0, Count).Where(i => chances[i] == 1), i => Assert.Contains(i, seen));
        Assert.Contains(1, chances);
        Assert.True(chances.Count(chance => chance is > 0 and < 1) > Count / 4);
        if (way == "so many")
            Assert.Equal(600, seen.Count, (double)Blocks.Length);
        Assert.Equal(1, standsFor / total, .05);
        Assert.Equal(drawn.LabelWeights.Sum(), drawn.Weight, 1e-3);
    }

    /// <summary>Of 50 starts that are spread evenly a row of chance .3 comes in 15, or one more or less.</summary>
    [Theory]
    [InlineData("by leverage")]
    [InlineData("by leverage and curvature")]
    [InlineData("so many")]
    public void Over_all_starts_a_row_comes_as_often_as_its_chance(string way)
    {
        const int Starts = 50;
        var (chances, matrix, times) = (Chances(way), Matrix(), new int[Count]);
        for (var at = 0; at < Starts; at++)
        {
            foreach (var block in Drawn(way, matrix, (at + .5) / Starts).Blocks)
            {
                for (var i = 0; i < block.RowCount; i++)
                    times[(int)RandomBlocks.Row(block, i)[^1]]++;
            }
        }

        Assert.All(Enumerable.Range(0, Count), i => Assert.Equal(Starts * chances[i], times[i], 1.001));
        Assert.Equal(Starts * chances.Sum(), times.Sum(), .5 * Starts);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void What_is_drawn_has_the_same_bits_on_any_number_of_threads_and_wherever_the_rows_are(string way)
    {
        var expected = Bits(Drawn(way, Matrix(threads: 1), .4));
        foreach (var threads in (int[])[2, 3, 8])
            Assert.Equal(expected, Bits(Drawn(way, Matrix(threads), .4)));
        // So many of them are drawn of rows in memory only.
        if (way == "so many")
            return;
        foreach (var budget in (long[])[1, 20_000])
        {
            using var store = new BlockStore(budget);
            foreach (var block in Blocks)
                store.Add(block);
            Assert.False(store.IsInMemory);
            Assert.Equal(expected, Bits(Drawn(way, Matrix(3, store), .4)));
        }
    }

    [Fact]
    public void Another_point_draws_by_what_is_curved_there()
    {
        var matrix = Matrix();
        // Asked for before, so that the first point's curvatures are known.
        var trace = matrix.CurvatureTrace(new LossAt(Objective, Model));
        Assert.Equal(Curvatures.Sum(), trace, 1e-4 * trace);
        var other = new LossAt(Objective, new LinearModel([[-1, .5f, 0]], [1]));
        Assert.Equal(Bits(Matrix().DrawByCurvature(other, 1)), Bits(matrix.DrawByCurvature(other, 1)));
        Assert.NotEqual(Bits(matrix.DrawByCurvature(new LossAt(Objective, Model), 1)), Bits(matrix.DrawByCurvature(other, 1)));
    }

    private static RowMatrix Drawn(string way, RowMatrix matrix, double start)
    {
        var leverage = new Leverage(new ClassSummary(Objective, matrix.LabelCounts, matrix.LabelWeights), Coordinates);
        var at = new LossAt(Objective, Model);
        return way switch
        {
            "by leverage" => matrix.Draw(leverage, .1, start),
            "by leverage and curvature" => matrix.Draw(leverage, .05, start, at, .8),
            "so many" => matrix.Draw(leverage, 600, start),
            _ => matrix.DrawByCurvature(at, 4),
        };
    }

    private static double[] Chances(string way)
    {
        double[] Of(double perLeverage, double perCurvature)
            => [.. Leverages.Zip(Curvatures, (leverage, curvature) => Math.Min(1, perLeverage * leverage + perCurvature * curvature))];
        if (way != "so many")
            return way == "by leverage" ? Of(.1, 0) : way == "by curvature" ? Of(0, 4) : Of(.05, .8);
        var (low, high) = (0.0, 10.0);
        for (var round = 0; round < 60; round++)
            (low, high) = Of((low + high) / 2, 0).Sum() < 600 ? ((low + high) / 2, high) : (low, (low + high) / 2);
        return Of(low, 0);
    }

    /// <summary>
    /// (1 + w / mean w) / 2 · (the mean square of the standardised features and of the bias + the rarity of the label), 0 without weight.
    /// </summary>
    private static double[] PlainLeverages()
    {
        double total = Enumerable.Range(0, Count).Sum(Weight), positives = Enumerable.Range(0, Count).Count(i => Label(i) == 1);
        return [.. Enumerable.Range(0, Count).Select(i =>
        {
            var x = RandomBlocks.Row(Blocks[i / 256], i % 256);
            var square = Math.Pow(x[0] - .1, 2) + Math.Pow(2 * (x[1] + .2), 2) + 1;
            var rarity = Math.Max(1, Count / 2.0 / (Label(i) == 1 ? positives : Count - positives));
            return Weight(i) == 0 ? 0 : (1 + Weight(i) * Count / total) / 2 * (square / 4 + rarity);
        })];
    }

    private static double[] PlainCurvatures() => [.. Enumerable.Range(0, Count).Select(i =>
    {
        var x = RandomBlocks.Row(Blocks[i / 256], i % 256);
        var score = 1.5 * x[0] - x[1] - 1;
        return Math.Max(0, Weight(i) * PlainNewton.Loss(Label(i) == 1 ? score : -score, Gamma).Bend);
    })];

    private static double Weight(int i) => Blocks[i / 256].Weights[i % 256];

    private static float Label(int i) => Blocks[i / 256].Labels[i % 256];

    private static RowMatrix Matrix(int threads = 2, IReadOnlyList<RowBlock>? blocks = null)
        => new(TrainingData.Of(blocks ?? Blocks, 2), new ParallelOptions { MaxDegreeOfParallelism = threads });

    private static uint[] Bits(RowMatrix drawn) => [.. drawn.Blocks.SelectMany(block => Enumerable.Range(0, block.RowCount)
        .SelectMany(i => RandomBlocks.Row(block, i).Select(x => (float)x).Append(block.Labels[i]).Append(block.Weights[i])
            .Select(BitConverter.SingleToUInt32Bits)))];

    /// <summary>Some rows far out, a twentieth positive, a fifth without weight.</summary>
    private static RowBlock[] Made()
    {
        var random = new Random(4);
        float[][] rows = [.. Enumerable.Range(0, Count).Select(i => (float[])[
            (float)Rows.Normal(random) * (i % 100 == 3 ? 20 : 1), (float)Rows.Normal(random), i])];
        return [.. rows.Chunk(256).Select(some => (RowBlock)new DenseBlock(
            [.. Enumerable.Range(0, 3).SelectMany(j => some.Select(row => row[j]))], 3,
            [.. some.Select(row => row[2] % 20 == 7 ? 1f : 0)], [.. some.Select(row => row[2] % 5 / 2)]))];
    }
}

using FocalMlNet.Matrix;
using FocalMlNet.Optimization;

namespace FocalMlNet.Tests.Optimization;

/// <summary>
/// Against a plain reference of what the class says: where the deviation is more than eight typical distances, a column gets its median and
/// as unit 1.4826 times the median distance from it of the values that are not the median, times the root of their share.
/// </summary>
public sealed class RobustScaleTests
{
    private const double FarDeviation = 8;
    private const double PerMedianDistance = 1.4826;

    private static readonly (string Name, Func<Random, int, double> Value)[] Kinds =
    [
        ("normal", (random, _) => Rows.Normal(random)),
        ("far from 0", (random, _) => 1e4 + Rows.Normal(random)),
        .. new[] { .5, 1, 1.5, 2, 2.5, 3, 5 }.Select(σ => (
            FormattableString.Invariant($"log-normal, {σ}"),
            (Func<Random, int, double>)((random, _) => Math.Exp(σ * Rows.Normal(random))))),
        ("Cauchy", (random, _) => Math.Tan(Math.PI * (random.NextDouble() - .5))),
        .. new[] { .003, .05, .3, .49, .5, .51 }.Select(share => (
            FormattableString.Invariant($"sentinels, {share}"),
            (Func<Random, int, double>)((random, _) => random.NextDouble() < share ? -99_999 : Rows.Normal(random)))),
        ("half of one value", (random, i) => i % 2 == 0 ? 3 : Math.Exp(2 * Rows.Normal(random))),
        ("two thirds of one value", (random, i) => i % 3 > 0 ? 0 : Math.Exp(2 * Rows.Normal(random))),
        ("nearly all of one value", (random, i) => i % 50 > 0 ? 0 : Math.Exp(3 * Rows.Normal(random))),
        ("two values", (random, _) => random.Next(2)),
        ("one of a hundred", (random, i) => i % 100 == 0 ? 1 : 0),
        ("few values", (random, _) => Math.Pow(10, random.Next(4))),
        ("few near and one far", (random, i) => i == 5 ? 1e6 : random.Next(3)),
        // A fifth is the median, nearly a quarter each a step beside it, and the rest far out on both sides.
        ("three values among far ones", (random, i) => (i % 100) switch
        {
            < 20 => 0,
            < 41 => -1,
            < 62 => 1,
            var rest => (rest % 2 * 2 - 1) * (1000 + random.Next(1000)),
        }),
        ("even", (random, _) => random.NextDouble()),
        ("tiny", (random, i) => 1e-30 * (i == 0 ? 1e5 : Rows.Normal(random))),
        ("constant", (_, _) => 7),
    ];

    public static TheoryData<int> Sizes => [1, 2, 3, 10, 63, 64, 200, 511, 512];

    /// <summary>In units of the mean and the deviation, as the solver has them.</summary>
    [Theory]
    [MemberData(nameof(Sizes))]
    public void Columns_with_far_values_get_their_medians_and_no_others_do(int count)
    {
        var columns = Columns(count);
        double[] means = [.. columns.Select(column => column.Average(x => (double)x))];
        double[] scales = [.. columns.Select((column, j) =>
        {
            var deviation = Math.Sqrt(column.Average(x => (x - means[j]) * (x - means[j])));
            return deviation > 0 ? 1 / deviation : 0;
        })];
        var corrected = AssertAsReference(columns, means, scales);
        if (count >= 200)
            Assert.InRange(corrected, columns.Length / 4, columns.Length * 3 / 4);
    }

    /// <summary>
    /// A deviation that is just beyond what is not corrected, and one just within, around any centre: the quick look must never say no
    /// where there are far values.
    /// </summary>
    [Theory]
    [MemberData(nameof(Sizes))]
    public void A_column_at_the_bound_is_corrected_wherever_its_centre_is(int count)
    {
        var random = new Random(count);
        var columns = Columns(count);
        for (var round = 0; round < 4; round++)
        {
            var beyond = columns.Select(_ => random.Next(2) == 0).ToArray();
            double[] scales = [.. columns.Select((column, j) => Typical(column) is > 0 and var unit
                ? 1 / (FarDeviation * unit * (beyond[j] ? 1 + 1e-9 : 1 - 1e-9)) : 1)];
            double[] means = [.. columns.Select((column, j) => column[random.Next(count)] + 4 * (random.NextDouble() - .5) / scales[j])];
            Assert.Equal(
                columns.Where((column, j) => beyond[j] && Typical(column) > 0).Count(), AssertAsReference(columns, means, scales));
        }
    }

    [Fact]
    public void A_row_without_weight_says_nothing()
    {
        // Without the last three rows half of the values lie within 1, and the deviation is that of 1,000.
        float[] column = [0, 1, 2, 3, 4, 1000, 5, 2000, -2000, 2000];
        var block = new DenseBlock(column, 1, new float[10], [1, 1, 1, 1, 1, 1, 1, 0, 0, 0]);
        var found = RobustScale.Corrected(new Scaling([145], [1 / 350.0], 2), Matrix(block));
        // The median of 0, 1, 2, 3, 4, 5, 1000 is 3; the distances of the others are 1, 1, 2, 2, 3, 997, of which the fourth is 2.
        Assert.Equal(3, found.Mean[0]);
        Assert.Equal(1 / (1.4826 * 2 * Math.Sqrt(6 / 7.0)), found.Scale[0], 1e-12);
        Assert.Equal(2, found.OutputCount);
    }

    private static int AssertAsReference(float[][] columns, double[] means, double[] scales)
    {
        var count = columns[0].Length;
        var block = new DenseBlock(
            [.. columns.SelectMany(column => column)], columns.Length, new float[count], [.. Enumerable.Repeat(1f, count)]);
        var found = RobustScale.Corrected(new Scaling([.. means], [.. scales], 1), Matrix(block));
        var corrected = 0;
        for (var j = 0; j < columns.Length; j++)
        {
            var (mean, scale) = (means[j], scales[j]);
            if (scale > 0 && Typical(columns[j]) is > 0 and var unit && 1 / scale > FarDeviation * unit)
            {
                (mean, scale) = (Median(columns[j]), 1 / unit);
                corrected++;
            }

            Assert.True(
                mean == found.Mean[j] && Math.Abs(found.Scale[j] - scale) <= 1e-12 * scale,
                $"{Kinds[j % Kinds.Length].Name}: {found.Mean[j]}, {found.Scale[j]}, but {mean}, {scale}");
        }

        return corrected;
    }

    /// <summary>The typical distance from the median, 0 where all values are equal.</summary>
    private static double Typical(float[] column)
    {
        var median = Median(column);
        double[] varied = [.. column.Select(x => Math.Abs(x - median)).Where(distance => distance > 0).Order()];
        return varied.Length == 0 ? 0
            : PerMedianDistance * varied[varied.Length / 2] * Math.Sqrt((double)varied.Length / column.Length);
    }

    private static double Median(float[] column) => column.Select(x => (double)x).Order().ElementAt(column.Length / 2);

    /// <summary>Four columns of each kind.</summary>
    private static float[][] Columns(int count) => [.. Enumerable.Range(0, 4 * Kinds.Length).Select(j =>
    {
        var random = new Random(j);
        return Enumerable.Range(0, count).Select(i => (float)Kinds[j % Kinds.Length].Value(random, i)).ToArray();
    })];

    private static RowMatrix Matrix(RowBlock block) => new(TrainingData.Of([block], 2), new ParallelOptions());
}

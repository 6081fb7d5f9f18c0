using FocalMlNet.Matrix;
using FocalMlNet.Optimization;
using FocalMlNet.Training;

namespace FocalMlNet.Tests.Matrix;

/// <summary>Every consumer of blocks on dense and sparse ones together, beside plain loops in double precision.</summary>
public sealed class MixedBlocksTests
{
    private static readonly ParallelOptions Parallel = new() { MaxDegreeOfParallelism = 2 };

    public static TheoryData<string> Densities => [.. MixedRows.Densities];

    [Theory]
    [MemberData(nameof(Densities))]
    public void Rows_are_gathered_and_selected_as_they_are(string density)
    {
        for (var seed = 0; seed < 6; seed++)
        {
            // With one column a row is either full or empty.
            var columns = new[] { 1, 2, 5, 13 }[seed % 4];
            var (rows, blocks) = Blocks(density, 1200, columns, seed);
            var random = new Random(seed);
            (int Block, int Row)[] places =
                [.. Enumerable.Range(0, 300).Select(_ => random.Next(blocks.Length)).Select(b => (b, random.Next(blocks[b].RowCount)))];
            int[] firsts = [.. blocks.Select((_, b) => blocks.Take(b).Sum(block => block.RowCount))];
            var gathered = RowBlock.Gather(blocks, places);
            AssertRows(gathered, [.. places.Select(place => rows[firsts[place.Block] + place.Row])]);

            for (var b = 0; b < blocks.Length; b++)
            {
                int[] some = [.. Enumerable.Range(0, blocks[b].RowCount).Where(i => i == 0 || random.Next(3) == 0)];
                var selected = blocks[b].Select(some, [.. some.Select(i => rows[firsts[b] + i].Weight)]);
                AssertRows(selected, [.. some.Select(i => rows[firsts[b] + i])]);
            }

            // What has been gathered is gathered again, as a sample of a sample is.
            RowBlock[] both = [gathered, .. blocks];
            (int Block, int Row)[] again = [.. places.Take(50).SelectMany((place, i) => new[] { (0, i), (place.Block + 1, place.Row) })];
            var twice = places.Take(50).Select(place => rows[firsts[place.Block] + place.Row]).SelectMany(row => new[] { row, row });
            AssertRows(RowBlock.Gather(both, again), [.. twice]);
        }
    }

    [Theory]
    [MemberData(nameof(Densities))]
    public void Samples_are_of_rows_as_they_are(string density)
    {
        foreach (var columns in new[] { 1, 5 })
        {
            var (rows, blocks) = Blocks(density, 2000, columns, seed: 1);
            var data = TrainingData.Of(blocks, MixedRows.Classes);
            var matrix = new RowMatrix(data, Parallel);
            var labels = new ClassSummary(new SoftmaxFocalObjective(0, [1, 1, 1]), data.Totals.Counts, data.Totals.Weights);
            var leverage = new Leverage(
                labels, new Scaling(new double[columns], [.. Enumerable.Repeat(1.0, columns)], MixedRows.Classes));
            var thinned = new StratifiedRows(data.Totals, 1000);
            // Not a list, as blocks are that are made again in each pass.
            var streamed = blocks.Where(_ => true);
            static double Relative(float label, float weight) => weight / 2;

            AssertAmong(rows, RowSample.Draw(blocks, .4, 64, Relative, new Random(1), shuffle: true, Parallel));
            AssertAmong(rows, RowSample.Draw(streamed, .4, 64, Relative, new Random(1), shuffle: true, Parallel));
            AssertAmong(rows, [.. matrix.Draw(leverage, count: 700, start: .25).Blocks]);
            AssertAmong(rows, [.. matrix.Draw(leverage, perLeverage: 700 / leverage.Total, start: .25).Blocks]);
            AssertAmong(rows, [.. blocks.Select(thinned.Take)]);
        }
    }

    [Theory]
    [MemberData(nameof(Densities))]
    public void Passes_and_curvatures_are_those_of_plain_loops(string density)
    {
        foreach (var columns in new[] { 1, 5 })
            AssertPasses(density, columns);
    }

    private static void AssertPasses(string density, int columns)
    {
        const double Penalty = .01;
        var (rows, blocks) = Blocks(density, 1100, columns, seed: 2);
        var random = new Random(3);
        double[] mean = [.. Enumerable.Range(0, columns).Select(_ => random.NextDouble() - .5)];
        double[] scale = [.. mean.Select(_ => .5 + random.NextDouble())];
        var scaling = new Scaling(mean, scale, MixedRows.Classes);
        double[] point = [.. Enumerable.Range(0, scaling.Size).Select(_ => random.NextDouble() - .5)];
        var pass = new RowMatrix(TrainingData.Of(blocks, MixedRows.Classes), Parallel);
        var objective = new SoftmaxFocalObjective(gamma: 0, [1, 1, 1]);
        var model = scaling.Unscaled(point);
        var gradient = new double[scaling.Size];
        var value = pass.Evaluate(new LossAt(objective, model), gradient);
        var curvatures = pass.Curvatures(new LossAt(objective, model));

        var expected = Plain(rows, mean, scale, point);
        Assert.Equal(expected.Value, value, 1e-5 * expected.Value);
        // Of the coefficients of features as given, whose mean has not been taken off.
        for (var j = 0; j < gradient.Length; j++)
            Assert.Equal(expected.Gradient[j], gradient[j], 1e-5 * rows.Length);
        for (var k = 0; k < MixedRows.Classes; k++)
            Assert.Equal(expected.Curvatures[k], curvatures[k], 1e-5 * rows.Length);

        // The product of a direction with a matrix from plain loops leads back to the direction.
        double[] direction = [.. point.Select(_ => random.NextDouble() - .5)];
        var ofEach = new SampledCurvature(pass, double.PositiveInfinity, scaling, isCoupled: false)
            .At(point, objective, Penalty);
        var solved = ofEach.Solve(expected.Products(direction, isJoint: false, damping: 0), damping: 0).Step;
        Assert.All(direction.Zip(solved), pair => Assert.Equal(pair.First, pair.Second, 2e-3));
        var joint = new SampledCurvature(pass, double.PositiveInfinity, scaling, isCoupled: true)
            .At(point, objective, Penalty);
        // What is added to all classes alike has no curvature but the penalty's, and no step lies along it.
        double[] centred =
            [.. direction.Select((d, a) => d - direction.Where((_, b) => b % scaling.Stride == a % scaling.Stride).Average())];
        solved = joint.Solve(expected.Products(centred, isJoint: true, damping: 0), damping: 0).Step;
        Assert.All(centred.Zip(solved), pair => Assert.Equal(pair.First, pair.Second, 2e-3));
    }

    [Theory]
    [MemberData(nameof(Densities))]
    public void Moments_are_those_of_plain_loops(string density)
    {
        // As given, and as if a column were a year or a postal code, which varies little for its size, in rows that others make dense or
        // sparse.
        foreach (var (columns, level) in new[] { (1, 0f), (2, 2000), (5, 90_000) })
        {
            var (rows, _) = Blocks(density, 2000, columns, seed: 4);
            var width = 4 * columns;
            for (var i = 0; i < rows.Length; i++)
                rows[i].Features = [.. rows[i].Features, level + i % 7, .. new float[width - columns - 1]];
            var blocks = Build(rows, new Random(5));
            var pass = new RowMatrix(TrainingData.Of(blocks, MixedRows.Classes), Parallel);
            double[] relative = [2, .5, 1];
            var (total, mean, variance, occurrence) = pass.Moments(relative, withDensity: true);
            double Share(PlainRow row) => row.Weight > 0 ? (1 + row.Weight * relative[(int)row.Label]) / 2 : 0;
            Assert.Equal(rows.Sum(Share), total, 1e-6 * total);
            for (var j = 0; j < width; j++)
            {
                var own = j;
                var expected = rows.Sum(row => Share(row) * row.Features[own]) / total;
                var square = rows.Sum(row => Share(row) * (row.Features[own] - expected) * (row.Features[own] - expected)) / total;
                Assert.Equal(expected, mean[j], 1e-6 * (1 + level));
                Assert.Equal(square, variance[j], 1e-4 * square + 1e-12);
                Assert.Equal(rows.Sum(row => row.Features[own] != 0 ? Share(row) : 0) / total, occurrence[j], 1e-6);
            }
        }
    }

    private sealed record PlainRow(float Label, float Weight)
    {
        public float[] Features { get; set; } = [];
    }

    private static (PlainRow[] Rows, RowBlock[] Blocks) Blocks(string density, int count, int columns, int seed)
    {
        var features = MixedRows.Features(density, count, columns, seed);
        PlainRow[] rows = [.. MixedRows.Of(features, seed).Zip(features, (row, x) => new PlainRow(row.Class, row.Weight) { Features = x })];
        return (rows, Build(rows, new Random(seed)));
    }

    /// <summary>Blocks of different lengths.</summary>
    private static RowBlock[] Build(PlainRow[] rows, Random random)
    {
        List<RowBlock> blocks = [];
        for (var first = 0; first < rows.Length;)
        {
            var builder = new RowBlockBuilder(rows[0].Features.Length, random.Next(1, RowBlock.MaxRowCount));
            for (; first < rows.Length && !builder.IsFull; first++)
            {
                var buffer = MixedRows.Buffer(rows[first].Features, random);
                builder.Append(ref buffer, rows[first].Label, rows[first].Weight);
            }

            blocks.Add(builder.Take());
        }

        return [.. blocks];
    }

    private static void AssertRows(RowBlock block, PlainRow[] expected)
    {
        var (n, columns) = (expected.Length, block.ColumnCount);
        Assert.Equal(n, block.RowCount);
        Assert.Equal(expected.Select(row => row.Label), block.Labels.ToArray());
        Assert.Equal(expected.Select(row => row.Weight), block.Weights.ToArray());
        var row = new float[columns];
        var byColumn = new float[columns * n];
        block.CopyColumns([.. Enumerable.Range(0, n)], byColumn);
        for (var i = 0; i < n; i++)
        {
            block.CopyRow(i, row);
            Assert.Equal(expected[i].Features, row);
            Assert.Equal(expected[i].Features, Enumerable.Range(0, columns).Select(j => byColumn[j * n + i]));
        }

        float[] coefficients = [.. Enumerable.Range(0, columns).Select(j => (j % 5 - 2) / 4f)];
        var scores = new float[n];
        block.Scores(coefficients, .25f, scores);
        double Score(float[] x) => .25 + x.Zip(coefficients, (value, c) => (double)value * c).Sum();
        Assert.All(expected.Zip(scores), pair => Assert.Equal(Score(pair.First.Features), pair.Second, 1e-4));
        var gradient = new double[columns];
        block.AddGradient(scores, gradient);
        for (var j = 0; j < columns; j++)
            Assert.Equal(expected.Zip(scores, (x, s) => (double)x.Features[j] * s).Sum(), gradient[j], 1e-2);
    }

    /// <summary>Each row of a sample is one of these, and whatever was drawn has weight.</summary>
    private static void AssertAmong(PlainRow[] rows, RowBlock[] sample)
    {
        var known = rows.Select(row => Key(row.Label, row.Features)).ToHashSet(StringComparer.Ordinal);
        var x = new float[rows[0].Features.Length];
        Assert.NotEmpty(sample);
        foreach (var block in sample)
        {
            for (var i = 0; i < block.RowCount; i++)
            {
                block.CopyRow(i, x);
                Assert.Contains(Key(block.Labels[i], x), known);
                Assert.True(block.Weights[i] > 0);
            }
        }

        static string Key(float label, float[] features) => FormattableString.Invariant($"{label}: {string.Join(' ', features)}");
    }

    /// <summary>Value, gradient and second derivatives of the summed softmax cross-entropy.</summary>
    private sealed record PlainSums(double Value, double[] Gradient, double[] Curvatures, double[,] Joint, double Weight, double[] Scale)
    {
        /// <summary>
        /// H · direction / weight, with the penalty .01, in standardised coordinates; all of H, or what is within each output with a share
        /// of its mean diagonal on top.
        /// </summary>
        public double[] Products(double[] direction, bool isJoint, double damping)
        {
            var stride = Scale.Length + 1;
            var product = new double[direction.Length];
            for (var a = 0; a < direction.Length; a++)
            {
                for (var b = 0; b < direction.Length; b++)
                {
                    if (isJoint || a / stride == b / stride)
                        product[a] += Second(a, b) * direction[b];
                }

                var first = a / stride * stride;
                product[a] += damping * Enumerable.Range(first, stride).Average(j => Second(j, j)) * direction[a];
            }

            return product;

            double Second(int a, int b)
                => Joint[a, b] / Weight + (a == b && a % stride < Scale.Length ? .01 * Scale[a % stride] * Scale[a % stride] : 0);
        }
    }

    private static PlainSums Plain(PlainRow[] rows, double[] mean, double[] scale, double[] point)
    {
        var (stride, size) = (mean.Length + 1, point.Length);
        double value = 0, weight = 0;
        var (gradient, curvatures, joint) = (new double[size], new double[MixedRows.Classes], new double[size, size]);
        foreach (var row in rows)
        {
            double[] z = [.. row.Features.Select((x, j) => (x - mean[j]) * scale[j]), 1];
            double[] scores = [.. Enumerable.Range(0, MixedRows.Classes).Select(k => z.Select((x, j) => x * point[k * stride + j]).Sum())];
            double[] p = [.. scores.Select(score => Math.Exp(score) / scores.Sum(Math.Exp))];
            value -= row.Weight * Math.Log(p[(int)row.Label]);
            weight += row.Weight;
            for (var a = 0; a < size; a++)
            {
                var (k, j) = (a / stride, a % stride);
                gradient[a] += row.Weight * (p[k] - (k == (int)row.Label ? 1 : 0)) * (j < mean.Length ? row.Features[j] : 1);
                for (var b = 0; b < size; b++)
                    joint[a, b] += row.Weight * p[k] * ((k == b / stride ? 1 : 0) - p[b / stride]) * z[j] * z[b % stride];
            }

            for (var k = 0; k < p.Length; k++)
                curvatures[k] += row.Weight * p[k] * (1 - p[k]);
        }

        return new PlainSums(value, gradient, curvatures, joint, weight, scale);
    }
}

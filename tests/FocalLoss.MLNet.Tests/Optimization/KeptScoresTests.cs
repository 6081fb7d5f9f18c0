using FocalMlNet.Matrix;
using FocalMlNet.Optimization;
using FocalMlNet.Training;

namespace FocalMlNet.Tests.Optimization;

/// <summary>The scores of an evaluation, which a second derivative at the same point takes instead of computing them again.</summary>
public sealed class KeptScoresTests
{
    private static readonly ParallelOptions Parallel = new() { MaxDegreeOfParallelism = 2 };

    [Theory]
    [InlineData(20, false, 1)]
    [InlineData(20, false, 2)]
    [InlineData(200, true, 1)]
    [InlineData(200, true, 2)]
    public void Kept_scores_are_those_of_the_blocks_at_the_last_evaluation_and_no_other(int columns, bool isSparse, int outputs)
    {
        var blocks = RandomBlocks.Of(columns, isSparse, 1, 300, 512, 1, 64);
        var matrix = Keeping(blocks, outputs);
        var (first, second) = (Model(columns, outputs, 1), Model(columns, outputs, 2));
        Assert.Null(matrix.KnownScores(first));

        Evaluate(matrix, first);
        AssertKept(first);
        Assert.Null(matrix.KnownScores(second));

        Evaluate(matrix, second);
        AssertKept(second);
        Assert.Null(matrix.KnownScores(first));

        void AssertKept(LinearModel model)
        {
            // Of a model with the same numbers: which object has them does not matter.
            var known = matrix.KnownScores(model.Copy());
            Assert.NotNull(known);
            Assert.Equal(blocks.Length, known.Length);
            foreach (var (block, kept) in blocks.Zip(known))
            {
                var scores = new float[block.RowCount * outputs];
                block.Scores(model.Coefficients, model.Offsets, scores);
                Assert.Equal(scores, kept);
            }
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_model_whose_numbers_have_changed_in_place_is_another_one(bool isOffset)
    {
        var matrix = Keeping(RandomBlocks.Of(20, false, 1, 300), 1);
        var model = Model(20, 1, 1);
        var before = model.Copy();
        Evaluate(matrix, model);
        var kept = matrix.KnownScores(model)![0].ToArray();
        if (isOffset)
            model.Offsets[0]++;
        else
            model.Coefficients[0][19]++;
        Assert.Null(matrix.KnownScores(model));
        Assert.Equal(kept, matrix.KnownScores(before)![0]);

        Evaluate(matrix, model);
        Assert.NotEqual(kept, matrix.KnownScores(model)![0]);
        Assert.Null(matrix.KnownScores(before));
    }

    [Theory]
    [InlineData(7, 1, false)]
    [InlineData(8, 1, true)]
    [InlineData(15, 2, false)]
    [InlineData(16, 2, true)]
    public void Scores_are_kept_where_they_take_at_most_an_eighth_of_the_values(int columns, int outputs, bool areKept)
    {
        var matrix = Keeping(RandomBlocks.Of(columns, false, 1, 300, 40), outputs);
        var model = Model(columns, outputs, 1);
        Evaluate(matrix, model);
        Assert.Equal(areKept, matrix.KnownScores(model) is not null);
    }

    [Fact]
    public void Nothing_is_kept_unless_that_is_asked_for()
    {
        var matrix = new RowMatrix(TrainingData.Of(RandomBlocks.Of(20, false, 1, 300), 2), Parallel);
        Evaluate(matrix, Model(20, 1, 1));
        Assert.Null(matrix.KnownScores(Model(20, 1, 1)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Sums_at_a_point_that_comes_again_have_the_same_bits_as_without_keeping(int outputs)
    {
        var blocks = RandomBlocks.Of(20, false, 1, 300, 512, 1, 64);
        var (kept, plain) = (Keeping(blocks, outputs), new RowMatrix(TrainingData.Of(blocks, 2), Parallel));
        var (first, second) = (Model(20, outputs, 1), Model(20, outputs, 2));
        var far = new FarRows(2);
        far.Add(Model(20, outputs, 3));
        LossAt[] way =
        [
            At(first, 2), At(first, 2), At(first, 2, far), At(first, 0), At(second, 0), At(second, 0, far), At(second, 2), At(first, 2),
        ];
        foreach (var at in way)
            Assert.Equal(Sums(plain, at), Sums(kept, at));
        // Rows that are far, and another loss, do make a difference.
        Assert.Equal(way.Length - 2, way.Select(at => Sums(kept, at)[^1]).Distinct().Count());
    }

    /// <summary>Some blocks have been looked at by then, and others have not.</summary>
    [Fact]
    public void What_an_evaluation_that_fails_has_left_is_not_known()
    {
        var matrix = Keeping(RandomBlocks.Of(20, false, 1, 300, 300, 300), 1);
        var (first, second) = (Model(20, 1, 1), Model(20, 1, 2));
        Assert.Throws<OperationCanceledException>(() => matrix.Evaluate(new LossAt(new Failing(), first), new double[21]));
        Assert.Null(matrix.KnownScores(first));
        Evaluate(matrix, first);
        Assert.NotNull(matrix.KnownScores(first));
        Assert.Throws<OperationCanceledException>(() => matrix.Evaluate(new LossAt(new Failing(), second), new double[21]));
        Assert.Null(matrix.KnownScores(second));
        Assert.Null(matrix.KnownScores(first));
    }

    private static RowMatrix Keeping(RowBlock[] blocks, int outputs)
    {
        var matrix = new RowMatrix(TrainingData.Of(blocks, 2), Parallel);
        matrix.KeepScores(outputs);
        return matrix;
    }

    private static LinearModel Model(int columns, int outputs, int seed)
    {
        var random = new Random(seed);
        float[][] coefficients = [.. Enumerable.Range(0, outputs)
            .Select(_ => Enumerable.Range(0, columns).Select(_ => (float)Rows.Normal(random) / 4).ToArray())];
        return new(coefficients, [.. Enumerable.Range(0, outputs).Select(_ => (float)Rows.Normal(random))]);
    }

    private static LossAt At(LinearModel model, double gamma, FarRows? far = null)
        => new(
            model.OutputCount == 1 ? new FocalObjective(new FocalLoss(gamma), 1, 1) : new SoftmaxFocalObjective(gamma, [1, 2]), model, far);

    private static void Evaluate(RowMatrix matrix, LinearModel model) => Sums(matrix, At(model, 2));

    /// <summary>The gradient and the value.</summary>
    private static double[] Sums(RowMatrix matrix, LossAt at)
    {
        var gradient = new double[at.Model.OutputCount * (matrix.ColumnCount + 1)];
        var value = matrix.Evaluate(at, gradient);
        return [.. gradient, value];
    }

    /// <summary>A loss during whose evaluation the run is cancelled.</summary>
    private sealed class Failing : IClassObjective
    {
        private int _calls;

        public int OutputCount => 1;

        public double TailRate => 1;

        public double Evaluate(ReadOnlySpan<float> scores, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, Span<float> slopes)
            => Interlocked.Increment(ref _calls) > 1 ? throw new OperationCanceledException() : 0;

        public void Curvatures(ReadOnlySpan<float> scores, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, Span<float> curvatures)
            => throw new NotSupportedException();

        public double ClassWeight(float label) => 1;
    }
}

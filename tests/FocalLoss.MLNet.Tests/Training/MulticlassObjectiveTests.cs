using FocalMlNet.Optimization;
using FocalMlNet.Training;

namespace FocalMlNet.Tests.Training;

/// <summary>The objectives of several classes, against the losses of one row in double precision.</summary>
public sealed class MulticlassObjectiveTests
{
    private static readonly double[] Weights4 = [.5, 1, 3, .25];
    private static readonly double[] Gammas4 = [0, .7, 2, 5];

    public static TheoryData<int, double> Sizes => new() { { 1, 2 }, { 7, 0 }, { 8, .5 }, { 9, 2 }, { 31, 1.3 }, { 256, 5 } };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Softmax_is_the_weighted_loss_of_each_row(int count, double gamma)
    {
        var loss = new SoftmaxFocalLoss(gamma, Weights4);
        Check(new SoftmaxFocalObjective(gamma, Weights4), count, (z, y) => loss.Loss(z, y),
            (z, y, gradient) => loss.Gradient(z, y, gradient));
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void One_versus_all_is_the_sum_of_binary_losses_weighted_by_the_class_of_the_row(int count, double gamma)
    {
        double[] gammas = [.. Gammas4.Select(own => own == 2 ? gamma : own)];
        var losses = gammas.Select(own => new FocalLoss(own)).ToArray();
        Check(
            new OneVersusAllFocalObjective(gammas, Weights4), count,
            (z, y) => Weights4[y] * Enumerable.Range(0, 4).Select(k => losses[k].Loss(z[k], k == y ? 1 : 0)).Sum(),
            (z, y, gradient) =>
            {
                for (var k = 0; k < 4; k++)
                    gradient[k] = (float)Weights4[y] * losses[k].Derivative(z[k], k == y ? 1 : 0);
            });
    }

    [Theory]
    [InlineData(0)]
    [InlineData(.5)]
    [InlineData(2)]
    public void Softmax_curvatures_are_the_diagonal_of_the_Hessian(double gamma)
    {
        var loss = new SoftmaxFocalLoss(gamma, Weights4);
        CheckCurvatures(new SoftmaxFocalObjective(gamma, Weights4), (z, y, k) =>
        {
            var unit = new float[z.Length];
            var product = new float[z.Length];
            unit[k] = 1;
            loss.HessianVectorProduct(z, y, unit, product);
            return product[k];
        });
    }

    [Fact]
    public void One_versus_all_curvatures_are_second_derivatives()
        => CheckCurvatures(new OneVersusAllFocalObjective(Gammas4, Weights4), (z, y, k) =>
        {
            const double H = 1e-3;
            var loss = new FocalLoss(Gammas4[k]);
            double At(double at) => loss.Loss((float)at, k == y ? 1 : 0);
            double centre = z[k];
            double low = (float)(centre - H), high = (float)(centre + H);
            // Divided differences at the floats that were really used.
            return (float)(2 * Weights4[y] * ((At(high) - At(centre)) / (high - centre) - (At(centre) - At(low)) / (centre - low)) / (
                high - low));
        });

    [Fact]
    public void One_versus_all_curvatures_are_right_to_the_digits_of_a_float()
    {
        var objective = new OneVersusAllFocalObjective(Gammas4, Weights4);
        foreach (var count in new[] { 1, 8, 21, 256 })
        {
            var (scores, labels, weights) = Sample(count);
            var curvatures = new float[scores.Length];
            objective.Curvatures(scores, labels, weights, curvatures);
            for (var i = 0; i < count; i++)
            {
                for (var k = 0; k < 4; k++)
                {
                    var exact = new FocalLoss(Gammas4[k]).ExactSecondDerivative(scores[k * count + i], labels[i] == k ? 1 : 0);
                    var expected = weights[i] * Weights4[(int)labels[i]] * exact;
                    Assert.Equal(expected, curvatures[k * count + i], 2e-7 * Math.Abs(expected));
                }
            }
        }
    }

    [Fact]
    public void Slopes_agree_with_central_differences_of_the_sum()
    {
        IClassObjective[] objectives = [new SoftmaxFocalObjective(2, Weights4), new OneVersusAllFocalObjective(Gammas4, Weights4)];
        foreach (var objective in objectives)
        {
            var (scores, labels, weights) = Sample(19);
            var slopes = new float[scores.Length];
            objective.Evaluate(scores, labels, weights, slopes);
            for (var at = 0; at < scores.Length; at += 5)
            {
                var (own, rest) = (scores[at], new float[scores.Length]);
                double At(float z)
                {
                    scores[at] = z;
                    return objective.Evaluate(scores, labels, weights, rest);
                }

                float low = own - .01f, high = own + .01f;
                Assert.Equal((At(high) - At(low)) / (high - low), slopes[at], 2e-3);
                scores[at] = own;
            }
        }
    }

    /// <summary>What is left of an objective without some classes is a bound, and what it would be for the other rows or outputs.</summary>
    [Fact]
    public void Some_of_the_classes_alone_lose_no_more_than_all()
    {
        int[] some = [0, 3];
        IClassObjective softmax = new SoftmaxFocalObjective(2, Weights4), versus = new OneVersusAllFocalObjective(Gammas4, Weights4);
        var (scores, labels, weights) = Sample(19);
        float[] own = [.. some.SelectMany(k => scores[(19 * k)..(19 * (k + 1))])];
        var slopes = new float[own.Length];

        var left = softmax.OfOutputs(some)!.Evaluate(own, labels, weights, slopes);
        var two = new SoftmaxFocalLoss(2, [Weights4[0], Weights4[3]]);
        var exact = Enumerable.Range(0, 19).Where(i => labels[i] is 0 or 3)
            .Sum(i => weights[i] * two.ExactLoss([own[i], own[19 + i]], labels[i] == 3 ? 1 : 0));
        Assert.Equal(exact, left, 1e-5 * exact);
        Assert.All(Enumerable.Range(0, 19).Where(i => labels[i] is 1 or 2), i => Assert.Equal((0, 0), (slopes[i], slopes[19 + i])));
        Assert.InRange(left, 0, softmax.Evaluate(scores, labels, weights, new float[scores.Length]));

        var leftOfVersus = versus.OfOutputs(some)!.Evaluate(own, labels, weights, slopes);
        var exactOfVersus = Enumerable.Range(0, 19).Sum(i => some.Select((k, place) => weights[i] * Weights4[(int)labels[i]]
            * new FocalLoss(Gammas4[k]).Loss(own[place * 19 + i], labels[i] == k ? 1 : 0)).Sum());
        Assert.Equal(exactOfVersus, leftOfVersus, 1e-5 * exactOfVersus);
        Assert.InRange(leftOfVersus, 0, versus.Evaluate(scores, labels, weights, new float[scores.Length]));
    }

    [Fact]
    public void Scores_far_apart_give_finite_losses_and_slopes()
    {
        IClassObjective[] objectives = [new SoftmaxFocalObjective(2, [1, 1, 1]), new OneVersusAllFocalObjective([2, .5, 0], [1, 1, 1])];
        foreach (var objective in objectives)
        {
            // Rows: right and certain, wrong and certain, all equal.
            float[] scores = [500, -500, 3, -500, 500, 3, 0, 0, 3];
            var slopes = new float[9];
            Assert.True(double.IsFinite(objective.Evaluate(scores, [0, 0, 0], [1, 1, 1], slopes)));
            Assert.All(slopes, slope => Assert.True(float.IsFinite(slope)));
            objective.Curvatures(scores, [0, 0, 0], [1, 1, 1], slopes);
            Assert.All(slopes, slope => Assert.True(float.IsFinite(slope)));
        }
    }

    private delegate void RowGradient(float[] logits, int label, float[] gradient);

    private static void Check(IClassObjective objective, int count, Func<float[], int, double> loss, RowGradient gradient)
    {
        var (scores, labels, weights) = Sample(count);
        var slopes = new float[scores.Length];
        var sum = objective.Evaluate(scores, labels, weights, slopes);

        double expectedSum = 0;
        var expected = new float[4];
        for (var i = 0; i < count; i++)
        {
            var (z, y) = (Row(scores, count, i), (int)labels[i]);
            expectedSum += weights[i] * loss(z, y);
            gradient(z, y, expected);
            for (var k = 0; k < 4; k++)
                Assert.Equal(weights[i] * expected[k], slopes[k * count + i], 2e-5f * Math.Max(1, weights[i]));
        }

        Assert.Equal(expectedSum, sum, 1e-5 * Math.Max(1, expectedSum));
        Assert.Equal(4, objective.OutputCount);
        Assert.Equal(Weights4, Enumerable.Range(0, 4).Select(k => objective.ClassWeight(k)));
    }

    private static void CheckCurvatures(IObjective objective, Func<float[], int, int, float> expected)
    {
        const int Count = 21;
        var (scores, labels, weights) = Sample(Count);
        var curvatures = new float[scores.Length];
        objective.Curvatures(scores, labels, weights, curvatures);
        for (var i = 0; i < Count; i++)
        {
            for (var k = 0; k < 4; k++)
                Assert.Equal(weights[i] * expected(Row(scores, Count, i), (int)labels[i], k), curvatures[k * Count + i], 3e-3f);
        }
    }

    private static float[] Row(float[] scores, int count, int i) => [.. Enumerable.Range(0, 4).Select(k => scores[k * count + i])];

    private static (float[] Scores, float[] Labels, float[] Weights) Sample(int count)
    {
        var random = new Random(count);
        return (
            [.. Enumerable.Range(0, 4 * count).Select(_ => (float)(8 * random.NextDouble() - 4))],
            [.. Enumerable.Range(0, count).Select(_ => (float)random.Next(4))],
            [.. Enumerable.Range(0, count).Select(i => i % 5 == 3 ? 0 : (float)(2 * random.NextDouble()))]);
    }
}

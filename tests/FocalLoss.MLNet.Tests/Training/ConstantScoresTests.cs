using FocalMlNet.Training;

namespace FocalMlNet.Tests.Training;

public sealed class ConstantScoresTests
{
    [Fact]
    public void Softmax_of_gamma_zero_gives_the_logarithms_of_the_shares()
        => Assert.Equal(
            [Math.Log(.7), Math.Log(.2), Math.Log(.1)], ConstantScores.Softmax([70, 20, 10], gamma: 0), (a, b) => Math.Abs(a - b) < 1e-5);

    [Theory]
    [InlineData(2, new[] { 990.0, 10 })]
    [InlineData(.5, new[] { 5.0, 3, 2 })]
    [InlineData(2, new[] { 45586.0, 50, 171, 8903, 3267, 10, 13 })]
    [InlineData(5, new[] { 1e6, 1, 1e3 })]
    public void Softmax_is_a_minimum(double gamma, double[] weights)
    {
        var z = ConstantScores.Softmax(weights, gamma);
        Assert.Equal(1, z.Sum(Math.Exp), 1e-5);
        var loss = new SoftmaxFocalLoss(gamma);
        var gradient = new double[z.Length];
        var own = new double[z.Length];
        for (var y = 0; y < z.Length; y++)
        {
            loss.ExactGradient(z, y, own);
            for (var k = 0; k < z.Length; k++)
                gradient[k] += weights[y] / weights.Sum() * own[k];
        }

        Assert.All(gradient, slope => Assert.Equal(0, slope, 1e-7));
    }

    [Fact]
    public void Two_classes_differ_by_the_best_constant_score_of_the_binary_loss()
    {
        // Design note: at 1 per cent positives and γ = 2 the best probability of an alpha of .25 is .108.
        var z = ConstantScores.Softmax([.99 * .75, .01 * .25], gamma: 2);
        Assert.Equal(.108, 1 / (1 + Math.Exp(z[0] - z[1])), .0005);
        Assert.Equal(new FocalLoss(2).BestConstantScore(.0025, .7425), z[1] - z[0], 1e-5);
    }

    [Fact]
    public void One_versus_all_asks_each_class_alone()
        => Assert.Equal(
            [new FocalLoss(2).BestConstantScore(70, 30), new FocalLoss(0).BestConstantScore(20, 80),
            new FocalLoss(1).BestConstantScore(10, 90)],
            ConstantScores.OneVersusAll([70, 20, 10], [2, 0, 1]));

    /// <summary>1e20 + 1 is 1e20 in double precision: what is left of the sum without the class would be nothing.</summary>
    [Fact]
    public void One_versus_all_knows_what_others_weigh_beside_a_class_that_outweighs_them()
        => Assert.Equal(
            new FocalLoss(0).BestConstantScore(1e20, 1), ConstantScores.OneVersusAll([1, 1e20, 1e-20], [0, 0, 0])[1], 1e-9);

    [Fact]
    public void A_class_without_rows_gets_a_probability_near_0()
    {
        var scores = ConstantScores.Softmax([3, 0, 1], gamma: 2);
        Assert.Equal((scores[0] + scores[2]) / 2 + ConstantScores.OfEmptyClass, scores[1], 1e-12);
        Assert.Equal(ConstantScores.OfEmptyClass, ConstantScores.OneVersusAll([3, 0, 1], [2, 2, 2])[1]);
    }
}
